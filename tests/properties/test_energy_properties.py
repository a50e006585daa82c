"""Numbered properties of specs/demand.md, specs/balance.md and specs/sharing.md."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from zonnekaart.energy.balance import balance, self_consumption, self_sufficiency, unit_balance
from zonnekaart.energy.demand import area_totals, spread_total
from zonnekaart.energy.production import Planes
from zonnekaart.energy.series import Loads, prepare
from zonnekaart.energy.sharing import Terms, settle, share_group
from zonnekaart.energy.variation import expected_use, use_row, use_table

TABLE = use_table().share
SIZES = st.floats(0, 1e6, allow_subnormal=False)
SPREADS = [(0.0, 0.0), (1.0, 0.6), (2.0, 2.0)]


@settings(deadline=None)
@given(st.floats(1, 1e9), hnp.arrays(np.float64, st.integers(1, 60), elements=SIZES))
def test_demand_1_parts_sum_to_the_total_or_nothing_is_spread(total, weights):
    parts = spread_total(total, weights)
    expected = total if weights.sum() > 0 else 0.0
    assert abs(math.fsum(parts) - expected) <= math.ulp(total)
    assert (parts[weights == 0] <= 1e-6 * total).all()


@settings(deadline=None)
@given(
    hnp.arrays(np.float64, 6, elements=st.floats(1e3, 1e6)),
    hnp.arrays(np.bool_, 6, elements=st.booleans()),
    st.floats(1, 1e6),
)
def test_demand_2_suppressed_areas_fill_the_higher_total(kwh, hidden, left):
    published = np.where(hidden, np.nan, kwh)
    higher = math.fsum(kwh[~hidden]) + left
    found = area_totals(published, np.full(6, 10.0), np.ones(6), higher, "x")
    if hidden.any():
        assert math.fsum(found.kwh) == pytest.approx(higher)
    np.testing.assert_array_equal(found.kwh[~hidden], kwh[~hidden])
    assert (found.low_kwh <= found.kwh + 1e-6).all()
    assert (found.kwh <= found.high_kwh + 1e-6).all()


@settings(deadline=None)
@given(st.floats(0, 50), st.floats(0, 50), st.floats(0, 4))
def test_balance_1_use_is_within_production_and_load(production, load, spread):
    row = np.empty(TABLE.shape[1])
    use_row(spread, TABLE, row)
    used = expected_use(production, load, row)
    assert 0 <= used <= min(production, load) + 1e-12


@settings(deadline=None)
@given(st.floats(0.01, 50), st.floats(0.01, 50), st.floats(0, 4), st.floats(1, 3))
def test_balance_2_more_production_never_lowers_use(production, load, spread, more):
    row = np.empty(TABLE.shape[1])
    use_row(spread, TABLE, row)
    a, b = (expected_use(production * f, load, row) for f in (1.0, more))
    assert b >= a - 1e-9 * load


def run(case, unit):
    result, units = balance(
        case.year, case.planes, case.loads, np.asarray(unit, dtype=np.int64), case.table
    )
    return result, list(units)


@pytest.mark.parametrize("spread", SPREADS)
def test_balance_3_both_shares_speak_of_the_same_energy(energy_case, spread):
    result, _ = run(energy_case(20, spread=spread), np.zeros(20))
    used = result.self_consumed_kwh
    shares = (
        self_consumption(used, result.annual_yield_kwh) * result.annual_yield_kwh,
        self_sufficiency(used, result.consumption_kwh) * result.consumption_kwh,
    )
    np.testing.assert_allclose(shares[0], shares[1], rtol=1e-12)


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("seed", [2, 3])
def test_balance_4_pooling_never_uses_less(energy_case, spread, seed):
    case = energy_case(30, seed=seed, spread=spread)
    _, units = run(case, np.arange(30) % 7)
    for series in units:
        pooled = unit_balance(series, case.year.clock, case.loads.spread_of_one, case.table)
        assert pooled.pooled_kwh >= series.used.sum() * (1 - 1e-9)


def test_balance_5_months_sum_to_the_year(energy_case):
    result, _ = run(energy_case(10, spread=(1.0, 0.6)), np.zeros(10))
    np.testing.assert_allclose(result.monthly_yield_kwh.sum(axis=1), result.annual_yield_kwh)
    np.testing.assert_allclose(result.monthly_consumption_kwh.sum(axis=1), result.consumption_kwh)


def test_balance_6_order_of_buildings_does_not_matter(energy_case):
    case = energy_case(25, spread=(1.0, 0.6))
    unit = np.arange(25) % 3
    turn = np.random.default_rng(5).permutation(25)
    rows = np.concatenate([[2 * b, 2 * b + 1] for b in turn])
    planes = Planes(
        case.planes.first,
        case.planes.factors[rows],
        case.planes.tan_horizon[rows],
        case.planes.annual_yield_kwh[rows],
    )
    old = case.loads
    loads = Loads(old.energy_kwh[turn], old.connections[turn], old.profile[turn], old.spread_of_one)
    turned = type(case)(case.year, case.series, planes, loads, case.table)
    (a, units_a), (b, units_b) = run(case, unit), run(turned, unit[turn])
    np.testing.assert_allclose(b.self_consumed_kwh, a.self_consumed_kwh[turn], rtol=1e-12)
    for x, y in zip(units_a, units_b, strict=True):
        assert y.used.sum() == pytest.approx(x.used.sum(), rel=1e-12)


@pytest.mark.parametrize("spread", SPREADS)
def test_balance_7_more_panels_never_lower_self_sufficiency(energy_case, spread):
    case = energy_case(10, spread=spread)
    before, _ = run(case, np.zeros(10))
    small = before.self_consumed_kwh.copy()
    case.planes.annual_yield_kwh[:] *= 1.5
    after, _ = run(case, np.zeros(10))
    assert (after.self_consumed_kwh >= small * (1 - 1e-12)).all()


AMOUNTS = hnp.arrays(np.float64, (5, 4), elements=st.floats(0, 100, allow_subnormal=False))


@settings(deadline=None)
@given(AMOUNTS, AMOUNTS, hnp.arrays(np.float64, 4, elements=st.floats(0.01, 1)))
def test_sharing_1_no_key_gives_more_than_there_is(surplus, residual, share):
    optimum = np.minimum(surplus.sum(axis=1), residual.sum(axis=1))
    fixed = settle(surplus, residual, "fixed", share / share.sum())
    relative = settle(surplus, residual, "relative")
    assert (fixed.sum(axis=1) <= optimum + 1e-9).all()
    np.testing.assert_allclose(relative.sum(axis=1), optimum, atol=1e-9)
    for received in (fixed, relative):
        assert (received <= residual + 1e-9).all()
        assert (received >= 0).all()


@settings(deadline=None)
@given(AMOUNTS, AMOUNTS)
def test_sharing_2_own_use_and_shared_are_the_pooled_use(production, load):
    own = np.minimum(production, load)
    shared = settle(production - own, load - own, "relative").sum(axis=1)
    pooled = np.minimum(production.sum(axis=1), load.sum(axis=1))
    np.testing.assert_allclose(own.sum(axis=1) + shared, pooled, atol=1e-9)


@settings(deadline=None)
@given(AMOUNTS, AMOUNTS)
def test_sharing_3_nothing_is_carried_over(surplus, residual):
    whole = settle(surplus, residual, "relative")
    apart = [settle(surplus[t : t + 1], residual[t : t + 1], "relative") for t in range(5)]
    np.testing.assert_array_equal(whole, np.concatenate(apart))


TIERS = hnp.arrays(np.int64, 4, elements=st.integers(0, 2))


@settings(deadline=None)
@given(AMOUNTS, AMOUNTS, TIERS)
def test_sharing_4_cascade_shares_the_optimum_and_serves_lower_tiers_first(surplus, residual, tier):
    received = settle(surplus, residual, "cascade", tier=tier)
    optimum = np.minimum(surplus.sum(axis=1), residual.sum(axis=1))
    np.testing.assert_allclose(received.sum(axis=1), optimum, atol=1e-9)
    assert (received <= residual + 1e-9).all()
    lacking = residual - received
    for t in range(2):
        waits = lacking[:, tier == t].sum(axis=1) > 1e-6
        assert (received[waits][:, tier > t] <= 1e-6).all()


@pytest.mark.parametrize("key", ["fixed", "relative", "cascade"])
@pytest.mark.parametrize("spread", SPREADS)
def test_sharing_5_energy_closes_and_order_plays_no_part(energy_case, key, spread):
    case = energy_case(14, spread=spread)
    found = []
    for members in (np.arange(14), np.random.default_rng(2).permutation(14)):
        prepared = prepare(case.year, case.planes, case.loads, case.table)
        _, (series,) = run(case, np.zeros(14))
        terms = Terms(key, tier=np.arange(14) % 3)
        group = (series, members)
        found.append(share_group(case.year, prepared, case.loads, group, case.table, terms))
        assert found[-1].given_kwh.sum() == pytest.approx(found[-1].shared_key_kwh, rel=1e-9)
        assert found[-1].received_kwh.sum() == pytest.approx(found[-1].shared_key_kwh, rel=1e-9)
        received = np.empty(14)
        received[members] = found[-1].received_kwh
        lacking = case.loads.energy_kwh.sum(axis=1) - run(case, np.zeros(14))[0].self_consumed_kwh
        assert (received <= lacking * (1 + 1e-9)).all()
    assert found[1].shared_key_kwh == pytest.approx(found[0].shared_key_kwh, rel=1e-12)
    assert found[1].shared_optimal_kwh == pytest.approx(found[0].shared_optimal_kwh, rel=1e-12)


@pytest.mark.parametrize("spread", SPREADS)
def test_sharing_6_more_panels_never_lower_what_a_group_covers(energy_case, spread):
    case = energy_case(10, spread=spread)
    covered = []
    for _ in range(2):
        prepared = prepare(case.year, case.planes, case.loads, case.table)
        _, (series,) = run(case, np.zeros(10))
        group = (series, np.arange(10))
        shared = share_group(case.year, prepared, case.loads, group, case.table)
        covered.append(shared.own_use_kwh + shared.shared_optimal_kwh)
        assert shared.shared_optimal_kwh >= 0
        case.planes.annual_yield_kwh[::3] *= 1.7
    assert covered[1] >= covered[0] * (1 - 1e-12)
