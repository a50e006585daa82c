"""Finding and settling groups among 25 000 made-up buildings; promise: 10 minutes on 2 cores."""

from __future__ import annotations

import os
import resource
import time

import numpy as np

from benchmarks.balance import made_up_buildings, made_up_year
from zonnekaart.energy.balance import balance
from zonnekaart.energy.groups import Limits, Reach, propose, signatures
from zonnekaart.energy.series import Year, prepare
from zonnekaart.energy.sharing import share_group
from zonnekaart.energy.variation import use_table
from zonnekaart.geo.neighbours import partners

SIZES = (5_000, 25_000)
BUILDINGS_PER_HECTARE = 25
LIMIT_M = 250.0
PARTNERS = 48


def run(year: Year, count: int) -> dict[str, float]:
    """Seconds of each step, and what was found."""
    planes, loads = made_up_buildings(count)
    # Half the buildings have no panels, so that there is someone to share with.
    building = np.repeat(np.arange(count), np.diff(planes.first))
    planes.annual_yield_kwh[building % 2 == 1] = 0.0
    table = use_table()
    side = np.sqrt(count / BUILDINGS_PER_HECTARE) * 100
    points = np.random.default_rng(count).uniform(0, side, (count, 2))
    clock = [time.perf_counter()]
    prepared = prepare(year, planes, loads, table)
    signature = signatures(year, prepared, loads)
    clock.append(time.perf_counter())
    areas = (np.zeros(count, dtype=np.int64), np.ones((1, 1), dtype=bool))
    need = signature.load_kwh.sum(axis=1, dtype=np.float64)
    first, near = partners(points, areas, need, LIMIT_M, PARTNERS)
    clock.append(time.perf_counter())
    reach = Reach(points, LIMIT_M, True, *areas, first, near)
    unit, centre = propose(signature, reach, Limits(), table)
    clock.append(time.perf_counter())
    order = np.argsort(unit, kind="stable")
    cut = np.searchsorted(unit[order], np.arange(len(centre) + 1))
    _, units = balance(year, planes, loads, unit, table)
    shared = 0.0
    for series in units:
        members = order[cut[series.unit] : cut[series.unit + 1]]
        shared += share_group(year, prepared, loads, (series, members), table).shared_optimal_kwh
    clock.append(time.perf_counter())
    steps = np.diff(clock)
    names = ("signatures", "partners", "search", "settle")
    facts = {
        "groups": float(len(centre)),
        "shared GWh": shared / 1e6,
        "total": clock[-1] - clock[0],
    }
    return dict(zip(names, steps, strict=True)) | facts


def main() -> None:
    year = made_up_year()
    run(year, 100)
    print(f"cores {os.cpu_count()}, load {os.getloadavg()[0]:.1f}")
    for count in SIZES:
        found = run(year, count)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        said = "  ".join(f"{name} {value:.1f}" for name, value in found.items())
        print(f"{count:>6} buildings  {said}  {peak:.2f} GiB at most")


if __name__ == "__main__":
    main()
