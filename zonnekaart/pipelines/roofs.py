"""Stage roofs: planes, panels and yield per roof; supply per building; the policy zones."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from zonnekaart.config import BuildingsInput, share_folder
from zonnekaart.energy.pv import modules_on
from zonnekaart.geo.buildings import connections, exclusive_footprints
from zonnekaart.geo.crs import require_metric, require_same, transformer
from zonnekaart.geo.policyzones import Connections, area_zones, cell_zones, zone_of
from zonnekaart.io.presets import read_preset
from zonnekaart.io.raster import HeightReader
from zonnekaart.io.vector import read_layer, write_geoparquet
from zonnekaart.pipelines.areas import read_areas
from zonnekaart.pipelines.irradiation import load_sky
from zonnekaart.pipelines.lattice import require_aligned
from zonnekaart.pipelines.roof_buildings import (
    Described,
    checked_buildings,
    described,
    read_buildings,
    with_supply,
)
from zonnekaart.pipelines.roof_light import KEPT_DIRECTIONS, light_from_cells, light_from_sky
from zonnekaart.pipelines.roof_supply import Stock, plane_table
from zonnekaart.pipelines.rooftops import Heights, survey
from zonnekaart.pipelines.runs import SilentProgress, Stage
from zonnekaart.pipelines.vegetation import OPAQUE, inputs_of, parameters_of, vegetation_of
from zonnekaart.solar.roofplanes import FLAT_BELOW_DEG

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import numpy.typing as npt

    from zonnekaart.config import Project
    from zonnekaart.energy.pv import Preset
    from zonnekaart.pipelines.rooftops import PlaneSet
    from zonnekaart.pipelines.runs import Progress, StageContext
    from zonnekaart.pipelines.vegetation import Vegetation

PLANES, BUILDINGS, ZONES = "roof_planes.parquet", "buildings.parquet", "policy_zones.parquet"
PRESETS = "presets"


@dataclass(frozen=True)
class RoofJob:
    """
    One calculation of roofs from files.

    Parameters
    ----------
    dsm : Path
        Surface heights. [m]
    irradiation : Path
        Raster on the same cells; read only when `sky` is None.
    sky : Path or None
        Sky tables of the irradiation stage.
    preset : str
        Name of a preset.
    buildings : BuildingsInput
        Names of the columns.
    dtm : Path, optional
        Terrain heights on the same cells. [m]
    radius_m : float
        Obstacles farther away are not seen. [m]
    survey_year : int, optional
        Year the heights were flown.
    workers : int
        Threads that follow rays.
    vegetation : Vegetation, optional
        Trees apart from the surface; the sky tables must know them too.
    """

    dsm: Path
    irradiation: Path
    sky: Path | None
    preset: str
    buildings: BuildingsInput
    dtm: Path | None = None
    radius_m: float = 500.0
    survey_year: int | None = None
    workers: int = 1
    vegetation: Vegetation | None = None


@dataclass(frozen=True)
class Roofs:
    """Tables of planes and buildings, and facts for the manifest."""

    planes: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    facts: dict[str, Any] = field(default_factory=dict)


def roofs_of(layer: gpd.GeoDataFrame, job: RoofJob, progress: Progress | None = None) -> Roofs:
    """
    Find planes and supply of buildings.

    Parameters
    ----------
    layer : GeoDataFrame
        From `read_buildings` or `checked_buildings`.
    job : RoofJob
        Files and parameters.
    progress : Progress, optional
        Told of every block.

    Raises
    ------
    CrsError, RasterError, ConfigError
        If the files do not fit together, or there is no such preset.
    """
    preset = read_preset(job.preset, share_folder("data") / PRESETS)
    sky = None if job.sky is None else load_sky(job.sky)
    footprints = exclusive_footprints(layer.geometry.to_numpy())
    edges = tuple(sorted({preset.layout.edge_tilted_m.value, preset.layout.edge_flat_m.value}))
    with HeightReader(job.dsm) as dsm:
        latitude = _latitude(dsm, layer)
        for path in (job.dtm, *(job.vegetation.files if job.vegetation else ())):
            require_aligned(path, job.dsm)
        dtm = None if job.dtm is None else HeightReader(job.dtm)
        directions = KEPT_DIRECTIONS if sky is None else sky.directions
        heights = Heights(dsm, dtm, directions, job.radius_m, job.workers, job.vegetation)
        planes, facts = survey(footprints, heights, edges, progress or SilentProgress())
        geobox = dsm.geobox
    flat = _flat_share(planes, len(layer))
    stock = described(layer, job.buildings, facts, flat, job.survey_year)
    modules = modules_on(planes.tilt_deg, planes.azimuth_deg, preset.layout, latitude)
    light = (
        light_from_cells(planes, job.irradiation, geobox)
        if sky is None
        else light_from_sky(planes, modules, sky, preset.layout, latitude)
    )
    listed = np.isin(stock.frame["heritage"].to_numpy(), ("inventory", "protected"))
    table = plane_table(
        planes,
        light,
        modules,
        preset,
        Stock(
            ids=layer["building_id"].to_numpy(dtype=object),
            mismatch=stock.mismatch,
            heritage=listed,
            latitude_deg=latitude,
            crs=layer.crs.to_string(),
        ),
    )
    buildings = with_supply(stock, table, planes.building, preset.cuts.min_area_m2)
    said = job.vegetation.described(latitude) if job.vegetation else OPAQUE
    return Roofs(table, buildings, {**_facts(table, buildings, stock, preset), "trees": said})


def _latitude(dsm: HeightReader, layer: gpd.GeoDataFrame) -> float:
    """Return the latitude of the middle of the heights, after comparing the two CRS."""
    require_metric(dsm.geobox.crs, str(dsm.path))
    require_same(layer.crs, dsm.geobox.crs, "footprints")
    west, south, east, north = dsm.geobox.bounds
    to_lonlat = transformer(dsm.geobox.crs, "EPSG:4326")
    _, latitude = to_lonlat.transform((west + east) / 2.0, (south + north) / 2.0)
    return float(latitude)


def _flat_share(planes: PlaneSet, buildings: int) -> npt.NDArray[np.float64]:
    """Return the part of each building's roof that is flat, in plan; NaN without planes."""
    area = shapely.area(planes.outline)
    flat = np.where(planes.tilt_deg < FLAT_BELOW_DEG, area, 0.0)
    total = np.bincount(planes.building, weights=area, minlength=buildings)
    level = np.bincount(planes.building, weights=flat, minlength=buildings)
    return np.asarray(np.divide(level, total, out=np.full(buildings, np.nan), where=total > 0.0))


def _facts(
    planes: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, stock: Described, preset: Preset
) -> dict[str, Any]:
    """Return counts and sums for the manifest."""
    flags = [flag for row in buildings["flags"] for flag in row]
    return {
        "preset": f"{preset.id} {preset.version}",
        "buildings": len(buildings),
        "planes": len(planes),
        "without_height": flags.count("no_height"),
        "without_plane": flags.count("no_plane"),
        "survey_mismatch": int(stock.mismatch.sum()),
        "under_canopy": flags.count("under_canopy"),
        "use_estimated": flags.count("use_estimated"),
        "roof_area_m2": round(float(planes["roof_area_m2"].sum()), 1),
        "usable_area_m2": round(float(planes["usable_area_m2"].sum()), 1),
        "capacity_kwp": round(float(planes["capacity_kwp"].sum()), 1),
        "annual_yield_kwh": round(float(planes["annual_yield_kwh"].sum())),
    }


def policy_zones(
    project: Project, buildings: gpd.GeoDataFrame, extent: shapely.Polygon
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """
    Return the policy zones, and the buildings with ``zone_id`` and ``area_id``.

    Parameters
    ----------
    project : Project
        Its areas and ``[zones]``.
    buildings : GeoDataFrame
        With use and dwellings.
    extent : Polygon
        Extent of the heights.
    """
    areas = read_areas(project)
    shapes = buildings.geometry.to_numpy()
    inner = shapely.point_on_surface(shapes)
    homes = buildings["dwellings"].to_numpy(dtype=np.float64, na_value=np.nan)
    count = connections(buildings["use"].to_numpy(dtype=object), homes)
    where = Connections(shapely.get_x(inner), shapely.get_y(inner), count)
    if project.zones.unit == "cells":
        cell_m, least = project.zones.cell_m, project.zones.min_connections
        zones = cell_zones(areas, extent, where, cell_m, least)
    else:
        zones = area_zones(areas, extent, where)
    out = buildings.copy()
    for name, frame in (("zone_id", zones), ("area_id", areas)):
        found = zone_of(shapes, frame.geometry.to_numpy())
        ids = [*frame[name].astype(str), None]
        out[name] = [ids[k] for k in found]
    first = ["building_id", "zone_id", "area_id"]
    return zones, out[[*first, *(c for c in out.columns if c not in first)]]


def write_roofs(
    dsm: Path, buildings: Path, irradiation: Path, out: Path, preset: str = "zonnekaart"
) -> dict[str, Any]:
    """
    Write roof planes from files, without a project.

    Parameters
    ----------
    dsm : Path
        Surface heights. [m]
    buildings : Path
        Footprints; ids from a column ``building_id``, ``id``, or numbered.
    irradiation : Path
        Raster of the irradiation command; the sky tables beside it (``.sky.npz``, or ``sky.npz``
        in its folder) are used when they are there and know no trees, else its cells.
    out : Path
        GeoParquet of planes.
    preset : str
        Name of a preset.

    Returns
    -------
    dict
        Counts and sums.
    """
    layer = read_layer(buildings)
    names = [name for name in ("building_id", "id") if name in layer]
    if not names:
        layer = layer.assign(building_id=np.arange(1, len(layer) + 1).astype(str))
    table = BuildingsInput(path=buildings, id_column=names[0] if names else "building_id")
    beside = (irradiation.with_suffix(".sky.npz"), irradiation.with_name("sky.npz"))
    sky = next((path for path in beside if path.is_file()), None)
    if sky is not None and load_sky(sky).through is not None:
        # Horizons without trees need the canopy; the raster's cells have been through it.
        sky = None
    job = RoofJob(dsm=dsm, irradiation=irradiation, sky=sky, preset=preset, buildings=table)
    roofs = roofs_of(checked_buildings(layer, table, str(buildings)), job)
    write_geoparquet(roofs.planes, out, {"preset": roofs.facts["preset"]})
    return {**roofs.facts, "sky": None if sky is None else sky.name}


def job_of(project: Project, build: Path) -> RoofJob:
    """Return the calculation that a project asks for."""
    inputs = project.inputs
    return RoofJob(
        dsm=project.resolve(inputs.dsm.path),
        irradiation=build / "irradiation.tif",
        sky=build / "sky.npz",
        preset=project.roofs.preset,
        buildings=inputs.buildings,
        dtm=None if inputs.dtm is None else project.resolve(inputs.dtm.path),
        radius_m=project.irradiation.radius_m,
        survey_year=project.roofs.survey_year,
        vegetation=vegetation_of(project),
    )


def _inputs(project: Project, build: Path) -> list[Path]:
    job = job_of(project, build)
    areas = project.inputs.areas
    presets = share_folder("data") / PRESETS
    paths = [
        job.dsm,
        job.dtm,
        build / "sky.npz",
        project.resolve(project.inputs.buildings.path),
        None if areas is None else project.resolve(areas.path),
        # All of them: one preset may extend another.
        presets,
        *inputs_of(project),
    ]
    return [path for path in paths if path is not None]


def _parameters(project: Project) -> dict[str, Any]:
    areas = project.inputs.areas
    return {
        "roofs": project.roofs.model_dump(),
        "zones": project.zones.model_dump(),
        "radius_m": project.irradiation.radius_m,
        "crs": project.project.crs,
        "buildings": project.inputs.buildings.model_dump(exclude={"path", "source"}),
        "areas": None if areas is None else areas.model_dump(exclude={"path", "source"}),
        **parameters_of(project),
    }


def _work(context: StageContext) -> dict[str, Any]:
    project = context.project
    job = dataclasses.replace(job_of(project, context.build), workers=context.workers)
    context.built("sky.npz", "irradiation")
    roofs = roofs_of(read_buildings(project), job, context.progress)
    with HeightReader(job.dsm) as reader:
        extent = shapely.box(*reader.geobox.bounds)
    zones, buildings = policy_zones(project, roofs.buildings, extent)
    stamp = {"preset": roofs.facts["preset"]}
    write_geoparquet(roofs.planes, context.build / PLANES, stamp)
    write_geoparquet(buildings, context.build / BUILDINGS, stamp)
    write_geoparquet(zones, context.build / ZONES)
    outside = int(buildings["zone_id"].isna().sum())
    return {**roofs.facts, "zones": len(zones), "buildings_outside_zones": outside}


STAGE = Stage(
    name="roofs",
    inputs=_inputs,
    parameters=_parameters,
    outputs=(PLANES, BUILDINGS, ZONES),
    work=_work,
)
