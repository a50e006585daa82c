"""Roof planes and supply from a cadastre alone, in the columns that roofs from heights have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from zonnekaart.energy.cadastre import Open, assumed_sides, faces_nowhere_known, widened
from zonnekaart.energy.pv import (
    MOUNTINGS,
    SUITABILITY,
    PlaneFacts,
    annual_yield_kwh,
    fails,
    laid_area_m2,
    modules_on,
    performance,
    suitability,
    usable_area_m2,
    yield_bounds,
)
from zonnekaart.geo.roofs import inner_area_m2
from zonnekaart.pipelines.cadastre_layers import surfaces_of
from zonnekaart.pipelines.cadastre_light import Panels, rack_gain
from zonnekaart.pipelines.roof_light import (
    KEPT_DIRECTIONS,
    best_plane,
    extreme_years,
    free_columns,
    free_irradiation,
)
from zonnekaart.pipelines.roof_panels import lay_panels, rows_facing_deg
from zonnekaart.pipelines.roof_supply import flag_lists, plane_ids

if TYPE_CHECKING:
    import numpy.typing as npt

    from zonnekaart.energy.pv import Factor, Preset
    from zonnekaart.io.cadastre_options import CadastreOptions
    from zonnekaart.pipelines.cadastre_layers import Given
    from zonnekaart.pipelines.roof_panels import Laid
    from zonnekaart.pipelines.roof_supply import Stock
    from zonnekaart.solar.sky import SkyTables

    FloatArray = npt.NDArray[np.float64]
    BoolArray = npt.NDArray[np.bool_]

UNKNOWN_MOUNTING = "unknown"
WORST_TILT_DEG = 35.0
"""Tilt of the roof, facing the pole, that bounds what an assumed plane may get. [degrees]"""


@dataclass(frozen=True)
class Cadastre:
    """A cadastre's planes, how it was read, the sky of the weather year, and the footprints."""

    given: Given
    options: CadastreOptions
    sky: SkyTables
    footprints: npt.NDArray[np.object_]


@dataclass(frozen=True)
class _Case:
    """A cadastre on its buildings under a preset; `module` is NaN where light is unknown."""

    given: Given
    options: CadastreOptions
    preset: Preset
    stock: Stock
    panels: Panels
    module: FloatArray
    gain: FloatArray
    free: FloatArray
    laid: Laid | None

    @property
    def whole(self) -> BoolArray:
        """Planes that whole modules are laid on, shape (planes,)."""
        if self.laid is None:
            return np.zeros(len(self.module), dtype=bool)
        return ~np.isnan(self.laid.count)

    @property
    def assumed(self) -> FloatArray:
        """Light on the panels where the cadastre gives none, shape (planes,). [kWh/m2]."""
        return np.asarray(self.free[:, 0] * self.gain)

    @property
    def mismatch(self) -> BoolArray:
        """Planes of buildings that the survey does not show, shape (planes,)."""
        return self.stock.mismatch[self.given.building]


@dataclass(frozen=True)
class _Supply:
    """Capacity and yield per plane, and where each comes from."""

    usable_m2: FloatArray
    panels: FloatArray
    capacity_kwp: FloatArray
    yield_kwh: FloatArray
    wanted: BoolArray
    capacity_derived: BoolArray
    yield_derived: BoolArray


def cadastre_table(
    cadastre: Cadastre, preset: Preset, stock: Stock
) -> tuple[gpd.GeoDataFrame, Laid | None]:
    """
    Return `roof_planes` from a cadastre under a preset, and the modules laid on them.

    Parameters
    ----------
    cadastre : Cadastre
        As read.
    preset : Preset
        Layout, losses and cuts for what the cadastre does not say itself.
    stock : Stock
        Facts of the buildings.

    Returns
    -------
    tuple of GeoDataFrame and Laid
        The columns of roofs from heights; what is not known is NaN and flagged. No modules when
        the preset takes a share of the area.

    Notes
    -----
    A given yield or power stays as given: no cut of the preset takes it away, and losses are taken
    off only when the cadastre has not done so. Without them, the planes are judged and laid out
    like planes from heights. A class that the cadastre gives goes before the preset's. Whole
    modules need an outline, a tilt and, on a slope, a direction; other planes get a share.
    """
    given, sky = cadastre.given, cadastre.sky
    facing = rows_facing_deg(given.building, cadastre.footprints, preset.layout, stock.latitude_deg)
    modules = modules_on(
        given.tilt_deg, given.azimuth_deg, preset.layout, stock.latitude_deg, facing
    )
    laid = lay_panels(surfaces_of(given, cadastre.options), modules, cadastre.footprints, preset)
    panels = Panels(modules, preset.layout, sky, stock.latitude_deg)
    gain = rack_gain(given.tilt_deg, given.azimuth_deg, panels)
    roof = given.irradiation
    module = roof[:, 0] * gain
    free = _free(given, sky, _equator_deg(stock))
    case = _Case(given, cadastre.options, preset, stock, panels, module, gain, free, laid)
    failed = fails(
        PlaneFacts(
            given.roof_area_m2, given.tilt_deg, given.azimuth_deg, np.full(len(module), np.nan)
        ),
        preset.cuts,
        stock.latitude_deg,
    )
    grade = _grades(case, np.any(list(failed.values()), axis=0))
    supply = _supply(case, grade)
    low, high = _bounds(case, supply)
    unknown = np.full(len(module), np.nan)
    owner = stock.ids[given.building]
    tilt_unknown = np.isnan(given.tilt_deg)
    table = gpd.GeoDataFrame(
        {
            "building_id": owner,
            "plane_id": plane_ids(owner, given.building),
            "tilt_deg": given.tilt_deg,
            "azimuth_deg": given.azimuth_deg,
            "roof_area_m2": given.roof_area_m2,
            "usable_area_m2": supply.usable_m2,
            "panels": supply.panels,
            "annual_irradiation_kwh_m2": roof[:, 0],
            "monthly_irradiation_kwh_m2": list(roof[:, 1:]),
            "module_irradiation_kwh_m2": module,
            "horizon_deg": list(np.full((len(module), KEPT_DIRECTIONS), np.nan, np.float32)),
            "sky_view_factor": unknown,
            "mounting": np.where(
                tilt_unknown,
                UNKNOWN_MOUNTING,
                np.array(MOUNTINGS, dtype=object)[modules.mounting],
            ),
            "module_tilt_deg": modules.tilt_deg,
            "module_azimuth_deg": modules.azimuth_deg,
            "capacity_kwp": supply.capacity_kwp,
            "annual_yield_kwh": supply.yield_kwh,
            "annual_yield_low_kwh": supply.yield_kwh * low,
            "annual_yield_high_kwh": supply.yield_kwh * high,
            "suitability": np.array(SUITABILITY, dtype=object)[grade],
            "flags": flag_lists(
                {
                    **failed,
                    "survey_mismatch": case.mismatch,
                    "heritage": stock.heritage[given.building],
                    "no_irradiation": np.isnan(roof[:, 0]),
                    **_marks(case, supply),
                }
            ),
            "height_noise_m": unknown,
        },
        geometry=given.outline,
        crs=stock.crs,
    )
    return table, laid


def _equator_deg(stock: Stock) -> float:
    """Return the azimuth of the noon sun. [degrees]."""
    return 180.0 if stock.latitude_deg >= 0.0 else 0.0


def _marks(case: _Case, supply: _Supply) -> dict[str, BoolArray]:
    """Return what is known of each plane only through the cadastre, or not at all."""
    given = case.given
    every = np.ones(len(given.building), dtype=bool)
    tilt_unknown = np.isnan(given.tilt_deg)
    in_plan = tilt_unknown & (case.options.area_kind != "sloped") & ~np.isnan(given.roof_area_m2)
    return {
        "from_cadastre": every,
        "tilt_unknown": tilt_unknown,
        "azimuth_unknown": faces_nowhere_known(given.tilt_deg, given.azimuth_deg),
        "horizon_unknown": every,
        "area_in_plan": in_plan,
        "area_share": (case.laid is not None) & ~case.whole & ~np.isnan(supply.usable_m2),
        "no_module_fits": case.whole & supply.wanted & (supply.panels == 0.0),
        "yield_given": ~np.isnan(given.yield_kwh),
        "yield_derived": supply.yield_derived,
        "capacity_given": ~np.isnan(given.capacity_kwp),
        "capacity_derived": supply.capacity_derived,
        "suitability_given": given.grade >= 0,
    }


def _grades(case: _Case, failed: BoolArray) -> npt.NDArray[np.int64]:
    """Return the class of each plane; a plane with a given yield or power alone is usable."""
    given, cuts = case.given, case.preset.cuts
    judged = given.irradiation[:, 0] if cuts.on == "roof" else case.module
    grade = suitability(judged, best_plane(case.panels.sky)[0], cuts)
    grade[failed] = 0
    said = (given.yield_kwh > 0.0) | (given.capacity_kwp > 0.0)
    grade = np.where(np.isnan(judged) & said, SUITABILITY.index("usable"), grade)
    return np.where(given.grade >= 0, given.grade, grade)


def _supply(case: _Case, grade: npt.NDArray[np.int64]) -> _Supply:
    """Return capacity and yield: as given, else as laid out, else one from the other."""
    given, preset = case.given, case.preset
    least = SUITABILITY.index(preset.cuts.counted)
    has_yield, has_power = ~np.isnan(given.yield_kwh), ~np.isnan(given.capacity_kwp)
    said = has_yield | has_power
    refused = (given.grade >= 0) & (given.grade < least)
    wanted = ((grade >= least) | said) & ~refused
    unknown = case.mismatch | (np.isnan(case.module) & ~said & ~refused)
    area, density = _laid_out(case)
    usable = np.where(unknown, np.nan, np.where(wanted, area, 0.0))
    panels = np.full(len(usable), np.nan)
    if case.laid is not None:
        panels = np.where(unknown | ~case.whole, np.nan, np.where(wanted, case.laid.count, 0.0))
    light = np.where(np.isnan(case.module), case.assumed, case.module)
    kept = performance(preset.losses)
    unlost = case.options.yield_includes_losses is False
    energy_given = given.yield_kwh * kept if unlost else given.yield_kwh
    laid_out = usable * density
    # A maker who gives a yield found room for panels, also where none of ours fits.
    roomless = np.isnan(laid_out) | ((laid_out == 0.0) & (energy_given > 0.0))
    derived = has_yield & ~has_power & ~refused & roomless & ~case.mismatch
    power = np.where(derived, energy_given / (light * kept), laid_out)
    power = np.where(refused, 0.0, np.where(has_power, given.capacity_kwp, power))
    power[case.mismatch] = np.nan
    energy = annual_yield_kwh(power, light, preset.losses)
    energy = np.where(has_yield & ~refused & ~case.mismatch, energy_given, energy)
    guessed = np.isnan(case.module) & ~has_yield & (energy > 0.0)
    return _Supply(usable, panels, power, energy, wanted, derived, guessed)


def _laid_out(case: _Case) -> tuple[FloatArray, FloatArray]:
    """Return the panel area of each plane, NaN without a plane [m2], and its power [kWp/m2]."""
    preset, whole = case.preset, case.whole
    area = _shared_out(case)
    if case.laid is not None:
        area = np.where(whole, laid_area_m2(case.laid.count, preset.module, preset.layout), area)
    density = np.where(whole, preset.module.density_kwp_m2, preset.module_density.value)
    return area, density


def _shared_out(case: _Case) -> FloatArray:
    """Return the share of each plane that panels cover; NaN where no plane is known. [m2]."""
    given, layout, modules = case.given, case.preset.layout, case.panels.modules
    if case.options.kind == "buildings":
        return np.full(len(given.building), np.nan)
    edge = np.where(modules.mounting > 0, layout.edge_flat_m.value, layout.edge_tilted_m.value)
    plan = shapely.area(given.outline)
    inner = inner_area_m2(given.outline, edge)
    share = np.divide(inner, plan, out=np.zeros_like(plan), where=plan > 0.0)
    return usable_area_m2(given.roof_area_m2 * share, modules, layout)


def _free(given: Given, sky: SkyTables, equator_deg: float) -> FloatArray:
    """
    Return what panels get without surroundings, shape (planes, 13 + extras). [kWh/m2].

    Planes that face nobody knows where get the mean of three ways.
    """
    tilt, azimuth = assumed_sides(given.tilt_deg, given.azimuth_deg, equator_deg)
    every = free_columns(sky, tilt.ravel(), azimuth.ravel())
    return np.asarray(every.reshape(*tilt.shape, -1).mean(axis=1))


def _years(case: _Case) -> tuple[FloatArray, FloatArray] | None:
    """Return the lowest and the highest weather year over the central one; None with one year."""
    low, high = extreme_years(case.panels.sky, case.free)
    return None if low is None or high is None else (low / case.free[:, 0], high / case.free[:, 0])


def _fit(case: _Case, packing: Factor) -> tuple[FloatArray, FloatArray] | None:
    """Return the bounds of what fits over its central value; None when shares are taken. [-]."""
    if case.laid is None:
        return None
    given = case.given
    decides = case.whole & np.isnan(given.yield_kwh) & np.isnan(given.capacity_kwp)
    return (
        np.where(decides, case.laid.low_share, packing.low / packing.value),
        np.where(decides, case.laid.high_share, packing.high / packing.value),
    )


def _bounds(case: _Case, supply: _Supply) -> tuple[FloatArray, FloatArray]:
    """Return the low and the high of each plane's yield over its central value. [-]."""
    given, sky = case.given, case.panels.sky
    on_rack = case.panels.modules.mounting > 0
    years = _years(case)
    layout = case.preset.layout
    flush, racked = (
        yield_bounds(case.preset, racked=on, light=years, fit=_fit(case, packing))
        for on, packing in ((False, layout.packing_tilted), (True, layout.packing_flat))
    )
    pole = np.array([(_equator_deg(case.stock) + 180.0) % 360.0])
    worst = free_irradiation(sky, np.array([WORST_TILT_DEG]), pole)[0]
    assumed = case.assumed
    guessed = supply.yield_derived & faces_nowhere_known(given.tilt_deg, given.azimuth_deg)
    tilt_unknown = np.isnan(given.tilt_deg)
    decides = np.isnan(given.yield_kwh) & np.isnan(given.capacity_kwp)
    per_slope = case.options.surface == "sloped" and case.options.area_kind != "sloped"
    return widened(
        np.where(on_rack, racked[0], flush[0]),
        np.where(on_rack, racked[1], flush[1]),
        Open(
            mounting=tilt_unknown,
            slope=tilt_unknown & decides & per_slope,
            derived_low=np.where(guessed, 1.0 - worst / assumed, 0.0),
            derived_high=np.where(guessed, best_plane(sky)[0] / assumed - 1.0, 0.0),
        ),
    )


def cadastre_facts(cadastre: Cadastre, preset: Preset, planes: gpd.GeoDataFrame) -> dict[str, Any]:
    """
    Return what the manifest says of a cadastre: counts, its own factors, whose losses.

    Parameters
    ----------
    cadastre : Cadastre
        As read.
    preset : Preset
        Its losses are named when they were taken off.
    planes : GeoDataFrame
        From `cadastre_table`.
    """
    given, options = cadastre.given, cadastre.options
    both = ~np.isnan(given.yield_kwh) & (given.capacity_kwp > 0.0)
    factor = None
    if both.any():
        factor = round(float(given.yield_kwh[both].sum() / given.capacity_kwp[both].sum()), 1)
    losses = "preset"
    if options.yield_column is not None:
        losses = "cadastre" if options.yield_includes_losses else "preset"
    flags = [flag for row in planes["flags"] for flag in row]
    names = (
        *("tilt_unknown", "azimuth_unknown", "area_share"),
        *("yield_given", "yield_derived", "capacity_derived"),
    )
    return {
        "cadastre": options.kind,
        **given.facts,
        **{name: flags.count(name) for name in names},
        "losses_from": losses,
        "preset_performance": round(performance(preset.losses), 4),
        "given_kwh_per_kwp": factor,
        "given_kwh": _sum(given.yield_kwh),
        "given_kwp": _sum(given.capacity_kwp),
    }


def _sum(values: FloatArray) -> float | None:
    return None if np.isnan(values).all() else round(float(np.nansum(values)), 1)
