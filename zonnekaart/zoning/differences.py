"""Why a zone has another class under other figures or other thresholds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from zonnekaart.zoning.classes import UNKNOWN_CLASS, match
from zonnekaart.zoning.rules import holds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zonnekaart.zoning.rules import ClassRule, Condition

Outcome = Literal["holds", "open", "fails"]


@dataclass(frozen=True)
class Difference:
    """
    The first step of the class decision at which two cases part.

    Parameters
    ----------
    step_id : str
        Id of the class step.
    indicator : str
        Figure that tells the cases apart there; empty where the steps themselves differ.
    value_from, value_to : float
        The figure in both cases; NaN is not known.
    threshold_from, threshold_to : float
        Its threshold in both rule sets; NaN where the steps themselves differ.
    """

    step_id: str
    indicator: str
    value_from: float
    value_to: float
    threshold_from: float
    threshold_to: float


def first_difference(
    before: tuple[Sequence[ClassRule], Mapping[str, float]],
    after: tuple[Sequence[ClassRule], Mapping[str, float]],
) -> Difference | None:
    """
    Find where the decision of a zone's class parts.

    Parameters
    ----------
    before, after : tuple of sequence of ClassRule and mapping of str to float
        Class steps, and the figures of one zone; NaN is not known.

    Returns
    -------
    Difference or None
        None where every step has the same outcome in both.
    """
    (steps_before, figures_before), (steps_after, figures_after) = before, after
    for one, other in zip(steps_before, steps_after, strict=False):
        if one.id != other.id or [c.indicator for c in one.conditions] != [
            c.indicator for c in other.conditions
        ]:
            return Difference(other.id, "", math.nan, math.nan, math.nan, math.nan)
        outcomes = (_outcome(one, figures_before), _outcome(other, figures_after))
        if outcomes[0] != outcomes[1]:
            return _told(one, other, figures_before, figures_after)
        if outcomes[0] == "holds" or (outcomes[0] == "open" and one.when_unknown == UNKNOWN_CLASS):
            return None
    return None


def _outcome(step: ClassRule, figures: Mapping[str, float]) -> Outcome:
    columns = {c.indicator: np.array([figures[c.indicator]]) for c in step.conditions}
    true, unknown = match(step, columns, (1,))
    if true[0]:
        return "holds"
    return "open" if unknown[0] else "fails"


def _told(
    one: ClassRule,
    other: ClassRule,
    before: Mapping[str, float],
    after: Mapping[str, float],
) -> Difference:
    """Name the first condition of a step that is met in one case and not in the other."""
    pairs = list(zip(one.conditions, other.conditions, strict=True))
    parted = (
        (a, b) for a, b in pairs if _state(a, before[a.indicator]) != _state(b, after[b.indicator])
    )
    first, second = next(parted)
    return Difference(
        other.id,
        first.indicator,
        before[first.indicator],
        after[first.indicator],
        first.threshold,
        second.threshold,
    )


def _state(condition: Condition, value: float) -> tuple[bool, bool]:
    true, unknown = holds(condition, np.array([value]))
    return bool(true[0]), bool(unknown[0])
