"""Settlement against a slow reference, a hand calculation and a linear program."""

import numpy as np
import pytest
from scipy.optimize import linprog

from zonnekaart.energy import sharing
from zonnekaart.energy.balance import balance
from zonnekaart.energy.production import production_series
from zonnekaart.energy.series import Loads, prepare
from zonnekaart.energy.sharing import Terms, settle, share_group
from zonnekaart.errors import ShapeMismatchError


def left_over(case):
    """Surplus and residual of every building over the year, in plain numpy."""
    surplus, residual = [], []
    for b in range(len(case.loads.energy_kwh)):
        production = production_series(case.year.sky, case.planes, b)
        load = sum(case.loads.energy_kwh[b, c] * case.year.profiles[c] for c in (0, 1))
        surplus.append(np.maximum(production - load, 0))
        residual.append(np.maximum(load - production, 0))
    return np.array(surplus).T, np.array(residual).T


TIERS = np.arange(100) % 3


def shared(case, key, members=None, **terms):
    n = len(case.loads.energy_kwh)
    members = np.arange(n) if members is None else members
    unit = np.full(n, -1)
    unit[members] = 0
    prepared = prepare(case.year, case.planes, case.loads, case.table)
    _, units = balance(case.year, case.planes, case.loads, unit.astype(np.int64), case.table)
    (series,) = units
    terms = Terms(key, tier=TIERS, **terms)
    return share_group(case.year, prepared, case.loads, (series, members), case.table, terms)


def test_three_buildings_worked_by_hand():
    # docs/validation/balance.md works the same figures out.
    surplus = np.array([[3.0, 0, 0], [6.0, 0, 0], [0, 0, 0]])
    residual = np.array([[0, 1.0, 4.0], [0, 2.0, 1.0], [1.0, 1.0, 1.0]])
    fixed = settle(surplus, residual, "fixed", np.array([0.2, 0.4, 0.4]))
    np.testing.assert_allclose(fixed, [[0, 1.0, 1.2], [0, 2.0, 1.0], [0, 0, 0]])
    relative = settle(surplus, residual, "relative")
    np.testing.assert_allclose(relative, [[0, 0.6, 2.4], [0, 2.0, 1.0], [0, 0, 0]])
    cascade = settle(surplus, residual, "cascade", tier=np.array([2, 1, 0]))
    np.testing.assert_allclose(cascade, [[0, 0, 3.0], [0, 2.0, 1.0], [0, 0, 0]])
    optimal = settle(surplus, residual, "optimal")
    assert optimal.sum() == relative.sum() == cascade.sum() == 6.0
    assert fixed.sum() == pytest.approx(5.2)


def by_step(values, steps):
    return values.reshape(len(values) // steps, steps, -1).sum(axis=1)


@pytest.mark.parametrize("few", [24, 0], ids=["few members", "many members"])
@pytest.mark.parametrize("steps", [1, 2, 4])
@pytest.mark.parametrize("key", ["fixed", "relative", "cascade", "optimal"])
def test_kernel_equals_the_slow_reference(energy_case, monkeypatch, key, steps, few):
    monkeypatch.setattr(sharing, "FEW_MEMBERS", few)
    case = energy_case(9)
    surplus, residual = left_over(case)
    # Quarter-hours without light are left out of a longer step; they share nothing themselves.
    residual[np.setdiff1d(np.arange(len(residual)), case.year.sky.step)] = 0
    surplus, residual = by_step(surplus, steps), by_step(residual, steps)
    energy = case.loads.energy_kwh.sum(axis=1)
    slow = settle(surplus, residual, key, energy / energy.sum(), TIERS[:9])
    fast = shared(case, key, steps=steps)
    assert fast.shared_key_kwh == pytest.approx(slow.sum(), rel=1e-9)
    np.testing.assert_allclose(fast.received_kwh, slow.sum(axis=0), rtol=1e-9)
    optimum = np.minimum(surplus.sum(axis=1), residual.sum(axis=1)).sum()
    assert fast.shared_optimal_kwh == pytest.approx(optimum, rel=1e-9)
    assert fast.given_kwh.sum() == pytest.approx(fast.received_kwh.sum(), rel=1e-9)
    assert fast.shared_fixed_kwh == pytest.approx(
        settle(surplus, residual, "fixed", energy / energy.sum()).sum(), rel=1e-9
    )


def test_equal_shares_differ_from_shares_by_consumption(energy_case):
    case = energy_case(5)
    surplus, residual = left_over(case)
    slow = settle(surplus, residual, "fixed", np.full(5, 0.2))
    assert shared(case, "fixed", equal_shares=True).shared_key_kwh == pytest.approx(slow.sum())


def test_an_hour_shares_at_least_what_its_quarters_share(energy_case):
    case = energy_case(6, spread=(1.0, 0.6))
    quarter, hour = (shared(case, "relative", steps=n).shared_optimal_kwh for n in (1, 4))
    assert quarter < hour < 1.2 * quarter


def test_first_tier_gets_more_than_under_the_relative_key(energy_case):
    case = energy_case(9, spread=(1.0, 0.6))
    cascade, relative = shared(case, "cascade"), shared(case, "relative")
    first = TIERS[:9] == 0
    assert cascade.received_kwh[first].sum() > 1.05 * relative.received_kwh[first].sum()
    assert cascade.shared_key_kwh == pytest.approx(cascade.shared_optimal_kwh, rel=1e-9)


def test_optimum_equals_a_linear_program(energy_case):
    case = energy_case(4)
    surplus, residual = left_over(case)
    steps = np.flatnonzero(surplus.sum(axis=1) > 0)[::300]
    for t in steps:
        n = surplus.shape[1]
        give = np.kron(np.eye(n), np.ones(n))
        take = np.kron(np.ones(n), np.eye(n))
        found = linprog(
            -np.ones(n * n),
            A_ub=np.vstack([give, take]),
            b_ub=np.concatenate([surplus[t], residual[t]]),
            method="highs",
        )
        optimum = settle(surplus[t : t + 1], residual[t : t + 1], "relative").sum()
        assert optimum == pytest.approx(-found.fun, abs=1e-9)
    assert len(steps) > 20


@pytest.mark.parametrize("few", [24, 0], ids=["few members", "many members"])
def test_largest_link_equals_the_slow_one(energy_case, monkeypatch, few):
    monkeypatch.setattr(sharing, "FEW_MEMBERS", few)
    case = energy_case(6)
    surplus, residual = left_over(case)
    offered, needed = surplus.sum(axis=1), residual.sum(axis=1)
    both = offered * needed
    rate = np.divide(np.minimum(offered, needed), both, out=np.zeros_like(both), where=both > 0)
    flow = np.einsum("ti,tj,t->ij", surplus, residual, rate)
    np.fill_diagonal(flow, 0)
    found = shared(case, "relative")
    i, j = np.unravel_index(flow.argmax(), flow.shape)
    assert (found.link_from[0], found.link_to[0]) == (i, j)
    assert found.link_kwh[0] == pytest.approx(flow[i, j])
    assert found.link_kwh.sum() == pytest.approx(found.shared_optimal_kwh)


@pytest.mark.parametrize("key", ["fixed", "relative", "cascade"])
def test_key_never_beats_the_optimum_with_varying_loads(energy_case, key):
    found = shared(energy_case(15, spread=(1.0, 0.6)), key)
    assert 0 < found.shared_key_kwh <= found.shared_optimal_kwh * (1 + 1e-12)


def test_a_group_of_one_shares_nothing(energy_case):
    found = shared(energy_case(3, spread=(1.0, 0.6)), "fixed", np.array([1]))
    assert found.shared_optimal_kwh == 0
    assert found.link_kwh.size == 0


def test_unknown_member_makes_the_group_unknown(energy_case):
    case = energy_case(2)
    energy = case.loads.energy_kwh.copy()
    energy[0] = np.nan
    loads = Loads(energy, case.loads.connections, case.loads.profile, case.loads.spread_of_one)
    case = type(case)(case.year, case.series, case.planes, loads, case.table)
    assert np.isnan(shared(case, "fixed").shared_optimal_kwh)


def test_fixed_key_without_shares_is_refused():
    with pytest.raises(ShapeMismatchError):
        settle(np.ones((2, 3)), np.ones((2, 3)), "fixed")
    with pytest.raises(ShapeMismatchError):
        settle(np.ones((2, 3)), np.ones((2, 3)), "cascade", np.ones(3))
    with pytest.raises(ShapeMismatchError):
        settle(np.ones((2, 3)), np.ones((3, 2)), "relative")
