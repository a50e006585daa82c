"""What a rule file may hold: its tables."""

from __future__ import annotations

import string
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

OWN_METHOD = "zonnekaart"
"""Name of the method whose bands stand in ``[headroom]`` itself."""
ANY_KIND = "any"
"""In a rule's kinds: all kinds of zone."""
_ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class _Table(BaseModel):
    """Base of every table: unknown keys are errors, types are as written."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TextsTable(_Table):
    """One text in the three languages."""

    nl: str = Field(min_length=1)
    fr: str = Field(min_length=1)
    en: str = Field(min_length=1)


class ConditionTable(_Table):
    """One comparison of an indicator with a threshold."""

    indicator: str
    comparison: Literal[">", ">=", "<", "<="]
    threshold: float = Field(allow_inf_nan=False)
    unit: str


class AppliesToTable(_Table):
    """Where a rule is asked."""

    kinds: list[str] = Field(min_length=1)
    when: list[ConditionTable] = []


class RuleTable(ConditionTable):
    """One bottleneck or opportunity."""

    id: str = Field(pattern=_ID)
    kind: Literal["bottleneck", "opportunity"]
    severity: Literal["high", "medium", "low"]
    weight: float = Field(gt=0.0, le=10.0)
    subject: Literal[
        "grid",
        "balance",
        "demand",
        "heritage",
        "apartments",
        "roofs",
        "survey",
        "sharing",
        "ownership",
        "social",
    ]
    applies_to: AppliesToTable
    reason: TextsTable
    source: str = Field(min_length=10)
    actions: list[str]
    gaps: list[str]


class ClassRuleTable(_Table):
    """One step of the class decision."""

    id: str = Field(pattern=_ID)
    zone_class: str = Field(alias="class")
    when_unknown: Literal["next", "onbekend"]
    all: list[ConditionTable]
    source: str = Field(min_length=10)
    actions: list[str]
    gaps: list[str]


class SentenceTable(TextsTable):
    """The sentence of a zone of one class, or of one class step."""

    zone_class: str = Field(alias="class")
    step: str | None = None


class BandTable(_Table):
    """Low, central and high value of one assumption."""

    low: float = Field(ge=0.0)
    central: float = Field(ge=0.0)
    high: float = Field(ge=0.0)


class HeadroomMethodTable(_Table):
    """Published bands that stand in for our own, by end of the headroom."""

    title: TextsTable
    reverse_limit: BandTable
    load_share: BandTable
    source: str = Field(min_length=10)


class HeadroomTable(_Table):
    """What is assumed of cabins."""

    method: str
    classes_kva: list[float] = Field(min_length=1)
    connections_min: int = Field(ge=1)
    connections_max: int = Field(ge=1)
    dwelling_kw: BandTable
    dwelling_simultaneity: float = Field(ge=0.0, le=1.0)
    other_simultaneity: float = Field(ge=0.0, le=1.0)
    other_kw_m2: float = Field(gt=0.0, le=1.0)
    own_cabin_kw: float = Field(gt=0.0)
    power_factor: float = Field(gt=0.0, le=1.0)
    reverse_limit: BandTable
    existing_unknown_share: BandTable
    network_factor: BandTable
    network_factor_source: str = Field(min_length=10)
    source: str = Field(min_length=10)
    methods: dict[str, HeadroomMethodTable]


def headroom_methods(headroom: HeadroomTable) -> tuple[str, ...]:
    """Return the names of the methods that a rule file offers."""
    return (OWN_METHOD, *headroom.methods)


class UncertaintyTable(_Table):
    """What is assumed where inputs carry no interval."""

    interval_coverage: float = Field(gt=0.0, lt=1.0)
    common_yield_share: float = Field(ge=0.0, le=1.0)
    yield_relative: float = Field(ge=0.0, lt=1.0)
    demand_relative: float = Field(ge=0.0, lt=1.0)
    source: str = Field(min_length=10)


class CertaintyTable(_Table):
    """What is said of a class that is sure, likely, or in doubt."""

    sure: TextsTable
    likely: TextsTable
    doubt: TextsTable


class ConfidenceTable(_Table):
    """From which probability a class is called sure, and the words for it."""

    sure: float = Field(gt=0.0, le=1.0)
    likely: float = Field(gt=0.0, le=1.0)
    source: str = Field(min_length=10)
    words: CertaintyTable


class FlipTable(_Table):
    """Sentences that tell what would flip the class."""

    above: TextsTable
    below: TextsTable
    above_with_range: TextsTable
    below_with_range: TextsTable


class PrivacyTable(_Table):
    """Sentences that tell why demand is not shown."""

    few: TextsTable
    dominated: TextsTable
    secondary: TextsTable
    unknown: TextsTable


class RuleFileTable(_Table):
    """A whole rule file."""

    id: str = Field(pattern=_ID)
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    title: TextsTable
    rules: list[RuleTable] = Field(min_length=1)
    classes: list[ClassRuleTable] = Field(min_length=1)
    headroom: HeadroomTable
    uncertainty: UncertaintyTable
    confidence: ConfidenceTable
    gaps: dict[str, list[str]]
    sentences: list[SentenceTable]
    flip: FlipTable
    privacy: PrivacyTable


def template_fields(template: str) -> set[str]:
    """Return the placeholders of a template; ValueError when its braces are broken."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
