"""Roofs of a project that has a cadastre and no heights: from its file to planes and buildings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from zonnekaart.energy.cadastre import FLAT_BELOW_DEG
from zonnekaart.geo.buildings import exclusive_footprints
from zonnekaart.geo.crs import middle_latitude, require_same
from zonnekaart.io.bands import raster_lattice
from zonnekaart.pipelines.cadastre_layers import given_planes
from zonnekaart.pipelines.cadastre_patches import Split, raster_planes
from zonnekaart.pipelines.cadastre_roofs import Cadastre, cadastre_facts, cadastre_table
from zonnekaart.pipelines.roof_buildings import described, with_supply
from zonnekaart.pipelines.roof_light import best_plane
from zonnekaart.pipelines.roof_supply import Stock
from zonnekaart.pipelines.rooftops import BuildingFacts

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import numpy.typing as npt

    from zonnekaart.config import BuildingsInput, CadastreInput, Project
    from zonnekaart.energy.pv import Preset
    from zonnekaart.pipelines.cadastre_layers import Given
    from zonnekaart.pipelines.roof_buildings import Described
    from zonnekaart.pipelines.roof_panels import Laid
    from zonnekaart.pipelines.runs import Progress
    from zonnekaart.solar.sky import SkyTables

_SHOWN = 20


@dataclass(frozen=True)
class CadastreJob:
    """
    One calculation of roofs from a cadastre.

    Parameters
    ----------
    cadastre : CadastreInput
        With its path resolved.
    raster : Path
        Its raster as stage irradiation wrote it; read for kind "raster" only.
    sky : SkyTables
        Of the project's weather year.
    buildings : BuildingsInput
        Names of the columns.
    survey_year : int, optional
        Year of the heights behind the cadastre.
    """

    cadastre: CadastreInput
    raster: Path
    sky: SkyTables
    buildings: BuildingsInput
    survey_year: int | None


def resolved_cadastre(project: Project) -> CadastreInput | None:
    """Return a project's cadastre with its path resolved, or None."""
    found = project.inputs.cadastre
    if found is None:
        return None
    return found.model_copy(update={"path": project.resolve(found.path)})


@dataclass(frozen=True)
class CadastreSupply:
    """Tables of planes and buildings, buildings before supply, modules laid, and facts."""

    planes: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    stock: Described
    laid: Laid | None
    facts: dict[str, Any]


def supply_of_cadastre(
    layer: gpd.GeoDataFrame, job: CadastreJob, preset: Preset, progress: Progress
) -> CadastreSupply:
    """
    Return planes and buildings as a cadastre tells them.

    Parameters
    ----------
    layer : GeoDataFrame
        From `read_buildings` or `checked_buildings`.
    job : CadastreJob
        The cadastre and the sky.
    preset : Preset
        Layout, losses and cuts.
    progress : Progress
        Told of every block of a raster.

    Raises
    ------
    MissingInputError, VectorError, RasterError, CrsError
        If the cadastre cannot be read or does not fit the footprints.
    """
    footprints = exclusive_footprints(layer.geometry.to_numpy())
    given = _given((layer, footprints), job, preset, progress)
    latitude = middle_latitude(tuple(layer.total_bounds), layer.crs)
    unknown = BuildingFacts(*(np.full(len(layer), np.nan) for _ in range(5)))
    stock = described(
        layer, job.buildings, unknown, _flat_share(given, len(layer)), job.survey_year
    )
    listed = np.isin(stock.frame["heritage"].to_numpy(), ("inventory", "protected"))
    cadastre = Cadastre(given, job.cadastre, job.sky, footprints)
    table, laid = cadastre_table(
        cadastre,
        preset,
        Stock(
            ids=layer["building_id"].to_numpy(dtype=object),
            mismatch=stock.mismatch,
            heritage=listed,
            latitude_deg=latitude,
            crs=layer.crs.to_string(),
        ),
    )
    buildings = with_supply(stock, table, given.building, preset.cuts.min_area_m2)
    absent = _with_absent(buildings, stock, job, given)
    facts = {
        **cadastre_facts(cadastre, preset, table),
        "buildings_not_in_cadastre": len(absent),
        "not_in_cadastre": absent[:_SHOWN],
    }
    return CadastreSupply(table, buildings, stock, laid, facts)


def _given(
    buildings: tuple[gpd.GeoDataFrame, npt.NDArray[np.object_]],
    job: CadastreJob,
    preset: Preset,
    progress: Progress,
) -> Given:
    layer, footprints = buildings
    if job.cadastre.kind != "raster":
        return given_planes(job.cadastre.path, job.cadastre, layer)
    geobox, _ = raster_lattice(job.raster)
    require_same(layer.crs, geobox.crs, "footprints")
    bounds = None
    if job.cadastre.split == "patches":
        cuts = preset.cuts
        scale = 1.0 if cuts.basis == "kwh_m2" else best_plane(job.sky)[0]
        bounds = np.array([cuts.limited, cuts.usable, cuts.ideal]) * scale
    return raster_planes(job.raster, footprints, Split(bounds), progress)


def _flat_share(given: Given, buildings: int) -> npt.NDArray[np.float64]:
    """Return the part of each building's roof that is flat, in plan; NaN where not known."""
    known = ~np.isnan(given.tilt_deg)
    area = np.where(known, shapely.area(given.outline), 0.0)
    flat = np.where(given.tilt_deg < FLAT_BELOW_DEG, area, 0.0)
    total = np.bincount(given.building, weights=area, minlength=buildings)
    level = np.bincount(given.building, weights=flat, minlength=buildings)
    return np.asarray(np.divide(level, total, out=np.full(buildings, np.nan), where=total > 0.0))


def _with_absent(
    buildings: gpd.GeoDataFrame, stock: Described, job: CadastreJob, given: Given
) -> list[str]:
    """Mark the buildings that the cadastre does not hold; return their ids."""
    absent = np.bincount(given.building, minlength=len(buildings)) == 0
    buildings["flags"] = [
        [*flags, "not_in_cadastre"] if without else flags
        for flags, without in zip(buildings["flags"], absent, strict=True)
    ]
    if job.cadastre.absent == "no_potential":
        none = absent & ~stock.mismatch
        for name in ("capacity_kwp", "additional_kwp", "usable_area_m2"):
            buildings.loc[none, name] = 0.0
        for name in ("annual_yield_kwh", "annual_yield_low_kwh", "annual_yield_high_kwh"):
            buildings.loc[none, name] = 0.0
    return [str(name) for name in buildings.loc[absent, "building_id"]]
