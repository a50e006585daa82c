"""The class decision: first step that holds, unknown said aloud, a pure function."""

from __future__ import annotations

import numpy as np
import pytest

from zonnekaart.quantities import ZONE_CLASSES
from zonnekaart.zoning.classes import NO_STEP, classify
from zonnekaart.zoning.rules import ClassRule, Condition

NAN = float("nan")


def step(name, zone_class, *conditions, when_unknown="onbekend"):
    return ClassRule(
        name,
        zone_class,
        tuple(Condition(i, c, t, "-") for i, c, t in conditions),
        when_unknown,
        "eigen keuze",
        (),
        (),
    )


STEPS = (
    step("check", "toets", ("heritage_share", ">=", 0.3), when_unknown="next"),
    step("own", "eigen_gebruik", ("self_consumption", ">=", 0.5)),
    step("over", "overschot", ("headroom_ratio", ">", 2.0), ("surplus_share", ">", 0.6)),
    step("share", "delen", ("sharing_gain", ">=", 0.02)),
)


def decide(**figures):
    names = ("heritage_share", "self_consumption", "headroom_ratio", "surplus_share",
             "sharing_gain")  # fmt: skip
    arrays = {name: np.array([figures.get(name, NAN)]) for name in names}
    codes, steps = classify(STEPS, arrays, (1,))
    return ZONE_CLASSES[codes[0]], steps[0]


FIRST = {"heritage_share": 0.0, "self_consumption": 0.2}


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"heritage_share": 0.3, "self_consumption": 0.9}, ("toets", 0)),
        ({"heritage_share": 0.0, "self_consumption": 0.5}, ("eigen_gebruik", 1)),
        ({**FIRST, "headroom_ratio": 3.0, "surplus_share": 0.7}, ("overschot", 2)),
        ({**FIRST, "headroom_ratio": 2.0, "surplus_share": 0.7, "sharing_gain": 0.1}, ("delen", 3)),
        (
            {**FIRST, "headroom_ratio": 1.0, "surplus_share": 0.7, "sharing_gain": 0.0},
            ("onbekend", NO_STEP),
        ),
    ],
)
def test_the_first_step_that_holds_decides(figures, expected):
    assert decide(**figures) == expected


def test_an_unknown_figure_passes_over_a_step_that_says_next():
    assert decide(self_consumption=0.6) == ("eigen_gebruik", 1)


def test_an_unknown_figure_ends_the_search_where_the_step_says_so():
    assert decide(heritage_share=0.0, sharing_gain=0.5) == ("onbekend", 1)


def test_a_step_that_a_known_figure_refutes_is_not_held_open_by_an_unknown_one():
    # headroom 1.0 already refutes "over", so the unknown surplus does not matter
    assert decide(**FIRST, headroom_ratio=1.0, sharing_gain=0.5) == ("delen", 3)


def test_draws_are_classified_like_single_zones():
    rng = np.random.default_rng(5)
    names = ("heritage_share", "self_consumption", "headroom_ratio", "surplus_share",
             "sharing_gain")  # fmt: skip
    figures = {name: rng.random((4, 7)) * 3 for name in names}
    codes, _ = classify(STEPS, figures, (4, 7))
    for zone in range(4):
        single, _ = classify(STEPS, {n: v[zone] for n, v in figures.items()}, (7,))
        assert codes[zone].tolist() == single.tolist()


def test_a_step_without_conditions_takes_all_that_is_left():
    codes, steps = classify((*STEPS, step("rest", "delen")), {
        "heritage_share": np.array([0.0]), "self_consumption": np.array([0.1]),
        "headroom_ratio": np.array([1.0]), "surplus_share": np.array([0.7]),
        "sharing_gain": np.array([0.0]),
    }, (1,))  # fmt: skip
    assert ZONE_CLASSES[codes[0]] == "delen"
    assert steps[0] == 4
