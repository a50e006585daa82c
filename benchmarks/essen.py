"""The whole run on Essen (9.8 km2 of real heights), stage by stage, in a fresh build folder.

The promise is a time on two cores, so the count of cores and a reference of the same machine
(a fixed numpy workload) are printed beside it.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from zonnekaart.config import CHECKOUT, load_project
from zonnekaart.pipelines import registry
from zonnekaart.pipelines.runs import StageContext

PROMISE_SECONDS = 120.0


def reference_seconds() -> float:
    """Time one fixed piece of numpy work on one core, as a yardstick of this machine."""
    values = np.random.default_rng(0).normal(size=4_000_000)
    started = time.perf_counter()
    for _ in range(5):
        np.sort(values)
    return time.perf_counter() - started


def main() -> None:
    project = load_project(CHECKOUT / "data" / "projects" / "essen.toml")
    if not project.inputs.dsm.path.is_file():
        print("skipped: the real input is not on this machine (ZONNEKAART_DATA)")
        return
    yardstick = reference_seconds()
    with tempfile.TemporaryDirectory() as folder:
        context = StageContext(project, Path(folder) / "build", workers=os.cpu_count() or 1)
        started = time.perf_counter()
        outcomes = registry.run_project(context)
        total = time.perf_counter() - started
    for outcome in outcomes:
        print(f"{outcome.name:12s} {outcome.seconds:7.1f} s")
    peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"total        {total:7.1f} s on {os.cpu_count()} cores, peak {peak_gib:.2f} GiB")
    print(f"promise      {PROMISE_SECONDS:7.1f} s ({PROMISE_SECONDS / total:.1f} x inside)")
    print(f"yardstick    {yardstick:7.2f} s; the run is {total / yardstick:.0f} yardsticks")


if __name__ == "__main__":
    main()
