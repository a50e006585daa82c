"""Groups that are found, against a linear program and against rules they must keep."""

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from zonnekaart.energy.groups import (
    Limits,
    Reach,
    Signatures,
    group_value_kwh,
    kinds_of_steps,
    propose,
    signatures,
)
from zonnekaart.energy.series import prepare
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


def optimum(signature, reach, size):
    """Best groups of at most `size` by mixed-integer linear program, loads without spread."""
    own = np.minimum(signature.production_kwh, signature.load_kwh).astype(float)
    surplus, residual = signature.production_kwh - own, signature.load_kwh - own
    n, kinds = surplus.shape
    groups = n // 2
    x = np.arange(n * groups).reshape(n, groups)
    y = n * groups + np.arange(groups * kinds).reshape(groups, kinds)
    rows, low, high = [], [], []

    def row(entries, lower, upper):
        line = np.zeros(n * groups + groups * kinds)
        for at, factor in entries:
            line[at] += factor
        rows.append(line)
        low.append(lower)
        high.append(upper)

    for b in range(n):
        row([(x[b, g], 1) for g in range(groups)], 0, 1)
    for g in range(groups):
        row([(x[b, g], 1) for b in range(n)], 0, size)
        for k in range(kinds):
            for amount in (surplus, residual):
                row([(y[g, k], 1)] + [(x[b, g], -amount[b, k]) for b in range(n)], -np.inf, 0)
        for b in range(n):
            for c in range(b):
                if np.hypot(*(reach.points[b] - reach.points[c])) > reach.limit_m:
                    row([(x[b, g], 1), (x[c, g], 1)], 0, 1)
    # Groups are alike: the first holds the first building, to spare the solver mirror images.
    cost = np.concatenate([np.zeros(n * groups), -np.ones(groups * kinds)])
    whole = np.concatenate([np.ones(n * groups), np.zeros(groups * kinds)])
    top = np.concatenate([np.ones(n * groups), np.full(groups * kinds, np.inf)])
    found = milp(
        cost,
        integrality=whole,
        bounds=Bounds(0, top),
        constraints=LinearConstraint(np.array(rows), low, high),
        options={"mip_rel_gap": 1e-4},
    )
    assert found.success
    return -found.fun


@pytest.mark.parametrize("seed", range(6))
def test_heuristic_reaches_the_optimum_of_the_program(seed):
    signature, reach = made_up(8, seed=seed), everyone(8, seed, 70.0)
    unit, _ = propose(signature, reach, Limits(3, 0.0, 8), TABLE)
    found = sum(shared_by(signature, unit))
    best = optimum(signature, reach, 3)
    assert 0.95 * best <= found <= best * (1 + 1e-3)
