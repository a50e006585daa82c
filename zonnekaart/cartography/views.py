"""Colours for how much of a roof is seen from the street."""

from __future__ import annotations

from typing import Any, NamedTuple

from zonnekaart.cartography.ramps import NO_DATA


class Step(NamedTuple):
    """One class of visible share: from `low` on, with its colour and name in nl, fr, en."""

    low: float
    id: str
    color: str
    label: tuple[str, str, str]


STEPS = (
    Step(0.0, "hidden", "#8fbcd4", ("niet gezien", "non visible", "not seen")),
    Step(1e-6, "corner", "#f3d9b1", ("minder dan 10 %", "moins de 10 %", "less than 10 %")),
    Step(0.1, "part", "#e08a4b", ("10 tot 50 %", "10 à 50 %", "10 to 50 %")),
    Step(0.5, "most", "#a63603", ("meer dan 50 %", "plus de 50 %", "more than 50 %")),
)
"""Blue is hidden, orange seen: told apart by colour-blind eyes, and by lightness among the seen."""
UNKNOWN = Step(float("nan"), "unknown", NO_DATA, ("niet gekend", "inconnu", "unknown"))


def expression(field: str) -> list[Any]:
    """Return a MapLibre expression that colours by a visible share; no value is unknown."""
    steps: list[Any] = ["step", ["get", field], STEPS[0].color]
    for step in STEPS[1:]:
        steps += [step.low, step.color]
    return ["case", ["==", ["typeof", ["get", field]], "number"], steps, UNKNOWN.color]
