"""Installed panels of an area placed on its buildings, within what each can carry."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zonnekaart.errors import InputError, ShapeMismatchError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class PanelStock:
    """
    Buildings that may carry installed panels; all arrays have shape (buildings,).

    Parameters
    ----------
    area : ndarray of int64
        Number of the area; -1 for a building in none.
    own_kwp : ndarray of float64
        Installed power that is known of the building itself; NaN when it is not. [kWp]
    weight : ndarray of float64
        How much power to expect, relative to the others; >= 0, any unit.
    most_kwp : ndarray of float64
        The most the building can carry, >= 0. [kWp]
    """

    area: IntArray
    own_kwp: FloatArray
    weight: FloatArray
    most_kwp: FloatArray


@dataclass(frozen=True)
class Installed:
    """
    One published total per area, placed.

    Parameters
    ----------
    kwp : ndarray of float64, shape (buildings,)
        Expected installed power; NaN where no total speaks, or the building has its own. [kWp]
    own_kwp, spread_kwp : ndarray of float64, shape (areas,)
        What the buildings' own figures hold, and what was placed; NaN without a total. [kWp]
    residual_kwp : ndarray of float64, shape (areas,)
        Total less both: above 0 no roof could carry it, below 0 the buildings' own figures exceed
        the total; NaN without a total. [kWp]
    """

    kwp: FloatArray
    own_kwp: FloatArray
    spread_kwp: FloatArray
    residual_kwp: FloatArray


def placed_power(total_kwp: float, weight: FloatArray, most_kwp: FloatArray) -> FloatArray:
    """
    Divide a total in proportion to weights, no part above its maximum.

    Parameters
    ----------
    total_kwp : float
        What is to be placed, >= 0. [kWp]
    weight : ndarray of float64, shape (buildings,)
        Relative sizes, >= 0; a part without weight gets nothing.
    most_kwp : ndarray of float64, shape (buildings,)
        Largest part, >= 0. [kWp]

    Returns
    -------
    ndarray of float64, shape (buildings,)
        ``min(level * weight, most)`` with one level for all, so that the parts sum to the total
        within its last digits, or to all that fits when that is less. [kWp]

    Raises
    ------
    ShapeMismatchError, InputError
        If the shapes differ, or a number is negative or unknown.

    Notes
    -----
    The level is found exactly by sorting the parts by where they meet their maximum; there is no
    iteration, and the order of the buildings does not matter.

    Examples
    --------
    >>> placed_power(10.0, np.array([1.0, 1.0, 2.0]), np.array([1.0, 9.0, 9.0]))
    array([1., 3., 6.])
    """
    if weight.shape != most_kwp.shape:
        raise ShapeMismatchError("weight", weight.shape, most_kwp.shape)
    # A comparison with NaN is False, so unknown numbers are refused too.
    if not (total_kwp >= 0.0 and (weight >= 0.0).all() and (most_kwp >= 0.0).all()):
        raise InputError(
            "installed power",
            "a total, weight or maximum that is negative or unknown",
            "numbers from 0",
            "leave unknown areas out",
        )
    parts = np.zeros_like(most_kwp)
    able = np.flatnonzero((weight > 0.0) & (most_kwp > 0.0))
    if total_kwp >= math.fsum(most_kwp[able]):
        parts[able] = most_kwp[able]
        return parts
    with np.errstate(over="ignore"):
        full_at = most_kwp[able] / weight[able]
    order = np.argsort(full_at, kind="stable")
    able, full_at = able[order], full_at[order]
    before = np.concatenate([[0.0], np.cumsum(most_kwp[able])[:-1]])
    open_weight = np.cumsum(weight[able][::-1])[::-1]
    level = np.maximum(total_kwp - before, 0.0) / open_weight
    first = int(np.argmax(level <= full_at)) if (level <= full_at).any() else len(able) - 1
    parts[able] = np.minimum(level[first] * weight[able], most_kwp[able])
    room = most_kwp - parts
    widest = int(np.argmax(np.where(weight > 0.0, room, -1.0)))
    missing = total_kwp - math.fsum(parts)
    parts[widest] = min(max(parts[widest] + missing, 0.0), most_kwp[widest])
    return parts


def spread_installed(stock: PanelStock, member: BoolArray, total_kwp: FloatArray) -> Installed:
    """
    Place the total of each area on its buildings, after what is known of single buildings.

    Parameters
    ----------
    stock : PanelStock
        All buildings.
    member : ndarray of bool, shape (buildings,)
        Buildings that the totals speak of, such as homes.
    total_kwp : ndarray of float64, shape (areas,)
        Installed power in the part of each area that the buildings cover; NaN is unknown. [kWp]
    """
    if member.shape != stock.area.shape:
        raise ShapeMismatchError("member", member.shape, stock.area.shape)
    kwp = np.full(len(member), np.nan)
    own, spread = np.full_like(total_kwp, np.nan), np.full_like(total_kwp, np.nan)
    for number in np.flatnonzero(~np.isnan(total_kwp)):
        inside = member & (stock.area == number)
        known = stock.own_kwp[inside & ~np.isnan(stock.own_kwp)]
        rest = np.flatnonzero(inside & np.isnan(stock.own_kwp))
        own[number] = math.fsum(known)
        left = max(float(total_kwp[number]) - own[number], 0.0)
        kwp[rest] = placed_power(left, stock.weight[rest], stock.most_kwp[rest])
        spread[number] = math.fsum(kwp[rest])
    return Installed(kwp, own, spread, total_kwp - own - spread)


def existing_annual_yield_kwh(
    existing_kwp: FloatArray, capacity_kwp: FloatArray, annual_yield_kwh: FloatArray
) -> FloatArray:
    """
    Return the yearly yield of the panels that stand there.

    Parameters
    ----------
    existing_kwp : ndarray of float64, shape (buildings,)
        NaN is unknown. [kWp]
    capacity_kwp, annual_yield_kwh : ndarray of float64, shape (buildings,)
        Full potential and its yield; NaN is unknown. [kWp], [kWh]

    Returns
    -------
    ndarray of float64, shape (buildings,)
        At the building's own yield per kWp, or at the mean of all where it has none; NaN where
        the panels are unknown, or nothing is known of any yield. [kWh]

    Examples
    --------
    >>> kwp, most, energy = np.array([1.0, 2.0]), np.array([4.0, 0.0]), np.array([3600.0, 0.0])
    >>> existing_annual_yield_kwh(kwp, most, energy)
    array([ 900., 1800.])
    """
    known = (capacity_kwp > 0.0) & ~np.isnan(annual_yield_kwh)
    whole = capacity_kwp[known].sum()
    mean = annual_yield_kwh[known].sum() / whole if whole > 0.0 else np.nan
    specific = np.full_like(capacity_kwp, mean)
    np.divide(annual_yield_kwh, capacity_kwp, out=specific, where=known)
    return np.where(existing_kwp == 0.0, 0.0, existing_kwp * specific)
