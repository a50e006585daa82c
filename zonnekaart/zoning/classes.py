"""From the figures of a zone to its class: ordered steps, first match, unknown said aloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.quantities import ZONE_CLASSES
from zonnekaart.zoning.rules import holds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from zonnekaart.zoning.rules import ClassRule

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]
    IntArray = NDArray[np.int64]

UNKNOWN_CLASS = "onbekend"
UNKNOWN_CODE = ZONE_CLASSES.index(UNKNOWN_CLASS)
NO_STEP = -1
"""Step number of a zone that no class step matched."""


def match(
    rule: ClassRule, indicators: Mapping[str, FloatArray], shape: tuple[int, ...]
) -> tuple[BoolArray, BoolArray]:
    """
    Try one class step.

    Parameters
    ----------
    rule : ClassRule
        The step.
    indicators : mapping of str to ndarray of float64, broadcastable to `shape`
        Figures; NaN is not known.
    shape : tuple of int
        Shape of the answer: (zones,) or (zones, draws).

    Returns
    -------
    true, unknown : ndarray of bool, shape `shape`
        Where all conditions hold, and where what is known does not contradict the step but a
        missing figure leaves it open.
    """
    all_true = np.ones(shape, dtype=np.bool_)
    possible = np.ones(shape, dtype=np.bool_)
    for condition in rule.conditions:
        true, unknown = holds(condition, indicators[condition.indicator])
        all_true &= true
        possible &= true | unknown
    return all_true, possible & ~all_true


def classify(
    rules: Sequence[ClassRule], indicators: Mapping[str, FloatArray], shape: tuple[int, ...]
) -> tuple[IntArray, IntArray]:
    """
    Give every zone its class: the first step whose conditions all hold.

    A step that a missing figure leaves open ends the search with ``onbekend`` or is passed over,
    as the step itself says. A zone that no step matches is ``onbekend``.

    Parameters
    ----------
    rules : sequence of ClassRule
        Steps in order.
    indicators : mapping of str to ndarray of float64, broadcastable to `shape`
        Figures; NaN is not known.
    shape : tuple of int
        Shape of the answer: (zones,) or (zones, draws).

    Returns
    -------
    codes : ndarray of int64, shape `shape`
        Position of the class in ``ZONE_CLASSES``.
    steps : ndarray of int64, shape `shape`
        Position of the step that decided; `NO_STEP` where none did.
    """
    codes = np.full(shape, UNKNOWN_CODE, dtype=np.int64)
    steps = np.full(shape, NO_STEP, dtype=np.int64)
    undecided = np.ones(shape, dtype=np.bool_)
    for position, rule in enumerate(rules):
        true, unknown = match(rule, indicators, shape)
        here = true & undecided
        codes[here] = ZONE_CLASSES.index(rule.zone_class)
        steps[here] = position
        undecided &= ~here
        if rule.when_unknown == UNKNOWN_CLASS:
            stop = unknown & undecided
            steps[stop] = position
            undecided &= ~stop
    return codes, steps
