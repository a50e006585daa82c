"""Expected own use of a varying load, against drawn loads and the exact integral."""

import numpy as np
import pytest
from scipy import integrate, stats

from zonnekaart.energy.variation import (
    RATIO_STEPS,
    expected_use,
    load_spread,
    use_row,
    use_table,
)


def row_of(spread):
    table = use_table().share
    row = np.empty(table.shape[1])
    use_row(spread, table, row)
    return row


@pytest.mark.parametrize("spread", [0.3, 1.0, 2.0])
@pytest.mark.parametrize("ratio", [0.1, 0.5, 1.0, 2.3, 6.0, 15.0])
def test_against_numerical_integration(spread, ratio):
    law = stats.gamma(1 / spread**2, scale=spread**2)
    exact = integrate.quad(law.sf, 0, ratio, limit=200)[0]
    assert expected_use(ratio * 0.7, 0.7, row_of(spread)) / 0.7 == pytest.approx(exact, abs=4e-3)


def test_against_drawn_loads():
    rng = np.random.default_rng(3)
    load = rng.gamma(1.0, 1.0, 400_000)
    drawn = np.minimum(1.5, load).mean()
    assert expected_use(1.5, 1.0, row_of(1.0)) == pytest.approx(drawn, abs=3e-3)


def test_no_spread_is_the_smaller_of_the_two():
    row = row_of(0.0)
    for production, load in [(1.0, 3.0), (3.0, 1.0), (0.0, 1.0), (1.0, 0.0), (2.0, 2.0)]:
        assert expected_use(production, load, row) == pytest.approx(min(production, load))


def test_more_spread_is_less_use():
    table = use_table().share
    assert (np.diff(table, axis=0) <= 1e-12).all()
    assert (np.diff(table, axis=1) >= -1e-12).all()
    assert (np.diff(table, n=2, axis=1) <= 1e-9).all()


def test_tail_joins_the_table():
    row = row_of(2.0)
    edge = (row.size - 1) / RATIO_STEPS
    inside, outside = (expected_use(edge + d, 1.0, row) for d in (-1e-6, 1e-6))
    assert outside == pytest.approx(inside, abs=1e-5)
    assert expected_use(1e9, 1.0, row) == pytest.approx(1.0)


def test_spread_falls_with_the_root_of_connections():
    energy = np.array([[1000.0, 0.0], [9000.0, 0.0]])
    found = load_spread(energy, np.array([[1.0, 0], [9.0, 0]]), np.array([1.2, 0.5]))
    np.testing.assert_allclose(found, [1.2, 0.4])


def test_spread_of_nothing_and_of_the_unknown():
    energy = np.array([[0.0, 0.0], [np.nan, 5.0]])
    found = load_spread(energy, np.ones((2, 2)), np.array([1.0, 1.0]))
    assert found[0] == 0
    assert np.isnan(found[1])
