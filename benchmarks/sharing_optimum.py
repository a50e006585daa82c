"""Groups found against the best there are (linear program): random cases and the embedded town."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.energy.groups import (
    Limits,
    Reach,
    Signatures,
    group_value_kwh,
    propose,
    signatures,
)
from zonnekaart.energy.groups_reference import best_shared_kwh
from zonnekaart.energy.series import prepare
from zonnekaart.energy.variation import use_table

BUILDINGS, MEMBERS, KINDS, CASES = 8, 3, 18, 40
TABLE = use_table()

if TYPE_CHECKING:
    from zonnekaart.pipelines.runs import StageContext


def random_case(seed: int) -> tuple[Signatures, Reach]:
    rng = np.random.default_rng(seed)
    sun = rng.random(KINDS) * np.tile([1.0, 0.6, 0.1], KINDS // 3)
    roof = rng.lognormal(7.5, 0.8, BUILDINGS) * (rng.random(BUILDINGS) < 0.6)
    use = rng.lognormal(7.5, 0.7, BUILDINGS)
    shape = rng.random((BUILDINGS, KINDS)) + 0.05
    production = roof[:, None] * sun * rng.uniform(0.8, 1.2, (BUILDINGS, KINDS))
    load = use[:, None] * shape / shape.sum(axis=1, keepdims=True)
    return plain(production, load), all_partners(rng.uniform(0, 100, (BUILDINGS, 2)), 70.0)


def plain(production: np.ndarray, load: np.ndarray) -> Signatures:
    """Signatures without spread, which the program cannot have."""
    ones = np.ones((len(load), 2))
    return Signatures(
        production.astype(np.float32), load.astype(np.float32), ones, ones, np.zeros(2)
    )


def all_partners(points: np.ndarray, limit_m: float) -> Reach:
    n = len(points)
    near = np.array([j for i in range(n) for j in range(n) if i != j], dtype=np.int64)
    first = np.arange(0, len(near) + 1, n - 1, dtype=np.int64)
    area, linked = np.zeros(n, dtype=np.int64), np.ones((1, 1), dtype=bool)
    return Reach(points, limit_m, True, area, linked, first, near)


def town_cases() -> list[tuple[Signatures, Reach]]:
    """Build the embedded town, and take neighbours from it."""
    from zonnekaart.config import load_project
    from zonnekaart.pipelines.registry import run_project
    from zonnekaart.pipelines.runs import StageContext
    from zonnekaart.pipelines.town.write import build_town

    with tempfile.TemporaryDirectory() as folder:
        context = StageContext(load_project(build_town(Path(folder) / "town")), Path(folder) / "b")
        run_project(context, ("irradiation", "roofs", "demand"))
        return neighbours_of(context)


def neighbours_of(context: StageContext) -> list[tuple[Signatures, Reach]]:
    """Eight neighbours around every fifteenth building, kinds of quarter-hour merged to 18."""
    from zonnekaart.pipelines.quarters import read_quarters
    from zonnekaart.pipelines.sharing_perimeters import annual_production, taking_part

    quarters = read_quarters(context)
    prepared = prepare(quarters.year, quarters.planes, quarters.loads, TABLE)
    whole = signatures(quarters.year, prepared, quarters.loads)
    part = np.flatnonzero(taking_part(quarters, annual_production(quarters)))
    places = quarters.buildings.geometry.representative_point()
    points = np.column_stack([places.x, places.y])
    merged = np.arange(whole.load_kwh.shape[1]) * KINDS // whole.load_kwh.shape[1]
    cases = []
    for b in part[::15]:
        apart = np.hypot(*(points[part] - points[b]).T)
        near = part[np.argsort(apart, kind="stable")[:BUILDINGS]]
        sums = [
            np.stack([values[near][:, merged == k].sum(axis=1) for k in range(KINDS)], axis=1)
            for values in (whole.production_kwh, whole.load_kwh)
        ]
        cases.append((plain(*sums), all_partners(points[near], 70.0)))
    return cases


def compare(name: str, cases: list[tuple[Signatures, Reach]]) -> None:
    found, best = [], []
    for signature, reach in cases:
        unit, centre = propose(signature, reach, Limits(MEMBERS, 0.0), TABLE)
        groups = [np.flatnonzero(unit == g) for g in range(len(centre))]
        found.append(sum(group_value_kwh(signature, g, TABLE) for g in groups))
        best.append(best_shared_kwh(signature, reach, MEMBERS))
    real = np.array(best) > 1.0
    share = np.array(found)[real] / np.array(best)[real]
    print(
        f"{name}: {real.sum()} cases, total {sum(found) / sum(best):.4f}, "
        f"mean {share.mean():.4f}, least {share.min():.4f}"
    )


def main() -> None:
    compare("random", [random_case(seed) for seed in range(CASES)])
    compare("town", town_cases())


if __name__ == "__main__":
    main()
