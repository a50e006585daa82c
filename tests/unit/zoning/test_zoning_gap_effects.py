"""What knowing one input is worth, against cases worked out by hand and a plain loop."""

from __future__ import annotations

import numpy as np
import pytest

from zonnekaart.quantities import ZONE_CLASSES
from zonnekaart.zoning.classes import classify
from zonnekaart.zoning.confidence import (
    DEMAND,
    HEADROOM,
    Sampling,
    Uncertainty,
    draw_changes,
    draw_points,
)
from zonnekaart.zoning.gap_effects import confidence_gains
from zonnekaart.zoning.response import ZoneInputs, respond
from zonnekaart.zoning.rules import ClassRule, Condition

ASSUMED = Uncertainty(0.9, 0.7, 0.2, 0.3)


def step(name, zone_class, *conditions):
    found = tuple(Condition(i, c, t, "-") for i, c, t in conditions)
    return ClassRule(name, zone_class, found, "onbekend", "", (), ())


OVER = step("over", "overschot", ("headroom_ratio", ">", 1.0))
OWN = step("own", "eigen_gebruik", ("self_consumption", ">=", 0.3))
REST = step("rest", "delen")


def zone(width=0.0, headroom=(60.0, 100.0, 160.0)):
    figures = {
        "annual_yield_kwh": 1e5, "annual_yield_low_kwh": 1e5 * (1 - width),
        "annual_yield_high_kwh": 1e5 * (1 + width), "consumption_kwh": 8e4,
        "consumption_low_kwh": 8e4 * (1 - width), "consumption_high_kwh": 8e4 * (1 + width),
        "peak_offtake_kw": 20.0, "self_consumption": 0.3, "self_sufficiency": 0.375,
        "self_consumption_pooled": 0.35, "self_sufficiency_pooled": 0.4375,
        "peak_injection_kw": 90.0, "pv_headroom_low_kw": headroom[0],
        "pv_headroom_kw": headroom[1], "pv_headroom_high_kw": headroom[2],
        "headroom_ratio": 90.0 / headroom[1],
    }  # fmt: skip
    return {n: np.array([v]) for n, v in figures.items()}, ZoneInputs(
        np.array([100.0]), np.array([0.0])
    )


def gains(rules, figures, inputs, seed=1):
    found = confidence_gains(rules, figures, inputs, ["z"], Sampling(200, seed, ASSUMED))
    return {name: float(values[0]) for name, values in found.items()}


def test_the_only_uncertain_input_takes_all_doubt_away():
    found = gains((OVER, REST), *zone())
    # Triangle 60-100-160: the ratio passes 1 below 90 kW, with probability 30² / (100 · 40).
    assert found["headroom"] == pytest.approx(900 / 4000, abs=1 / 16)
    assert found["yield"] == found["demand"] == 0.0


def test_a_sure_class_gains_nothing():
    assert set(gains((REST,), *zone(0.3)).values()) == {0.0}


def test_an_unknown_input_has_no_gain_that_could_be_told():
    figures, inputs = zone(0.3)
    figures["consumption_kwh"] = np.array([np.nan])
    found = gains((OVER, OWN, REST), figures, inputs)
    assert np.isnan(found["demand"])
    assert found["headroom"] >= 0.0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_gains_are_those_of_a_plain_loop(seed):
    figures, inputs = zone(0.3)
    rules = (OVER, OWN, REST)
    found = gains(rules, figures, inputs, seed)
    points = draw_points(["z"], 64, seed)
    for name, dimension in (("demand", DEMAND), ("headroom", HEADROOM)):
        given, every = [], []
        for level in range(16):
            seen = []
            for draw in range(64):
                point = points[:, draw : draw + 1].copy()
                point[0, 0, dimension] = (level + 0.5) / 16
                drawn = respond(figures, inputs, draw_changes(figures, point, ASSUMED))
                seen.append(ZONE_CLASSES[classify(rules, drawn, (1, 1))[0][0, 0]])
            given.append(max(seen.count(c) for c in ZONE_CLASSES) / 64)
            every += seen
        plain = max(every.count(c) for c in ZONE_CLASSES) / len(every)
        assert found[name] == pytest.approx(np.mean(given) - plain)
        assert found[name] > 0.0
