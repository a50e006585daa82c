"""What would have to change for a zone to get another class: the nearest such changes.

Two kinds are looked for. A *threshold flip* moves one indicator of the class rules past a
threshold and leaves the others. An *input flip* moves yield, demand or headroom and lets all
figures follow. Every flip is tried before it is told: past it the class differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.quantities import ZONE_CLASSES, quantity
from zonnekaart.zoning.classes import UNKNOWN_CODE, classify
from zonnekaart.zoning.response import Change, ZoneInputs, respond

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from zonnekaart.zoning.rules import ClassRule

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

INPUT_INDICATORS = ("annual_yield_kwh", "consumption_kwh", "pv_headroom_kw")
"""Figures that input flips move."""
_LARGEST_FACTOR = 4.0
_STEPS = 40
_HALVINGS = 40
_MOST = 5


@dataclass(frozen=True)
class Flip:
    """
    One change that gives a zone another class.

    Parameters
    ----------
    rule_id : str
        Class step that decides after the change; empty when none does.
    indicator : str
        Figure that changes.
    value : float
        What it is now.
    flips_at : float
        Where the class changes: past it, seen from `value`, the class is `to_class`.
    unit : str
        Unit of both.
    to_class : str
        Class after the change.
    distance : float
        Change needed, in standard deviations where the spread is known, else as a share of the
        value. [-]
    """

    rule_id: str
    indicator: str
    value: float
    flips_at: float
    unit: str
    to_class: str
    distance: float


def nearest_flips(
    rules: Sequence[ClassRule],
    indicators: Mapping[str, FloatArray],
    inputs: ZoneInputs,
    spread: Mapping[str, FloatArray],
    most: int = _MOST,
) -> list[list[Flip]]:
    """
    List per zone the changes that flip its class, nearest first, one per indicator.

    Parameters
    ----------
    rules : sequence of ClassRule
        Steps of the class decision.
    indicators : mapping of str to ndarray of float64, shape (zones,)
        Figures as found; NaN is not known.
    inputs : ZoneInputs
        What the indicators rest on.
    spread : mapping of str to ndarray of float64, shape (zones,)
        Standard deviation per indicator where it is known.
    most : int
        At most so many per zone.

    Returns
    -------
    list of list of Flip, length zones
        Empty for a zone whose class is ``onbekend``; flips to ``onbekend`` are left out.
    """
    zones = inputs.pv_peak_kw.size
    codes, _ = classify(rules, indicators, (zones,))
    best: list[dict[str, Flip]] = [{} for _ in range(zones)]
    for zone, flip in (
        *_threshold_flips(rules, indicators, codes, spread),
        *_input_flips(rules, indicators, (inputs, codes), spread),
    ):
        if not np.isfinite(flip.distance):
            continue  # from 0 without a spread: no scale says how far that is
        known = best[zone].get(flip.indicator)
        if known is None or flip.distance < known.distance:
            best[zone][flip.indicator] = flip
    return [sorted(b.values(), key=lambda f: (f.distance, f.indicator))[:most] for b in best]


def _threshold_flips(
    rules: Sequence[ClassRule],
    indicators: Mapping[str, FloatArray],
    codes: IntArray,
    spread: Mapping[str, FloatArray],
) -> Iterator[tuple[int, Flip]]:
    """Try every threshold of the class rules in every zone, one indicator at a time."""
    pairs = {(c.indicator, c.threshold) for rule in rules for c in rule.conditions}
    for indicator, threshold in sorted(pairs):
        values = indicators[indicator]
        unknown_spread = np.full(codes.shape, np.nan)
        for past, before in _around(values, threshold):
            new, steps = classify(rules, {**indicators, indicator: past}, codes.shape)
            near, _ = classify(rules, {**indicators, indicator: before}, codes.shape)
            worth = _worth_telling(codes, new) & (near == codes) & ~np.isnan(values)
            for zone in np.flatnonzero(worth):
                # A value that stands on the threshold flips one hair past it, on one side.
                at = threshold if values[zone] != threshold else float(past[zone])
                yield (
                    int(zone),
                    _flip(
                        rules,
                        (indicator, float(values[zone]), at),
                        (int(new[zone]), int(steps[zone])),
                        float(spread.get(indicator, unknown_spread)[zone]),
                    ),
                )


def _around(values: FloatArray, threshold: float) -> Iterator[tuple[FloatArray, FloatArray]]:
    """
    Give the nearest numbers past the threshold and before it, seen from each value.

    Both sides in turn for a value that stands on the threshold: before it is the value itself.
    """
    above, below = np.nextafter(threshold, np.inf), np.nextafter(threshold, -np.inf)
    for side in (above, below):
        past = np.where(values < threshold, above, np.where(values > threshold, below, side))
        before = np.where(values < threshold, below, np.where(values > threshold, above, values))
        yield np.where(np.isnan(values), np.nan, past), before


def _input_flips(
    rules: Sequence[ClassRule],
    indicators: Mapping[str, FloatArray],
    found_as: tuple[ZoneInputs, IntArray],
    spread: Mapping[str, FloatArray],
) -> Iterator[tuple[int, Flip]]:
    """Move one input by growing factors until the class changes, then close in by halving."""
    inputs, now = found_as
    logs = np.linspace(0.0, np.log(_LARGEST_FACTOR), _STEPS + 1)
    for name in INPUT_INDICATORS:
        for direction in (1.0, -1.0):
            path = np.exp(direction * logs)
            codes = _codes_along(rules, indicators, inputs, name, path[None, :])
            differs = codes != codes[:, :1]
            found = differs.any(axis=1)
            first = np.where(found, differs.argmax(axis=1), 1)
            inner, outer = path[first - 1], path[first]
            edge = _close_in(rules, indicators, inputs, name, (inner, outer))
            new, steps = _decided(rules, indicators, inputs, name, edge[:, None])
            worth = found & (codes[:, 0] == now) & _worth_telling(now, new[:, 0])
            for zone in np.flatnonzero(worth & ~np.isnan(indicators[name])):
                value = float(indicators[name][zone])
                yield (
                    int(zone),
                    _flip(
                        rules,
                        (name, value, value * float(edge[zone])),
                        (int(new[zone, 0]), int(steps[zone, 0])),
                        float(spread.get(name, np.full(found.shape, np.nan))[zone]),
                    ),
                )


def _decided(
    rules: Sequence[ClassRule],
    indicators: Mapping[str, FloatArray],
    inputs: ZoneInputs,
    name: str,
    factors: FloatArray,
) -> tuple[IntArray, IntArray]:
    """Return class and step of every zone when one input is multiplied by factors."""
    zones = inputs.pv_peak_kw.size
    shape = (zones, factors.shape[1])
    ones = np.ones(shape)
    factors = np.broadcast_to(factors, shape)
    headroom = indicators["pv_headroom_kw"][:, None]
    change = Change(
        factors if name == "annual_yield_kwh" else ones,
        factors if name == "consumption_kwh" else ones,
        headroom * (factors if name == "pv_headroom_kw" else ones),
    )
    return classify(rules, respond(indicators, inputs, change), shape)


def _codes_along(
    rules: Sequence[ClassRule],
    indicators: Mapping[str, FloatArray],
    inputs: ZoneInputs,
    name: str,
    factors: FloatArray,
) -> IntArray:
    return _decided(rules, indicators, inputs, name, factors)[0]


def _close_in(
    rules: Sequence[ClassRule],
    indicators: Mapping[str, FloatArray],
    inputs: ZoneInputs,
    name: str,
    ends: tuple[FloatArray, FloatArray],
) -> FloatArray:
    """Halve the step in which the class changes; return the first factor past the change."""
    inner, outer = (np.asarray(end, dtype=np.float64).copy() for end in ends)
    start = _codes_along(rules, indicators, inputs, name, np.ones((inner.size, 1)))[:, 0]
    for _ in range(_HALVINGS):
        middle = np.sqrt(inner * outer)
        here = _codes_along(rules, indicators, inputs, name, middle[:, None])[:, 0]
        same = here == start
        inner = np.where(same, middle, inner)
        outer = np.where(same, outer, middle)
    return outer


def _worth_telling(codes: IntArray, new: IntArray) -> BoolArray:
    worth: BoolArray = (new != codes) & (new != UNKNOWN_CODE) & (codes != UNKNOWN_CODE)
    return worth


def _flip(
    rules: Sequence[ClassRule],
    move: tuple[str, float, float],
    decided: tuple[int, int],
    spread: float,
) -> Flip:
    indicator, value, flips_at = move
    code, step = decided
    scale = spread if np.isfinite(spread) and spread > 0 else abs(value)
    return Flip(
        rule_id=rules[step].id if step >= 0 else "",
        indicator=indicator,
        value=value,
        flips_at=flips_at,
        unit=quantity(indicator).unit,
        to_class=ZONE_CLASSES[code],
        distance=abs(flips_at - value) / scale if scale > 0 else float("inf"),
    )
