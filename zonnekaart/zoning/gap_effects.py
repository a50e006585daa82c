"""How much surer a zone's class would be if one of its inputs were known exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.quantities import ZONE_CLASSES
from zonnekaart.zoning.classes import classify
from zonnekaart.zoning.confidence import (
    DEMAND,
    HEADROOM,
    YIELD,
    ZONES_AT_ONCE,
    Sampling,
    draw_changes,
    draw_points,
)
from zonnekaart.zoning.response import respond

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from zonnekaart.zoning.response import ZoneInputs
    from zonnekaart.zoning.rules import ClassRule

    FloatArray = NDArray[np.float64]

DIMENSIONS: dict[str, int] = {"yield": YIELD, "demand": DEMAND, "headroom": HEADROOM}
"""
Inputs that better data would make known. Of the yield only the zone's own part (heights, roofs):
next year's weather stays unknown.
"""
_LEVELS = 16
_MOST_DRAWS = 64
_ZONES_AT_ONCE = ZONES_AT_ONCE // 4


def confidence_gains(
    rules: Sequence[ClassRule],
    indicators: Mapping[str, FloatArray],
    inputs: ZoneInputs,
    zone_ids: Sequence[str],
    sampling: Sampling,
) -> dict[str, FloatArray]:
    """
    Return per input how much surer the best guess of the class becomes when it is known.

    Parameters
    ----------
    rules : sequence of ClassRule
        Steps of the class decision.
    indicators : mapping of str to ndarray of float64, shape (zones,)
        Central values and ends of intervals; NaN is not known.
    inputs : ZoneInputs
        What the indicators rest on.
    zone_ids : sequence of str, length zones
        Decide each zone's own draws.
    sampling : Sampling
        Seed and assumptions; at most 64 of its draws are used.

    Returns
    -------
    dict of str to ndarray of float64, shape (zones,)
        For each of `DIMENSIONS`, the expected gain in the probability of the most probable class,
        0 to 1. NaN where the input itself is not known. [-]

    Notes
    -----
    The expected value of perfect information on one input when a right class is worth 1: the mean
    over 16 equally probable values of that input of ``max_c P(c | value)``, less ``max_c P(c)``,
    both over the same draws of the other inputs. It is never negative, and exactly 0 for an
    input that does not touch the class. (Howard 1966, doi:10.1109/TSSC.1966.300074.)
    """
    zones = len(zone_ids)
    gains = {name: np.full(zones, np.nan) for name in DIMENSIONS}
    draws = min(sampling.draws, _MOST_DRAWS)
    for start in range(0, zones, _ZONES_AT_ONCE):
        part = slice(start, min(start + _ZONES_AT_ONCE, zones))
        here = {name: values[part] for name, values in indicators.items()}
        points = draw_points(zone_ids[part], draws, sampling.seed)
        for name, dimension in DIMENSIONS.items():
            counts = _counts(rules, here, inputs.of(part), (points, dimension), sampling)
            total = float(draws * _LEVELS)
            known = counts.max(axis=2).sum(axis=0) / total
            gains[name][part] = known - counts.sum(axis=0).max(axis=1) / total
    unknown = {
        "yield": np.isnan(indicators["annual_yield_kwh"]),
        "demand": np.isnan(indicators["consumption_kwh"]),
        "headroom": np.isnan(indicators["pv_headroom_kw"]),
    }
    return {name: np.where(unknown[name], np.nan, gains[name]) for name in DIMENSIONS}


def _counts(
    rules: Sequence[ClassRule],
    indicators: Mapping[str, FloatArray],
    inputs: ZoneInputs,
    where: tuple[FloatArray, int],
    sampling: Sampling,
) -> NDArray[np.int64]:
    """Count draws per level of one input, zone and class."""
    points, dimension = where
    counts = np.zeros((_LEVELS, points.shape[0], len(ZONE_CLASSES)), dtype=np.int64)
    for level in range(_LEVELS):
        held = points.copy()
        held[:, :, dimension] = (level + 0.5) / _LEVELS
        drawn = respond(indicators, inputs, draw_changes(indicators, held, sampling.assumed))
        codes, _ = classify(rules, drawn, points.shape[:2])
        for code in range(len(ZONE_CLASSES)):
            counts[level, :, code] = (codes == code).sum(axis=1)
    return counts
