"""Colours of visible shares."""

from __future__ import annotations

import itertools

from zonnekaart.cartography.views import STEPS, UNKNOWN, expression


def test_what_is_not_seen_and_what_is_not_known_have_colours_of_their_own():
    colors = [step.color for step in (*STEPS, UNKNOWN)]
    assert len(set(colors)) == len(colors)
    known, steps, unknown = expression("visible_share")[1:]
    assert known == ["==", ["typeof", ["get", "visible_share"]], "number"]
    assert unknown == UNKNOWN.color
    assert steps[2] == STEPS[0].color
    assert steps[3::2] == [step.low for step in STEPS[1:]]


def test_steps_ascend_and_get_darker_the_more_is_seen():
    def light(color):
        red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
        return 0.3 * red + 0.6 * green + 0.1 * blue

    assert all(a.low < b.low for a, b in itertools.pairwise(STEPS))
    assert all(light(a.color) > light(b.color) for a, b in itertools.pairwise(STEPS[1:]))
    assert all(all(step.label) for step in (*STEPS, UNKNOWN))
