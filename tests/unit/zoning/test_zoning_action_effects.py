"""Effects of actions, against sums by hand; scores and their order."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonnekaart.zoning.action_effects import (
    ENERGY,
    NOTHING,
    UNKNOWN,
    Effect,
    Prospect,
    Span,
    Worth,
    action_effect,
    scores,
)
from zonnekaart.zoning.actions import Advice, ranked_actions

ZONE = {
    "annual_yield_kwh": 100_000.0, "additional_kwp": 75.0, "capacity_kwp": 100.0,
    "sharing_gain": 0.05, "apartment_share": 0.4, "surplus_kwh": 60_000.0,
    "residual_kwh": 40_000.0, "heritage_share": 0.1, "self_consumption": 0.25,
}  # fmt: skip
WORTH = Worth(
    Span(0.2, 0.25, 0.3), Span(0.05, 0.1, 0.15), Span(0.05, 0.1, 0.15), Span(0.1, 0.2, 0.4)
)
SHARE = Span(0.1, 0.2, 0.4)


def effect(energy, *, made, zone=ZONE, worth=WORTH):
    return action_effect(Prospect(energy, made, SHARE, 0.5), zone, worth)


@pytest.mark.parametrize(
    ("energy", "base"),
    [
        ("untapped", 75_000.0),
        ("sharing", 5_000.0),
        ("flats", 2_000.0),
        ("surplus", 60_000.0),
        ("residual", 40_000.0),
        ("heritage", 10_000.0),
    ],
)
def test_energy_is_the_share_of_the_zone_s_own_figure(energy, base):
    found = effect(energy, made=False).energy_kwh
    assert (found.low, found.central, found.high) == pytest.approx(
        (0.1 * base, 0.2 * base, 0.4 * base)
    )


def test_power_made_earns_own_use_and_injection_and_avoids_co2():
    found = effect("untapped", made=True)
    # 15 000 kWh, a quarter used at 0.25 and three quarters injected at 0.10.
    assert found.gain_eur.central == pytest.approx(15_000 * (0.25 * 0.25 + 0.75 * 0.10))
    assert found.avoided_kg.central == pytest.approx(3_000.0)


def test_power_that_only_finds_a_user_avoids_no_co2():
    found = effect("surplus", made=False)
    assert found.avoided_kg == NOTHING
    assert found.gain_eur.high == pytest.approx(24_000 * 0.15)


def test_what_is_not_known_stays_so():
    hidden = {**ZONE, "surplus_kwh": math.nan, "self_consumption": math.nan}
    assert math.isnan(effect("surplus", made=False, zone=hidden).energy_kwh.central)
    assert math.isnan(effect("untapped", made=True, zone=hidden).gain_eur.central)
    assert math.isfinite(effect("untapped", made=True, zone=hidden).energy_kwh.central)
    elsewhere = Worth(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)
    assert math.isnan(effect("sharing", made=False, worth=elsewhere).gain_eur.central)
    assert math.isnan(
        effect("untapped", made=True, zone={**ZONE, "capacity_kwp": 0.0}).energy_kwh.low
    )
    assert effect("none", made=False) is None


def test_sharing_that_takes_away_brings_nothing():
    assert effect("sharing", made=False, zone={**ZONE, "sharing_gain": -0.01}).energy_kwh == NOTHING


@given(st.sampled_from(sorted(ENERGY)), st.booleans(), st.floats(0.0, 1.0))
def test_ranges_rise_from_low_to_high(energy, made, own):
    found = effect(energy, made=made, zone={**ZONE, "self_consumption": own})
    for span in (found.energy_kwh, found.gain_eur, found.avoided_kg):
        assert 0.0 <= span.low <= span.central <= span.high


def test_a_score_joins_votes_with_effect_times_doability():
    big = Effect(Span(0, 10.0, 20), Span(0, 4.0, 8), Span(0, 2.0, 4))
    small = Effect(Span(0, 5.0, 10), Span(0, 1.0, 2), NOTHING)
    found = scores(
        {"a": 2.0, "b": 4.0, "c": 4.0},
        {"a": big, "b": small, "c": None},
        {"a": 0.5, "b": 1.0, "c": 1.0},
        (0.5, 0.5),
    )
    assert found == pytest.approx({"a": 0.25 + 0.25, "b": 0.5 + 0.5 * (0.5 + 0.25) / 3, "c": 0.5})


def test_without_any_effect_the_votes_decide_and_ties_keep_the_order_of_ids():
    unknown = Effect(UNKNOWN, UNKNOWN, UNKNOWN)
    found = scores({"b": 1.0, "a": 1.0, "c": 3.0}, {"a": unknown}, {}, (0.5, 0.5))
    assert ranked_actions(Advice(None, (), ()), found) == ["c", "a", "b"]


def test_what_is_not_known_counts_as_the_mean_and_not_as_nothing():
    known = Effect(Span(0, 8.0, 9), NOTHING, NOTHING)
    other = Effect(Span(0, 4.0, 9), NOTHING, NOTHING)
    hidden = Effect(UNKNOWN, UNKNOWN, UNKNOWN)
    votes = dict.fromkeys("abc", 1.0)
    found = scores(votes, {"a": known, "b": other, "c": hidden}, dict.fromkeys("abc", 1.0), (0, 1))
    assert found == pytest.approx({"a": 1 / 3, "b": 0.5 / 3, "c": 0.75 / 3})
