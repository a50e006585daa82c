"""Draws: seeded, zone by zone, exact without variance, right in distribution."""

from __future__ import annotations

import numpy as np
import pytest

from zonnekaart.quantities import ZONE_CLASSES
from zonnekaart.zoning.confidence import (
    Sampling,
    Uncertainty,
    class_confidence,
    draw_points,
    relative_ends,
    split_lognormal,
    triangular,
)
from zonnekaart.zoning.response import ZoneInputs
from zonnekaart.zoning.rules import ClassRule, Condition

ASSUMED = Uncertainty(0.9, 0.7, 0.2, 0.3)
OVER = ClassRule(
    "over", "overschot", (Condition("headroom_ratio", ">", 1.0, "-"),), "onbekend", "", (), ()
)
OWN = ClassRule(
    "own", "eigen_gebruik", (Condition("self_consumption", ">=", 0.4, "-"),), "onbekend", "", (), ()
)
REST = ClassRule("rest", "delen", (), "next", "", (), ())
STEPS = (OVER, OWN, REST)


def zones(n, width=0.2, headroom=(60.0, 100.0, 160.0), sc=0.3):
    ones = np.ones(n)
    figures = {
        "annual_yield_kwh": 100_000.0 * ones, "annual_yield_low_kwh": 100_000 * (1 - width) * ones,
        "annual_yield_high_kwh": 100_000 * (1 + width) * ones, "consumption_kwh": 80_000.0 * ones,
        "consumption_low_kwh": 80_000 * (1 - width) * ones,
        "consumption_high_kwh": 80_000 * (1 + width) * ones, "peak_offtake_kw": 20.0 * ones,
        "self_consumption": sc * ones, "self_sufficiency": sc * 1.25 * ones,
        "self_consumption_pooled": (sc + 0.05) * ones,
        "self_sufficiency_pooled": (sc + 0.05) * 1.25 * ones, "peak_injection_kw": 90.0 * ones,
        "pv_headroom_low_kw": headroom[0] * ones, "pv_headroom_kw": headroom[1] * ones,
        "pv_headroom_high_kw": headroom[2] * ones, "headroom_ratio": 90.0 / headroom[1] * ones,
    }  # fmt: skip
    return figures, ZoneInputs(100.0 * ones, 5.0 * ones)


def ids(n):
    return [f"z{i}" for i in range(n)]


def sure(n=3, draws=200, seed=1, **kwargs):
    figures, inputs = zones(n, **kwargs)
    return class_confidence(STEPS, figures, inputs, ids(n), Sampling(draws, seed, ASSUMED))


def test_draws_without_variance_give_the_plain_class():
    found = sure(width=0.0, headroom=(100.0, 100.0, 100.0))
    assert (found.probabilities[:, ZONE_CLASSES.index("delen")] == 1.0).all()
    assert found.spread["headroom_ratio"] == pytest.approx(np.zeros(3), abs=1e-12)


def test_probabilities_add_up_and_answer_to_the_range():
    found = sure(draws=2000, width=0.0)
    assert found.probabilities.sum(axis=1) == pytest.approx(np.ones(3))
    # Triangular 60-100-160: P(headroom < 90) = 30² / (100 · 40)
    over = found.probabilities[:, ZONE_CLASSES.index("overschot")]
    assert over == pytest.approx(np.full(3, 900 / 4000), abs=0.01)


def test_the_same_seed_gives_the_same_and_another_seed_another():
    assert (sure().probabilities == sure().probabilities).all()
    assert (sure(seed=1).probabilities != sure(seed=2).probabilities).any()


def test_a_zone_does_not_depend_on_its_neighbours():
    figures, inputs = zones(4)
    every = class_confidence(STEPS, figures, inputs, ids(4), Sampling(100, 7, ASSUMED))
    one = {name: values[2:3] for name, values in figures.items()}
    near = ZoneInputs(inputs.pv_peak_kw[2:3], inputs.min_load_sunny_kw[2:3])
    alone = class_confidence(STEPS, one, near, ["z2"], Sampling(100, 7, ASSUMED))
    assert (alone.probabilities[0] == every.probabilities[2]).all()


def test_the_first_dimension_is_common_to_all_zones_and_the_others_are_not():
    points = draw_points(["a", "b"], 50, 3)
    assert (points[0, :, 0] == points[1, :, 0]).all()
    assert (points[0, :, 1] != points[1, :, 1]).any()
    assert points.min() > 0
    assert points.max() < 1


def test_points_fill_the_cube_better_than_chance():
    points = draw_points(["a"], 256, 3)[0]
    for dimension in range(4):
        counts, _ = np.histogram(points[:, dimension], bins=16, range=(0, 1))
        assert counts.min() >= 12
        assert counts.max() <= 20


def test_the_lognormal_has_the_interval_it_was_given():
    z = np.random.default_rng(0).standard_normal((1, 200_000))
    factors = split_lognormal(z, np.array([0.8]), np.array([1.5]), 0.9)
    assert np.quantile(factors, [0.05, 0.5, 0.95]) == pytest.approx([0.8, 1.0, 1.5], abs=0.01)


def test_the_triangle_has_its_mean():
    u = (np.arange(20_000)[None, :] + 0.5) / 20_000
    drawn = triangular(u, np.array([10.0]), np.array([20.0]), np.array([60.0]))
    assert drawn.mean() == pytest.approx(30.0, abs=0.01)
    assert drawn.min() >= 10
    assert drawn.max() <= 60


def test_a_missing_interval_takes_the_assumed_width():
    low, high = relative_ends(
        {
            "consumption_kwh": np.array([100.0, 100.0]),
            "consumption_low_kwh": np.array([np.nan, 90.0]),
            "consumption_high_kwh": np.array([np.nan, 120.0]),
        },
        "consumption",
        0.3,
    )
    assert low == pytest.approx([0.7, 0.9])
    assert high == pytest.approx([1.3, 1.2])


def test_unknown_demand_gives_a_sure_unknown():
    figures, inputs = zones(1)
    for name in figures:
        if name.startswith(("consumption", "self", "pv_headroom", "headroom", "peak")):
            figures[name] = np.array([np.nan])
    found = class_confidence(STEPS, figures, inputs, ["z0"], Sampling(50, 1, ASSUMED))
    assert found.probabilities[0, ZONE_CLASSES.index("onbekend")] == 1.0
