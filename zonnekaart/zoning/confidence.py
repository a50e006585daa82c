"""How sure a class is: seeded quasi-random draws of the uncertain inputs, class of each draw."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from zonnekaart.quantities import ZONE_CLASSES
from zonnekaart.zoning.classes import classify
from zonnekaart.zoning.response import Change, ZoneInputs, respond

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from zonnekaart.zoning.rules import ClassRule

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

COMMON, YIELD, DEMAND, HEADROOM = range(4)
"""Dimensions of the draws: weather and losses of all zones, a zone's own yield, demand, grid."""
_DIMENSIONS = 4
_EDGE = 1e-9
ZONES_AT_ONCE = 2048
"""Zones whose draws are held in memory together."""
SPREAD_OF = (
    "annual_yield_kwh",
    "consumption_kwh",
    "self_consumption",
    "self_sufficiency",
    "self_consumption_pooled",
    "self_sufficiency_pooled",
    "sharing_gain",
    "surplus_share",
    "peak_injection_kw",
    "pv_headroom_kw",
    "headroom_ratio",
    "yield_demand_ratio",
)
"""Indicators whose spread over the draws is kept."""


@dataclass(frozen=True)
class Uncertainty:
    """
    What is assumed where the inputs do not say it; read from the rule file.

    Parameters
    ----------
    interval_coverage : float
        Probability that the truth lies between a low and a high value, 0 to 1. [-]
    common_yield_share : float
        Share of the variance of the yield that all zones have in common (weather, losses). [-]
    yield_relative, demand_relative : float
        Half-width of the interval where none is given, as a share of the central value. [-]
    """

    interval_coverage: float
    common_yield_share: float
    yield_relative: float
    demand_relative: float


@dataclass(frozen=True)
class CertaintyLimits:
    """
    From which probability of its class a zone is called sure, or likely; below that, in doubt.

    Parameters
    ----------
    sure, likely : float
        likely <= sure. [-]
    """

    sure: float
    likely: float

    def word(self, probability: float) -> str:
        """Return ``sure``, ``likely``, ``doubt``, or an empty text for NaN."""
        if not probability >= 0.0:
            return ""
        if probability >= self.sure:
            return "sure"
        return "likely" if probability >= self.likely else "doubt"


@dataclass(frozen=True)
class Confidence:
    """
    What the draws say.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (zones, classes)
        Share of draws per class, in the order of ``ZONE_CLASSES``; rows add up to 1. [-]
    spread : mapping of str to ndarray of float64, shape (zones,)
        Standard deviation of indicators over the draws; in the indicator's unit.
    """

    probabilities: FloatArray
    spread: Mapping[str, FloatArray]


def draw_points(zone_ids: Sequence[str], draws: int, seed: int) -> FloatArray:
    """
    Return points in the unit cube: a Halton sequence, turned for each zone by its own shift.

    The shift comes from the zone's id and the seed, so that a zone's draws do not depend on which
    other zones there are or on their order. The first dimension is shared by all zones.

    Parameters
    ----------
    zone_ids : sequence of str
        Ids of the zones.
    draws : int
        Points per zone.
    seed : int
        Any whole number.

    Returns
    -------
    ndarray of float64, shape (zones, draws, 4)
        Strictly between 0 and 1.
    """
    base = qmc.Halton(d=_DIMENSIONS, scramble=False).random(draws)
    shifts = np.array([_shift(f"{seed}:{zone}") for zone in zone_ids]).reshape(-1, _DIMENSIONS)
    shifts[:, COMMON] = _shift(str(seed))[COMMON]
    turned = np.mod(base[None, :, :] + shifts[:, None, :], 1.0)
    points: FloatArray = np.clip(turned, _EDGE, 1.0 - _EDGE)
    return points


def _shift(key: str) -> list[float]:
    digest = hashlib.sha256(key.encode()).digest()
    words = [digest[4 * i : 4 * i + 4] for i in range(_DIMENSIONS)]
    return [(int.from_bytes(word, "big") + 0.5) / 2**32 for word in words]


def split_lognormal(
    z: FloatArray, low: FloatArray, high: FloatArray, coverage: float
) -> FloatArray:
    """
    Return factors whose interval of the given coverage is `low` to `high`, with median 1.

    Parameters
    ----------
    z : ndarray of float64, shape (zones, draws)
        Standard normal draws.
    low, high : ndarray of float64, shape (zones,)
        Ends of the interval as factors: 0 < low <= 1 <= high.
    coverage : float
        Probability between the ends. [-]

    Returns
    -------
    ndarray of float64, shape (zones, draws)
        > 0; exactly 1 where the interval has no width.
    """
    edge = ndtri(0.5 + coverage / 2.0)
    down = -np.log(np.clip(low, _EDGE, 1.0))[:, None] / edge
    up = np.log(np.maximum(high, 1.0))[:, None] / edge
    factors: FloatArray = np.exp(z * np.where(z < 0, down, up))
    return factors


def triangular(u: FloatArray, low: FloatArray, mode: FloatArray, high: FloatArray) -> FloatArray:
    """
    Return triangular draws between `low` and `high` with peak `mode`.

    Parameters
    ----------
    u : ndarray of float64, shape (zones, draws)
        Uniform draws.
    low, mode, high : ndarray of float64, shape (zones,)
        low <= mode <= high.

    Returns
    -------
    ndarray of float64, shape (zones, draws)
        Exactly `mode` where the range has no width.
    """
    a, c, b = low[:, None], mode[:, None], high[:, None]
    width = np.where(b > a, b - a, 1.0)
    left = (c - a) / width
    rising = a + np.sqrt(u * width * (c - a))
    falling = b - np.sqrt((1.0 - u) * width * (b - c))
    return np.where(b > a, np.where(u < left, rising, falling), c)


def relative_ends(
    indicators: Mapping[str, FloatArray], stem: str, fallback: float
) -> tuple[FloatArray, FloatArray]:
    """
    Return the ends of an interval as factors of the central value.

    Parameters
    ----------
    indicators : mapping of str to ndarray of float64, shape (zones,)
        With ``<stem>_kwh``, ``<stem>_low_kwh`` and ``<stem>_high_kwh``.
    stem : str
        ``annual_yield`` or ``consumption``.
    fallback : float
        Half-width where an end is unknown, as a share of the central value. [-]

    Returns
    -------
    low, high : ndarray of float64, shape (zones,)
        low <= 1 <= high. [-]
    """
    central = indicators[f"{stem}_kwh"]
    safe = np.where(central > 0, central, np.nan)
    low = indicators[f"{stem}_low_kwh"] / safe
    high = indicators[f"{stem}_high_kwh"] / safe
    low = np.where(np.isnan(low), 1.0 - fallback, np.minimum(low, 1.0))
    high = np.where(np.isnan(high), 1.0 + fallback, np.maximum(high, 1.0))
    return low, high


def draw_changes(
    indicators: Mapping[str, FloatArray], points: FloatArray, assumed: Uncertainty
) -> Change:
    """
    Turn points in the unit cube into changes of yield, demand and headroom.

    Parameters
    ----------
    indicators : mapping of str to ndarray of float64, shape (zones,)
        Central values and ends of intervals.
    points : ndarray of float64, shape (zones, draws, 4)
        From `draw_points`.
    assumed : Uncertainty
        What the inputs do not say.

    Returns
    -------
    Change
        Arrays of shape (zones, draws).
    """
    z = ndtri(points)
    shared = np.sqrt(assumed.common_yield_share) * z[:, :, COMMON]
    own = np.sqrt(1.0 - assumed.common_yield_share) * z[:, :, YIELD]
    yield_ends = relative_ends(indicators, "annual_yield", assumed.yield_relative)
    demand_ends = relative_ends(indicators, "consumption", assumed.demand_relative)
    return Change(
        split_lognormal(shared + own, *yield_ends, assumed.interval_coverage),
        split_lognormal(z[:, :, DEMAND], *demand_ends, assumed.interval_coverage),
        triangular(
            points[:, :, HEADROOM],
            indicators["pv_headroom_low_kw"],
            indicators["pv_headroom_kw"],
            indicators["pv_headroom_high_kw"],
        ),
    )


@dataclass(frozen=True)
class Sampling:
    """How many draws, from which seed, with which assumptions."""

    draws: int
    seed: int
    assumed: Uncertainty


def class_confidence(
    rules: Sequence[ClassRule],
    indicators: Mapping[str, FloatArray],
    inputs: ZoneInputs,
    zone_ids: Sequence[str],
    sampling: Sampling,
) -> Confidence:
    """
    Return the probability of each class per zone, and the spread of the indicators.

    Parameters
    ----------
    rules : sequence of ClassRule
        Steps of the class decision.
    indicators : mapping of str to ndarray of float64, shape (zones,)
        Central values; NaN is not known.
    inputs : ZoneInputs
        What the indicators rest on.
    zone_ids : sequence of str, length zones
        Decide each zone's own draws.
    sampling : Sampling
        Draws > 0, seed and assumptions.

    Returns
    -------
    Confidence
    """
    zones = len(zone_ids)
    probabilities = np.zeros((zones, len(ZONE_CLASSES)))
    spread = {name: np.full(zones, np.nan) for name in SPREAD_OF}
    for start in range(0, zones, ZONES_AT_ONCE):
        part = slice(start, min(start + ZONES_AT_ONCE, zones))
        here = {name: values[part] for name, values in indicators.items()}
        near = inputs.of(part)
        points = draw_points(zone_ids[part], sampling.draws, sampling.seed)
        drawn = respond(here, near, draw_changes(here, points, sampling.assumed))
        codes, _ = classify(rules, drawn, (points.shape[0], sampling.draws))
        for code in range(len(ZONE_CLASSES)):
            probabilities[part, code] = (codes == code).mean(axis=1)
        for name in SPREAD_OF:
            spread[name][part] = np.broadcast_to(drawn[name], codes.shape).std(axis=1)
    return Confidence(probabilities, spread)
