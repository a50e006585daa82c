"""Fitting parts to totals of several levels: met at once, or said by how much not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from zonnekaart.energy.reconcile import Level, fit_totals
from zonnekaart.errors import ShapeMismatchError


def level(cells, totals, name="level"):
    return Level(name, np.array(cells, dtype=np.int64), np.array(totals, dtype=np.float64))


def test_two_levels_are_met_at_once():
    rows = level([0, 0, 1, 1], [10.0, 30.0])
    columns = level([0, 1, 0, 1], [25.0, 15.0])
    fit = fit_totals(np.array([1.0, 2.0, 3.0, 4.0]), [rows, columns])
    grid = fit.kwh.reshape(2, 2)
    assert fit.consistent
    np.testing.assert_allclose(grid.sum(axis=1), [10, 30], rtol=1e-9)
    np.testing.assert_allclose(grid.sum(axis=0), [25, 15], rtol=1e-12)
    # Fitting keeps the odds ratio of what was expected: 1 x 4 / (2 x 3).
    assert grid[0, 0] * grid[1, 1] / (grid[0, 1] * grid[1, 0]) == pytest.approx(4 / 6, rel=1e-6)


def test_result_is_the_one_of_least_relative_entropy():
    rng = np.random.default_rng(5)
    expected = rng.uniform(0.5, 3.0, 12)
    truth = rng.uniform(0.5, 3.0, 12)
    street, sector = np.repeat([0, 1, 2, 3], 3), np.tile([0, 1, 1], 4)
    levels = [
        level(street, np.bincount(street, truth)),
        level(sector, np.bincount(sector, truth)),
    ]
    fit = fit_totals(expected, levels)
    constraints = [
        {"type": "eq", "fun": lambda x, m=(one.cell == k), t=t: x[m].sum() - t}
        for one in levels
        for k, t in enumerate(one.total_kwh)
    ]
    best = minimize(
        lambda x: float((x * np.log(x / expected) - x).sum()),
        expected,
        jac=lambda x: np.log(x / expected),
        bounds=[(1e-9, None)] * 12,
        constraints=constraints[:-1],
        options={"ftol": 1e-14, "maxiter": 500},
    )
    np.testing.assert_allclose(fit.kwh, best.x, rtol=1e-5)


def test_unknown_total_binds_nothing_and_takes_what_the_level_above_leaves():
    sectors = level([0, 0, 1, 2], [10.0, np.nan, 5.0])
    town = level([0, 0, 0, 0], [40.0])
    fit = fit_totals(np.ones(4), [town, sectors])
    np.testing.assert_allclose(fit.kwh, [5, 5, 25, 5], rtol=1e-9)
    assert np.isnan(fit.residual_kwh[1][1])


def test_part_that_no_total_speaks_of_keeps_what_was_expected():
    fit = fit_totals(np.array([2.0, 7.0]), [level([0, -1], [10.0])])
    assert fit.kwh.tolist() == [10.0, 7.0]
    assert fit.bound.tolist() == [True, False]


def test_zero_is_a_total():
    fit = fit_totals(np.array([2.0, 7.0]), [level([0, 1], [0.0, 3.0])])
    assert fit.kwh.tolist() == [0.0, 3.0]
    assert fit.consistent


def test_total_without_parts_stays_as_residual():
    fit = fit_totals(np.array([1.0, 0.0]), [level([0, 1], [4.0, 9.0])])
    assert fit.residual_kwh[0].tolist() == [0.0, 9.0]
    assert fit.consistent


def test_contradiction_is_reported_and_the_last_level_is_met():
    sectors = level([0, 0, 1], [10.0, 20.0])
    town = level([0, 0, 0], [45.0])
    fit = fit_totals(np.ones(3), [sectors, town])
    assert not fit.consistent
    assert fit.kwh.sum() == pytest.approx(45.0, rel=1e-12)
    assert fit.residual_kwh[0].sum() == pytest.approx(-15.0)
    swapped = fit_totals(np.ones(3), [town, sectors])
    np.testing.assert_allclose(swapped.kwh, [5, 5, 20])
    assert swapped.residual_kwh[0] == pytest.approx([15.0])


def test_other_number_of_parts_is_refused():
    with pytest.raises(ShapeMismatchError, match="cell"):
        fit_totals(np.ones(3), [level([0, 0], [1.0])])


@given(
    st.integers(2, 4),
    st.integers(2, 4),
    st.data(),
)
def test_totals_of_a_possible_truth_are_always_met(rows, columns, data):
    numbers = st.floats(0.1, 100.0)
    count = rows * columns
    truth = np.array(data.draw(st.lists(numbers, min_size=count, max_size=count)))
    expected = np.array(data.draw(st.lists(numbers, min_size=count, max_size=count)))
    row = np.repeat(np.arange(rows), columns)
    column = np.tile(np.arange(columns), rows)
    levels = [
        level(row, np.bincount(row, truth)),
        level(column, np.bincount(column, truth)),
        level(np.zeros(count), [truth.sum()]),
    ]
    order = data.draw(st.permutations(range(count)))
    fit = fit_totals(expected, levels)
    assert fit.consistent
    for one, rest in zip(levels, fit.residual_kwh, strict=True):
        np.testing.assert_allclose(rest, 0.0, atol=1e-6 * one.total_kwh.max())
    turned = [Level(one.name, one.cell[order], one.total_kwh) for one in levels]
    np.testing.assert_allclose(fit_totals(expected[order], turned).kwh, fit.kwh[order], rtol=1e-6)
