"""Irradiation against GRASS on the same cells of Essen; promise: 300 times as fast, 1.5 GiB.

GRASS computes horizons in 64 directions to 500 m (`r.horizon`) and, with them, the beam and
diffuse irradiation of one day in each month (`r.sun`). We compute the year and its twelve months.
Install GRASS with ``apt-get install grass-core``; without it only our own figures are printed.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio

from zonnekaart.config import CHECKOUT, DATA_VARIABLE, DEFAULT_DATA_FOLDER
from zonnekaart.io.sources.weather_epw import read_epw
from zonnekaart.solar.horizon import Frame
from zonnekaart.solar.irradiation import irradiation
from zonnekaart.solar.sky import SkyTables, build_sky

ROW, COL, SIDE = 1000, 1200, 1000
RADIUS_M = 500.0
DIRECTIONS = 64
MID_MONTH_DAYS = (17, 47, 75, 105, 135, 162, 198, 228, 258, 288, 318, 344)
WORKERS = os.cpu_count() or 1


def data_folder() -> Path:
    return Path(os.environ.get(DATA_VARIABLE) or CHECKOUT / DEFAULT_DATA_FOLDER)


def read(name: str, side: int) -> np.ndarray:
    with rasterio.open(data_folder() / "essen-be-dhmv" / name) as dataset:
        window = rasterio.windows.Window(COL, ROW, side, side)
        return dataset.read(1, window=window).astype(np.float32)


def seconds(height: np.ndarray, sky: SkyTables, mask: np.ndarray | None, times: int = 3) -> float:
    """Best of some runs, kernels warm."""
    frame = Frame(0, 0, *height.shape, workers=WORKERS)
    best = np.inf
    for _ in range(times):
        start = time.perf_counter()
        irradiation(height, 1.0, sky, RADIUS_M, mask, frame)
        best = min(best, time.perf_counter() - start)
    return best


def ours(side: int) -> float:
    weather = data_folder() / "weather-brussels" / "BEL_Brussels.Natl.AP.064510_TMYx.epw"
    year = read_epw(weather)
    height = read("essen_dsm_1m.tif", side)
    above = height - read("essen_dtm_1m.tif", side)
    irradiation(height[:80, :80], 1.0, build_sky(year, 16), 40.0)
    found = np.inf
    for directions in (32, DIRECTIONS):
        sky = build_sky(year, directions)
        for label, mask in (
            ("every cell", None),
            (f"{(above > 2.5).mean():.0%} of the cells (2.5 m above ground)", above > 2.5),
        ):
            took = seconds(height, sky, mask)
            rate = height.size * directions / took / 1e6
            print(f"{directions:>3} directions, {label}: {took:.2f} s, {rate:.0f} M cells x dir/s")
            if mask is None and directions == DIRECTIONS:
                found = took
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory {peak:.2f} GiB, program included")
    return found


def grass(side: int) -> float | None:
    """Seconds that GRASS needs, or None when it is not installed."""
    program = shutil.which("grass")
    if program is None:
        print("GRASS is not installed: apt-get install grass-core; no ratio")
        return None
    with tempfile.TemporaryDirectory() as folder:
        dsm = Path(folder) / "dsm.tif"
        box = rasterio.Affine(1.0, 0.0, 155_000.0 + COL, 0.0, -1.0, 240_800.0 - ROW)
        profile = {"driver": "GTiff", "height": side, "width": side, "count": 1, "transform": box}
        with rasterio.open(dsm, "w", dtype="float32", crs="EPSG:31370", **profile) as dataset:
            dataset.write(read("essen_dsm_1m.tif", side), 1)
        lines = [
            "set -e",
            f"r.in.gdal -o input={dsm} output=dsm --quiet",
            "g.region raster=dsm",
            "r.slope.aspect elevation=dsm slope=slope aspect=aspect --quiet",
            "start=$(date +%s.%N)",
            f"r.horizon elevation=dsm step={360.0 / DIRECTIONS} maxdistance={RADIUS_M:g} "
            "output=hor --quiet",
            "middle=$(date +%s.%N)",
            *(
                f"r.sun elevation=dsm slope=slope aspect=aspect horizon_basename=hor "
                f"horizon_step={360.0 / DIRECTIONS} day={day} glob_rad=g{day} "
                f"nprocs={WORKERS} --quiet"
                for day in MID_MONTH_DAYS
            ),
            'echo "SECONDS $start $middle $(date +%s.%N)"',
        ]
        script = Path(folder) / "peer.sh"
        script.write_text("\n".join(lines) + "\n")
        # PROJ and Python of this environment must not reach GRASS's own libraries.
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("PROJ_", "PYTHON", "GDAL"))
        }
        command = [program, "--tmp-location", "EPSG:31370", "--exec", "bash", str(script)]
        done = subprocess.run(command, env=kept, capture_output=True, text=True, check=False)
    if done.returncode != 0 or "SECONDS" not in done.stdout:
        print(f"GRASS failed, no ratio:\n{done.stderr[-2000:]}", file=sys.stderr)
        return None
    start, middle, end = (float(v) for v in done.stdout.split("SECONDS")[1].split())
    print(f"GRASS r.horizon {middle - start:.1f} s, 12 days of r.sun {end - middle:.1f} s")
    return end - start


def main(side: int = SIDE) -> None:
    if not data_folder().is_dir():
        print(f"no input data: set {DATA_VARIABLE}")
        return
    print(f"{side} x {side} cells, {WORKERS} cores, load {os.getloadavg()[0]:.1f}")
    took = ours(side)
    peer = grass(side)
    if peer is not None:
        print(f"ratio, every cell, {DIRECTIONS} directions: {peer / took:.0f} times as fast")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIDE)
