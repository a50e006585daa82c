"""The check of the supply side against known flaws: shifted footprints, seams, spikes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio

from zonnekaart.config import DEFAULT_DATA_FOLDER
from zonnekaart.geo.heights import AS_IT_IS
from zonnekaart.geo.roofs import shifted
from zonnekaart.io.raster import HeightReader
from zonnekaart.pipelines.checks.findings import Inspection
from zonnekaart.pipelines.checks.layers import Layer
from zonnekaart.pipelines.checks.position import measure_offset
from zonnekaart.pipelines.checks.scan import scan_heights

SHIFTS = (
    (0.0, 0.0),
    (0.5, 0.0),
    (0.0, -0.5),
    (1.0, 0.0),
    (-0.7, 0.7),
    (0.0, -1.0),
    (2.0, 0.0),
    (1.4, 1.4),
    (0.0, -2.0),
    (5.0, 0.0),
    (-3.5, 3.5),
    (0.0, -5.0),
)
STEPS_M = (0.2, 0.3, 0.5, 1.0)
SPIKES_M = (15.0, 20.0, 30.0, 60.0)


def offsets(name: str, heights: Path, footprints: Path) -> None:
    frame = gpd.read_file(footprints)
    with HeightReader(heights) as reader:
        box = reader.geobox
    print(f"\n{name}: footprints moved by a known vector")
    print(
        "| moved east, north [m] | estimated [m] | off by [m] | standard error [m] | prominence |"
    )
    print("|---|---|---|---|---|")
    for shift in SHIFTS:
        moved = frame.set_geometry(
            gpd.GeoSeries(shifted(frame.geometry.to_numpy(), shift), crs=frame.crs)
        )
        layer = Layer(Inspection("inputs.buildings", footprints.name), moved, comparable=True)
        found = measure_offset(heights, layer, box, AS_IT_IS)
        assert found is not None
        east, north = -found.east_m, -found.north_m
        off = np.hypot(east - shift[0], north - shift[1])
        print(
            f"| {shift[0]:g}, {shift[1]:g} | {east:.2f}, {north:.2f} | {off:.2f} "
            f"| {found.error_m:.2f} | {found.prominence:.1f} |"
        )


def flaws(name: str, heights: Path, folder: Path) -> None:
    with rasterio.open(heights) as source:
        values, profile = source.read(1), source.profile
    changed = folder / "changed.tif"

    def seen(new: np.ndarray) -> tuple[list[str], int]:
        with rasterio.open(changed, "w", **profile) as target:
            target.write(new.astype(np.float32), 1)
        scan = scan_heights(changed, np.empty((0, 2)))
        lines = [f"{s.step_m:+.2f} m, {s.stop - s.start} cells" for s in scan.flaws.seams()]
        return lines, scan.flaws.spikes

    lines, count = seen(values)
    print(f"\n{name}: {len(lines)} seams and {count} spikes as it is")
    for step in STEPS_M:
        new = values.copy()
        new[:, 1000:] += step
        part = values.copy()
        part[700:, :600] += step
        print(f"step {step:g} m, whole height: {seen(new)[0]}; 600 cells: {seen(part)[0]}")
    places = np.random.default_rng(7).integers(10, min(values.shape) - 10, (100, 2))
    for size in SPIKES_M:
        for sign in (1.0, -1.0):
            new = values.copy()
            new[places[:, 0], places[:, 1]] += sign * size
            print(f"100 cells {sign * size:+g} m: {seen(new)[1] - count} found")


def main() -> None:
    data = Path(__file__).resolve().parent.parent / DEFAULT_DATA_FOLDER
    essen, delfshaven = data / "essen-be-dhmv", data / "delfshaven-lod2"
    offsets("Essen, 1 m", essen / "essen_dsm_1m.tif", essen / "essen_footprints_DERIVED.gpkg")
    offsets(
        "Delfshaven, 0.5 m",
        delfshaven / "delfshaven_dsm.tif",
        delfshaven / "delfshaven_footprints.gpkg",
    )
    with tempfile.TemporaryDirectory() as folder:
        flaws("Essen, surface", essen / "essen_dsm_1m.tif", Path(folder))
        flaws("Essen, terrain", essen / "essen_dtm_1m.tif", Path(folder))
        flaws("Delfshaven, surface", delfshaven / "delfshaven_dsm.tif", Path(folder))


if __name__ == "__main__":
    main()
