"""Roofs seen from the ground: time for whole places, what the options do, and agreement with
GDAL's and GRASS's viewsheds; the tables of docs/validation/visibility.md.

There is no road layer in the shared data, so the eyes stand on all open ground, which is more eyes
than any road layer has. GDAL: `gdal_viewshed` (apt-get install gdal-bin); GRASS: `r.viewshed`
(apt-get install grass-core). A tool that is absent is left out and said to be.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio

from zonnekaart.config import Project, VisibilityTable, load_project, share_folder
from zonnekaart.geo.buildings import exclusive_footprints
from zonnekaart.io.burning import cell_owners
from zonnekaart.io.raster import HeightReader
from zonnekaart.pipelines.roof_buildings import read_buildings
from zonnekaart.pipelines.rooftops import Heights, survey
from zonnekaart.pipelines.runs import SilentProgress
from zonnekaart.pipelines.visibility import Place, visibility_of
from zonnekaart.solar.visibility import LIFT_M, Eyes, RoofCells, cell_views

WORKERS = os.cpu_count() or 1
PLACES = ("essen", "delfshaven")
OPTIONS = ((10.0, 100.0), (10.0, 150.0), (5.0, 100.0))
"""Spacing of eyes and how far they see. [m]"""
CROPS = {"essen": (1200, 1500, 400, 400), "delfshaven": (600, 900, 500, 500)}
EYES = 40
REACH_M = 100.0
EYE_M = 1.6


def project_of(name: str) -> Project:
    return load_project(share_folder("data") / "projects" / f"{name}.toml")


def planes_of(project: Project) -> gpd.GeoDataFrame:
    """Return the planes of a place with what visibility needs of them."""
    layer = read_buildings(project)
    footprints = exclusive_footprints(layer.geometry.to_numpy())
    with HeightReader(project.resolve(project.inputs.dsm.path)) as dsm:
        found, _ = survey(footprints, Heights(dsm, None, 8, 10.0, WORKERS), (), SilentProgress())
    ids = layer["building_id"].astype(str).to_numpy()[found.building]
    return gpd.GeoDataFrame(
        {
            "building_id": ids,
            "plane_id": [f"{building}-{n}" for n, building in enumerate(ids)],
            "tilt_deg": found.tilt_deg,
            "azimuth_deg": found.azimuth_deg,
        },
        geometry=found.outline,
        crs=layer.crs,
    )


def looked(project: Project, planes: gpd.GeoDataFrame, spacing_m: float, reach_m: float):
    """Return the table of a place, and what it cost: wall and processor seconds."""
    options = VisibilityTable(source="open_ground", spacing_m=spacing_m, max_distance_m=reach_m)
    inputs = project.inputs
    with (
        HeightReader(project.resolve(inputs.dsm.path)) as dsm,
        HeightReader(project.resolve(inputs.dtm.path)) as dtm,
    ):
        footprints = read_buildings(project).geometry.to_numpy()
        place = Place(dsm, dtm, None, footprints, None, options)
        wall, processor = time.perf_counter(), time.process_time()
        table, facts = visibility_of(planes, place, SilentProgress(), WORKERS)
        spent = time.perf_counter() - wall, time.process_time() - processor
    return table, facts, spent


def places() -> None:
    print("| place | planes | cells | spacing | reach | wall s | processor s | seen | mean |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in PLACES:
        project = project_of(name)
        planes = planes_of(project)
        # Compiles.
        looked(project, planes.iloc[:50], 10.0, 50.0)
        for spacing_m, reach_m in OPTIONS:
            table, facts, (wall, processor) = looked(project, planes, spacing_m, reach_m)
            share = table["visible_share"]
            print(
                f"| {name} | {len(table)} | {facts['cells']} | {spacing_m:g} | {reach_m:g} "
                f"| {wall:.1f} | {processor:.1f} | {float((share >= 0.1).mean()):.3f} "
                f"| {float(share.mean()):.3f} |",
                flush=True,
            )


@dataclasses.dataclass(frozen=True)
class Crop:
    """Heights of a crop, its roof cells, and eyes on open ground: rows and columns."""

    name: str
    height: np.ndarray
    cell_m: float
    west: float
    north: float
    roofs: np.ndarray
    eyes: list[tuple[int, int]]


def crop_of(name: str) -> Crop:
    project = project_of(name)
    with HeightReader(project.resolve(project.inputs.dsm.path)) as dsm:
        box = dsm.geobox.crop(*CROPS[name])
        height = dsm.read(*CROPS[name])
    with HeightReader(project.resolve(project.inputs.dtm.path)) as dtm:
        above = height - dtm.read(*CROPS[name])
    roofs = cell_owners(list(read_buildings(project).geometry), box) >= 0
    margin = int(REACH_M / box.cell_m)
    free = (~roofs) & (np.abs(above) < 0.3)
    free[:margin] = free[-margin:] = free[:, :margin] = free[:, -margin:] = False
    places = np.argwhere(free)
    chosen = np.random.default_rng(5).choice(len(places), EYES, replace=False)
    eyes = [tuple(place) for place in places[chosen].tolist()]
    return Crop(name, height, box.cell_m, box.west, box.north, roofs & (above > 2.0), eyes)


def ours(crop: Crop, eye: tuple[int, int]) -> np.ndarray:
    """Return which cells an eye sees; planes are turned to it, so that lines alone decide."""
    row, col = np.nonzero(~np.isnan(crop.height))
    bearing = np.degrees(np.arctan2(eye[1] - col, row - eye[0])) % 360.0
    cells = RoofCells(row, col, np.arange(len(row)), np.full(len(row), 89.0), bearing)
    at = Eyes(*(np.array([float(v)]) for v in (*eye, crop.height[eye] + EYE_M)))
    views = cell_views(crop.height, crop.cell_m, at, cells, REACH_M, WORKERS)
    seen = np.zeros(crop.height.shape, dtype=bool)
    seen[row, col] = views.eyes > 0
    return seen


def middle(crop: Crop, eye: tuple[int, int]) -> tuple[float, float]:
    return (
        crop.west + (eye[1] + 0.5) * crop.cell_m,
        crop.north - (eye[0] + 0.5) * crop.cell_m,
    )


def by_gdal(crop: Crop, folder: Path) -> list[np.ndarray]:
    found = []
    for eye in crop.eyes:
        x, y = middle(crop, eye)
        given = {"-ox": x, "-oy": y, "-oz": EYE_M, "-tz": LIFT_M, "-md": REACH_M, "-cc": 0}
        options = [str(part) for pair in given.items() for part in pair]
        files = [str(folder / "dsm.tif"), str(folder / "gdal.tif")]
        subprocess.run(["gdal_viewshed", "-q", *options, *files], check=True)
        with rasterio.open(folder / "gdal.tif") as dataset:
            box = dataset.window(*dataset.bounds)
            part = dataset.read(1, window=box) == 255
            row = round((crop.north - dataset.bounds.top) / crop.cell_m)
            col = round((dataset.bounds.left - crop.west) / crop.cell_m)
        seen = np.zeros(crop.height.shape, dtype=bool)
        seen[row : row + part.shape[0], col : col + part.shape[1]] = part
        found.append(seen)
    return found


def by_grass(crop: Crop, folder: Path) -> list[np.ndarray]:
    lines = [f"r.external -o input={folder / 'dsm.tif'} output=dsm", "g.region raster=dsm"]
    for number, eye in enumerate(crop.eyes):
        x, y = middle(crop, eye)
        lines.append(
            f"r.viewshed -b input=dsm output=v{number} coordinates={x},{y} "
            f"observer_elevation={EYE_M} target_elevation={LIFT_M} max_distance={REACH_M}"
        )
        lines.append(f"r.out.gdal input=v{number} output={folder}/grass{number}.tif type=Byte")
    script = folder / "run.sh"
    script.write_text("set -e\n" + "\n".join(lines) + "\n", encoding="utf-8")
    subprocess.run(
        ["grass", "--tmp-location", "XY", "--exec", "bash", str(script)],
        check=True,
        capture_output=True,
    )
    found = []
    for number in range(len(crop.eyes)):
        with rasterio.open(folder / f"grass{number}.tif") as dataset:
            found.append(dataset.read(1) == 1)
    return found


def viewsheds() -> None:
    tools = {"gdal_viewshed": by_gdal, "grass": by_grass}
    print("| place | compared | eyes | cells | first sees | agree | only first | only second |")
    print("|---|---|---|---|---|---|---|---|")
    for name in PLACES:
        crop = crop_of(name)
        mine = [ours(crop, eye) for eye in crop.eyes]
        row, col = np.mgrid[: crop.height.shape[0], : crop.height.shape[1]]
        near = [
            crop.roofs & (np.hypot(row - r, col - c) * crop.cell_m < REACH_M - 2.0)
            for r, c in crop.eyes
        ]
        with tempfile.TemporaryDirectory() as out:
            folder = Path(out)
            write(crop, folder / "dsm.tif")
            results = {}
            for tool, look in tools.items():
                if shutil.which(tool) is None:
                    print(f"| {name} | {tool} | not installed |")
                    continue
                results[tool] = look(crop, folder)
        for tool, theirs in results.items():
            compare(name, f"ours, {tool}", near, mine, theirs)
        if len(results) == len(tools):
            compare(name, "GDAL, GRASS", near, *results.values())


def compare(name, pair, near, first, second) -> None:
    a = np.concatenate([seen[part] for seen, part in zip(first, near, strict=True)])
    b = np.concatenate([seen[part] for seen, part in zip(second, near, strict=True)])
    print(
        f"| {name} | {pair} | {len(first)} | {len(a)} | {100 * np.mean(a):.1f} % "
        f"| {100 * np.mean(a == b):.2f} % "
        f"| {100 * np.mean(a & ~b):.2f} % | {100 * np.mean(b & ~a):.2f} % |",
        flush=True,
    )


def write(crop: Crop, path: Path) -> None:
    rows, cols = crop.height.shape
    transform = rasterio.Affine(crop.cell_m, 0.0, crop.west, 0.0, -crop.cell_m, crop.north)
    profile = {"driver": "GTiff", "height": rows, "width": cols, "count": 1, "dtype": "float32"}
    with rasterio.open(path, "w", **profile, transform=transform, crs="EPSG:31370") as dataset:
        # Where nothing is known nothing stands in the way, as in our kernel.
        dataset.write(np.where(np.isnan(crop.height), -100.0, crop.height), 1)


def main() -> None:
    viewsheds()
    places()


if __name__ == "__main__":
    main()
