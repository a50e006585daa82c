"""What a cadastre leaves open: conventions brought to ours, and assumptions with their spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    BoolArray = npt.NDArray[np.bool_]

FLAT_BELOW_DEG = 5.0
"""Planes below this tilt face nowhere, as in roofs from heights. [degrees]"""
ASSUMED_TILT_DEG = 30.0
"""Tilt of panels on a roof of unknown tilt, for the course of the day only; own assumption.
[degrees]"""
ASSUMED_TURNS_DEG = (-90.0, 0.0, 90.0)
"""Where an unknown roof faces, from the equator's side: a third of its yield each, so that no
midday peak is made up; own assumption. [degrees]"""
CADASTRE_SPREAD = 0.10
"""Relative spread of another maker's figure. Of all cadastres only Mapdwell tells its distance to
measured yields: 4-10 % (https://news.mit.edu/2012/new-interactive-map-assesses-solar-power-
potential-of-cambridge-1003). [-]"""
MOUNTING_SPREAD = 0.10
"""Further spread where the tilt is unknown: flat roofs carry racks, with less or more panel area
than a roof that panels lie on; own assumption. [-]"""
SLOPE_SPREAD = 0.22
"""How much larger a roof of 35 degrees is than its plan: 1 / cos(35) - 1. [-]"""


def clockwise_from_north(
    azimuth_deg: FloatArray, zero: Literal["north", "south"] | None
) -> FloatArray:
    """
    Return azimuths with 0 = north, clockwise, in [0, 360).

    Parameters
    ----------
    azimuth_deg : ndarray of float64
        Clockwise from `zero`; NaN is unknown or flat. [degrees]
    zero : {"north", "south"}, optional
        Direction that 0 stands for; north when None.

    Examples
    --------
    >>> clockwise_from_north(np.array([0.0, -90.0, 90.0]), "south")
    array([180.,  90., 270.])
    """
    return np.asarray((azimuth_deg + (180.0 if zero == "south" else 0.0)) % 360.0)


def irradiation_of_slope(
    per_m2: FloatArray,
    tilt_deg: FloatArray,
    surface: Literal["sloped", "horizontal_projection"],
) -> FloatArray:
    """
    Return irradiation per m2 of sloped surface.

    Parameters
    ----------
    per_m2 : ndarray of float64, shape (planes,) or (planes, periods)
        As the cadastre tells it. [kWh/m2]
    tilt_deg : ndarray of float64, shape (planes,)
        NaN is unknown: the value then stays per m2 in plan. [degrees]
    surface : {"sloped", "horizontal_projection"}
        What the cadastre divides by.

    Examples
    --------
    >>> both = np.array([1000.0, 1000.0]), np.array([60.0, np.nan])
    >>> irradiation_of_slope(*both, "horizontal_projection").round(6)
    array([ 500., 1000.])
    """
    if surface == "sloped":
        return per_m2
    share = np.where(np.isnan(tilt_deg), 1.0, np.cos(np.radians(tilt_deg)))
    return np.asarray(per_m2 * (share if per_m2.ndim == 1 else share[:, None]))


def faces_nowhere_known(tilt_deg: FloatArray, azimuth_deg: FloatArray) -> BoolArray:
    """
    Tell which planes face a direction that is not known; flat planes face none.

    Examples
    --------
    >>> faces_nowhere_known(np.array([2.0, 40.0, np.nan]), np.full(3, np.nan)).tolist()
    [False, True, True]
    """
    return np.asarray(np.isnan(azimuth_deg) & ~(tilt_deg < FLAT_BELOW_DEG))


def assumed_sides(
    tilt_deg: FloatArray, azimuth_deg: FloatArray, equator_deg: float
) -> tuple[FloatArray, FloatArray]:
    """
    Return the planes that stand for each plane in a time series, shape (planes, 3).

    Parameters
    ----------
    tilt_deg, azimuth_deg : ndarray of float64, shape (planes,)
        Of the panels; NaN is unknown. [degrees]
    equator_deg : float
        Azimuth of the noon sun: 180 in the north. [degrees]

    Returns
    -------
    tuple of ndarray of float64, shape (planes, 3)
        Tilt and azimuth; three times the same where both are known.
    """
    turns = np.asarray(ASSUMED_TURNS_DEG)
    unknown = faces_nowhere_known(tilt_deg, azimuth_deg)
    tilt = np.where(np.isnan(tilt_deg), ASSUMED_TILT_DEG, tilt_deg)
    sides = (equator_deg + turns) % 360.0
    azimuth = np.where(unknown[:, None], sides, azimuth_deg[:, None])
    return np.repeat(tilt[:, None], len(turns), axis=1), azimuth


@dataclass(frozen=True)
class Open:
    """
    What is open about each plane of a cadastre, each of shape (planes,).

    Parameters
    ----------
    mounting : ndarray of bool
        The tilt is unknown.
    slope : ndarray of bool
        The area is that of the plan because the tilt is unknown, and decides the yield.
    derived_low, derived_high : ndarray of float64
        Worst and best plane over the assumed one, less one; 0 where nothing is assumed. [-]
    """

    mounting: BoolArray
    slope: BoolArray
    derived_low: FloatArray
    derived_high: FloatArray


def widened(low: FloatArray, high: FloatArray, still_open: Open) -> tuple[FloatArray, FloatArray]:
    """
    Widen the bounds of yields by what a cadastre leaves open.

    Parameters
    ----------
    low, high : ndarray of float64, shape (planes,)
        Over the central yield, from the preset. [-]
    still_open : Open
        What is not known.

    Notes
    -----
    Effects are taken as independent and added in quadrature.
    """
    mounting = np.where(still_open.mounting, MOUNTING_SPREAD, 0.0)
    slope = np.where(still_open.slope, SLOPE_SPREAD, 0.0)
    down = [1.0 - low, np.full_like(low, CADASTRE_SPREAD), mounting, still_open.derived_low]
    up = [high - 1.0, np.full_like(high, CADASTRE_SPREAD), mounting, slope, still_open.derived_high]
    below, above = (np.sqrt(np.sum(np.square(parts), axis=0)) for parts in (down, up))
    return np.maximum(1.0 - below, 0.0), np.asarray(1.0 + above)
