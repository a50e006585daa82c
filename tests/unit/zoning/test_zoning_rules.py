"""Rules: what fires, what is unknown, in which order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonnekaart.zoning.rules import Condition, Fired, Rule, fired_per_zone, fires, holds, strength

NAN = float("nan")


def rule(indicator="self_consumption", comparison=">", threshold=0.5, **kwargs):
    values = {
        "id": "r",
        "kind": "bottleneck",
        "condition": Condition(indicator, comparison, threshold, "-"),
        "severity": "medium",
        "weight": 1.0,
        "subject": "grid",
        "zone_kinds": ("area", "cell"),
        "when": (),
        "reason": {"nl": "{value}", "fr": "{value}", "en": "{value}"},
        "source": "eigen keuze, voor de proef",
        "actions": (),
        "gaps": (),
    }
    return Rule(**(values | kwargs))


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        (">", [False, False, True]),
        (">=", [False, True, True]),
        ("<", [True, False, False]),
        ("<=", [True, True, False]),
    ],
)
def test_comparisons_are_strict_or_not_as_written(comparison, expected):
    true, unknown = holds(Condition("x", comparison, 0.5, "-"), np.array([0.4, 0.5, 0.6]))
    assert true.tolist() == expected
    assert not unknown.any()


@pytest.mark.parametrize("comparison", [">", ">=", "<", "<="])
def test_unknown_neither_holds_nor_fails(comparison):
    true, unknown = holds(Condition("x", comparison, 0.5, "-"), np.array([NAN]))
    assert not true.any()
    assert unknown.all()


@given(
    values=st.lists(st.floats(0, 1) | st.just(NAN), min_size=1, max_size=20),
    low=st.floats(0, 1),
    step=st.floats(0, 1),
)
def test_raising_a_threshold_never_adds_fires(values, low, step):
    figures = {"self_consumption": np.array(values)}
    kinds = ["cell"] * len(values)
    for comparison in (">", ">="):
        before = fires(rule(comparison=comparison, threshold=low), figures, kinds)
        after = fires(rule(comparison=comparison, threshold=low + step), figures, kinds)
        assert not (after & ~before).any()


def test_a_rule_is_asked_only_in_its_kinds_and_when_its_further_conditions_hold():
    figures = {
        "self_consumption": np.array([0.9, 0.9, 0.9]),
        "connections": np.array([20.0, 5.0, NAN]),
    }
    limited = rule(zone_kinds=("cell",), when=(Condition("connections", ">=", 10.0, "count"),))
    assert fires(limited, figures, ["cell"] * 3).tolist() == [True, False, False]
    assert fires(limited, figures, ["area"] * 3).tolist() == [False] * 3


def test_fired_rules_come_strongest_first():
    figures = {"self_consumption": np.array([0.9]), "connections": np.array([100.0])}
    rules = [
        rule(id="low", severity="low"),
        rule(id="near", severity="high", threshold=0.85),
        rule(id="far", severity="high", threshold=0.3),
        rule(id="silent", threshold=0.95),
    ]
    found = fired_per_zone(rules, figures, ["cell"])
    assert [f.rule.id for f in found[0]] == ["far", "near", "low"]
    assert found[0][0].value == 0.9


def test_strength_does_not_run_away_near_a_threshold_of_zero():
    assert strength(Fired(rule(threshold=0.0), 1e12))[1] <= 11.0
