"""A battery closes the year, keeps its limits, and is as good as the best plan."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from zonnekaart.energy.battery import with_battery
from zonnekaart.errors import ShapeMismatchError

STEPS = 96


def days(seed, steps=STEPS):
    rng = np.random.default_rng(seed)
    sun = np.maximum(np.sin(np.arange(steps) / 24 * 2 * np.pi - 1.5), 0.0)
    return 3.0 * sun * rng.random(steps), 0.2 + rng.random(steps)


def battery(capacity, limit=10.0, efficiency=0.9):
    return np.array([capacity, limit, efficiency])


def best_own_use(production, load, size):
    """Return the largest own use that any plan reaches, by a linear program over the year."""
    capacity, limit, efficiency = size
    n, root = len(production), efficiency**0.5
    used = np.minimum(production, load)
    surplus, shortage = production - used, load - used
    # Charged and drawn per step, level after each step; the last level is the first one.
    balance = np.zeros((n, 3 * n))
    for s in range(n):
        balance[s, s], balance[s, n + s] = -root, 1 / root
        balance[s, 2 * n + s], balance[s, 2 * n + (s - 1) % n] = 1.0, -1.0
    found = linprog(
        np.concatenate([np.zeros(n), -np.ones(n), np.zeros(n)]),
        A_eq=balance,
        b_eq=np.zeros(n),
        bounds=[(0, min(v, limit)) for v in surplus]
        + [(0, min(v, limit)) for v in shortage]
        + [(0, capacity)] * n,
        method="highs",
    )
    assert found.success
    return used.sum() - found.fun


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [(2.0, 10.0, 0.9), (6.0, 0.7, 0.8), (50.0, 10.0, 1.0)])
def test_own_use_is_the_largest_that_any_plan_reaches(seed, size):
    production, load = days(seed)
    _, used = with_battery(production, load, np.minimum(production, load), battery(*size))
    assert used.sum() == pytest.approx(best_own_use(production, load, size), rel=1e-3)


def test_the_year_closes_on_itself_and_losses_are_what_is_missing():
    production, load = days(9, 960)
    delivered, used = with_battery(production, load, np.minimum(production, load), battery(4.0))
    before = np.minimum(production, load)
    drawn = used - before
    charged = production + drawn - delivered
    assert drawn.sum() == pytest.approx(0.9 * charged.sum())
    assert (charged >= -1e-12).all()
    assert (drawn >= -1e-12).all()
    level = np.cumsum(charged * 0.9**0.5 - drawn / 0.9**0.5)
    assert level.max() - level.min() <= 4.0 + 1e-9
    assert (used <= load + 1e-12).all()
    assert (used <= delivered + 1e-12).all()


@given(st.integers(0, 50), st.floats(0.0, 5.0), st.floats(0.1, 5.0))
def test_a_larger_battery_never_lowers_own_use(seed, small, more):
    production, load = days(seed)
    used = np.minimum(production, load)
    without = with_battery(production, load, used, battery(small))[1].sum()
    assert with_battery(production, load, used, battery(small + more))[1].sum() >= without - 1e-9


def test_no_battery_changes_nothing():
    production, load = days(1)
    used = np.minimum(production, load)
    delivered, own = with_battery(production, load, used, battery(0.0))
    np.testing.assert_array_equal(delivered, production)
    np.testing.assert_array_equal(own, used)


def test_series_of_two_lengths_are_refused():
    with pytest.raises(ShapeMismatchError, match="load_kwh"):
        with_battery(np.ones(3), np.ones(4), np.ones(3), battery(1.0))
