"""Missing data and actions as the panel shows them; what may not leave with them."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from zonnekaart.errors import PrivacyError
from zonnekaart.io.matrix import load_matrix
from zonnekaart.pipelines.publishing.advice import actions, gaps
from zonnekaart.pipelines.publishing.frames import require_hidden_demand
from zonnekaart.pipelines.publishing.readable import readable_frame

NAN = float("nan")


def effect(action, gain=100.0):
    row = {"action_id": action, "doability": 0.7, "score": 0.5, "prices_observed": "2022/2023"}
    for name, centre in (("energy_kwh", 1000.0), ("gain_eur", gain), ("avoided_kg", 0.0)):
        row |= {f"{name}_low": centre / 2, f"{name}_central": centre, f"{name}_high": centre * 2}
    return row


@pytest.fixture(scope="module")
def matrix():
    return load_matrix()


def test_the_source_that_makes_surer_comes_first_and_the_unknown_last(matrix):
    record = {
        "gaps": ["MIS-02", "MIS-01", "MIS-08"],
        "gap_effects": [
            {"source_id": "MIS-01", "confidence_gain": 0.02},
            {"source_id": "MIS-08", "confidence_gain": 0.2},
            {"source_id": "MIS-02", "confidence_gain": NAN},
        ],
    }
    found = gaps(matrix, record)
    assert [g.id for g in found] == ["MIS-08", "MIS-01", "MIS-02"]
    assert [g.confidence_gain for g in found] == [0.2, 0.02, None]


def test_a_build_without_gains_keeps_its_order(matrix):
    found = gaps(matrix, {"gaps": ["MIS-02", "MIS-01"]})
    assert [g.id for g in found] == ["MIS-02", "MIS-01"]


def test_an_action_carries_its_range_and_says_nothing_where_no_price_is_known(matrix):
    record = {
        "actions": ["rec01", "rec04", "rec17"],
        "action_effects": [effect("rec01"), effect("rec04", gain=NAN)],
    }
    first, second, third = actions(matrix, record)
    assert (first.effect.energy.low, first.effect.energy.high) == (500.0, 2000.0)
    assert first.effect.gain.unit == "EUR"
    assert second.effect.gain is None
    assert third.effect is None
    assert third.title.nl


def test_money_in_a_hidden_zone_is_refused():
    zones = gpd.GeoDataFrame(
        {"zone_id": ["z"], "published": [False], "action_effects": [[effect("rec04")]]},
        geometry=[shapely.Point(0, 0)],
    )
    with pytest.raises(PrivacyError, match="action_effects of rec04"):
        require_hidden_demand(zones)
    require_hidden_demand(zones.assign(action_effects=[[effect("rec04", gain=NAN)]]))


def test_tables_write_gains_and_effects_as_text():
    zones = gpd.GeoDataFrame(
        {
            "zone_id": ["z"],
            "gap_effects": [
                [
                    {"source_id": "MIS-01", "confidence_gain": 0.123},
                    {"source_id": "MIS-02", "confidence_gain": NAN},
                ]
            ],
            "action_effects": [[effect("rec04")]],
            "certainty_text": [{"nl": "Zeker.", "fr": "Certain.", "en": "Sure."}],
        },
        geometry=[shapely.Point(0, 0)],
    )
    found = readable_frame(zones).iloc[0]
    assert found["gap_effects"] == "MIS-01 +0.12; MIS-02 ?"
    assert found["action_effects"] == "rec04 1000 kWh 100 EUR 0 kg CO2"
    assert found["certainty_text_fr"] == "Certain."
