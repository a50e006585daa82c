"""What the map needs to judge zones while sliders move: columns of figures, steps, scenarios."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from zonnekaart.io.published import Texts

Column = list[float | None]
"""One number per zone in the order of ``zone_ids``; null is unknown, or may not be shown."""


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LiveCondition(_Answer):
    """One comparison of an indicator with a threshold."""

    indicator: str
    comparison: Literal[">", ">=", "<", "<="]
    threshold: float


class LiveStep(_Answer):
    """One step of the decision of a zone's class; the first that holds decides."""

    id: str
    zone_class: str
    when_unknown: Literal["next", "onbekend"]
    conditions: list[LiveCondition]


class LiveRules(_Answer):
    """A rule set to choose, and the room on the grid under its own limit, in kW."""

    id: str
    title: Texts
    steps: list[LiveStep]
    pv_headroom_kw: Column


class Levers(_Answer):
    """
    What the sliders set, all of them shares from 0 to 1.

    ``adoption`` of the power that fits on suitable roofs; ``saving`` of today's use;
    ``heat_pumps`` of the dwellings; ``cars`` of their cars; ``batteries`` of the power with panels.
    """

    adoption: float
    saving: float
    heat_pumps: float
    cars: float
    batteries: float


class LiveScenario(_Answer):
    """A scenario that was computed in full; ``figures`` take the place of the approximation."""

    id: str
    title: Texts
    note: Texts
    year: int
    levers: Levers
    figures: dict[str, Column]


class LiveAssumptions(_Answer):
    """
    What one heat pump, car and battery is.

    ``match`` is how much of a load falls when the sun gives, 1 for a load that never changes.
    """

    heat_pump_kwh: float
    heat_pump_match: float
    cars_per_dwelling: float
    car_kwh: float
    car_match: float
    battery_kwh_per_kwp: float
    battery_efficiency: float


class Live(_Answer):
    """All that is judged again on the page; hidden zones carry no figure that tells of demand."""

    zone_ids: list[str]
    hidden: list[bool]
    indicators: dict[str, Column]
    pv_peak_kw: Column
    min_load_sunny_kw: Column
    rules: list[LiveRules]
    scenarios: list[LiveScenario]
    assumptions: LiveAssumptions
