"""Flips are true: past them the class changes, just before them it does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zonnekaart.quantities import ZONE_CLASSES
from zonnekaart.zoning.classes import classify
from zonnekaart.zoning.flips import INPUT_INDICATORS, nearest_flips
from zonnekaart.zoning.response import Change, ZoneInputs, respond
from zonnekaart.zoning.rules import ClassRule, Condition


def step(name, zone_class, *conditions):
    found = tuple(Condition(i, c, t, "-") for i, c, t in conditions)
    return ClassRule(name, zone_class, found, "onbekend", "", (), ())


STEPS = (
    step("own", "eigen_gebruik", ("self_consumption", ">=", 0.5)),
    step("over", "overschot", ("headroom_ratio", ">", 2.0), ("surplus_share", ">", 0.6)),
    step("share", "delen", ("sharing_gain", ">=", 0.02)),
    step("rest", "vraag", ("headroom_ratio", "<=", 2.0)),
)


def zone(sc=0.3, gain=0.03, injection=150.0, headroom=100.0):
    pooled = min(sc + gain, 1.0)
    figures = {
        "annual_yield_kwh": 100_000.0, "consumption_kwh": 80_000.0, "peak_offtake_kw": 20.0,
        "self_consumption": sc, "self_sufficiency": sc * 1.25,
        "self_consumption_pooled": pooled, "self_sufficiency_pooled": pooled * 1.25,
        "peak_injection_kw": injection, "pv_headroom_kw": headroom,
        "sharing_gain": pooled - sc, "surplus_share": 1 - pooled, "yield_demand_ratio": 1.25,
        "headroom_ratio": injection / max(headroom, 1.0),
    }  # fmt: skip
    indicators = {name: np.array([value]) for name, value in figures.items()}
    return indicators, ZoneInputs(np.array([injection + 10.0]), np.array([5.0]))


def class_of(indicators):
    return ZONE_CLASSES[classify(STEPS, indicators, (1,))[0][0]]


def class_after(indicators, inputs, flip, past):
    """Apply a flip a hair past it, or a hair before it."""
    away = np.sign(flip.flips_at - flip.value) * 1e-6 * max(abs(flip.flips_at), 1e-3)
    to = flip.flips_at + (away if past else -away)
    if flip.indicator not in INPUT_INDICATORS:
        return class_of({**indicators, flip.indicator: np.array([to])})
    one = np.ones((1, 1))
    factor = one * to / flip.value
    change = Change(
        factor if flip.indicator == "annual_yield_kwh" else one,
        factor if flip.indicator == "consumption_kwh" else one,
        indicators["pv_headroom_kw"][:, None]
        * (factor if flip.indicator == "pv_headroom_kw" else one),
    )
    codes, _ = classify(STEPS, respond(indicators, inputs, change), (1, 1))
    return ZONE_CLASSES[codes[0, 0]]


@settings(max_examples=60, deadline=None)
@given(st.floats(0.05, 0.95), st.floats(0.0, 0.1), st.floats(10.0, 500.0), st.floats(20.0, 400.0))
def test_flips_are_true(sc, gain, injection, headroom):
    indicators, inputs = zone(sc, gain, injection, headroom)
    for flip in nearest_flips(STEPS, indicators, inputs, {})[0]:
        if flip.distance < 1e-4:
            continue  # a zone on the edge itself has no "just before"
        assert class_after(indicators, inputs, flip, past=True) == flip.to_class
        assert class_after(indicators, inputs, flip, past=False) == class_of(indicators)


def test_the_flip_by_headroom_is_where_the_ratio_passes_its_threshold():
    indicators, inputs = zone(injection=150.0, headroom=100.0)
    found = {f.indicator: f for f in nearest_flips(STEPS, indicators, inputs, {})[0]}
    assert found["pv_headroom_kw"].flips_at == pytest.approx(75.0)
    assert found["pv_headroom_kw"].to_class == "overschot"
    assert found["pv_headroom_kw"].unit == "kW"
    assert found["headroom_ratio"].flips_at == 2.0
    assert found["headroom_ratio"].rule_id == "over"


def test_the_nearest_comes_first_and_each_figure_once():
    found = nearest_flips(STEPS, *zone(), {})[0]
    assert [f.distance for f in found] == sorted(f.distance for f in found)
    assert len({f.indicator for f in found}) == len(found)


def test_a_known_spread_measures_the_distance():
    indicators, inputs = zone()
    wide = nearest_flips(STEPS, indicators, inputs, {"headroom_ratio": np.array([5.0])})[0]
    distance = {f.indicator: f.distance for f in wide}["headroom_ratio"]
    assert distance == pytest.approx((2.0 - 1.5) / 5.0)


def test_a_value_on_its_threshold_flips_at_once():
    indicators, inputs = zone(sc=0.5, gain=0.1)
    found = {f.indicator: f for f in nearest_flips(STEPS, indicators, inputs, {})[0]}
    assert found["self_consumption"].flips_at == np.nextafter(0.5, 0.0)  # ">=": only below it
    assert found["self_consumption"].distance == pytest.approx(0.0, abs=1e-15)


def test_a_change_that_passes_through_the_unknown_is_not_told_as_the_first():
    rules = (
        step("few", "onbekend", ("self_consumption", ">=", 0.4)),
        step("own", "eigen_gebruik", ("self_consumption", ">=", 0.5)),
        step("rest", "delen", ("self_consumption", "<", 0.4)),
    )
    reachable = (
        step("few", "onbekend", ("self_consumption", ">=", 0.4), ("self_consumption", "<", 0.5)),
        *rules[1:],
    )
    indicators, inputs = zone(sc=0.3, gain=0.0)
    assert nearest_flips(reachable, indicators, inputs, {}) == [[]]


def test_unknown_zones_have_no_flips_and_none_leads_to_unknown():
    indicators, inputs = zone()
    blank = {name: np.full(1, np.nan) for name in indicators}
    assert nearest_flips(STEPS, blank, inputs, {}) == [[]]
    for flip in nearest_flips(STEPS[:1], *zone(sc=0.6), {})[0]:
        assert flip.to_class != "onbekend"
