"""What publish writes and the server answers: one typed contract for both sides."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Bounds = tuple[float, float, float, float]
Point = tuple[float, float]


class _Answer(BaseModel):
    """Base of all answers: unknown keys are errors, NaN is written as null."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Texts(_Answer):
    """One text in the three languages."""

    nl: str
    fr: str
    en: str


class Interval(_Answer):
    """A figure with its range; null is unknown."""

    value: float | None
    low: float | None = None
    high: float | None = None
    unit: str


class PresetInfo(_Answer):
    """The suitability preset that every supply figure rests on."""

    id: str
    title: Texts


class RuleSetInfo(_Answer):
    """The rule set that made the classes."""

    id: str
    version: str


class WeatherInfo(_Answer):
    """The weather year."""

    name: str
    annual_ghi_kwh_m2: float | None


class SourceInfo(_Answer):
    """Provenance of one input."""

    role: str
    title: str
    licence: str
    date: str
    attribution: str = ""
    limits: str = ""
    redistribution: str = ""


class ClassInfo(_Answer):
    """One zone class: look, words, and how much of the project it holds."""

    id: str
    color: str
    symbol: str
    label: Texts
    description: Texts
    zones: int
    annual_yield_kwh: float | None


class Totals(_Answer):
    """
    Sums over the project.

    Demand and what follows from it are sums over zones whose demand may be shown, so that no
    hidden zone can be found by subtraction; ``zones_with_demand`` says how many those are.
    """

    annual_yield_kwh: Interval
    consumption_kwh: Interval
    capacity_kwp: float | None
    existing_kwp: float | None
    self_consumption: float | None
    self_sufficiency: float | None
    self_consumption_pooled: float | None
    zones: int
    zones_with_demand: int
    buildings: int
    roof_planes: int


class TopReason(_Answer):
    """An opportunity or bottleneck among the strongest of the project."""

    zone_id: str
    name: str
    rule_id: str
    indicator: str
    value: float | None
    unit: str
    reason: Texts


class LegendEntry(_Answer):
    """One line of a legend: a class, or a step of a ramp."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    color: str
    id: str | None = None
    label: Texts | None = None
    symbol: str | None = None
    image: str | None = None
    low: float | None = Field(default=None, alias="from")
    high: float | None = Field(default=None, alias="to")


class LayerInfo(_Answer):
    """One layer of the map with what a reader must know of it."""

    id: str
    group: Literal["background", "irradiation", "roofs", "sharing", "zones"]
    kind: Literal["vector", "raster"]
    title: Texts
    minzoom: int
    maxzoom: int
    tiles: str
    source_layer: str | None
    legend: list[LegendEntry]
    unit: str | None
    source: str | None
    date: str | None
    licence: str | None
    limits: Texts | None
    contact: str | None = None
    resolution_m: float | None = None
    features: int | None = None


class PublishedProject(_Answer):
    """``published.json`` and the answer of ``/api/project``."""

    name: str
    slug: str
    region: str
    crs: str
    language: Literal["nl", "fr", "en"]
    illustrative: bool
    disclaimer: str
    bounds_lonlat: Bounds
    version: str
    run_id: str
    built_utc: str
    preset: PresetInfo
    rule_set: RuleSetInfo
    weather: WeatherInfo | None
    sources: list[SourceInfo]
    classes: list[ClassInfo]
    totals: Totals
    summary: Texts
    top_opportunities: list[TopReason]
    top_bottlenecks: list[TopReason]
    layers: list[LayerInfo]


class ZoneRow(_Answer):
    """One zone in the table view."""

    zone_id: str
    name: str
    zone_class: str
    confidence: float | None
    bounds_lonlat: Bounds
    center_lonlat: Point
    annual_yield_kwh: float | None
    consumption_kwh: float | None
    self_consumption: float | None
    self_sufficiency: float | None
    headroom_ratio: float | None
    bottlenecks: int
    opportunities: int
    published: bool
    area: str = ""
    capacity_kwp: float | None = None
    existing_kwp: float | None = None
    self_consumption_pooled: float | None = None
    buildings: float | None = None


class Reason(_Answer):
    """A rule that fired in a zone, with its numbers."""

    rule_id: str
    indicator: str
    value: float | None
    threshold: float | None
    unit: str
    comparison: str
    severity: Literal["high", "medium", "low"]
    subject: str | None = None
    reason: Texts
    source: str | None = None


class Flip(_Answer):
    """The nearest change of one figure that changes the class."""

    rule_id: str
    indicator: str
    value: float | None
    flips_at: float | None
    unit: str
    to_class: str
    sentence: Texts


class Gap(_Answer):
    """
    A source that is missing and matters to the zone.

    A source that exists keeps the title its holder gave it, in every language.
    """

    id: str
    title: Texts
    severity: str | None = None
    proxy: Texts | None = None
    supplier: str | None = None
    confidence_gain: float | None = None


class ActionEffect(_Answer):
    """
    What an action could bring in a year; null where a figure or a price is not known.

    Prices were observed between the two dates of ``prices_observed`` (ISO 8601 interval).
    """

    energy: Interval | None
    gain: Interval | None
    avoided: Interval | None
    doability: float | None
    prices_observed: str | None = None


class Action(_Answer):
    """A recommendation of the experience matrix."""

    id: str
    title: Texts
    text: Texts | None = None
    who: Texts | None = None
    priority: str | None = None
    caveat: Texts | None = None
    example: Texts | None = None
    effect: ActionEffect | None = None


class DayCurve(_Answer):
    """A mean day in 96 quarter-hours of local time; null where it may not be shown."""

    supply_kw: list[float | None]
    demand_kw: list[float | None]


class TypicalDays(_Answer):
    """Two mean days on one scale."""

    june: DayCurve
    december: DayCurve


class Monthly(_Answer):
    """Twelve months of supply and demand."""

    yield_kwh: list[float | None]
    consumption_kwh: list[float | None]


class EconomicsRow(_Answer):
    """
    What new panels of one owner type cost and bring in a zone; figures or a reason.

    ``sizing`` is ``roof`` for all that fits, ``demand`` for what yields the building's own use.
    """

    owner_type: str
    sizing: Literal["roof", "demand"]
    buildings: int
    capacity_kwp: float | None
    investment: Interval
    saved_kwh: float | None
    injected_kwh: float | None
    yearly_benefit: Interval
    payback: Interval
    net_present_value_eur: float | None
    tariff_ids: list[str]
    tariff_from: str | None
    owner_assumed: bool
    reason: str | None = None
    reason_text: Texts | None = None


class Override(_Answer):
    """
    A class or a figure that a person set, with what it replaces.

    Of a class `indicator` is null; of a figure the two classes are.
    """

    indicator: str | None
    original_value: float | None
    value: float | None
    unit: str | None
    original_class: str | None
    zone_class: str | None
    by: str
    date: str
    reason: str


class ZoneDetail(_Answer):
    """Everything the zone panel shows."""

    zone_id: str
    name: str
    kind: str
    zone_class: str
    confidence: float | None
    class_probabilities: dict[str, float | None]
    certainty: str | None = None
    certainty_text: Texts | None = None
    sentence: Texts
    indicators: dict[str, Interval]
    bottlenecks: list[Reason]
    opportunities: list[Reason]
    flips: list[Flip]
    gaps: list[Gap]
    actions: list[Action]
    typical_days: TypicalDays | None
    monthly: Monthly | None
    preset: PresetInfo
    bounds_lonlat: Bounds
    published: bool
    privacy_note: Texts | None
    economics: list[EconomicsRow] = []
    computed_class: str | None = None
    overrides: list[Override] = []


def known(value: Any) -> float | None:  # noqa: ANN401 - numpy scalars, None and pandas' NA
    """
    Return a number as JSON knows it: null for what is not known.

    Examples
    --------
    >>> known(float("nan")) is None
    True
    >>> known(0)
    0.0
    """
    if value is None or value != value:
        return None
    number = float(value)
    return number if math.isfinite(number) else None
