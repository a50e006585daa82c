"""Where two decisions part: by a figure, by a threshold, by a figure that is not known."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zonnekaart.zoning.classes import classify
from zonnekaart.zoning.differences import first_difference
from zonnekaart.zoning.rules import ClassRule, Condition


def step(name, zone_class, *conditions, unknown="onbekend"):
    found = tuple(Condition(i, c, t, "-") for i, c, t in conditions)
    return ClassRule(name, zone_class, found, unknown, "", (), ())


def steps(own=0.5, over=2.0):
    return (
        step("own", "eigen_gebruik", ("a", ">=", own)),
        step("over", "overschot", ("b", ">", over), ("a", "<", 0.4)),
        step("rest", "delen"),
    )


def test_a_figure_that_passes_its_threshold_is_named():
    found = first_difference((steps(), {"a": 0.3, "b": 3.0}), (steps(), {"a": 0.3, "b": 1.0}))
    assert (found.step_id, found.indicator) == ("over", "b")
    assert (found.value_from, found.value_to) == (3.0, 1.0)
    assert found.threshold_from == found.threshold_to == 2.0


def test_a_threshold_that_passes_the_figure_is_named():
    figures = {"a": 0.45, "b": 3.0}
    found = first_difference((steps(), figures), (steps(own=0.4), figures))
    assert (found.step_id, found.threshold_from, found.threshold_to) == ("own", 0.5, 0.4)


def test_a_figure_that_is_no_longer_known_is_named():
    found = first_difference((steps(), {"a": 0.6, "b": 1.0}), (steps(), {"a": math.nan, "b": 1.0}))
    assert found.step_id == "own"
    assert math.isnan(found.value_to)


def test_other_steps_are_told_as_such():
    found = first_difference((steps(), {"a": 0.1, "b": 0.0}), (steps()[1:], {"a": 0.1, "b": 0.0}))
    assert (found.step_id, found.indicator) == ("over", "")


figures = st.fixed_dictionaries(
    {name: st.sampled_from([0.1, 0.4, 0.45, 0.5, 2.0, 3.0, math.nan]) for name in "ab"}
)


@given(figures, figures, st.sampled_from([0.4, 0.5]), st.sampled_from([2.0, 2.5]))
def test_two_classes_never_differ_without_a_reason(before, after, own, over):
    sides = ((steps(), before), (steps(own, over), after))
    decided = [
        classify(rules, {n: np.array([v]) for n, v in found.items()}, (1,))
        for rules, found in sides
    ]
    found = first_difference(*sides)
    if decided[0][0][0] != decided[1][0][0]:
        assert found is not None
    if found is None:
        assert decided[0][0][0] == decided[1][0][0]
        assert decided[0][1][0] == decided[1][1][0]
