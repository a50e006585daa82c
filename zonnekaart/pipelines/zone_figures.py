"""From the stages' tables to arrays per zone: what zoning judges, and what privacy must hide."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.energy.hosting import Range, headroom_ratio
from zonnekaart.geo.buildings import HERITAGE
from zonnekaart.pipelines.constraint_figures import constraint_indicators
from zonnekaart.quantities import INDICATORS
from zonnekaart.zoning.indicators import (
    NO_ZONE,
    BuildingFigures,
    DemandFigures,
    PanelFigures,
    PlaneFigures,
    SiteFigures,
    demand_indicators,
    derived_indicators,
    scaled_interval,
    site_indicators,
    supply_indicators,
    unknown_panels_kwp,
)
from zonnekaart.zoning.privacy import DEMAND_INDICATORS, PrivacyRule
from zonnekaart.zoning.response import ZoneInputs
from zonnekaart.zoning.visible import VisibilityFigures, visibility_indicators

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

_HERITAGE = dict.fromkeys(HERITAGE[:-2], 1.0) | {"none": 0.0}
_FROM_BALANCE = (
    "self_consumption",
    "self_sufficiency",
    "self_consumption_pooled",
    "self_sufficiency_pooled",
    "peak_injection_kw",
    "peak_offtake_kw",
)
PANELS_ESTIMATED = "existing_estimated"
STRICT = PrivacyRule(k=10, dominance=0.8)
"""The defaults of ``[privacy]``."""


@dataclass(frozen=True)
class Frames:
    """Tables of earlier stages, as they were written."""

    zones: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    planes: pd.DataFrame
    demand: pd.DataFrame
    areas: pd.DataFrame
    balance: pd.DataFrame
    sites: pd.DataFrame | None = None
    """None when the project names no sites."""
    privacy: PrivacyRule = STRICT
    """What a total of a few large users must satisfy."""
    views: pd.DataFrame | None = None
    """Capacity and visible share per plane; None when nobody looked."""

    @property
    def positions(self) -> pd.Series[int]:
        """Position of each zone by its id."""
        return pd.Series(range(len(self.zones)), index=self.zones["zone_id"].astype(str))

    def zone_of(self, zone_id: pd.Series[str]) -> IntArray:
        """Return the position of each zone id; `NO_ZONE` for none."""
        found = zone_id.map(self.positions).fillna(NO_ZONE)
        return np.asarray(found, dtype=np.int64)


@dataclass(frozen=True)
class ZoneGrid:
    """
    Room on the grid that serves each zone, arrays of shape (zones,).

    Parameters
    ----------
    headroom : Range
        Room for more solar power on low-voltage cabins. [kW]
    mv_headroom_kw : ndarray of float64
        Capacity left on medium voltage; NaN where no layer tells. [kW]
    from_operator : ndarray of bool
        True where the operator gave rating or headroom of all cabins.
    """

    headroom: Range
    mv_headroom_kw: FloatArray
    from_operator: BoolArray


@dataclass(frozen=True)
class ZoneTable:
    """
    Figures of all zones.

    Parameters
    ----------
    zone_ids, names, kinds : list of str
        Identity of each zone.
    geometry : GeoSeries
        Their polygons.
    indicators : dict of str to ndarray of float64, shape (zones,)
        All indicators of the register; NaN is not known.
    inputs : ZoneInputs
        What they rest on.
    unknown_panels_kwp : ndarray of float64, shape (zones,)
        Capacity on roofs whose panels are not known. [kWp]
    owner_unknown : ndarray of bool, shape (zones,)
        True where the owner of most buildings is not known.
    panels_estimated : ndarray of bool, shape (zones,)
        True where standing panels come from a total for a larger area.
    """

    zone_ids: list[str]
    names: list[str]
    kinds: list[str]
    geometry: gpd.GeoSeries
    indicators: dict[str, FloatArray]
    inputs: ZoneInputs
    unknown_panels_kwp: FloatArray
    owner_unknown: BoolArray
    panels_estimated: BoolArray

    def masked(self, hidden: BoolArray) -> ZoneTable:
        """Return the table with everything that tells of demand unknown in hidden zones."""
        indicators = dict(self.indicators)
        for name in DEMAND_INDICATORS:
            indicators[name] = np.where(hidden, np.nan, indicators[name])
        inputs = ZoneInputs(
            self.inputs.pv_peak_kw, np.where(hidden, np.nan, self.inputs.min_load_sunny_kw)
        )
        return replace(self, indicators=indicators, inputs=inputs)


def numbers(frame: pd.DataFrame, column: str) -> FloatArray:
    """Return a column as float64 with NaN for what is not known."""
    return pd.to_numeric(frame[column]).to_numpy(dtype=np.float64, na_value=np.nan)


def zone_table(frames: Frames, grid: ZoneGrid) -> ZoneTable:
    """
    Gather the figures of every zone.

    Parameters
    ----------
    frames : Frames
        Tables of earlier stages.
    grid : ZoneGrid
        Room on the grid that serves each zone.
    """
    zones = len(frames.zones)
    buildings = building_figures(frames)
    figures = supply_indicators(buildings, _planes(frames), zones)
    figures |= demand_indicators(_demand(frames), zones)
    balance = zone_balance(frames)
    figures |= {name: numbers(balance, name) for name in _FROM_BALANCE}
    _take_energy(figures, balance)
    figures |= derived_indicators(figures)
    figures |= site_indicators(_sites(frames), zones)
    figures |= constraint_indicators(frames.buildings, buildings.zone, zones, frames.privacy)
    figures |= visibility_indicators(_views(frames), zones)
    inputs = ZoneInputs(numbers(balance, "pv_peak_kw"), numbers(balance, "min_load_sunny_kw"))
    unknown_kwp = unknown_panels_kwp(buildings, zones)
    figures |= _headroom(figures["peak_injection_kw"], grid.headroom)
    figures["mv_headroom_kw"] = grid.mv_headroom_kw
    return ZoneTable(
        zone_ids=frames.zones["zone_id"].astype(str).tolist(),
        names=frames.zones["name"].astype(str).tolist(),
        kinds=frames.zones["kind"].astype(str).tolist(),
        geometry=frames.zones.geometry,
        indicators={name: figures[name] for name in INDICATORS},
        inputs=inputs,
        unknown_panels_kwp=unknown_kwp,
        owner_unknown=_owner_unknown(frames),
        panels_estimated=_panels_estimated(frames),
    )


def building_figures(frames: Frames) -> BuildingFigures:
    """Return the figures of all buildings as arrays, with the position of their zone."""
    frame = frames.buildings
    names = (
        "capacity_kwp",
        "existing_kwp",
        "additional_kwp",
        "annual_yield_kwh",
        "annual_yield_low_kwh",
        "annual_yield_high_kwh",
        "footprint_area_m2",
        "dwellings",
    )
    return BuildingFigures(
        zone=frames.zone_of(frame["zone_id"]),
        **{name: numbers(frame, name) for name in names},
        apartments=(frame["use"] == "apartments").to_numpy(dtype=np.bool_),
        survey_mismatch=frame["survey_mismatch"].to_numpy(dtype=np.bool_),
        heritage=frame["heritage"].map(_HERITAGE).to_numpy(dtype=np.float64),
        panels=_panels(frame),
    )


def _panels(frame: pd.DataFrame) -> PanelFigures | None:
    """Return what is open about standing panels; None where an older build does not tell."""
    ends = ("existing_low_kwp", "existing_high_kwp")
    common = ("existing_common_low_kwp", "existing_common_high_kwp")
    names = (*ends, *common, "existing_annual_yield_kwh")
    if not set(names) <= set(frame.columns):
        return None
    return PanelFigures(*(numbers(frame, name) for name in names))


def _sites(frames: Frames) -> SiteFigures | None:
    if frames.sites is None:
        return None
    ends = ("annual_yield_kwh", "annual_yield_low_kwh", "annual_yield_high_kwh")
    figures = {name: numbers(frames.sites, name) for name in ("capacity_kwp", *ends)}
    return SiteFigures(zone=frames.zone_of(frames.sites["zone_id"]), **figures)


def _views(frames: Frames) -> VisibilityFigures | None:
    if frames.views is None:
        return None
    whose = frames.buildings.set_index("building_id").loc[frames.views["building_id"]]
    return VisibilityFigures(
        zone=frames.zone_of(whose["zone_id"]),
        capacity_kwp=numbers(frames.views, "capacity_kwp"),
        visible_share=numbers(frames.views, "visible_share"),
        heritage=whose["heritage"].map(_HERITAGE).to_numpy(dtype=np.float64),
        upper_bound=bool((frames.views["seen_from"] == "open_ground").any()),
    )


def _planes(frames: Frames) -> PlaneFigures:
    zone_of_building = frames.buildings.set_index("building_id")["zone_id"]
    return PlaneFigures(
        zone=frames.zone_of(frames.planes["building_id"].map(zone_of_building)),
        roof_area_m2=numbers(frames.planes, "roof_area_m2"),
        usable_area_m2=numbers(frames.planes, "usable_area_m2"),
        annual_irradiation_kwh_m2=numbers(frames.planes, "annual_irradiation_kwh_m2"),
    )


def _demand(frames: Frames) -> DemandFigures:
    """
    Gather demand; what the level itself leaves open is common to all buildings of an area.

    A total with missing members is a lower bound: its buildings count as estimated.
    """
    frame = frames.demand
    bound = frame["flags"].map(lambda flags: "lower_bound" in list(flags))
    return DemandFigures(
        zone=frames.zone_of(frame["zone_id"]),
        consumption_kwh=numbers(frame, "consumption_kwh"),
        consumption_low_kwh=numbers(frame, "consumption_low_kwh"),
        consumption_high_kwh=numbers(frame, "consumption_high_kwh"),
        common_low_kwh=numbers(frame, "level_low_kwh"),
        common_high_kwh=numbers(frame, "level_high_kwh"),
        connections=numbers(frame, "connections"),
        estimated=((frame["status"] == "estimated") | bound).to_numpy(dtype=np.bool_),
    )


def zone_balance(frames: Frames) -> pd.DataFrame:
    """Return the balance of each zone in the order of zones; a zone without one is unknown."""
    of_zones = frames.balance[frames.balance["unit"] == "zone"]
    return of_zones.set_index(of_zones["unit_id"].astype(str)).reindex(
        frames.zones["zone_id"].astype(str)
    )


def _take_energy(figures: dict[str, FloatArray], balance: pd.DataFrame) -> None:
    """
    Take yield and consumption from the balance where it has them, so that shares belong to them.

    The intervals keep their relative width.
    """
    for stem in ("annual_yield", "consumption"):
        balanced = numbers(balance, f"{stem}_kwh")
        own = figures[f"{stem}_kwh"]
        central = np.where(np.isnan(balanced), own, balanced)
        low, high = scaled_interval(
            central, own, figures[f"{stem}_low_kwh"], figures[f"{stem}_high_kwh"]
        )
        figures |= {f"{stem}_kwh": central, f"{stem}_low_kwh": low, f"{stem}_high_kwh": high}
    used = figures["self_consumption_pooled"] * figures["annual_yield_kwh"]
    figures["surplus_kwh"] = figures["annual_yield_kwh"] - used
    figures["residual_kwh"] = np.maximum(figures["consumption_kwh"] - used, 0.0)


def _headroom(peak_injection_kw: FloatArray, room: Range) -> dict[str, FloatArray]:
    return {
        "pv_headroom_low_kw": room.low,
        "pv_headroom_kw": room.central,
        "pv_headroom_high_kw": room.high,
        "headroom_ratio": headroom_ratio(peak_injection_kw, room.central),
    }


def _panels_estimated(frames: Frames) -> BoolArray:
    zone = frames.zone_of(frames.buildings["zone_id"])
    flagged = frames.buildings["flags"].map(lambda flags: PANELS_ESTIMATED in list(flags))
    found = np.zeros(len(frames.zones), dtype=np.bool_)
    found[zone[(zone >= 0) & flagged.to_numpy(dtype=np.bool_)]] = True
    return found


def _owner_unknown(frames: Frames) -> BoolArray:
    zone = frames.zone_of(frames.buildings["zone_id"])
    unknown = (frames.buildings["owner"] == "unknown").to_numpy(dtype=np.bool_)
    counts = np.zeros(len(frames.zones))
    members = np.zeros(len(frames.zones))
    inside = zone >= 0
    np.add.at(members, zone[inside], 1.0)
    np.add.at(counts, zone[inside & unknown], 1.0)
    return counts > 0.5 * members
