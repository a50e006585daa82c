"""What coarser balances overstate: own use of Essen in steps of 15 minutes, hour, day and year.

``python -m benchmarks step_size`` builds Essen in a temporary folder first;
``python -m benchmarks.step_size PROJECT.toml BUILD`` takes a project that is built up to demand.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from zonnekaart.config import CHECKOUT, load_project
from zonnekaart.energy.production import production_series
from zonnekaart.energy.series import building_series, prepare
from zonnekaart.energy.variation import use_table
from zonnekaart.pipelines.quarters import Quarters, read_quarters
from zonnekaart.pipelines.registry import run_project
from zonnekaart.pipelines.runs import StageContext

STEPS = {"15 min": 1, "hour": 4, "day": 96, "year": 35_040}
"""Quarter-hours in each step; days are counted in UTC."""


def own_use(produced: np.ndarray, load: np.ndarray) -> np.ndarray:
    """Return the energy that meets load as it is produced, for each step size. [kWh]."""
    return np.array(
        [
            np.minimum(produced.reshape(-1, n).sum(axis=1), load.reshape(-1, n).sum(axis=1)).sum()
            for n in STEPS.values()
        ]
    )


def loads_of(quarters: Quarters, building: int) -> np.ndarray:
    loads, profiles = quarters.loads, quarters.year.profiles
    return loads.energy_kwh[building] @ profiles[loads.profile[building]]


def varied_use(quarters: Quarters) -> np.ndarray:
    """Return the own use of each building in quarter-hours, with its users' own rhythm. [kWh]."""
    prepared = prepare(quarters.year, quarters.planes, quarters.loads, use_table())
    lit = quarters.year.sky.step.size
    scratch = (np.empty(lit), np.empty(prepared.demand[4].shape[1]))
    series = (np.empty(lit), np.empty(lit), np.empty(lit))
    used = np.zeros(len(quarters.buildings))
    for building in range(len(used)):
        building_series(building, prepared.supply, prepared.demand, scratch, series)
        used[building] = series[2].sum()
    return used


def study(quarters: Quarters) -> None:
    zone = quarters.buildings["zone_id"].fillna("").to_numpy(dtype=str)
    varied = varied_use(quarters)
    energy = quarters.loads.energy_kwh
    known = ~np.isnan(energy).any(axis=1)
    rows: dict[str, list[np.ndarray]] = {"homes": [], "others": []}
    zones: dict[str, list[np.ndarray]] = {}
    for building in np.flatnonzero(known):
        produced = production_series(quarters.year.sky, quarters.planes, building)
        load = loads_of(quarters, building)
        if not np.isfinite(produced).all():
            continue
        sums = zones.setdefault(zone[building], [np.zeros_like(produced), np.zeros_like(load)])
        sums[0] += produced
        sums[1] += load
        if produced.sum() > 0.0 and load.sum() > 0.0:
            kind = "homes" if energy[building, 0] >= energy[building, 1] else "others"
            figures = [varied[building], *own_use(produced, load), produced.sum(), load.sum()]
            rows[kind].append(np.array(figures))
    rows["zones, pooled"] = [
        np.array([np.nan, *own_use(p, d), p.sum(), d.sum()])
        for name, (p, d) in zones.items()
        if name and p.sum() > 0.0 and d.sum() > 0.0
    ]
    heads = " | ".join(STEPS)
    print(f"| unit | count | measure | 15 min, own rhythm | {heads} |")
    print("|---|---|---|---|" + "---|" * len(STEPS))
    for name, each in rows.items():
        table = np.array(each)
        total = table.sum(axis=0)
        for measure, whole in (("self-consumption", total[-2]), ("self-sufficiency", total[-1])):
            cells = [f"{v / whole:.1%}" if np.isfinite(v) else "–" for v in total[:-2]]
            print(f"| {name} | {len(table)} | {measure} | " + " | ".join(cells) + " |")


def main() -> None:
    project = load_project(CHECKOUT / "data" / "projects" / "essen.toml")
    if not project.resolve(project.inputs.dsm.path).is_file():
        print("skipped: the real input is not on this machine (ZONNEKAART_DATA)")
        return
    with tempfile.TemporaryDirectory() as folder:
        context = StageContext(project, Path(folder), workers=2)
        run_project(context, ("irradiation", "roofs", "demand"))
        study(read_quarters(context))


if __name__ == "__main__":
    study(read_quarters(StageContext(load_project(Path(sys.argv[1])), Path(sys.argv[2]))))
