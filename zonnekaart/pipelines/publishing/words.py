"""Records of a zone with their sentences: reasons, tipping points, why demand is hidden."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from zonnekaart.errors import TableError
from zonnekaart.io.published import Flip, Reason, Texts, known
from zonnekaart.pipelines.publishing.frames import number
from zonnekaart.pipelines.sentences import (
    flip_sentence,
    privacy_sentence,
    reason_sentence,
)
from zonnekaart.quantities import LANGUAGES
from zonnekaart.zoning import flips as zoning_flips

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zonnekaart.config import Project
    from zonnekaart.io.rules import RuleFile


def reason(rules: RuleFile, fired: Mapping[str, Any]) -> Reason:
    """
    Return a fired rule with its sentence.

    Parameters
    ----------
    rules : RuleFile
        The set the zones were classed with.
    fired : mapping
        One record of ``bottlenecks`` or ``opportunities``.
    """
    rule = rules.rule_set.rule(str(fired["rule_id"]))
    value = number(fired["value"])
    return Reason(
        rule_id=rule.id,
        indicator=str(fired["indicator"]),
        value=known(value),
        threshold=known(fired["threshold"]),
        unit=str(fired["unit"]),
        comparison=str(fired.get("comparison") or rule.condition.comparison),
        severity=fired["severity"],
        subject=str(fired.get("subject") or rule.subject),
        reason=Texts(**reason_sentence(rule, value)),
        source=rule.source,
    )


def flip(rules: RuleFile, found: Mapping[str, Any], indicators: Mapping[str, float]) -> Flip:
    """
    Return a tipping point with its sentence.

    Parameters
    ----------
    rules : RuleFile
        The set the zones were classed with.
    found : mapping
        One record of ``flips``.
    indicators : mapping of str to float
        Figures of the zone, for the range of the one that would move.
    """
    change = zoning_flips.Flip(
        rule_id=str(found["rule_id"]),
        indicator=str(found["indicator"]),
        value=number(found["value"]),
        flips_at=number(found["flips_at"]),
        unit=str(found["unit"]),
        to_class=str(found["to_class"]),
        distance=math.nan,
    )
    return Flip(
        rule_id=change.rule_id,
        indicator=change.indicator,
        value=known(change.value),
        flips_at=known(change.flips_at),
        unit=change.unit,
        to_class=change.to_class,
        sentence=Texts(**flip_sentence(rules.texts, change, indicators)),
    )


def sentence_of(given: object) -> Texts:
    """
    Return the one sentence of a zone, which zoning wrote.

    Parameters
    ----------
    given : object
        The ``sentence`` cell of the zone.

    Raises
    ------
    TableError
        If it is not a text in each language.
    """
    if not isinstance(given, dict) or not all(given.get(lang) for lang in LANGUAGES):
        raise TableError(
            "zones.parquet: sentence",
            repr(given),
            f"a text in {', '.join(LANGUAGES)}",
            "run zoning again",
        )
    return Texts(**{lang: given[lang] for lang in LANGUAGES})


def certainty_of(given: object) -> Texts | None:
    """Return how sure a zone's class is in words; None where nothing is said."""
    if not isinstance(given, dict) or not all(given.get(lang) for lang in LANGUAGES):
        return None
    return Texts(**{lang: given[lang] for lang in LANGUAGES})


def known_text(given: object) -> str | None:
    """Return a text cell; None for what is empty or unknown."""
    return given if isinstance(given, str) and given else None


def privacy_texts(rules: RuleFile, note: object, project: Project) -> Texts | None:
    """
    Return why demand is not shown, in all languages; None when it is shown.

    Parameters
    ----------
    rules : RuleFile
        The set the zones were classed with.
    note : object
        The ``privacy_note`` cell: a sentence of the rule file in the project's language, or a
        text of the project's own.
    project : Project
        For its language and its privacy rule.
    """
    if not isinstance(note, str) or not note:
        return None
    for why in rules.texts.privacy:
        sentence = privacy_sentence(rules.texts, why, project.privacy)
        if sentence[project.project.language] == note:
            return Texts(**sentence)
    return Texts(nl=note, fr=note, en=note)


def finite(value: float | None) -> float:
    """Return a figure for a text: NaN, which is written as unknown, for null."""
    return math.nan if value is None else value
