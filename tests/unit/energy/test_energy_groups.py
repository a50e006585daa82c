"""Groups that are found, against a linear program and against rules they must keep."""

import numpy as np
import pytest

from zonnekaart.energy.balance import balance
from zonnekaart.energy.groups import (
    Limits,
    Reach,
    Signatures,
    group_value_kwh,
    kinds_of_steps,
    propose,
    signatures,
)
from zonnekaart.energy.groups_reference import best_shared_kwh
from zonnekaart.energy.series import prepare
from zonnekaart.energy.sharing import share_group
from zonnekaart.energy.variation import use_table
from zonnekaart.errors import ShapeMismatchError

TABLE = use_table()


def made_up(buildings, kinds=18, seed=0, spread=0.0):
    """Some roofs, some homes, some firms; one kind in three is dull."""
    rng = np.random.default_rng(seed)
    sun = rng.random(kinds) * np.tile([1.0, 0.6, 0.1], kinds // 3)
    roof = rng.lognormal(7.5, 0.8, buildings) * (rng.random(buildings) < 0.6)
    use = rng.lognormal(7.5, 0.7, buildings)
    shape = rng.random((buildings, kinds)) + 0.05
    production = roof[:, None] * sun * rng.uniform(0.8, 1.2, (buildings, kinds))
    load = use[:, None] * shape / shape.sum(axis=1, keepdims=True)
    energy = np.column_stack([2 * use, np.zeros(buildings)])
    return Signatures(
        production.astype(np.float32),
        load.astype(np.float32),
        energy,
        np.ones((buildings, 2)),
        np.full(2, spread),
    )


def everyone(buildings, seed=0, limit_m=np.inf, *, pairwise=True, area=None):
    near = np.array([j for i in range(buildings) for j in range(buildings) if i != j])
    area = np.zeros(buildings, dtype=np.int64) if area is None else area
    return Reach(
        np.random.default_rng(seed).uniform(0, 100, (buildings, 2)),
        limit_m,
        pairwise,
        area,
        np.eye(area.max() + 1, dtype=bool),
        np.arange(0, len(near) + 1, buildings - 1),
        near,
    )


def shared_by(signature, unit):
    groups = [np.flatnonzero(unit == g) for g in range(unit.max(initial=-1) + 1)]
    return [group_value_kwh(signature, g, TABLE) for g in groups]


@pytest.mark.parametrize("seed", range(6))
def test_heuristic_reaches_the_optimum_of_the_program(seed):
    signature, reach = made_up(8, seed=seed), everyone(8, seed, 70.0)
    unit, _ = propose(signature, reach, Limits(3, 0.0, 8, 6), TABLE)
    found = sum(shared_by(signature, unit))
    best = best_shared_kwh(signature, reach, 3)
    assert 0.95 * best <= found <= best * (1 + 1e-3)


def test_program_equals_all_divisions_tried_one_by_one():
    signature, reach = made_up(5, kinds=6, seed=1), everyone(5, 1)
    best = max(
        sum(group_value_kwh(signature, np.array(g), TABLE) for g in division)
        for division in divisions(list(range(5)))
        if max(len(g) for g in division) <= 3
    )
    assert best_shared_kwh(signature, reach, 3) == pytest.approx(best, rel=1e-4)


def divisions(rest):
    """All ways to divide a list into groups."""
    if not rest:
        yield []
        return
    for division in divisions(rest[1:]):
        yield [[rest[0]], *division]
        for i, group in enumerate(division):
            yield [*division[:i], [rest[0], *group], *division[i + 1 :]]


@pytest.mark.parametrize("spread", [0.0, 1.0])
@pytest.mark.parametrize("pairwise", [True, False])
def test_groups_keep_their_limits(spread, pairwise):
    n = 60
    signature = made_up(n, seed=3, spread=spread)
    area = np.where(np.arange(n) % 10 == 0, -1, np.arange(n) % 2)
    reach = everyone(n, 3, 30.0, pairwise=pairwise, area=area)
    unit, centre = propose(signature, reach, Limits(5, 20.0, 8, 3), TABLE)
    assert (unit[area < 0] == -1).all()
    assert len(centre) == unit.max() + 1 > 3
    values = shared_by(signature, unit)
    assert values == sorted(values, reverse=True)
    for g, middle in enumerate(centre):
        members = np.flatnonzero(unit == g)
        assert 2 <= len(members) <= 5
        assert middle in members
        assert len(set(area[members])) == 1
        apart = reach.points[members][:, None] - reach.points[members][None]
        far = np.hypot(apart[..., 0], apart[..., 1])
        limit = far if pairwise else far[members == middle]
        assert limit.max() <= 30.0
        # No member can leave with profit: each adds at least what was asked.
        for leaver in members[members != middle]:
            rest = members[members != leaver]
            loss = values[g] - group_value_kwh(signature, rest, TABLE)
            assert loss >= 20.0 - 1e-3


def test_nobody_shares_less_than_alone():
    signature = made_up(40, seed=5, spread=1.0)
    unit, _ = propose(signature, everyone(40, 5), Limits(6, 0.0), TABLE)
    assert min(shared_by(signature, unit)) > 0


def test_order_of_buildings_plays_no_part():
    n = 30
    signature, reach = made_up(n, seed=7), everyone(n, 7, 40.0)
    turn = np.random.default_rng(1).permutation(n)
    turned = Signatures(
        signature.production_kwh[turn],
        signature.load_kwh[turn],
        signature.energy_kwh[turn],
        signature.connections[turn],
        signature.spread_of_one,
    )
    moved = Reach(reach.points[turn], 40.0, True, reach.area, reach.linked, reach.first, reach.near)
    limits = Limits(4, 0.0, 10, 4)
    before, _ = propose(signature, reach, limits, TABLE)
    after, _ = propose(turned, moved, limits, TABLE)
    np.testing.assert_array_equal(after, before[turn])


def test_pairs_when_one_giver_has_one_receiver():
    unit, _ = propose(made_up(20, seed=2), everyone(20, 2), Limits(2, 0.0), TABLE)
    assert (np.bincount(unit[unit >= 0]) == 2).all()


def test_signature_keeps_the_energy_and_a_single_building_shares_nothing(energy_case):
    case = energy_case(12, spread=(1.0, 0.6))
    prepared = prepare(case.year, case.planes, case.loads, case.table)
    found = signatures(case.year, prepared, case.loads)
    produced = np.add.reduceat(case.planes.annual_yield_kwh, case.planes.first[:-1])
    np.testing.assert_allclose(found.production_kwh.sum(axis=1), produced, rtol=1e-5)
    lit = case.year.profiles[:, case.year.sky.step].sum(axis=1)
    np.testing.assert_allclose(found.load_kwh.sum(axis=1), case.loads.energy_kwh @ lit, rtol=1e-5)
    kinds = kinds_of_steps(case.year)
    assert set(kinds) == set(range(kinds.max() + 1))
    assert kinds.max() < 6 * 8 * 2 * 3
    assert group_value_kwh(found, np.array([3]), case.table) == pytest.approx(0.0, abs=1e-9)


def test_signature_value_is_near_the_settled_year(energy_case):
    case = energy_case(12, seed=4, spread=(1.0, 0.6))
    prepared = prepare(case.year, case.planes, case.loads, case.table)
    found = signatures(case.year, prepared, case.loads)
    unit = (np.arange(12) % 3).astype(np.int64)
    _, units = balance(case.year, case.planes, case.loads, unit, case.table)
    for series in units:
        members = np.flatnonzero(unit == series.unit)
        year = share_group(case.year, prepared, case.loads, (series, members), case.table)
        guess = group_value_kwh(found, members, case.table)
        assert guess == pytest.approx(year.shared_optimal_kwh, rel=0.1)


def test_arrays_of_other_buildings_are_refused():
    good = made_up(3)
    with pytest.raises(ShapeMismatchError):
        Signatures(
            good.production_kwh,
            good.load_kwh[:2],
            good.energy_kwh,
            good.connections,
            good.spread_of_one,
        )
