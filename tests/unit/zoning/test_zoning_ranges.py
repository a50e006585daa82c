"""Ranges of conditions, against plain trying of values."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zonnekaart.zoning.ranges import (
    ValueRange,
    condition_range,
    covered,
    joint_ranges,
    overlapping,
    possible,
    rest_of,
)
from zonnekaart.zoning.rules import COMPARISONS, Condition, holds

# Thresholds on whole numbers, tried at every half: no range can hide between the tries.
TRIES = np.arange(-1.0, 6.5, 0.5)
BOUNDS = {"x": ValueRange(-1.0, 6.0), "y": ValueRange(-1.0, 6.0)}
conditions = st.lists(
    st.builds(
        Condition,
        st.sampled_from(["x", "y"]),
        st.sampled_from(COMPARISONS),
        st.integers(0, 5).map(float),
        st.just("-"),
    ),
    max_size=3,
)


def where(found):
    """Return the tries of x and y at which all conditions hold."""
    x, y = np.meshgrid(TRIES, TRIES)
    true = np.ones(x.shape, dtype=bool)
    for condition in found:
        true &= holds(condition, x if condition.indicator == "x" else y)[0]
    return true


@given(conditions, conditions)
def test_ranges_say_what_trying_says(one, other):
    first, second = joint_ranges(one, BOUNDS), joint_ranges(other, BOUNDS)
    assert possible(first) == where(one).any()
    if possible(first) and possible(second):
        assert overlapping(first, second) == (where(one) & where(other)).any()
        assert covered(first, second) == (~where(one) | where(other)).all()


@given(
    st.sampled_from(COMPARISONS),
    st.integers(0, 5),
    st.sampled_from(COMPARISONS),
    st.integers(0, 5),
)
def test_the_rest_is_what_was_not_taken(comparison, threshold, other, limit):
    found = condition_range(comparison, threshold)
    rest = rest_of(found, condition_range(other, limit))
    for value in TRIES:
        point = ValueRange(value, value)
        inside = point.within(found) and not point.within(condition_range(other, limit))
        assert point.within(rest) == inside
