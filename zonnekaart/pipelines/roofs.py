"""Stage roofs: planes, panels and yield per roof; supply per building; the policy zones."""

from __future__ import annotations

import dataclasses
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from zonnekaart.config import BuildingsInput, share_folder
from zonnekaart.energy.pv import modules_on
from zonnekaart.errors import ConfigError
from zonnekaart.geo.buildings import exclusive_footprints
from zonnekaart.geo.crs import middle_latitude, require_metric, require_same
from zonnekaart.geo.heights import AS_IT_IS, Corrections
from zonnekaart.io.presets import read_preset
from zonnekaart.io.raster import HeightReader
from zonnekaart.io.vector import read_layer, write_geoparquet
from zonnekaart.pipelines.areas import policy_zones
from zonnekaart.pipelines.cadastre_light import Panels, light_from_raster
from zonnekaart.pipelines.cadastre_supply import (
    CadastreJob,
    resolved_cadastre,
    supply_of_cadastre,
)
from zonnekaart.pipelines.existing_pv import (
    existing_inputs,
    existing_parameters,
    with_existing,
)
from zonnekaart.pipelines.extent import extent_files, supply_extent
from zonnekaart.pipelines.irradiation import load_sky
from zonnekaart.pipelines.lattice import require_aligned
from zonnekaart.pipelines.roof_buildings import (
    Described,
    checked_buildings,
    described,
    numbered,
    read_buildings,
    with_supply,
)
from zonnekaart.pipelines.roof_light import KEPT_DIRECTIONS, light_from_cells, light_from_sky
from zonnekaart.pipelines.roof_panels import Surfaces, lay_panels, panel_table, rows_facing_deg
from zonnekaart.pipelines.roof_supply import Stock, plane_table
from zonnekaart.pipelines.rooftops import Heights, survey
from zonnekaart.pipelines.runs import SilentProgress, Stage
from zonnekaart.pipelines.vegetation import OPAQUE, inputs_of, parameters_of, vegetation_of
from zonnekaart.pipelines.zone_units import unit_files, unit_parameters
from zonnekaart.solar.roofplanes import FLAT_BELOW_DEG

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import geopandas as gpd
    import numpy.typing as npt
    import pandas as pd

    from zonnekaart.config import CadastreInput, Project
    from zonnekaart.energy.pv import Preset
    from zonnekaart.pipelines.rooftops import PlaneSet
    from zonnekaart.pipelines.runs import Progress, StageContext
    from zonnekaart.pipelines.vegetation import Vegetation
    from zonnekaart.solar.sky import SkyTables

PLANES, BUILDINGS, ZONES = "roof_planes.parquet", "buildings.parquet", "policy_zones.parquet"
PANELS = "roof_panels.parquet"
PRESETS = "presets"


@dataclass(frozen=True)
class RoofJob:
    """
    One calculation of roofs from files.

    Parameters
    ----------
    dsm : Path or None
        Surface heights; None when the planes are those of a cadastre. [m]
    irradiation : Path
        Raster on the same cells; read when `sky` is None, or when it is a cadastre's.
    sky : Path or None
        Sky tables of the irradiation stage.
    preset : str
        Name of a preset.
    buildings : BuildingsInput
        Names of the columns.
    cadastre : CadastreInput, optional
        Where roofs or light come from a cadastre, with its path resolved.
    dtm : Path, optional
        Terrain heights on the same cells. [m]
    radius_m : float
        Obstacles farther away are not seen. [m]
    survey_year : int, optional
        Year the heights were flown.
    workers : int
        Threads that follow rays.
    dsm_corrections, dtm_corrections : Corrections
        What is stated about the numbers in the height files.
    vegetation : Vegetation, optional
        Trees apart from the surface; the sky tables must know them too.
    """

    dsm: Path | None
    irradiation: Path
    sky: Path | None
    preset: str
    buildings: BuildingsInput
    cadastre: CadastreInput | None = None
    dtm: Path | None = None
    radius_m: float = 500.0
    survey_year: int | None = None
    workers: int = 1
    dsm_corrections: Corrections = AS_IT_IS
    dtm_corrections: Corrections = AS_IT_IS
    vegetation: Vegetation | None = None


@dataclass(frozen=True)
class Roofs:
    """Tables of planes, buildings and single panels, and facts for the manifest."""

    planes: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    panels: gpd.GeoDataFrame
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
    if job.dsm is None:
        return _from_cadastre(layer, job, (preset, sky), progress or SilentProgress())
    footprints = exclusive_footprints(layer.geometry.to_numpy())
    edges = tuple(sorted({preset.layout.edge_tilted_m.value, preset.layout.edge_flat_m.value}))
    directions = KEPT_DIRECTIONS if sky is None else sky.directions
    with _opened(job, job.dsm, directions) as heights:
        latitude = _latitude(heights.dsm, layer)
        planes, facts = survey(footprints, heights, edges, progress or SilentProgress())
        geobox = heights.dsm.geobox
    flat = _flat_share(planes, len(layer))
    stock = described(layer, job.buildings, facts, flat, job.survey_year)
    facing = rows_facing_deg(planes.building, footprints, preset.layout, latitude)
    modules = modules_on(planes.tilt_deg, planes.azimuth_deg, preset.layout, latitude, facing)
    surfaces = Surfaces(planes.building, planes.outline, planes.tilt_deg, planes.facing_deg)
    laid = lay_panels(surfaces, modules, footprints, preset)
    light = (
        light_from_cells(planes, job.irradiation, geobox)
        if sky is None
        else light_from_sky(planes, modules, sky, preset.layout, latitude)
    )
    if job.cadastre is not None and sky is not None:
        panels = Panels(modules, preset.layout, sky, latitude)
        light = light_from_raster(planes, job.irradiation, geobox, job.cadastre, panels)
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
        laid,
    )
    buildings = with_supply(stock, table, planes.building, preset.cuts.min_area_m2)
    panels = panel_table(table, laid, preset.module)
    said = _facts(table, buildings, stock, preset)
    if job.cadastre is None:
        said["trees"] = job.vegetation.described(latitude) if job.vegetation else OPAQUE
    return Roofs(table, buildings, panels, said)


def _from_cadastre(
    layer: gpd.GeoDataFrame,
    job: RoofJob,
    basis: tuple[Preset, SkyTables | None],
    progress: Progress,
) -> Roofs:
    """Take planes and supply from a cadastre alone."""
    preset, sky = basis
    if job.cadastre is None or sky is None:
        raise ConfigError("roofs", "no heights", "heights, or a cadastre and weather", "give --dsm")
    found = supply_of_cadastre(
        layer,
        CadastreJob(job.cadastre, job.irradiation, sky, job.buildings, job.survey_year),
        preset,
        progress,
    )
    facts = _facts(found.planes, found.buildings, found.stock, preset)
    panels = panel_table(found.planes, found.laid, preset.module)
    return Roofs(found.planes, found.buildings, panels, {**facts, **found.facts})


@contextmanager
def _opened(job: RoofJob, path: Path, directions: int) -> Iterator[Heights]:
    """Open the heights; terrain and trees must have the cells of the surface."""
    with ExitStack() as stack:
        dsm, dtm = stack.enter_context(HeightReader(path, job.dsm_corrections)), None
        if job.dtm is not None:
            require_aligned(job.dtm, path, job.dsm_corrections, job.dtm_corrections)
            dtm = stack.enter_context(HeightReader(job.dtm, job.dtm_corrections))
        if job.vegetation is not None:
            job.vegetation.require_aligned(path, job.dsm_corrections)
        yield Heights(dsm, dtm, directions, job.radius_m, job.workers, job.vegetation)


def _latitude(dsm: HeightReader, layer: gpd.GeoDataFrame) -> float:
    """Return the latitude of the middle of the heights, after comparing the two CRS."""
    require_metric(dsm.geobox.crs, str(dsm.path))
    require_same(layer.crs, dsm.geobox.crs, "footprints")
    return middle_latitude(dsm.geobox.bounds, dsm.geobox.crs)


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
        "method": preset.method,
        "buildings": len(buildings),
        "planes": len(planes),
        "without_height": flags.count("no_height"),
        "without_plane": flags.count("no_plane"),
        "survey_mismatch": int(stock.mismatch.sum()),
        "under_canopy": flags.count("under_canopy"),
        "use_estimated": flags.count("use_estimated"),
        "roof_area_m2": _total(planes["roof_area_m2"], 1),
        "usable_area_m2": _total(planes["usable_area_m2"], 1),
        "panels": int(planes["panels"].sum()),
        "capacity_kwp": _total(planes["capacity_kwp"], 1),
        "annual_yield_kwh": _total(planes["annual_yield_kwh"]),
    }


def _total(values: pd.Series[Any], digits: int = 0) -> float | None:
    """Return the sum of what is known; None when nothing is."""
    known = values.dropna()
    return round(float(known.sum()), digits) if len(known) or values.empty else None


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
    layer, id_column = numbered(read_layer(buildings))
    table = BuildingsInput(path=buildings, id_column=id_column)
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
        dsm=None if inputs.dsm is None else project.resolve(inputs.dsm.path),
        irradiation=build / "irradiation.tif",
        sky=build / "sky.npz",
        preset=project.roofs.preset,
        buildings=inputs.buildings,
        cadastre=resolved_cadastre(project),
        dtm=None if inputs.dtm is None else project.resolve(inputs.dtm.path),
        radius_m=project.irradiation.radius_m,
        survey_year=project.roofs.survey_year,
        dsm_corrections=AS_IT_IS if inputs.dsm is None else inputs.dsm.corrections,
        dtm_corrections=AS_IT_IS if inputs.dtm is None else inputs.dtm.corrections,
        vegetation=vegetation_of(project),
    )


def _inputs(project: Project, build: Path) -> list[Path]:
    job = job_of(project, build)
    areas = project.inputs.areas
    presets = share_folder("data") / PRESETS
    paths = [
        job.dsm,
        job.dtm,
        None if job.cadastre is None else job.cadastre.path,
        build / "sky.npz",
        *extent_files(project),
        project.resolve(project.inputs.buildings.path),
        None if areas is None else project.resolve(areas.path),
        # All of them: one preset may extend another.
        presets,
        *existing_inputs(project),
        *inputs_of(project),
        *unit_files(project),
    ]
    return [path for path in paths if path is not None]


def _parameters(project: Project) -> dict[str, Any]:
    areas, cadastre = project.inputs.areas, project.inputs.cadastre
    dtm = project.inputs.dtm
    return {
        "heights": [
            None if table is None else dataclasses.asdict(table.corrections)
            for table in (project.inputs.dsm, dtm)
        ],
        "roofs": project.roofs.model_dump(),
        "zones": project.zones.model_dump(),
        "unit": unit_parameters(project),
        "radius_m": project.irradiation.radius_m,
        "crs": project.project.crs,
        "buildings": project.inputs.buildings.model_dump(mode="json", exclude={"path", "source"}),
        "cadastre": None if cadastre is None else cadastre.model_dump(exclude={"path", "source"}),
        "areas": None if areas is None else areas.model_dump(exclude={"path", "source"}),
        "existing_pv": existing_parameters(project),
        **parameters_of(project),
    }


def _work(context: StageContext) -> dict[str, Any]:
    project = context.project
    job = dataclasses.replace(job_of(project, context.build), workers=context.workers)
    context.built("sky.npz", "irradiation")
    roofs = roofs_of(read_buildings(project), job, context.progress)
    zones, buildings = policy_zones(project, roofs.buildings, supply_extent(project))
    panels = with_existing(project, buildings)
    stamp = {"preset": roofs.facts["preset"]}
    write_geoparquet(roofs.planes, context.build / PLANES, stamp)
    write_geoparquet(roofs.panels, context.build / PANELS, stamp)
    write_geoparquet(panels.buildings, context.build / BUILDINGS, stamp)
    write_geoparquet(zones, context.build / ZONES)
    outside = int(buildings["zone_id"].isna().sum())
    counts = {"zones": len(zones), "buildings_outside_zones": outside}
    return {**roofs.facts, **counts, "existing_pv": panels.facts}


STAGE = Stage(
    name="roofs",
    inputs=_inputs,
    parameters=_parameters,
    outputs=(PLANES, BUILDINGS, ZONES, PANELS),
    work=_work,
)
