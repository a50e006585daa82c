"""Numbers into sentences: reasons, flips, one sentence per zone, why demand is not shown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from zonnekaart.cartography.classes import CLASSES
from zonnekaart.cartography.numbers import (
    SPACE,
    indicator_range_text,
    indicator_text,
    texts_apart,
    unit_text,
)
from zonnekaart.io.rule_schema import template_fields
from zonnekaart.quantities import LANGUAGES, interval_of, quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zonnekaart.config import PrivacyTable
    from zonnekaart.io.rules import Texts
    from zonnekaart.zoning.flips import Flip
    from zonnekaart.zoning.rules import Rule

Sentence = dict[str, str]
"""One text per language."""


def reason_sentence(rule: Rule, value: float) -> Sentence:
    """
    Write why a rule fired.

    Parameters
    ----------
    rule : Rule
        The rule; its reason is the template.
    value : float
        The indicator's value in the zone, in the rule's unit.
    """
    name, threshold = rule.condition.indicator, rule.condition.threshold
    sentence: Sentence = {}
    for language in LANGUAGES:
        told, limit = texts_apart(name, value, threshold, language)
        sentence[language] = rule.reason[language].format(
            value=told, threshold=limit, unit=unit_text(rule.condition.unit)
        )
    return sentence


def zone_sentence(
    texts: Texts, zone_class: str, step: str, indicators: Mapping[str, float]
) -> Sentence:
    """
    Write a zone's one sentence: the first of its class and step whose figures are all known.

    Parameters
    ----------
    texts : Texts
        Templates of the rule file.
    zone_class : str
        Class of the zone.
    step : str
        Id of the class step that decided; empty when none did.
    indicators : mapping of str to float
        Figures of the zone; NaN is not known.
    """
    of_class = [
        template
        for name, only, template in texts.sentences
        if name == zone_class and only in (None, step)
    ]
    for template in of_class:
        used = set().union(*(template_fields(template[lang]) for lang in LANGUAGES))
        if all(math.isfinite(indicators[name]) for name in used):
            return _filled(template, indicators)
    return _filled(of_class[-1], indicators)


def ruled_sentence(zone_class: str, by: str, reason: str) -> Sentence:
    """
    Write the sentence of a zone whose class a person set: the figures do not explain it.

    Parameters
    ----------
    zone_class : str
        Class that was set.
    by, reason : str
        Who set it, and why, in that person's own words.
    """
    label = {language: text.capitalize() for language, text in CLASSES[zone_class].label.items()}
    return {
        "nl": f"{label['nl']} volgens {by}: {reason}",
        "fr": f"{label['fr']} selon {by}{SPACE}: {reason}",
        "en": f"{label['en']} according to {by}: {reason}",
    }


def _filled(template: Mapping[str, str], indicators: Mapping[str, float]) -> Sentence:
    return {
        language: template[language].format(
            **{
                name: indicator_text(name, indicators[name], language)
                for name in template_fields(template[language])
            }
        )
        for language in LANGUAGES
    }


def flip_sentence(texts: Texts, flip: Flip, indicators: Mapping[str, float]) -> Sentence:
    """
    Write what would flip a zone's class.

    Parameters
    ----------
    texts : Texts
        Templates of the rule file.
    flip : Flip
        The change.
    indicators : mapping of str to float
        Figures of the zone, for the range of the one that changes.
    """
    ends = interval_of(flip.indicator)
    direction = "above" if flip.flips_at >= flip.value else "below"
    sentence: Sentence = {}
    for language in LANGUAGES:
        spread = ""
        if ends is not None:
            low, high = (indicators[end] for end in ends)
            spread = indicator_range_text(flip.indicator, low, high, language)
        value, edge = texts_apart(flip.indicator, flip.value, flip.flips_at, language)
        template = texts.flip[f"{direction}_with_range" if spread else direction][language]
        sentence[language] = template.format(
            to_class=CLASSES[flip.to_class].label[language],
            label=quantity(flip.indicator).label[language],
            flips_at=edge,
            value=value,
            range=spread,
        )
    return sentence


def certainty_sentence(texts: Texts, word: str, first: str, second: str) -> Sentence:
    """
    Write how sure a zone's class is.

    Parameters
    ----------
    texts : Texts
        Templates of the rule file.
    word : {"sure", "likely", "doubt"}
        How sure.
    first, second : str
        The zone's class, and the most probable other one.
    """
    return {
        language: texts.certainty[word][language].format(
            first=CLASSES[first].label[language], second=CLASSES[second].label[language]
        )
        for language in LANGUAGES
    }


def privacy_sentence(texts: Texts, why: str, privacy: PrivacyTable) -> Sentence:
    """
    Write why a zone's demand is not shown.

    Parameters
    ----------
    texts : Texts
        Templates of the rule file.
    why : {"few", "dominated", "secondary", "unknown"}
        The reason.
    privacy : PrivacyTable
        The project's privacy rule.
    """
    return {
        language: texts.privacy[why][language].format(
            k=privacy.k,
            buildings=privacy.min_buildings,
            dominance=indicator_text("used_share", privacy.dominance, language),
        )
        for language in LANGUAGES
    }
