"""Figures per zone from figures per building and per roof plane.

How unknown members are treated decides what a zone's figure means:

- sums over roofs (`sum_known`) leave unknown members out: the figure is a lower bound, and
  ``survey_mismatch_share`` says how much was left out;
- sums over demand (`sum_complete`) are unknown as soon as one member is: a lower bound there
  would move a ratio over its threshold without saying so;
- existing panels are a lower bound while at least `MIN_KNOWN_PANELS` of the capacity is known,
  else unknown; the share that is used speaks of the known roofs;
- shares speak of the known part, and are unknown when less than half is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.errors import ShapeMismatchError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

NO_ZONE = -1
"""Zone position of a building or plane that lies in no zone."""

_QUANTILE_95 = 1.6448536269514722
"""95 % quantile of the standard normal distribution."""

_MIN_KNOWN = 0.5
"""Share of the weight that must be known before a share is given. Own choice: the larger half."""


MIN_KNOWN_PANELS = 0.8
"""Share of the capacity of which existing panels must be known. Own choice: four roofs in five."""


@dataclass(frozen=True)
class BuildingFigures:
    """
    Figures per building, all arrays of shape (buildings,).

    Parameters
    ----------
    zone : ndarray of int64
        Position of the building's zone; `NO_ZONE` for none.
    capacity_kwp, existing_kwp, additional_kwp : ndarray of float64
        Potential, standing and still possible DC power; NaN is not known. [kWp]
    annual_yield_kwh, annual_yield_low_kwh, annual_yield_high_kwh : ndarray of float64
        Yield of the potential and its interval; NaN is not known. [kWh]
    footprint_area_m2 : ndarray of float64
        Horizontal projection, > 0. [m2]
    dwellings : ndarray of float64
        Number of dwellings; NaN is not known. [count]
    apartments, survey_mismatch : ndarray of bool
        True for apartment buildings; true where heights do not show the building.
    heritage : ndarray of float64
        1 protected or in the inventory, 0 neither, NaN not known.
    panels : PanelFigures, optional
        Interval and yield of the standing panels; without it they are taken as exact.
    """

    zone: IntArray
    capacity_kwp: FloatArray
    existing_kwp: FloatArray
    additional_kwp: FloatArray
    annual_yield_kwh: FloatArray
    annual_yield_low_kwh: FloatArray
    annual_yield_high_kwh: FloatArray
    footprint_area_m2: FloatArray
    dwellings: FloatArray
    apartments: BoolArray
    survey_mismatch: BoolArray
    heritage: FloatArray
    panels: PanelFigures | None = None


@dataclass(frozen=True)
class PanelFigures:
    """
    What is open about standing panels, all arrays of shape (buildings,).

    Parameters
    ----------
    low_kwp, high_kwp : ndarray of float64
        Ends for the building alone; equal to the centre where its own figure is known. [kWp]
    common_low_kwp, common_high_kwp : ndarray of float64
        Ends of what a building shares with all others of its area. [kWp]
    annual_yield_kwh : ndarray of float64
        Of the standing panels; NaN is not known. [kWh]
    """

    low_kwp: FloatArray
    high_kwp: FloatArray
    common_low_kwp: FloatArray
    common_high_kwp: FloatArray
    annual_yield_kwh: FloatArray


@dataclass(frozen=True)
class SiteFigures:
    """
    Places for panels that are no roofs, all arrays of shape (planes,).

    Parameters
    ----------
    zone : ndarray of int64
        Position of the zone of the site; `NO_ZONE` for none.
    capacity_kwp : ndarray of float64
        NaN is not known. [kWp]
    annual_yield_kwh, annual_yield_low_kwh, annual_yield_high_kwh : ndarray of float64
        NaN is not known. [kWh]
    """

    zone: IntArray
    capacity_kwp: FloatArray
    annual_yield_kwh: FloatArray
    annual_yield_low_kwh: FloatArray
    annual_yield_high_kwh: FloatArray


@dataclass(frozen=True)
class PlaneFigures:
    """
    Figures per roof plane, all arrays of shape (planes,).

    Parameters
    ----------
    zone : ndarray of int64
        Position of the zone of the plane's building; `NO_ZONE` for none.
    roof_area_m2, usable_area_m2 : ndarray of float64
        Sloped surface, and the part where panels may stand. [m2]
    annual_irradiation_kwh_m2 : ndarray of float64
        Per m2 of sloped surface; NaN is not known. [kWh/m2]
    """

    zone: IntArray
    roof_area_m2: FloatArray
    usable_area_m2: FloatArray
    annual_irradiation_kwh_m2: FloatArray


@dataclass(frozen=True)
class DemandFigures:
    """
    Modelled demand per building, all arrays of shape (buildings,).

    Parameters
    ----------
    zone : ndarray of int64
        Position of the building's zone; `NO_ZONE` for none.
    consumption_kwh, consumption_low_kwh, consumption_high_kwh : ndarray of float64
        Central value and interval; NaN is not known. [kWh]
    common_low_kwh, common_high_kwh : ndarray of float64
        Ends of what a building shares with all others of its area: an open total, or a level that
        is itself an estimate. The central value where the total is exact. [kWh]
    connections : ndarray of float64
        Connections to the grid; NaN is not known. [count]
    estimated : ndarray of bool
        True where no published total stands behind the figure, or only a part of one.
    """

    zone: IntArray
    consumption_kwh: FloatArray
    consumption_low_kwh: FloatArray
    consumption_high_kwh: FloatArray
    common_low_kwh: FloatArray
    common_high_kwh: FloatArray
    connections: FloatArray
    estimated: BoolArray


def count_members(zone: IntArray, zones: int) -> FloatArray:
    """
    Count the members of each zone.

    Parameters
    ----------
    zone : ndarray of int64, shape (members,)
        Position of each member's zone; `NO_ZONE` for none.
    zones : int
        Number of zones.

    Returns
    -------
    ndarray of float64, shape (zones,)
        [count]
    """
    return np.bincount(zone[zone >= 0], minlength=zones).astype(np.float64)


def sum_known(values: FloatArray, zone: IntArray, zones: int) -> FloatArray:
    """
    Sum the known members of each zone: a lower bound when some are unknown.

    Parameters
    ----------
    values : ndarray of float64, shape (members,)
        NaN is not known.
    zone : ndarray of int64, shape (members,)
        Position of each member's zone; `NO_ZONE` for none.
    zones : int
        Number of zones.

    Returns
    -------
    ndarray of float64, shape (zones,)
        0 for a zone without members; NaN for a zone whose members are all unknown.

    Raises
    ------
    ShapeMismatchError
        If `values` and `zone` differ in shape.

    Examples
    --------
    >>> sum_known(np.array([1.0, np.nan, np.nan]), np.array([0, 0, 1]), 3)
    array([ 1., nan,  0.])
    """
    _same_shape(values, zone)
    inside = zone >= 0
    known = inside & ~np.isnan(values)
    total = np.bincount(zone[known], weights=values[known], minlength=zones)
    members = np.bincount(zone[inside], minlength=zones)
    known_members = np.bincount(zone[known], minlength=zones)
    return np.where((members > 0) & (known_members == 0), np.nan, total)


def sum_complete(values: FloatArray, zone: IntArray, zones: int) -> FloatArray:
    """
    Sum the members of each zone; NaN as soon as one is unknown.

    Parameters
    ----------
    values : ndarray of float64, shape (members,)
        NaN is not known.
    zone : ndarray of int64, shape (members,)
        Position of each member's zone; `NO_ZONE` for none.
    zones : int
        Number of zones.

    Returns
    -------
    ndarray of float64, shape (zones,)
        0 for a zone without members.

    Examples
    --------
    >>> sum_complete(np.array([1.0, np.nan, 2.0]), np.array([0, 0, 1]), 3)
    array([nan,  2.,  0.])
    """
    _same_shape(values, zone)
    inside = zone >= 0
    total = np.bincount(zone[inside], weights=values[inside], minlength=zones)
    return total.astype(np.float64)


def share(part: FloatArray, whole: FloatArray) -> FloatArray:
    """
    Divide, with NaN where the whole is 0 or either is unknown.

    Examples
    --------
    >>> share(np.array([1.0, 1.0]), np.array([4.0, 0.0]))
    array([0.25,  nan])
    """
    result = np.full(np.broadcast(part, whole).shape, np.nan)
    np.divide(part, whole, out=result, where=np.asarray(whole) > 0)
    return result


def known_share(flag: FloatArray, weight: FloatArray, zone: IntArray, zones: int) -> FloatArray:
    """
    Return the weighted share of members that carry a flag, over the members where it is known.

    Parameters
    ----------
    flag : ndarray of float64, shape (members,)
        1, 0, or NaN where it is not known.
    weight : ndarray of float64, shape (members,)
        >= 0; a NaN weight leaves the member out.
    zone : ndarray of int64, shape (members,)
        Position of each member's zone; `NO_ZONE` for none.
    zones : int
        Number of zones.

    Returns
    -------
    ndarray of float64, shape (zones,)
        From 0 to 1; NaN when less than half of the weight is known.
    """
    weight = np.where(np.isnan(weight), 0.0, weight)
    known = ~np.isnan(flag)
    total = sum_complete(weight, zone, zones)
    known_weight = sum_complete(np.where(known, weight, 0.0), zone, zones)
    flagged = sum_complete(np.where(known, flag * weight, 0.0), zone, zones)
    enough = known_weight >= _MIN_KNOWN * total
    return np.where(enough, np.minimum(share(flagged, known_weight), 1.0), np.nan)


def supply_indicators(
    buildings: BuildingFigures, planes: PlaneFigures, zones: int
) -> dict[str, FloatArray]:
    """
    Return the supply side of each zone.

    Parameters
    ----------
    buildings : BuildingFigures
        All buildings.
    planes : PlaneFigures
        All roof planes.
    zones : int
        Number of zones.

    Returns
    -------
    dict of str to ndarray of float64, shape (zones,)
        By indicator name; units as in the register.

    Notes
    -----
    Low and high yields are summed as they are: weather, losses and usable share move all roofs of
    a town the same way, so nothing averages out within a zone.
    """
    zone = buildings.zone
    names = ("capacity_kwp", "annual_yield_kwh", "annual_yield_low_kwh", "annual_yield_high_kwh")
    figures = {n: sum_known(getattr(buildings, n), zone, zones) for n in names}
    figures |= _panel_indicators(buildings, figures["capacity_kwp"], zones)
    figures["buildings"] = count_members(zone, zones)
    figures["dwellings"] = sum_known(buildings.dwellings, zone, zones)
    figures["apartment_share"] = known_share(
        buildings.apartments.astype(np.float64), buildings.dwellings, zone, zones
    )
    figures["heritage_share"] = known_share(buildings.heritage, buildings.capacity_kwp, zone, zones)
    figures["survey_mismatch_share"] = known_share(
        buildings.survey_mismatch.astype(np.float64), buildings.footprint_area_m2, zone, zones
    )
    return figures | _plane_indicators(planes, zones)


def unknown_panels_kwp(buildings: BuildingFigures, zones: int) -> FloatArray:
    """
    Return the capacity on roofs of which it is not known whether panels stand there.

    Parameters
    ----------
    buildings : BuildingFigures
        All buildings.
    zones : int
        Number of zones.

    Returns
    -------
    ndarray of float64, shape (zones,)
        [kWp]
    """
    capacity = np.nan_to_num(buildings.capacity_kwp)
    unknown = np.where(np.isnan(buildings.existing_kwp), capacity, 0.0)
    return sum_complete(unknown, buildings.zone, zones)


def _panel_indicators(
    buildings: BuildingFigures, capacity_kwp: FloatArray, zones: int
) -> dict[str, FloatArray]:
    existing = sum_known(buildings.existing_kwp, buildings.zone, zones)
    additional = sum_known(buildings.additional_kwp, buildings.zone, zones)
    known_kwp = capacity_kwp - unknown_panels_kwp(buildings, zones)
    enough = known_kwp >= MIN_KNOWN_PANELS * capacity_kwp
    low, high = _panel_interval(buildings, zones)
    energy = np.full(zones, np.nan)
    if buildings.panels is not None:
        energy = sum_known(buildings.panels.annual_yield_kwh, buildings.zone, zones)
    return {
        "existing_kwp": np.where(enough, existing, np.nan),
        "existing_low_kwp": np.where(enough, np.minimum(low, existing), np.nan),
        "existing_high_kwp": np.where(enough, np.maximum(high, existing), np.nan),
        "existing_annual_yield_kwh": np.where(enough, energy, np.nan),
        "additional_kwp": np.where(enough, additional, np.nan),
        "used_share": np.where(enough, np.minimum(share(existing, known_kwp), 1.0), np.nan),
    }


def _panel_interval(buildings: BuildingFigures, zones: int) -> tuple[FloatArray, FloatArray]:
    """
    Return the ends of the standing panels of each zone. [kWp].

    What an area's total leaves open moves all its buildings together and is added as it is. Which
    roofs carry the panels is a draw per building, from none to a whole installation, with the
    estimate as its mean: ``(value - low) (high - value)`` is the variance of such a draw, and the
    ends lie 1.645 standard deviations away (5 and 95 %).
    """
    value = buildings.existing_kwp
    open_to = buildings.panels
    if open_to is None:
        return (sum_known(value, buildings.zone, zones),) * 2
    variance = np.maximum((value - open_to.low_kwp) * (open_to.high_kwp - value), 0.0)
    width = _QUANTILE_95 * np.sqrt(sum_complete(np.nan_to_num(variance), buildings.zone, zones))
    ends = (open_to.common_low_kwp, open_to.common_high_kwp, open_to.low_kwp, open_to.high_kwp)
    low, high, least, most = (
        sum_known(np.where(np.isnan(value), np.nan, end), buildings.zone, zones) for end in ends
    )
    return np.maximum(low - width, least), np.minimum(high + width, np.maximum(most, high))


def site_indicators(sites: SiteFigures | None, zones: int) -> dict[str, FloatArray]:
    """
    Return what a zone's car parks, ground, water and noise barriers could add.

    Parameters
    ----------
    sites : SiteFigures or None
        None when the project names no sites.
    zones : int
        Number of zones.

    Returns
    -------
    dict of str to ndarray of float64, shape (zones,)
        ``site_capacity_kwp`` and ``site_yield_kwh`` with its low and high; NaN everywhere when no
        sites were given: then nobody looked. 0 where some were given and none lies in the zone.
    """
    names = {
        "site_capacity_kwp": "capacity_kwp",
        "site_yield_kwh": "annual_yield_kwh",
        "site_yield_low_kwh": "annual_yield_low_kwh",
        "site_yield_high_kwh": "annual_yield_high_kwh",
    }
    if sites is None:
        return {name: np.full(zones, np.nan) for name in names}
    return {
        name: sum_known(getattr(sites, source), sites.zone, zones) for name, source in names.items()
    }


def _plane_indicators(planes: PlaneFigures, zones: int) -> dict[str, FloatArray]:
    area = sum_known(planes.roof_area_m2, planes.zone, zones)
    usable = sum_known(planes.usable_area_m2, planes.zone, zones)
    lit = ~np.isnan(planes.annual_irradiation_kwh_m2) & ~np.isnan(planes.roof_area_m2)
    lit_area = np.where(lit, planes.roof_area_m2, 0.0)
    energy = np.where(lit, planes.annual_irradiation_kwh_m2 * planes.roof_area_m2, 0.0)
    return {
        "roof_area_m2": area,
        "usable_share": np.minimum(share(usable, area), 1.0),
        "mean_irradiation_kwh_m2": share(
            sum_complete(energy, planes.zone, zones), sum_complete(lit_area, planes.zone, zones)
        ),
    }


def demand_indicators(demand: DemandFigures, zones: int) -> dict[str, FloatArray]:
    """
    Return the demand side of each zone.

    Parameters
    ----------
    demand : DemandFigures
        All buildings.
    zones : int
        Number of zones.

    Returns
    -------
    dict of str to ndarray of float64, shape (zones,)
        By indicator name; units as in the register.

    Notes
    -----
    What the level leaves open moves all buildings together and is added up as it is; what is left
    of each building's interval is how its users differ from what is expected of them. That partly
    cancels between buildings and is added in quadrature.
    """
    zone = demand.zone
    total = sum_complete(demand.consumption_kwh, zone, zones)
    guessed = np.where(demand.estimated, demand.consumption_kwh, 0.0)
    figures = {
        "consumption_kwh": total,
        "connections": sum_complete(demand.connections, zone, zones),
        "estimated_demand_share": share(sum_complete(guessed, zone, zones), total),
    }
    for name, end, common, sign in (
        ("consumption_low_kwh", demand.consumption_low_kwh, demand.common_low_kwh, -1.0),
        ("consumption_high_kwh", demand.consumption_high_kwh, demand.common_high_kwh, 1.0),
    ):
        spread = np.maximum(sign * (end - common), 0.0)
        width = np.sqrt(sum_complete(spread**2, zone, zones))
        figures[name] = np.maximum(sum_complete(common, zone, zones) + sign * width, 0.0)
    return figures


def scaled_interval(
    central: FloatArray, reference: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """
    Carry an interval around `reference` over to `central`, keeping its relative width.

    Parameters
    ----------
    central, reference, low, high : ndarray of float64, shape (zones,)
        All in the same unit; NaN where not known.

    Returns
    -------
    low, high : ndarray of float64, shape (zones,)
        Around `central`; never beyond it on the wrong side.
    """
    down = np.minimum(share(low, reference), 1.0)
    up = np.maximum(share(high, reference), 1.0)
    return central * down, central * up


def derived_indicators(figures: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """
    Return the ratios that follow from other figures of the same zone.

    Parameters
    ----------
    figures : mapping of str to ndarray of float64, shape (zones,)
        At least yield, consumption and the own and pooled self-consumption.

    Returns
    -------
    dict of str to ndarray of float64, shape (zones,)
        ``sharing_gain``, ``surplus_share``, ``yield_demand_ratio``.
    """
    pooled = figures["self_consumption_pooled"]
    return {
        "sharing_gain": pooled - figures["self_consumption"],
        "surplus_share": 1.0 - pooled,
        "yield_demand_ratio": share(figures["annual_yield_kwh"], figures["consumption_kwh"]),
    }


def _same_shape(values: FloatArray, zone: IntArray) -> None:
    if values.shape != zone.shape:
        raise ShapeMismatchError("values per member", values.shape, zone.shape)
