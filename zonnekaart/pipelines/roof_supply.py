"""The table of roof planes: light, panels, yield, suitability and flags under a preset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from zonnekaart.energy.pv import (
    MOUNTINGS,
    SUITABILITY,
    PlaneFacts,
    annual_yield_kwh,
    fails,
    laid_area_m2,
    suitability,
    usable_area_m2,
    yield_bounds,
)
from zonnekaart.geo.roofs import sloped_area_m2
from zonnekaart.pipelines.rooftops import LOW_M

if TYPE_CHECKING:
    import numpy.typing as npt

    from zonnekaart.energy.pv import Modules, Preset
    from zonnekaart.pipelines.roof_light import Light
    from zonnekaart.pipelines.roof_panels import Laid
    from zonnekaart.pipelines.rooftops import PlaneSet

    FloatArray = npt.NDArray[np.float64]
    BoolArray = npt.NDArray[np.bool_]

NOISY_M = 0.15
"""Spread about a plane from which its heights are called noisy: trees, or a round roof. [m]"""


@dataclass(frozen=True)
class Stock:
    """
    What is known of the buildings that the planes belong to.

    Parameters
    ----------
    ids : ndarray of str, shape (buildings,)
        Building ids.
    mismatch : ndarray of bool, shape (buildings,)
        The heights do not show this building: its supply is unknown.
    heritage : ndarray of bool, shape (buildings,)
        Listed or protected.
    latitude_deg : float
        Of the project. [degrees]
    crs : str
        Of the project.
    """

    ids: npt.NDArray[np.object_]
    mismatch: BoolArray
    heritage: BoolArray
    latitude_deg: float
    crs: str


def plane_table(
    planes: PlaneSet,
    light: Light,
    modules: Modules,
    preset: Preset,
    stock: Stock,
    laid: Laid | None = None,
) -> gpd.GeoDataFrame:
    """
    Return `roof_planes` under a preset.

    Parameters
    ----------
    planes : PlaneSet
        As surveyed.
    light : Light
        On planes and panels.
    modules : Modules
        How panels stand.
    preset : Preset
        All reduction factors.
    stock : Stock
        Facts of the buildings.
    laid : Laid, optional
        Whole modules on the planes; shares of the area when there are none.

    Returns
    -------
    GeoDataFrame
        One row per plane, in the order of `planes`. Capacity and yield are 0 where the preset
        allows no panels or none fits, and NaN where the heights do not show the building or the
        irradiation is unknown.
    """
    area = sloped_area_m2(shapely.area(planes.outline), planes.tilt_deg)
    low = planes.above_ground_m < LOW_M
    facts = PlaneFacts(area, planes.tilt_deg, planes.azimuth_deg, light.unshaded_share)
    failed = fails(facts, preset.cuts, stock.latitude_deg)
    judged = light.roof[:, 0] if preset.cuts.on == "roof" else light.module[:, 0]
    grade = suitability(judged, light.best_kwh_m2, preset.cuts)
    grade[low | np.any(list(failed.values()), axis=0)] = 0
    counted = grade >= SUITABILITY.index(preset.cuts.counted)
    unknown = stock.mismatch[planes.building] | np.isnan(judged)
    usable, density = _usable(planes, modules, preset, laid)
    usable = np.where(unknown, np.nan, np.where(counted, usable, 0.0))
    panels = np.full(len(area), np.nan)
    if laid is not None:
        panels = np.where(unknown, np.nan, np.where(counted, laid.count, 0.0))
    capacity = usable * density
    energy = annual_yield_kwh(capacity, light.module[:, 0], preset.losses)
    low_share, high_share = _yield_bounds(preset, modules, light, laid)
    flags = flag_lists(
        {
            **failed,
            "low": low,
            "no_module_fits": counted & (panels == 0.0),
            "height_noise": planes.rms_m > NOISY_M,
            "survey_mismatch": stock.mismatch[planes.building],
            "heritage": stock.heritage[planes.building],
            "no_irradiation": np.isnan(judged),
            "under_canopy": planes.under_canopy,
            "irradiation_from_cells": np.full(len(area), light.from_cells),
        }
    )
    owner = stock.ids[planes.building]
    return gpd.GeoDataFrame(
        {
            "building_id": owner,
            "plane_id": plane_ids(owner, planes.building),
            "tilt_deg": planes.tilt_deg,
            "azimuth_deg": planes.azimuth_deg,
            "roof_area_m2": area,
            "usable_area_m2": usable,
            "panels": panels,
            "annual_irradiation_kwh_m2": light.roof[:, 0],
            "monthly_irradiation_kwh_m2": list(light.roof[:, 1:]),
            "module_irradiation_kwh_m2": light.module[:, 0],
            "horizon_deg": list(light.horizon_deg),
            "sky_view_factor": light.sky_view,
            "mounting": np.array(MOUNTINGS, dtype=object)[modules.mounting],
            "module_tilt_deg": modules.tilt_deg,
            "module_azimuth_deg": modules.azimuth_deg,
            "capacity_kwp": capacity,
            "annual_yield_kwh": energy,
            "annual_yield_low_kwh": energy * low_share,
            "annual_yield_high_kwh": energy * high_share,
            "suitability": np.array(SUITABILITY, dtype=object)[grade],
            "flags": flags,
            "height_noise_m": planes.rms_m,
        },
        geometry=planes.outline,
        crs=stock.crs,
    )


def _usable(
    planes: PlaneSet, modules: Modules, preset: Preset, laid: Laid | None
) -> tuple[FloatArray, float]:
    """Return the panel area of each plane [m2] and the power per m2 of it [kWp/m2]."""
    if laid is None:
        inner = _inner(planes, modules, preset)
        return usable_area_m2(inner, modules, preset.layout), preset.module_density.value
    module = preset.module
    return laid_area_m2(laid.count, module, preset.layout), module.density_kwp_m2


def _yield_bounds(
    preset: Preset, modules: Modules, light: Light, laid: Laid | None
) -> tuple[FloatArray, FloatArray]:
    """Return the low and the high of each plane's yield over its central value. [-]."""
    years = None
    if light.module_low is not None and light.module_high is not None:
        central = light.module[:, 0]
        some = central > 0.0
        low, high = (
            np.divide(year, central, out=np.ones_like(central), where=some)
            for year in (light.module_low, light.module_high)
        )
        years = (low, high)
    fit = None if laid is None else (laid.low_share, laid.high_share)
    flush = yield_bounds(preset, racked=False, light=years, fit=fit)
    racked = yield_bounds(preset, racked=True, light=years, fit=fit)
    on_rack = modules.mounting > 0
    return np.where(on_rack, racked[0], flush[0]), np.where(on_rack, racked[1], flush[1])


def _inner(planes: PlaneSet, modules: Modules, preset: Preset) -> FloatArray:
    """Return the roof surface inside the edge strip of each plane. [m2]."""
    layout = preset.layout
    plan = np.where(
        modules.mounting > 0,
        planes.edge_areas[layout.edge_flat_m.value],
        planes.edge_areas[layout.edge_tilted_m.value],
    )
    return sloped_area_m2(plan, planes.tilt_deg)


def flag_lists(marks: dict[str, BoolArray]) -> list[list[str]]:
    """Return the names of the marks that each row carries."""
    names = np.array(list(marks), dtype=object)
    table = np.column_stack(list(marks.values()))
    return [list(names[row]) for row in table]


def plane_ids(
    owner: npt.NDArray[np.object_], building: npt.NDArray[np.int64]
) -> npt.NDArray[np.object_]:
    """Return ids that number the planes of each building from 1."""
    start = np.searchsorted(building, building)
    return np.array(
        [f"{name}-p{n}" for name, n in zip(owner, np.arange(len(owner)) - start + 1, strict=True)],
        dtype=object,
    )
