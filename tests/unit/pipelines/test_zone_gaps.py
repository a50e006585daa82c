"""Ranking of missing data, and words for how sure a class is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from zonnekaart.io.rules import read_rules
from zonnekaart.pipelines.zone_gaps import INPUT_OF_GAP, certainties, gap_ranking
from zonnekaart.quantities import ZONE_CLASSES

PRESETS = Path(__file__).resolve().parents[3] / "data" / "rules"


@pytest.fixture(scope="module")
def rules():
    return read_rules("default", Path(), PRESETS)


def test_kinds_that_are_drawn_stand_in_the_rule_file(rules):
    assert set(INPUT_OF_GAP) <= set(rules.gap_sources)


def test_the_source_that_settles_most_zones_is_asked_for_first():
    nan = float("nan")
    judged = pd.DataFrame(
        {
            "zone_class": ["delen", "delen", "onbekend"],
            "indicators": [{"annual_yield_kwh": 1000.0 * n} for n in (1.0, 2.0, 4.0)],
            "gap_effects": [
                [{"source_id": "A", "confidence_gain": 0.1}],
                [
                    {"source_id": "B", "confidence_gain": 0.3},
                    {"source_id": "A", "confidence_gain": 0.0},
                ],
                [{"source_id": "C", "confidence_gain": nan}],
            ],
        }
    )
    found = gap_ranking(judged)
    assert found["source_id"].tolist() == ["B", "A", "C"]
    assert found["rank"].tolist() == [1, 2, 3]
    assert found["zones_touched"].tolist() == [1, 2, 1]
    assert found["zones_undecided"].tolist() == [0, 0, 1]
    assert found["annual_yield_mwh"].tolist() == [2.0, 3.0, 4.0]
    assert found["expected_zones"].tolist()[:2] == pytest.approx([0.3, 0.1])
    assert np.isnan(found["expected_zones"].iloc[2])


def test_no_gaps_give_an_empty_ranking():
    judged = pd.DataFrame({"zone_class": [], "indicators": [], "gap_effects": []})
    assert gap_ranking(judged).empty


def test_words_follow_the_limits_and_name_the_other_class(rules):
    rows = np.zeros((4, len(ZONE_CLASSES)))
    own, share = ZONE_CLASSES.index("delen"), ZONE_CLASSES.index("overschot")
    rows[0, [own, share]] = 0.8, 0.2
    rows[1, [own, share]] = 0.7, 0.3
    rows[2, [own, share]] = 0.55, 0.45
    rows[3, -1] = 1.0
    words, texts = certainties(["delen"] * 3 + ["onbekend"], rows, rules)
    assert words == ["sure", "likely", "doubt", None]
    assert texts[2]["nl"] == "Twijfel tussen delen en overschot."
    assert texts[3] is None


def test_without_draws_nothing_is_said(rules):
    words, texts = certainties(["delen"], np.full((1, len(ZONE_CLASSES)), np.nan), rules)
    assert words == texts == [None]
