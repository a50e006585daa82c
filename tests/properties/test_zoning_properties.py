"""What must hold of zoning for any zone, under the three rule sets that come with the package."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zonnekaart.io.rules import PRESETS, read_rules
from zonnekaart.quantities import INDICATORS, ZONE_CLASSES
from zonnekaart.zoning.classes import classify
from zonnekaart.zoning.confidence import Sampling, class_confidence
from zonnekaart.zoning.flips import INPUT_INDICATORS, nearest_flips
from zonnekaart.zoning.gap_effects import confidence_gains
from zonnekaart.zoning.indicators import derived_indicators
from zonnekaart.zoning.response import Change, ZoneInputs, respond
from zonnekaart.zoning.rules import fires

FOLDER = Path(__file__).resolve().parents[2] / "data" / "rules"
SETS = {name: read_rules(name, FOLDER, FOLDER) for name in PRESETS}
_HAIR = 1e-11
"""Input flips are found by halving, to about 3e-14 of the value."""

# Values that stand on thresholds of the rule sets are drawn on purpose: ties are where
# comparisons go wrong.
shares = st.one_of(st.floats(0.02, 0.98), st.sampled_from([0.3, 0.5, 0.6, 0.1, 0.2]))
zones = st.fixed_dictionaries(
    {
        "ratio": st.one_of(st.floats(0.2, 5.0), st.sampled_from([0.5, 1.0, 1.5])),
        "own": shares,
        "gain": st.one_of(st.floats(0.0, 0.2), st.sampled_from([0.01, 0.03, 0.05])),
        "headroom": st.one_of(st.floats(0.2, 8.0), st.sampled_from([0.5, 1.0, 2.0, 4.0])),
        "heritage": st.one_of(st.just(0.0), st.floats(0.0, 1.0), st.just(0.3), st.just(np.nan)),
        "connections": st.sampled_from([3.0, 5.0, 40.0]),
        "known": st.sampled_from([True, True, True, False]),
    }
)


def table(drawn, width=0.2):
    """Return figures that belong together, as the pipeline gathers them."""
    rows = [_zone(**one, width=width) for one in drawn]
    figures = {name: np.array([row.get(name, np.nan) for row in rows]) for name in INDICATORS}
    figures |= derived_indicators(figures)
    ratio = figures["peak_injection_kw"] / figures["pv_headroom_kw"]
    figures["headroom_ratio"] = ratio
    peaks, low = np.full(len(rows), 80.0), np.array([row["sunny"] for row in rows])
    return figures, ZoneInputs(peaks, low), [f"z{i}" for i in range(len(rows))]


def _zone(*, ratio, own, gain, headroom, heritage, connections, known, width):
    made, pooled = 1e5, min(own + gain, 1.0)
    used = made / ratio if known else np.nan
    hide = 1.0 if known else np.nan
    room = 70.0 / headroom * hide
    return {
        "annual_yield_kwh": made, "annual_yield_low_kwh": made * (1 - width),
        "annual_yield_high_kwh": made * (1 + width), "consumption_kwh": used,
        "consumption_low_kwh": used * (1 - width), "consumption_high_kwh": used * (1 + width),
        "self_consumption": own * hide, "self_sufficiency": min(own * ratio, 1.0) * hide,
        "self_consumption_pooled": pooled * hide,
        "self_sufficiency_pooled": min(pooled * ratio, 1.0) * hide,
        "surplus_kwh": made * (1 - pooled) * hide, "residual_kwh": used - used * 0.1,
        "peak_injection_kw": 70.0 * hide, "peak_offtake_kw": 20.0 * hide,
        "pv_headroom_low_kw": room * (1 - 2 * width), "pv_headroom_kw": room,
        "pv_headroom_high_kw": room * (1 + 2 * width), "heritage_share": heritage,
        "survey_mismatch_share": 0.0, "connections": connections, "sunny": 5.0 * hide,
        "apartment_share": 0.4, "used_share": 0.1, "additional_kwp": 90.0,
    }  # fmt: skip


def classes(rules, figures):
    return classify(rules, figures, figures["annual_yield_kwh"].shape)[0]


@pytest.mark.parametrize("name", PRESETS)
@settings(max_examples=25, deadline=None)
@given(drawn=st.lists(zones, min_size=1, max_size=4))
def test_flips_are_true(name, drawn):
    rules = SETS[name].rule_set.class_rules
    figures, inputs, _ = table(drawn)
    codes = classes(rules, figures)
    for zone, found in enumerate(nearest_flips(rules, figures, inputs, {})):
        one = {k: v[zone : zone + 1] for k, v in figures.items()}
        near = inputs.of(slice(zone, zone + 1))
        for flip in found:
            past, before = _both_sides(rules, one, near, flip)
            assert past == flip.to_class
            assert before == ZONE_CLASSES[codes[zone]]
            assert flip.to_class not in ("onbekend", before)


def _both_sides(rules, figures, inputs, flip):
    """Apply a flip: a hair past it, and a hair before it or where the zone stands now."""
    up = flip.flips_at > flip.value
    hair = _HAIR * max(abs(flip.flips_at), 1e-9)
    past = flip.flips_at + (hair if up else -hair)
    before = flip.flips_at - (hair if up else -hair)
    if (before < flip.value) == up:
        before = flip.value
    if flip.indicator not in INPUT_INDICATORS:
        return tuple(
            ZONE_CLASSES[classes(rules, {**figures, flip.indicator: np.array([v])})[0]]
            for v in (past, before)
        )
    return tuple(_after_input(rules, figures, inputs, flip, v) for v in (past, before))


def _after_input(rules, figures, inputs, flip, value):
    one, factor = np.ones((1, 1)), np.full((1, 1), value / flip.value)
    room = figures["pv_headroom_kw"][:, None]
    change = Change(
        factor if flip.indicator == "annual_yield_kwh" else one,
        factor if flip.indicator == "consumption_kwh" else one,
        room * (factor if flip.indicator == "pv_headroom_kw" else one),
    )
    return ZONE_CLASSES[classify(rules, respond(figures, inputs, change), (1, 1))[0][0, 0]]


@pytest.mark.parametrize("name", PRESETS)
@settings(max_examples=25, deadline=None)
@given(drawn=st.lists(zones, min_size=2, max_size=6), seed=st.integers(0, 99))
def test_a_class_is_a_function_of_figures_and_rules_alone(name, drawn, seed):
    found = SETS[name]
    figures, inputs, ids = table(drawn)
    codes = classes(found.rule_set.class_rules, figures)
    order = np.random.default_rng(seed).permutation(len(ids))
    moved = {k: v[order] for k, v in figures.items()}
    assert (classes(found.rule_set.class_rules, moved) == codes[order]).all()
    strided = {k: np.repeat(v, 2)[::2] for k, v in figures.items()}
    assert (classes(found.rule_set.class_rules, strided) == codes).all()
    again = ZoneInputs(inputs.pv_peak_kw[order], inputs.min_load_sunny_kw[order])
    sampling = Sampling(32, seed, found.uncertainty)
    one = class_confidence(found.rule_set.class_rules, figures, inputs, ids, sampling)
    other = class_confidence(
        found.rule_set.class_rules, moved, again, [ids[i] for i in order], sampling
    )
    assert (one.probabilities[order] == other.probabilities).all()


@pytest.mark.parametrize("name", PRESETS)
@settings(max_examples=25, deadline=None)
@given(drawn=st.lists(zones, min_size=1, max_size=4))
def test_draws_without_variance_give_the_plain_class(name, drawn):
    found = SETS[name]
    figures, inputs, ids = table(drawn, width=0.0)
    sampling = Sampling(16, 1, found.uncertainty)
    sure = class_confidence(found.rule_set.class_rules, figures, inputs, ids, sampling)
    plain = classes(found.rule_set.class_rules, figures)
    known = ~np.isnan(figures["consumption_kwh"])
    assert (sure.probabilities[known, plain[known]] == 1.0).all()
    gains = confidence_gains(found.rule_set.class_rules, figures, inputs, ids, sampling)
    assert all((values[known] == 0.0).all() for values in gains.values())


@pytest.mark.parametrize("name", PRESETS)
@settings(max_examples=25, deadline=None)
@given(drawn=st.lists(zones, min_size=1, max_size=4), seed=st.integers(0, 99))
def test_knowing_more_never_makes_the_best_guess_worse(name, drawn, seed):
    found = SETS[name]
    figures, inputs, ids = table(drawn)
    sampling = Sampling(32, seed, found.uncertainty)
    gains = confidence_gains(found.rule_set.class_rules, figures, inputs, ids, sampling)
    for values in gains.values():
        told = values[~np.isnan(values)]
        assert ((told >= 0.0) & (told <= 1.0)).all()


@settings(max_examples=25, deadline=None)
@given(
    drawn=st.lists(zones, min_size=1, max_size=5),
    which=st.integers(0, 100),
    factor=st.floats(1.0, 3.0),
)
def test_a_stricter_threshold_never_adds_fires_of_that_rule(drawn, which, factor):
    rules = SETS["default"].rule_set.rules
    rule = rules[which % len(rules)]
    figures, _, ids = table(drawn)
    upward = rule.condition.comparison in (">", ">=")
    threshold = rule.condition.threshold * (factor if upward else 1 / factor)
    strict = dataclasses.replace(
        rule, condition=dataclasses.replace(rule.condition, threshold=threshold)
    )
    kinds = ["cell"] * len(ids)
    assert not (fires(strict, figures, kinds) & ~fires(rule, figures, kinds)).any()
