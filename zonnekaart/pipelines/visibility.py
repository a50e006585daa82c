"""Stage visibility: the share of each roof plane that is seen from the public domain."""

from __future__ import annotations

import dataclasses
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from zonnekaart.errors import VectorError
from zonnekaart.geo.crs import require_same
from zonnekaart.geo.eyes import away_from, lattice_points, street_points
from zonnekaart.geo.windows import lattice_origin
from zonnekaart.io.burning import cell_owners
from zonnekaart.io.raster import HeightReader
from zonnekaart.io.vector import read_geoparquet, read_layer, read_parquet, write_parquet
from zonnekaart.pipelines.lattice import require_aligned
from zonnekaart.pipelines.roof_buildings import read_buildings
from zonnekaart.pipelines.rooftops import building_blocks, lowest_around
from zonnekaart.pipelines.runs import Stage, StageContext
from zonnekaart.pipelines.vegetation import inputs_of, parameters_of, roof_layers, vegetation_of
from zonnekaart.solar.visibility import Eyes, RoofCells, cell_views, plane_views

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    import numpy.typing as npt

    from zonnekaart.config import Project, VisibilityTable
    from zonnekaart.geo.geobox import GeoBox
    from zonnekaart.pipelines.runs import Progress
    from zonnekaart.pipelines.vegetation import Vegetation

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]
    Shapes = npt.NDArray[np.object_]

PLANES, BUILDINGS = "roof_planes.parquet", "buildings.parquet"
VISIBILITY = "roof_visibility.parquet"
FIGURES = ("visible_share", "street_views", "nearest_view_m")
SAMPLE_M = 1.0
"""Roof cells are looked at this far apart where the heights are finer. [m]"""
OPEN_GROUND_M = 3.0
"""Open ground begins this far from every building. [m]"""
NO_HEIGHTS = "no surface heights: nothing tells what stands between a street and a roof"
NO_ROADS = "no [inputs.roads]: it is not known where the public domain lies"


@dataclass(frozen=True)
class Place:
    """
    What is looked at, and over what.

    Parameters
    ----------
    dsm : HeightReader
        Surface.
    dtm : HeightReader or None
        Terrain on the same cells; without it the ground is the lowest surface near.
    vegetation : Vegetation or None
        Trees apart from the surface; they are then taken out of sight.
    footprints : ndarray of polygons, shape (buildings,)
        Nobody stands in them.
    streets : ndarray of points or None
        Where people stand; None = on all open ground.
    options : VisibilityTable
        Distances.
    """

    dsm: HeightReader
    dtm: HeightReader | None
    vegetation: Vegetation | None
    footprints: Shapes
    streets: Shapes | None
    options: VisibilityTable


def reason_to_skip(project: Project) -> str | None:
    """Say why nothing can be known of visibility in a project; None when it can."""
    if project.inputs.dsm is None:
        return NO_HEIGHTS
    if project.visibility.source == "roads" and project.inputs.roads is None:
        return NO_ROADS
    return None


def read_streets(project: Project) -> Shapes | None:
    """
    Return points on the streets of a project; None when it looks from all open ground.

    Raises
    ------
    MissingInputError, VectorError, CrsError
        If the layer is absent, is in another CRS, or holds no valid geometry.
    """
    table = project.inputs.roads
    if project.visibility.source == "open_ground" or table is None:
        return None
    path = project.resolve(table.path)
    layer = read_layer(path, table.layer)
    require_same(layer.crs, project.project.crs, str(path))
    shapes = shapely.force_2d(layer.geometry.to_numpy())
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    bad = int(np.count_nonzero(~shapely.is_valid(shapes)))
    if bad or not len(shapes):
        raise VectorError(
            str(path),
            f"{bad} invalid geometries" if bad else "no geometry",
            "streets and squares as lines or polygons",
            "repair them in QGIS: Fix geometries, or leave [inputs.roads] out",
        )
    return street_points(shapes, project.visibility.spacing_m)


def visibility_of(
    planes: gpd.GeoDataFrame, place: Place, progress: Progress, workers: int = 1
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """
    Return how much of each plane is seen.

    Parameters
    ----------
    planes : GeoDataFrame
        ``plane_id``, ``building_id``, ``tilt_deg``, ``azimuth_deg`` and outlines.
    place : Place
        Heights and people.
    progress : Progress
        Told of every block.
    workers : int
        Threads.

    Returns
    -------
    DataFrame
        ``plane_id``, ``building_id``, ``seen_from`` and `FIGURES`.
    dict
        Counts for the manifest.
    """
    outlines = planes.geometry.to_numpy()
    tilt, azimuth = (planes[n].to_numpy(dtype=np.float64) for n in ("tilt_deg", "azimuth_deg"))
    found = {name: np.full(len(planes), np.nan) for name in FIGURES}
    buildings = shapely.STRtree(place.footprints)
    blocks = list(building_blocks(outlines, place.dsm.geobox))
    progress.start("visibility", len(blocks))
    looked_at = 0
    for own, _ in blocks:
        window = _window(outlines[own], place)
        box = place.dsm.geobox.crop(*window)
        near = place.footprints[np.sort(buildings.query(shapely.box(*box.bounds)))]
        surface, eyes = _scene(place, window, near)
        row, col, plane = _cells(outlines[own], box, lattice_origin(box))
        cells = RoofCells(row, col, plane, tilt[own], azimuth[own])
        reach = place.options.max_distance_m
        views = cell_views(surface, box.cell_m, eyes, cells, reach, workers)
        gathered = plane_views(views, plane, len(own))
        for name, values in found.items():
            values[own] = getattr(gathered, name)
        looked_at += len(row)
        progress.advance()
    table = _table(planes, found, place.options.source)
    return table, {"cells": looked_at, "blocks": len(blocks)}


def _window(outlines: Shapes, place: Place) -> tuple[int, int, int, int]:
    """Return the cells around some planes from which they may be seen."""
    geobox = place.dsm.geobox
    west, south, east, north = shapely.total_bounds(outlines)
    halo = place.options.max_distance_m + 2.0 * geobox.cell_m
    top = max(int((geobox.north - north - halo) / geobox.cell_m), 0)
    left = max(int((west - halo - geobox.west) / geobox.cell_m), 0)
    bottom = min(int((geobox.north - south + halo) / geobox.cell_m) + 1, geobox.rows)
    right = min(int((east + halo - geobox.west) / geobox.cell_m) + 1, geobox.cols)
    return top, left, bottom - top, right - left


def _scene(
    place: Place, window: tuple[int, int, int, int], footprints: Shapes
) -> tuple[npt.NDArray[np.float32], Eyes]:
    """Return the surface without trees, if they are known apart, and who stands on it."""
    box = place.dsm.geobox.crop(*window)
    surface = place.dsm.read(*window)
    ground = lowest_around(surface, box.cell_m) if place.dtm is None else place.dtm.read(*window)
    owner = cell_owners(list(footprints), box)
    surface = roof_layers(surface, owner, place.vegetation, window).solid
    if place.streets is None:
        points = lattice_points(box.bounds, place.options.spacing_m)
        points = away_from(points, footprints, OPEN_GROUND_M)
    else:
        points = place.streets
    row = (box.north - shapely.get_y(points)) / box.cell_m - 0.5
    col = (shapely.get_x(points) - box.west) / box.cell_m - 0.5
    at_row, at_col = np.rint(row).astype(np.int64), np.rint(col).astype(np.int64)
    inside = (at_row >= 0) & (at_row < box.rows) & (at_col >= 0) & (at_col < box.cols)
    # A footprint and a street may overlap in drawing; nobody stands inside a building.
    inside[inside] = owner[at_row[inside], at_col[inside]] < 0
    level = ground[at_row[inside], at_col[inside]].astype(np.float64)
    return surface, Eyes(row[inside], col[inside], level + place.options.eye_height_m)


def _cells(
    outlines: Shapes, box: GeoBox, origin: tuple[int, int]
) -> tuple[IntArray, IntArray, IntArray]:
    """Return row, column and plane of sampled cells; a plane too small for any has one."""
    owner = cell_owners(list(outlines), box)
    row, col = np.nonzero(owner >= 0)
    step = max(round(SAMPLE_M / box.cell_m), 1)
    # Counted from the origin of the CRS, so that blocks do not show.
    chosen = ((row + origin[0]) % step == 0) & ((col + origin[1]) % step == 0)
    row, col = row[chosen], col[chosen]
    plane = owner[row, col].astype(np.int64)
    without = np.flatnonzero(np.bincount(plane, minlength=len(outlines)) == 0)
    inner = shapely.point_on_surface(outlines[without])
    row = np.concatenate([row, ((box.north - shapely.get_y(inner)) / box.cell_m).astype(np.int64)])
    col = np.concatenate([col, ((shapely.get_x(inner) - box.west) / box.cell_m).astype(np.int64)])
    plane = np.concatenate([plane, without])
    order = np.argsort(plane, kind="stable")
    return row[order], col[order], plane[order]


def _table(
    planes: gpd.GeoDataFrame, found: Mapping[str, FloatArray | float], seen_from: str
) -> pd.DataFrame:
    ids = {n: planes[n].astype(str).to_numpy(dtype=object) for n in ("plane_id", "building_id")}
    return pd.DataFrame({**ids, "seen_from": seen_from, **found})


def _work(context: StageContext) -> dict[str, Any]:
    project = context.project
    planes = read_geoparquet(context.built(PLANES, "roofs"))
    dsm, dtm, reason = project.inputs.dsm, project.inputs.dtm, reason_to_skip(project)
    if dsm is None or reason is not None:
        context.progress.note(f"visibility: skipped, {reason}")
        nothing = _table(planes, dict.fromkeys(FIGURES, np.nan), "unknown")
        write_parquet(nothing, context.build / VISIBILITY)
        return {"skipped": reason, "planes": len(planes)}
    path = project.resolve(dsm.path)
    with ExitStack() as stack:
        ground = None
        if dtm is not None:
            require_aligned(project.resolve(dtm.path), path, dsm.corrections, dtm.corrections)
            ground = HeightReader(project.resolve(dtm.path), dtm.corrections)
            stack.enter_context(ground)
        place = Place(
            dsm=stack.enter_context(HeightReader(path, dsm.corrections)),
            dtm=ground,
            vegetation=vegetation_of(project),
            footprints=read_buildings(project).geometry.to_numpy(),
            streets=read_streets(project),
            options=project.visibility,
        )
        table, facts = visibility_of(planes, place, context.progress, context.workers)
    buildings = read_parquet(context.built(BUILDINGS, "roofs"), ["building_id", "survey_mismatch"])
    absent = buildings["building_id"][buildings["survey_mismatch"].to_numpy(dtype=bool)]
    # Heights that do not show a building show the ground, and everyone sees that.
    table.loc[table["building_id"].isin(absent.astype(str)), list(FIGURES)] = np.nan
    write_parquet(table, context.build / VISIBILITY, {"seen_from": project.visibility.source})
    share = table["visible_share"]
    return {
        **facts,
        "seen_from": project.visibility.source,
        "street_points": None if place.streets is None else len(place.streets),
        "trees": "hide what stands behind them" if place.vegetation is None else "left out",
        "planes": len(table),
        "unknown": int(share.isna().sum()),
        "seen": int((share > 0.0).sum()),
        "mean_visible_share": None if share.isna().all() else round(float(share.mean()), 4),
    }


def _inputs(project: Project, build: Path) -> list[Path]:
    made = [build / PLANES, build / BUILDINGS]
    if reason_to_skip(project) is not None:
        return made
    inputs, from_roads = project.inputs, project.visibility.source == "roads"
    tables = (inputs.dsm, inputs.dtm, inputs.roads if from_roads else None, inputs.buildings)
    given = [project.resolve(table.path) for table in tables if table is not None]
    return [*made, *given, *inputs_of(project)]


def _parameters(project: Project) -> dict[str, Any]:
    heights = (project.inputs.dsm, project.inputs.dtm)
    roads = project.inputs.roads
    return {
        "heights": [
            None if table is None else dataclasses.asdict(table.corrections) for table in heights
        ],
        "visibility": project.visibility.model_dump(mode="json"),
        "roads": None if roads is None else roads.layer,
        "footprints_shift_m": list(project.inputs.buildings.shift_m),
        "crs": project.project.crs,
        **parameters_of(project),
    }


STAGE = Stage(
    name="visibility",
    inputs=_inputs,
    parameters=_parameters,
    outputs=(VISIBILITY,),
    work=_work,
)
