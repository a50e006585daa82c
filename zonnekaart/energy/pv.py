"""From roof planes to panels: what fits, how it stands, what it yields, and how sure that is.

All reduction factors come from a `Preset`; nothing here has a default of its own, because the
factors decide the answer more than the irradiation does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from zonnekaart.errors import InputError, ShapeMismatchError

if TYPE_CHECKING:
    import numpy.typing as npt

    from zonnekaart.energy.panels import ModuleType

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

OBLIQUITY_DEG = 23.44
"""Tilt of the Earth's axis: the noon sun of the winter solstice stands this far below the equator.
[degrees]"""
LEAST_ROW_SUN_DEG = 5.0
"""Rows are never spaced for a lower sun: near the polar circle they would be endless. [degrees]"""
SUITABILITY = ("unsuitable", "limited", "usable", "ideal")
MOUNTINGS = ("flush", "rack_south", "rack_east_west")
Mounting = Literal["flush", "rack_south", "rack_east_west"]


@dataclass(frozen=True)
class Factor:
    """
    A number with its range and where it comes from.

    Parameters
    ----------
    value, low, high : float
        Central value and the bounds it may take.
    source : str
        Publication, page or stated assumption.
    """

    value: float
    low: float
    high: float
    source: str


@dataclass(frozen=True)
class Cuts:
    """
    When a plane counts.

    Parameters
    ----------
    basis : {"kwh_m2", "share_of_best"}
        Unit of the bounds: annual irradiation, or its share of the best unshaded plane's.
    on : {"roof", "module"}
        Which surface's irradiation is judged.
    limited, usable, ideal : float
        Lower bounds of the classes; below the first a plane is unsuitable.
    counted : str
        The lowest class that gets panels.
    min_area_m2 : float
        Smallest roof area of a plane. [m2]
    max_tilt_deg : float
        Steepest plane. [degrees]
    min_unshaded_share : float
        Least share of what the same plane would get without shade. [-]
    polar_sector_deg : float
        Half width of the sector about the pole-facing direction in which tilted planes do not
        count; 0 leaves none out. [degrees]
    """

    basis: Literal["kwh_m2", "share_of_best"]
    on: Literal["roof", "module"]
    limited: float
    usable: float
    ideal: float
    counted: str
    min_area_m2: float
    max_tilt_deg: float
    min_unshaded_share: float
    polar_sector_deg: float


@dataclass(frozen=True)
class Layout:
    """
    How panels are laid.

    Parameters
    ----------
    edge_tilted_m, edge_flat_m : Factor
        Strip along the plane's edges without panels. [m]
    obstructed : Factor
        Share of the rest taken by what the heights do not show (skylights, vents). [-]
    packing_tilted, packing_flat : Factor
        Share of what is left that whole panels and their paths cover. [-]
    flat_below_deg : float
        Planes below this tilt get `flat_mounting`. [degrees]
    flat_mounting : {"flush", "rack_south", "rack_east_west"}
        How panels stand on flat roofs.
    rack_south_tilt_deg, rack_east_west_tilt_deg : float
        Tilt of the panels on racks. [degrees]
    east_west_gap_share : float
        Gap between two east-west tents, as share of a panel's length. [-]
    rack_alignment : {"building", "south"}
        Rows parallel to the walls and nearest to the wanted direction, or exactly in it.
    field_m, path_m : float
        Largest side of a field of racks, 0 for no limit, and the path between two. [m]
    """

    edge_tilted_m: Factor
    edge_flat_m: Factor
    obstructed: Factor
    packing_tilted: Factor
    packing_flat: Factor
    flat_below_deg: float
    flat_mounting: Mounting
    rack_south_tilt_deg: float
    rack_east_west_tilt_deg: float
    east_west_gap_share: float
    rack_alignment: Literal["building", "south"]
    field_m: float
    path_m: float


@dataclass(frozen=True)
class Preset:
    """
    A named, versioned set of all reduction factors.

    Parameters
    ----------
    id, version : str
        What it is called in the project file, and which edition this is.
    title, note : dict of str
        Name and explanation in nl, fr, en.
    cuts : Cuts
        When a plane counts.
    layout : Layout
        How panels are laid.
    method : {"modules", "share"}
        Whole modules on each plane, or an area times the shares of `layout`.
    module : ModuleType
        What is laid with the method "modules".
    module_density : Factor
        DC power at standard test conditions per m2 of panel. [kWp/m2]
    losses : dict of Factor
        The loss chain in its order; each is a share lost of what the step before left. [-]
    irradiation_spread : Factor
        Relative bounds of the irradiation; `value` is 0. [-]
    sources : dict of str
        Where the cuts come from, by key.
    """

    id: str
    version: str
    title: dict[str, str]
    note: dict[str, str]
    cuts: Cuts
    layout: Layout
    method: Literal["modules", "share"]
    module: ModuleType
    module_density: Factor
    losses: dict[str, Factor]
    irradiation_spread: Factor
    sources: dict[str, str]


@dataclass(frozen=True)
class Modules:
    """
    How the panels of each plane stand, shape (planes,).

    Parameters
    ----------
    mounting : ndarray of int64
        Index into `MOUNTINGS`.
    tilt_deg, azimuth_deg : ndarray of float64
        Of the panels; for east-west racks the azimuth of one half, the other faces away from it.
        Azimuth is NaN for horizontal panels. [degrees]
    ground_cover : ndarray of float64
        Panel area per area of roof surface covered by the field. [-]
    """

    mounting: IntArray
    tilt_deg: FloatArray
    azimuth_deg: FloatArray
    ground_cover: FloatArray


def row_sun_deg(latitude_deg: float) -> float:
    """
    Return the sun's elevation that rows are spaced for: noon of the winter solstice.

    Parameters
    ----------
    latitude_deg : float
        Of the place, north positive. [degrees]

    Returns
    -------
    float
        At least `LEAST_ROW_SUN_DEG`. [degrees]

    Examples
    --------
    >>> round(row_sun_deg(50.9), 2)
    15.66
    """
    return max(90.0 - abs(latitude_deg) - OBLIQUITY_DEG, LEAST_ROW_SUN_DEG)


def ground_cover_south(tilt_deg: float, sun_deg: float) -> float:
    """
    Return panel area per roof area for rows that do not shade each other at a sun elevation.

    Parameters
    ----------
    tilt_deg : float
        Tilt of the panels, 0-90. [degrees]
    sun_deg : float
        Elevation of the sun at right angles to the rows, above 0. [degrees]

    Returns
    -------
    float
        ``1 / (cos(tilt) + sin(tilt) / tan(sun))``, at most 1. [-]

    Examples
    --------
    >>> round(ground_cover_south(15.0, 15.66), 3)
    0.529
    """
    tilt, sun = math.radians(tilt_deg), math.radians(sun_deg)
    return min(1.0 / (math.cos(tilt) + math.sin(tilt) / math.tan(sun)), 1.0)


def ground_cover_east_west(tilt_deg: float, gap_share: float) -> float:
    """
    Return panel area per roof area for back-to-back rows with a gap between the tents.

    Parameters
    ----------
    tilt_deg : float
        Tilt of the panels. [degrees]
    gap_share : float
        Gap as share of a panel's length. [-]

    Examples
    --------
    >>> round(ground_cover_east_west(10.0, 0.2), 3)
    0.922
    """
    return min(2.0 / (2.0 * math.cos(math.radians(tilt_deg)) + gap_share), 1.0)


def rack_wish_deg(layout: Layout, latitude_deg: float) -> float:
    """Return where racks should face: the equator, or east for one half of a tent. [degrees]."""
    if layout.flat_mounting == "rack_east_west":
        return 90.0
    return 180.0 if latitude_deg >= 0 else 0.0


def modules_on(
    tilt_deg: FloatArray,
    azimuth_deg: FloatArray,
    layout: Layout,
    latitude_deg: float,
    rows_facing_deg: FloatArray | None = None,
) -> Modules:
    """
    Say how panels stand on each plane.

    Parameters
    ----------
    tilt_deg, azimuth_deg : ndarray of float64, shape (planes,)
        Of the planes; azimuth 0 = north, clockwise, NaN when flat. [degrees]
    layout : Layout
        From the preset.
    latitude_deg : float
        North positive; racks face the equator. [degrees]
    rows_facing_deg : ndarray of float64, shape (planes,), optional
        Where the rows of each plane really face when they follow the walls; exactly
        `rack_wish_deg` when not given. [degrees]
    """
    if tilt_deg.shape != azimuth_deg.shape:
        raise ShapeMismatchError("azimuth_deg", azimuth_deg.shape, tilt_deg.shape)
    flat = tilt_deg < layout.flat_below_deg
    racked = layout.flat_mounting
    if racked == "rack_south":
        stand = layout.rack_south_tilt_deg
        cover = ground_cover_south(stand, row_sun_deg(latitude_deg))
    elif racked == "rack_east_west":
        stand = layout.rack_east_west_tilt_deg
        cover = ground_cover_east_west(stand, layout.east_west_gap_share)
    else:
        stand, cover = 0.0, 1.0
    wish = np.full(tilt_deg.shape, rack_wish_deg(layout, latitude_deg))
    facing = wish if rows_facing_deg is None else rows_facing_deg
    use_rack = flat & (racked != "flush")
    return Modules(
        mounting=np.where(use_rack, MOUNTINGS.index(racked), 0).astype(np.int64),
        tilt_deg=np.where(use_rack, stand, tilt_deg),
        azimuth_deg=np.where(use_rack, facing, azimuth_deg),
        ground_cover=np.where(use_rack, cover, 1.0),
    )


def row_horizon_deg(
    layout: Layout, latitude_deg: float, directions: int, facing_deg: FloatArray
) -> FloatArray:
    """
    Return the horizon that the next row makes at the middle of a racked panel.

    Parameters
    ----------
    layout : Layout
        From the preset; "flush" gives a free horizon.
    latitude_deg : float
        North positive. [degrees]
    directions : int
        Sectors; sector k is centred on azimuth k * 360 / directions.
    facing_deg : ndarray of float64, shape (planes,)
        Where the panels face. [degrees]

    Returns
    -------
    ndarray of float64, shape (planes, directions)
        Elevation of the row in front; rows are taken as endless, so the tangent falls with the
        cosine of the angle to the row's normal. NaN where the panels face nowhere. [degrees]
    """
    azimuth = np.arange(directions) * 360.0 / directions
    if layout.flat_mounting == "flush":
        return np.zeros((len(facing_deg), directions))
    if layout.flat_mounting == "rack_south":
        tilt = math.radians(layout.rack_south_tilt_deg)
        cover = ground_cover_south(layout.rack_south_tilt_deg, row_sun_deg(latitude_deg))
        distance = 1.0 / cover - math.cos(tilt) / 2.0
    else:
        tilt = math.radians(layout.rack_east_west_tilt_deg)
        # From the middle of a panel over the gap and the whole next panel to its ridge.
        distance = 1.5 * math.cos(tilt) + layout.east_west_gap_share
    tangent = (math.sin(tilt) / 2.0) / distance
    toward = np.cos(np.radians(azimuth[None, :] - facing_deg[:, None]))
    horizon: FloatArray = np.degrees(np.arctan(tangent * np.maximum(toward, 0.0)))
    return horizon


def suitability(judged: FloatArray, best_kwh_m2: float, cuts: Cuts) -> IntArray:
    """
    Return the class of each plane from its irradiation alone.

    Parameters
    ----------
    judged : ndarray of float64, shape (planes,)
        Annual irradiation of the surface that `cuts.on` names; NaN is unknown. [kWh/m2]
    best_kwh_m2 : float
        Annual irradiation of the best unshaded plane under the same sky. [kWh/m2]
    cuts : Cuts
        From the preset.

    Returns
    -------
    ndarray of int64, shape (planes,)
        Index into `SUITABILITY`; unknown irradiation gives 0.
    """
    scale = 1.0 if cuts.basis == "kwh_m2" else best_kwh_m2
    bounds = np.array([cuts.limited, cuts.usable, cuts.ideal]) * scale
    known = np.where(np.isnan(judged), -np.inf, judged)
    return np.searchsorted(bounds, known, side="right").astype(np.int64)


@dataclass(frozen=True)
class PlaneFacts:
    """What the cuts look at besides irradiation, each of shape (planes,)."""

    roof_area_m2: FloatArray
    tilt_deg: FloatArray
    azimuth_deg: FloatArray
    unshaded_share: FloatArray


def fails(facts: PlaneFacts, cuts: Cuts, latitude_deg: float) -> dict[str, npt.NDArray[np.bool_]]:
    """
    Return for each geometric cut which planes fail it.

    Parameters
    ----------
    facts : PlaneFacts
        Areas in m2, angles in degrees, share of the unshaded irradiation.
    cuts : Cuts
        From the preset.
    latitude_deg : float
        North positive: tells which way the pole is. [degrees]

    Returns
    -------
    dict of ndarray of bool, shape (planes,)
        Keys ``too_small``, ``too_steep``, ``shaded``, ``faces_pole``.
    """
    pole = 0.0 if latitude_deg >= 0 else 180.0
    away = np.abs((facts.azimuth_deg - pole + 180.0) % 360.0 - 180.0)
    return {
        "too_small": facts.roof_area_m2 < cuts.min_area_m2,
        "too_steep": facts.tilt_deg > cuts.max_tilt_deg,
        "shaded": facts.unshaded_share < cuts.min_unshaded_share,
        # A comparison with the NaN azimuth of a flat plane is False: flat planes face nowhere.
        "faces_pole": away < cuts.polar_sector_deg,
    }


def usable_area_m2(inner_area_m2: FloatArray, modules: Modules, layout: Layout) -> FloatArray:
    """
    Return the panel area that fits on each plane.

    Parameters
    ----------
    inner_area_m2 : ndarray of float64, shape (planes,)
        Roof surface inside the edge strip, on the slope. [m2]
    modules : Modules
        How panels stand.
    layout : Layout
        From the preset.

    Returns
    -------
    ndarray of float64, shape (planes,)
        ``inner × (1 − obstructed) × packing × ground cover``. [m2]
    """
    if inner_area_m2.shape != modules.ground_cover.shape:
        raise ShapeMismatchError("inner_area_m2", inner_area_m2.shape, modules.ground_cover.shape)
    racked = modules.mounting > 0
    packing = np.where(racked, layout.packing_flat.value, layout.packing_tilted.value)
    free = 1.0 - layout.obstructed.value
    return inner_area_m2 * free * packing * modules.ground_cover


def laid_area_m2(count: FloatArray, module: ModuleType, layout: Layout) -> FloatArray:
    """
    Return the module area to expect of whole modules that fit by the heights.

    Parameters
    ----------
    count : ndarray of float64, shape (planes,)
        Modules that fit.
    module : ModuleType
        Its size.
    layout : Layout
        Its ``obstructed`` is the share of them that what the heights do not show will cost.

    Returns
    -------
    ndarray of float64, shape (planes,)
        ``count × area × (1 − obstructed)``; an expectation, so no multiple of a module. [m2]
    """
    return count * (module.area_m2 * (1.0 - layout.obstructed.value))


def performance(losses: dict[str, Factor]) -> float:
    """
    Return what the loss chain leaves: the product of one minus each loss.

    Examples
    --------
    >>> chain = {"soiling": Factor(0.02, 0.0, 0.05, "-"), "inverter": Factor(0.04, 0.02, 0.05, "-")}
    >>> round(performance(chain), 4)
    0.9408
    """
    return math.prod(1.0 - loss.value for loss in losses.values())


def annual_yield_kwh(
    capacity_kwp: FloatArray, irradiation_kwh_m2: FloatArray, losses: dict[str, Factor]
) -> FloatArray:
    """
    Return the AC energy of a year.

    Parameters
    ----------
    capacity_kwp : ndarray of float64, shape (planes,)
        DC nameplate; defined at 1 kW/m2, which is why no area enters. [kWp]
    irradiation_kwh_m2 : ndarray of float64, shape (planes,)
        Annual irradiation in the plane of the panels. [kWh/m2]
    losses : dict of Factor
        The loss chain.

    Returns
    -------
    ndarray of float64, shape (planes,)
        [kWh]; NaN where the irradiation is unknown and panels stand, 0 without panels.
    """
    if capacity_kwp.shape != irradiation_kwh_m2.shape:
        raise ShapeMismatchError("irradiation_kwh_m2", irradiation_kwh_m2.shape, capacity_kwp.shape)
    energy = capacity_kwp * irradiation_kwh_m2 * performance(losses)
    return np.where(capacity_kwp == 0.0, 0.0, energy)


def yield_bounds(
    preset: Preset,
    *,
    racked: bool,
    light: tuple[FloatArray, FloatArray] | None = None,
    fit: tuple[FloatArray, FloatArray] | None = None,
) -> tuple[FloatArray, FloatArray]:
    """
    Return the relative low and high of a yield.

    Parameters
    ----------
    preset : Preset
        With a range for each factor.
    racked : bool
        Whether the planes are flat roofs with racks.
    light : tuple of ndarray of float64, shape (planes,), optional
        Lowest and highest year over the central year's irradiation, each 1 where they are the
        same; the preset's own spread when there is one weather year only. [-]
    fit : tuple of ndarray of float64, shape (planes,), optional
        Modules that fit with the widest and the narrowest edge strip over the central count;
        the preset's packing when panels are a share of the area. [-]

    Returns
    -------
    tuple of ndarray of float64, shape (planes,) or ()
        Factors on the central yield, such as ``(0.74, 1.21)``. [-]

    Notes
    -----
    Each factor's relative effect on the yield, down and up, is added in quadrature: the factors
    are taken as independent. Irradiation, usable share (obstructed, packing) and losses enter;
    the module density does not, as it is a choice of the installer, nor does the edge strip when
    panels are a share of the area.
    """
    layout = preset.layout
    packing = layout.packing_flat if racked else layout.packing_tilted
    free = 1.0 - layout.obstructed.value
    down = [(layout.obstructed.value - layout.obstructed.high) / free]
    up = [(layout.obstructed.value - layout.obstructed.low) / free]
    if fit is None:
        fit = (np.asarray(packing.low / packing.value), np.asarray(packing.high / packing.value))
    for loss in preset.losses.values():
        down.append((loss.value - loss.high) / (1.0 - loss.value))
        up.append((loss.value - loss.low) / (1.0 - loss.value))
    spread = preset.irradiation_spread
    low, high = (1.0 + spread.low, 1.0 + spread.high) if light is None else light
    below = np.hypot(np.hypot(math.hypot(*down), fit[0] - 1.0), np.asarray(low) - 1.0)
    above = np.hypot(np.hypot(math.hypot(*up), fit[1] - 1.0), np.asarray(high) - 1.0)
    return np.maximum(1.0 - below, 0.0), np.asarray(1.0 + above)


def checked(factor: Factor, subject: str, lower: float, upper: float) -> Factor:
    """
    Return a factor whose numbers lie in order and within bounds.

    Raises
    ------
    InputError
        If low, value and high are out of order or outside the bounds.
    """
    if not lower <= factor.low <= factor.value <= factor.high <= upper:
        raise InputError(
            subject,
            f"low {factor.low}, value {factor.value}, high {factor.high}",
            f"{lower} <= low <= value <= high <= {upper}",
            "correct the preset; shares run from 0 to 1",
        )
    return factor
