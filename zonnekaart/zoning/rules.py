"""Rules on the figures of a zone: conditions, and which rules fire where.

Everything here is data plus comparison. Thresholds, texts and sources stand in
``data/rules/*.toml``, which ``io/rules.py`` reads and checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

Comparison = Literal[">", ">=", "<", "<="]
Kind = Literal["bottleneck", "opportunity"]
Severity = Literal["high", "medium", "low"]

COMPARISONS: tuple[Comparison, ...] = (">", ">=", "<", "<=")
SEVERITY_RANK: dict[str, int] = {"high": 3, "medium": 2, "low": 1}


@dataclass(frozen=True)
class Condition:
    """
    One comparison of an indicator with a threshold.

    Parameters
    ----------
    indicator : str
        Name of an indicator of the register.
    comparison : {">", ">=", "<", "<="}
        How the indicator is compared with the threshold.
    threshold : float
        In the indicator's unit.
    unit : str
        The indicator's unit; kept with the number so that a reader sees it.
    """

    indicator: str
    comparison: Comparison
    threshold: float
    unit: str


@dataclass(frozen=True)
class Rule:
    """
    One bottleneck or opportunity.

    Parameters
    ----------
    id : str
        Stable identifier.
    kind : {"bottleneck", "opportunity"}
        What it means when the rule fires.
    condition : Condition
        When it fires.
    severity : {"high", "medium", "low"}
        How much it matters.
    weight : float
        > 0; orders rules of equal severity and the actions they ask for. [-]
    subject : str
        What the rule speaks of, so that the map can light it up.
    zone_kinds : tuple of str
        Kinds of zone it is asked in.
    when : tuple of Condition
        Further conditions that all must hold.
    reason : mapping of str to str
        Sentence per language with ``{value}``, ``{threshold}`` and ``{unit}``.
    source : str
        Address, or a sentence that says it is an own choice and why.
    actions, gaps : tuple of str
        Ids of recommendations and of missing sources.
    """

    id: str
    kind: Kind
    condition: Condition
    severity: Severity
    weight: float
    subject: str
    zone_kinds: tuple[str, ...]
    when: tuple[Condition, ...]
    reason: Mapping[str, str]
    source: str
    actions: tuple[str, ...]
    gaps: tuple[str, ...]


@dataclass(frozen=True)
class ClassRule:
    """
    One step of the decision of a zone's class; steps are tried in order.

    Parameters
    ----------
    id : str
        Stable identifier.
    zone_class : str
        Class of the zone when all conditions hold.
    conditions : tuple of Condition
        All must hold; none means always.
    when_unknown : {"next", "onbekend"}
        What happens when an indicator that decides is not known: try the next step, or stop.
    source : str
        Address, or a sentence that says it is an own choice and why.
    actions, gaps : tuple of str
        Ids of recommendations and of missing sources.
    """

    id: str
    zone_class: str
    conditions: tuple[Condition, ...]
    when_unknown: Literal["next", "onbekend"]
    source: str
    actions: tuple[str, ...]
    gaps: tuple[str, ...]


@dataclass(frozen=True)
class RuleSet:
    """
    A versioned set of rules and class steps.

    Parameters
    ----------
    id, version, date : str
        Header of the file.
    title : mapping of str to str
        Per language.
    rules : tuple of Rule
        Bottlenecks and opportunities.
    class_rules : tuple of ClassRule
        Steps of the class decision, in order.
    """

    id: str
    version: str
    date: str
    title: Mapping[str, str]
    rules: tuple[Rule, ...]
    class_rules: tuple[ClassRule, ...]

    def rule(self, rule_id: str) -> Rule:
        """Return the rule with this id; KeyError when the set has none."""
        return {r.id: r for r in self.rules}[rule_id]

    def class_rule(self, rule_id: str) -> ClassRule:
        """Return the class step with this id; KeyError when the set has none."""
        return {r.id: r for r in self.class_rules}[rule_id]


@dataclass(frozen=True)
class Fired:
    """A rule that fired in a zone, with the number that made it fire."""

    rule: Rule
    value: float


def holds(condition: Condition, values: FloatArray) -> tuple[BoolArray, BoolArray]:
    """
    Compare values with a condition's threshold.

    Parameters
    ----------
    condition : Condition
        What must hold.
    values : ndarray of float64, any shape
        The indicator; NaN is not known.

    Returns
    -------
    true, unknown : ndarray of bool
        Where it holds, and where it cannot be said. Nothing is both.
    """
    unknown = np.isnan(values)
    with np.errstate(invalid="ignore"):
        if condition.comparison == ">":
            true = values > condition.threshold
        elif condition.comparison == ">=":
            true = values >= condition.threshold
        elif condition.comparison == "<":
            true = values < condition.threshold
        else:
            true = values <= condition.threshold
    return true & ~unknown, unknown


def fires(rule: Rule, indicators: Mapping[str, FloatArray], kinds: Sequence[str]) -> BoolArray:
    """
    Tell in which zones a rule fires. What is not known never fires.

    Parameters
    ----------
    rule : Rule
        The rule.
    indicators : mapping of str to ndarray of float64, shape (zones,)
        Figures of each zone.
    kinds : sequence of str, length zones
        Kind of each zone.

    Returns
    -------
    ndarray of bool, shape (zones,)
    """
    fired = np.isin(np.asarray(kinds, dtype=object).astype(str), rule.zone_kinds)
    for condition in (rule.condition, *rule.when):
        fired &= holds(condition, indicators[condition.indicator])[0]
    return fired


def strength(fired: Fired) -> tuple[int, float]:
    """
    Return what orders fired rules, strongest first when sorted downwards.

    Severity comes first; within one severity the rule's weight times the distance from the
    threshold, relative to the threshold (to 1 where the threshold is 0).
    """
    condition = fired.rule.condition
    scale = abs(condition.threshold) or 1.0
    excess = min(abs(fired.value - condition.threshold) / scale, 10.0)
    return SEVERITY_RANK[fired.rule.severity], fired.rule.weight * (1.0 + excess)


def fired_per_zone(
    rules: Sequence[Rule], indicators: Mapping[str, FloatArray], kinds: Sequence[str]
) -> list[list[Fired]]:
    """
    List per zone the rules that fired, strongest first.

    Parameters
    ----------
    rules : sequence of Rule
        Rules to try.
    indicators : mapping of str to ndarray of float64, shape (zones,)
        Figures of each zone; NaN is not known.
    kinds : sequence of str, length zones
        Kind of each zone.

    Returns
    -------
    list of list of Fired, length zones
    """
    found: list[list[Fired]] = [[] for _ in kinds]
    for rule in rules:
        values = indicators[rule.condition.indicator]
        for zone in np.flatnonzero(fires(rule, indicators, kinds)):
            found[zone].append(Fired(rule, float(values[zone])))
    for zone_rules in found:
        zone_rules.sort(key=lambda f: (*strength(f), f.rule.id), reverse=True)
    return found
