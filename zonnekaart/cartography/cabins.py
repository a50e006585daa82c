"""Colours of areas of cabins: how much of what the roofs could feed in finds room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT_SHOWN = "#e6e2da"


@dataclass(frozen=True)
class RoomStep:
    """
    One step of the legend.

    Parameters
    ----------
    id : str
        Name of the step.
    color : str
        Darker is less room.
    above : float
        Headroom divided by the peak of all roofs, from which the step begins. [-]
    label : mapping of str to str
        Per language.
    """

    id: str
    color: str
    above: float
    label: Mapping[str, str]


ROOM: tuple[RoomStep, ...] = (
    RoomStep("none", "#5b2a4e", 0.0, {
        "nl": "minder dan een kwart past", "fr": "moins d’un quart passe",
        "en": "less than a quarter fits",
    }),
    RoomStep("quarter", "#a2588c", 0.25, {
        "nl": "een kwart tot de helft past", "fr": "un quart à la moitié passe",
        "en": "a quarter to half fits",
    }),
    RoomStep("half", "#d59cc0", 0.5, {
        "nl": "meer dan de helft past", "fr": "plus de la moitié passe",
        "en": "more than half fits",
    }),
    RoomStep("all", "#f3dfec", 1.0, {
        "nl": "alles past", "fr": "tout passe", "en": "everything fits",
    }),
    RoomStep("hidden", NOT_SHOWN, float("nan"), {
        "nl": "niet gekend of niet getoond", "fr": "inconnu ou non montré",
        "en": "not known or not shown",
    }),
)  # fmt: skip
"""Steps of the legend; the last is for what is not known."""


def room_expression() -> list[Any]:
    """Return a MapLibre expression for the colour of an area."""
    room = ["coalesce", ["get", "pv_headroom_kw"], -1]
    share = ["/", room, ["max", ["coalesce", ["get", "pv_peak_kw"], 0], 1]]
    known = [step for step in ROOM if step.above == step.above]
    steps: list[Any] = ["step", share, NOT_SHOWN]
    for step in known:
        steps += [step.above, step.color]
    return steps
