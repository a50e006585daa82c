"""Cost of irradiation by area, start-up and files included; promise: linear, flat memory.

Runs the command ``zonnekaart irradiation`` on squares of 1, 4, 9 and 16 km2 of Essen's heights (the
last one mirrored at the edges of the real 9.8 km2), every cell and roof cells only, and tells where
the time of one square goes. Kernels are compiled by a first, small run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio

from benchmarks.irradiation import WORKERS, data_folder, read
from zonnekaart.config import DATA_VARIABLE
from zonnekaart.io.sources.weather_epw import read_epw
from zonnekaart.solar.horizon import Scene, whole
from zonnekaart.solar.sky import build_sky

SIDES = (1000, 2000, 3000, 4000)
WEATHER = "weather-brussels/BEL_Brussels.Natl.AP.064510_TMYx.epw"
FOOTPRINTS = "essen-be-dhmv/essen_footprints_DERIVED.gpkg"


def square(side: int, path: Path) -> Path:
    """Write a square of heights, mirrored where the real ones end."""
    with rasterio.open(data_folder() / "essen-be-dhmv" / "essen_dsm_1m.tif") as source:
        height = source.read(1).astype(np.float32)
        transform, crs, nodata = source.transform, source.crs, source.nodata
    rows, cols = height.shape
    height = np.pad(height, ((0, max(side - rows, 0)), (0, max(side - cols, 0))), mode="symmetric")
    profile = {"driver": "GTiff", "height": side, "width": side, "count": 1, "dtype": "float32"}
    profile |= {"crs": crs, "transform": transform, "nodata": nodata, "tiled": True}
    with rasterio.open(path, "w", **profile) as out:
        out.write(height[:side, :side], 1)
    return path


def command(dsm: Path, out: Path, *more: str) -> tuple[float, float]:
    """Seconds and peak GiB of the command in a process of its own."""
    program = str(Path(sys.executable).with_name("zonnekaart"))
    line = [program, "irradiation", "--dsm", str(dsm), "--out", str(out)]
    line += ["--weather", str(data_folder() / WEATHER), "--workers", str(WORKERS), "--overwrite"]
    start = time.perf_counter()
    process = subprocess.Popen([*line, *more], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - start
    if status != 0:
        message = process.stderr.read().decode()[-500:] if process.stderr else ""
        raise RuntimeError(message)
    return took, usage.ru_maxrss / 2**20


def parts() -> None:
    """Print what the parts of one square cost, in processor time of one thread."""
    height = read("essen_dsm_1m.tif", 1000)
    start = time.process_time()
    sky = build_sky(read_epw(data_folder() / WEATHER, 0.0), 64)
    print(f"weather and sky tables, once: {time.process_time() - start:.2f} s")
    start = time.process_time()
    scene = Scene(height, 1.0, whole(height))
    print(f"slopes and both frames, per 1 km2: {time.process_time() - start:.2f} s")
    tangents = np.empty((2, *height.shape), dtype=np.float32)
    spent = {8.0: 0.0, 32.0: 0.0, 500.0: 0.0}
    for radius in spent:
        scene.horizon_tangents(1.0, radius, tangents)
        start = time.process_time()
        for azimuth in range(0, 180, 15):
            scene.horizon_tangents(float(azimuth), radius, tangents)
        spent[radius] = (time.process_time() - start) / 24.0 / height.size * 1e9
    near, fine, far = spent.values()
    print(
        f"ns per cell and direction: near field {near:.1f}, to 32 rows {fine - near:.1f}, ", end=""
    )
    print(f"to 500 m {far - fine:.1f}; {sky.directions} directions")


def main() -> None:
    if not data_folder().is_dir():
        print(f"no input data: set {DATA_VARIABLE}")
        return
    print(f"load {os.getloadavg()[0]:.1f}, {WORKERS} cores")
    parts()
    print("| km2 | every cell: s | s per km2 | GiB | footprints only: s | GiB |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.tif"
        command(square(300, Path(folder) / "small.tif"), out)
        for side in SIDES:
            dsm = square(side, Path(folder) / f"{side}.tif")
            took, peak = command(dsm, out)
            roofs, roof_peak = command(dsm, out, "--buildings", str(data_folder() / FOOTPRINTS))
            area = (side / 1000.0) ** 2
            print(
                f"| {area:g} | {took:.1f} | {took / area:.2f} | {peak:.2f} "
                f"| {roofs:.1f} | {roof_peak:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
