"""What a rule file may hold: its tables, and the checks that types cannot make."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from zonnekaart.errors import RulesError
from zonnekaart.quantities import INDICATORS, LANGUAGES, QUANTITIES, ZONE_CLASSES, ZONE_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REASON_FIELDS = frozenset({"value", "threshold", "unit"})
FLIP_FIELDS = frozenset({"to_class", "label", "flips_at", "value", "range"})
PRIVACY_FIELDS = frozenset({"k", "buildings", "dominance"})
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
        "grid", "balance", "demand", "heritage", "apartments", "roofs", "survey", "sharing"
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


class HeadroomTable(_Table):
    """What is assumed of cabins."""

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
    source: str = Field(min_length=10)


class UncertaintyTable(_Table):
    """What is assumed where inputs carry no interval."""

    interval_coverage: float = Field(gt=0.0, lt=1.0)
    common_yield_share: float = Field(ge=0.0, le=1.0)
    yield_relative: float = Field(ge=0.0, lt=1.0)
    demand_relative: float = Field(ge=0.0, lt=1.0)
    source: str = Field(min_length=10)


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
    gaps: dict[str, list[str]]
    sentences: list[SentenceTable]
    flip: FlipTable
    privacy: PrivacyTable


def check_rules(parsed: RuleFileTable, path: Path) -> None:
    """
    Check what a schema cannot: the register, ids, placeholders, contradictions.

    Raises
    ------
    RulesError
        At the first fault, with the id of the rule it is in.
    """
    for subject, condition in _conditions(parsed):
        _check_condition(condition, f"{path}: {subject}")
    _check_kinds(parsed, path)
    _check_ids(parsed, path)
    _check_texts(parsed, path)
    _check_contradictions(parsed, path)
    _check_headroom(parsed.headroom, path)


def _conditions(parsed: RuleFileTable) -> Iterator[tuple[str, ConditionTable]]:
    for rule in parsed.rules:
        yield f"rule '{rule.id}'", rule
        for condition in rule.applies_to.when:
            yield f"rule '{rule.id}'.applies_to.when", condition
    for step in parsed.classes:
        for condition in step.all:
            yield f"class step '{step.id}'", condition


def _check_condition(condition: ConditionTable, subject: str) -> None:
    if condition.indicator not in INDICATORS:
        raise RulesError(
            f"{subject}.indicator",
            condition.indicator,
            f"one of: {', '.join(INDICATORS)}",
            "correct the name; docs/glossary.md explains each",
        )
    known = QUANTITIES[condition.indicator]
    if condition.unit != known.unit:
        raise RulesError(
            f"{subject}.unit",
            repr(condition.unit),
            repr(known.unit),
            f"give the threshold of {condition.indicator} in {known.unit}; shares run from 0 to 1",
        )
    if not known.low <= condition.threshold <= known.high:
        raise RulesError(
            f"{subject}.threshold",
            f"{condition.threshold:g} {known.unit}",
            f"between {known.low:g} and {known.high:g}",
            "no zone can reach this threshold; shares run from 0 to 1",
        )


def _check_kinds(parsed: RuleFileTable, path: Path) -> None:
    for rule in parsed.rules:
        strange = [kind for kind in rule.applies_to.kinds if kind not in (ANY_KIND, *ZONE_KINDS)]
        if strange:
            raise RulesError(
                f"{path}: rule '{rule.id}'.applies_to.kinds",
                ", ".join(strange),
                f"{ANY_KIND}, or some of: {', '.join(ZONE_KINDS)}",
                f'correct the kind, or write ["{ANY_KIND}"]',
            )


def _check_ids(parsed: RuleFileTable, path: Path) -> None:
    ids = [r.id for r in parsed.rules] + [c.id for c in parsed.classes]
    for rule_id in ids:
        if ids.count(rule_id) > 1:
            raise RulesError(
                f"{path}: '{rule_id}'", "an id used twice", "one rule per id", "rename one"
            )
    for subject, name in [(f"class step '{c.id}'", c.zone_class) for c in parsed.classes] + [
        ("sentences", s.zone_class) for s in parsed.sentences
    ]:
        if name not in ZONE_CLASSES:
            raise RulesError(
                f"{path}: {subject}.class", name, f"one of: {', '.join(ZONE_CLASSES)}", "correct it"
            )
    if len(parsed.classes) > 1 and any(not c.all for c in parsed.classes[:-1]):
        empty = next(c.id for c in parsed.classes[:-1] if not c.all)
        raise RulesError(
            f"{path}: class step '{empty}'",
            "no condition, before the last step",
            "conditions, or the last place",
            "steps after it would never be tried",
        )


def _check_texts(parsed: RuleFileTable, path: Path) -> None:
    for rule in parsed.rules:
        _check_fields(rule.reason, REASON_FIELDS, f"{path}: rule '{rule.id}'.reason")
        if any("{value}" not in text for text in rule.reason.model_dump().values()):
            raise RulesError(
                f"{path}: rule '{rule.id}'.reason",
                "a sentence without {value}",
                "the number that made the rule fire",
                "put {value} in nl, fr and en",
            )
    for sentence in parsed.sentences:
        where = f"{path}: sentences ({sentence.zone_class})"
        _check_fields(sentence, frozenset(INDICATORS), where)
        steps = {c.id for c in parsed.classes if c.zone_class == sentence.zone_class}
        if sentence.step is not None and sentence.step not in steps:
            raise RulesError(
                f"{where}.step",
                sentence.step,
                f"one of: {', '.join(sorted(steps))}",
                "name a step of the same class, or leave step out",
            )
    for name in ("above", "below", "above_with_range", "below_with_range"):
        _check_fields(getattr(parsed.flip, name), FLIP_FIELDS, f"{path}: flip.{name}")
    for name in ("few", "dominated", "secondary", "unknown"):
        _check_fields(getattr(parsed.privacy, name), PRIVACY_FIELDS, f"{path}: privacy.{name}")
    missing = [c for c in ZONE_CLASSES if c not in {s.zone_class for s in parsed.sentences}]
    if missing:
        raise RulesError(
            f"{path}: sentences", f"none for {missing[0]}", "one per class", "add [[sentences]]"
        )


def _check_fields(texts: TextsTable, allowed: frozenset[str], subject: str) -> None:
    """Check that templates are whole and use only placeholders that will be filled."""
    for language in LANGUAGES:
        try:
            used = template_fields(getattr(texts, language))
        except ValueError as error:
            raise RulesError(
                f"{subject}.{language}", str(error), "whole braces", "write {{ for a plain brace"
            ) from error
        for field in sorted(used - allowed):
            raise RulesError(
                f"{subject}.{language}",
                "{" + field + "}",
                f"one of: {', '.join(sorted(allowed))}",
                "correct the placeholder",
            )


def template_fields(template: str) -> set[str]:
    """Return the placeholders of a template; ValueError when its braces are broken."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def _check_contradictions(parsed: RuleFileTable, path: Path) -> None:
    """Refuse two rules that say opposite things of the same numbers."""
    seen: dict[tuple[str, bool, float, int], RuleTable] = {}
    for rule in parsed.rules:
        upward = rule.comparison in {">", ">="}
        key = (rule.indicator, upward, rule.threshold, len(rule.applies_to.when))
        other = seen.setdefault(key, rule)
        if other is not rule and other.kind != rule.kind and not rule.applies_to.when:
            raise RulesError(
                f"{path}: rule '{rule.id}'",
                f"the same condition as {other.kind} '{other.id}'",
                "one of the two, or another threshold",
                f"a zone cannot have {rule.indicator} as {rule.kind} and {other.kind} at once",
            )


def _check_headroom(headroom: HeadroomTable, path: Path) -> None:
    classes = headroom.classes_kva
    if sorted(set(classes)) != classes or classes[0] < 1.0:
        raise RulesError(
            f"{path}: headroom.classes_kva",
            str(classes),
            "rising transformer sizes in kVA",
            "sort them; 0.4 would be MVA, write 400.0",
        )
    if headroom.connections_max < headroom.connections_min:
        raise RulesError(
            f"{path}: headroom.connections_max",
            str(headroom.connections_max),
            f"at least {headroom.connections_min}",
            "swap the two",
        )
    for name, falling in (
        ("dwelling_kw", False),
        ("reverse_limit", False),
        ("existing_unknown_share", True),
    ):
        band: BandTable = getattr(headroom, name)
        values = [band.low, band.central, band.high]
        if values != sorted(values, reverse=falling):
            raise RulesError(
                f"{path}: headroom.{name}",
                f"{values}",
                "falling values" if falling else "rising values",
                "low, central and high speak of the ends of the headroom",
            )
