"""Which buildings a duty to place panels probably falls on, and how much power it asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class DutyTerms:
    """
    Terms of duties on one day, arrays of shape (duties,).

    Parameters
    ----------
    threshold_kwh : ndarray of float64
        Yearly offtake of a connection from which a duty holds. [kWh]
    wp_per_m2 : ndarray of float64
        Peak power asked per m2 of horizontal roof. [Wp/m2]
    """

    threshold_kwh: FloatArray
    wp_per_m2: FloatArray


def asked_kwp(footprint_area_m2: FloatArray, wp_per_m2: FloatArray | float) -> FloatArray:
    """
    Return the power a duty asks of a roof, from its horizontal area.

    Examples
    --------
    >>> asked_kwp(np.array([2000.0]), 12.5)
    array([25.])
    """
    return footprint_area_m2 * wp_per_m2 / 1000.0


def obliged(
    terms: DutyTerms,
    concerns: BoolArray,
    offtake_kwh: FloatArray,
    footprint_area_m2: FloatArray,
) -> tuple[BoolArray, FloatArray]:
    """
    Apply duties to buildings by their modelled offtake per connection.

    Parameters
    ----------
    terms : DutyTerms
        Of each duty.
    concerns : ndarray of bool, shape (duties, buildings)
        True where a duty speaks of such a building: its owner and use.
    offtake_kwh : ndarray of float64, shape (buildings,)
        Per connection; NaN is not known. [kWh]
    footprint_area_m2 : ndarray of float64, shape (buildings,)
        Horizontal roof area. [m2]

    Returns
    -------
    holds : ndarray of bool, shape (duties, buildings)
        True where a duty probably holds; False also where the offtake is not known.
    kwp : ndarray of float64, shape (buildings,)
        Power asked: the most of the duties that hold, 0 where none does, NaN where a duty speaks
        of the building and its offtake is not known. [kWp]

    Notes
    -----
    A duty holds *above* its threshold. It falls on a connection point, and several buildings may
    share one: the figure is an estimate per building, never a finding about an owner.
    """
    known = ~np.isnan(offtake_kwh)
    over = known[None, :] & (np.nan_to_num(offtake_kwh)[None, :] > terms.threshold_kwh[:, None])
    holds = concerns & over
    asked = asked_kwp(footprint_area_m2[None, :], terms.wp_per_m2[:, None])
    kwp = np.where(holds, asked, 0.0).max(axis=0, initial=0.0)
    return holds, np.where(concerns.any(axis=0) & ~known, np.nan, kwp)


def shown_total_kwp(
    kwp: FloatArray, candidates: BoolArray, least_members: int, largest_share: float
) -> float:
    """
    Return the power asked of a zone's obliged buildings, only where it tells of none of them.

    Parameters
    ----------
    kwp : ndarray of float64, shape (buildings,)
        From `obliged`; NaN is not known. [kWp]
    candidates : ndarray of bool, shape (buildings,)
        Buildings that a duty could fall on.
    least_members : int
        Least number of obliged buildings behind a total.
    largest_share : float
        Largest share one building may have in the total, and the obliged may have among the
        candidates. [-]

    Returns
    -------
    float
        Rounded to `ROUNDED_KWP`. NaN where fewer than `least_members` are obliged, also where none
        is: a 0 would make every NaN say "a few". [kWp]

    Notes
    -----
    Footprints are public, so an exact total could be taken apart into the footprints that make it
    up. Rounding and the share of the candidates leave many combinations.
    """
    members = candidates & (kwp > 0.0)
    total = float(kwp[members].sum())
    few = members.sum() < least_members
    if few or members.sum() > largest_share * candidates.sum():
        return np.nan
    if kwp[members].max() > largest_share * total:
        return np.nan
    return float(np.round(total / ROUNDED_KWP) * ROUNDED_KWP)


ROUNDED_KWP = 100.0
"""Step of a published total of obliged buildings. [kWp]"""
