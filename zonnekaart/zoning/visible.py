"""Figures per zone of what people on the street see of its roofs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.zoning.indicators import known_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

SEEN_FROM = 0.1
"""A plane counts as seen from this share of it. Own choice: less is a corner or a chimney's edge,
and within the error of the heights. [-]"""
_NAMES = ("visible_capacity_share", "heritage_visible_share", "heritage_hidden_share")


@dataclass(frozen=True)
class VisibilityFigures:
    """
    What is seen of roof planes, all arrays of shape (planes,).

    Parameters
    ----------
    zone : ndarray of int64
        Position of the zone of the plane's building; negative for none.
    capacity_kwp : ndarray of float64
        NaN is not known. [kWp]
    visible_share : ndarray of float64
        Share of the plane seen from the public domain; NaN is not known. [-]
    heritage : ndarray of float64
        1 protected or in the inventory, 0 neither, NaN not known.
    upper_bound : bool
        True when people stood on more than the public domain: what is hidden is hidden then, what
        is seen may not be.
    """

    zone: IntArray
    capacity_kwp: FloatArray
    visible_share: FloatArray
    heritage: FloatArray
    upper_bound: bool = False


def visibility_indicators(planes: VisibilityFigures | None, zones: int) -> dict[str, FloatArray]:
    """
    Return which part of each zone's capacity is seen.

    Parameters
    ----------
    planes : VisibilityFigures or None
        All roof planes; None when nobody looked.
    zones : int
        Number of zones.

    Returns
    -------
    dict of str to ndarray of float64, shape (zones,)
        ``visible_capacity_share``, ``heritage_visible_share`` and ``heritage_hidden_share``, of
        the capacity where it is known; NaN when less than half of it is, or nobody looked. The
        last two add up to the heritage share of the planes that were looked at. Of an upper bound
        only ``heritage_hidden_share`` is known, and it is a lower bound.

    Examples
    --------
    >>> figures = VisibilityFigures(
    ...     np.array([0, 0, 0]), np.ones(3), np.array([0.9, 0.0, 0.5]), np.array([1.0, 1.0, 0.0])
    ... )
    >>> {n: round(float(v[0]), 2) for n, v in visibility_indicators(figures, 1).items()}
    {'visible_capacity_share': 0.67, 'heritage_visible_share': 0.33, 'heritage_hidden_share': 0.33}
    """
    if planes is None:
        return {name: np.full(zones, np.nan) for name in _NAMES}
    unknown = np.isnan(planes.visible_share)
    seen = np.where(unknown, np.nan, (planes.visible_share >= SEEN_FROM).astype(np.float64))
    known = np.where(planes.upper_bound, np.nan, seen)
    flags = (known, planes.heritage * known, planes.heritage * (1.0 - seen))
    return {
        name: known_share(flag, planes.capacity_kwp, planes.zone, zones)
        for name, flag in zip(_NAMES, flags, strict=True)
    }
