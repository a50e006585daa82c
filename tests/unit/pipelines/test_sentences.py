"""Sentences: numbers in place, three languages, nothing left open."""

from __future__ import annotations

from pathlib import Path

import pytest

from zonnekaart.cartography.numbers import GROUP, SPACE, UNKNOWN
from zonnekaart.config import PrivacyTable
from zonnekaart.io.rules import read_rules
from zonnekaart.pipelines.sentences import (
    flip_sentence,
    privacy_sentence,
    reason_sentence,
    zone_sentence,
)
from zonnekaart.quantities import INDICATORS, LANGUAGES, ZONE_CLASSES
from zonnekaart.zoning.flips import Flip

PRESETS = Path(__file__).resolve().parents[3] / "data" / "rules"
RULES = read_rules("default", Path(), PRESETS)
NAN = float("nan")


def plain(text):
    return text.replace(GROUP, " ").replace(SPACE, " ")


def figures(**known):
    return dict.fromkeys(INDICATORS, NAN) | known


def test_the_reason_holds_value_and_threshold_as_people_write_them():
    told = reason_sentence(RULES.rule_set.rule("veel-vermogen"), 1234.0)
    assert plain(told["nl"]) == (
        "Er past nog 1,23 MWp bij. Buurzame Stroom in Gent bracht in één wijk ongeveer 700 kWp op "
        "het dak."
    )
    assert "1.23 MWp" in plain(told["en"])


@pytest.mark.parametrize("rule", RULES.rule_set.rules, ids=lambda rule: rule.id)
def test_every_reason_can_be_told(rule):
    for text in reason_sentence(rule, rule.condition.threshold).values():
        assert "{" not in text
        assert UNKNOWN not in text


def test_the_sentence_of_a_sharing_zone_is_the_one_of_the_brief():
    values = figures(
        annual_yield_kwh=1_830_000.0, self_consumption=0.38, self_consumption_pooled=0.62
    )
    told = zone_sentence(RULES.texts, "delen", "delen-in-de-zone", values)
    assert plain(told["nl"]) == (
        "Delen werkt hier: 1,83 GWh dakstroom per jaar; per gebouw wordt 38 % zelf gebruikt, "
        "gedeeld 62 %."
    )


def test_a_step_may_have_its_own_sentence():
    values = figures(
        annual_yield_kwh=1e6,
        self_consumption=0.2,
        self_consumption_pooled=0.22,
        headroom_ratio=1.4,
    )
    told = zone_sentence(RULES.texts, "delen", "delen-met-andere-zones", values)
    assert told["nl"].startswith("Deze zone kan geven")


@pytest.mark.parametrize("zone_class", ZONE_CLASSES)
def test_every_class_has_a_sentence_in_three_languages(zone_class):
    told = zone_sentence(RULES.texts, zone_class, "", dict.fromkeys(INDICATORS, 0.5))
    assert len({told[language] for language in LANGUAGES}) == 3


def test_without_figures_the_unknown_zone_still_has_a_sentence():
    told = zone_sentence(RULES.texts, "onbekend", "", figures())
    assert told["nl"] == "Over deze zone weten we te weinig om te kiezen."


def test_the_flip_is_the_one_of_the_brief():
    flip = Flip("x", "pv_headroom_kw", 420.0, 310.0, "kW", "overschot", 0.3)
    values = figures(pv_headroom_low_kw=280.0, pv_headroom_high_kw=560.0)
    told = flip_sentence(RULES.texts, flip, values)
    assert plain(told["nl"]) == (
        "Wordt overschot als ruimte op het net onder 310 kW zakt (nu 420 kW, geschat 280–560 kW)."
    )
    assert "becomes" in told["en"].lower()


def test_a_flip_without_a_range_leaves_it_out():
    flip = Flip("x", "self_consumption", 0.45, 0.5, "-", "eigen_gebruik", 0.1)
    told = flip_sentence(RULES.texts, flip, figures())
    assert plain(told["nl"]) == "Wordt eigen gebruik als zelfverbruik boven 50 % komt (nu 45 %)."


@pytest.mark.parametrize("why", ["few", "dominated", "secondary", "unknown"])
def test_privacy_is_explained_with_its_numbers(why):
    told = privacy_sentence(RULES.texts, why, PrivacyTable(k=12, dominance=0.75))
    assert all("{" not in text for text in told.values())
    assert ("12" in told["nl"]) == (why == "few")
    assert ("75" in told["nl"]) == (why == "dominated")


def test_a_value_that_rounds_to_its_limit_is_written_with_more_figures():
    flip = Flip("x", "sharing_gain", 0.0298, 0.03, "-", "delen", 0.1)
    told = flip_sentence(RULES.texts, flip, figures())
    assert plain(told["nl"]) == "Wordt delen als winst door delen boven 3 % komt (nu 2,98 %)."
    rule = RULES.rule_set.rule("delen-loont")
    assert "3,02 %" in plain(reason_sentence(rule, 0.0302)["nl"])
    assert "3 %" in plain(reason_sentence(rule, 0.03)["nl"])
