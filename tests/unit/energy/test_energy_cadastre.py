"""Conventions of other makers, and how an open question widens a yield."""

from __future__ import annotations

import numpy as np
import pytest

from zonnekaart.energy.cadastre import (
    CADASTRE_SPREAD,
    Open,
    assumed_sides,
    clockwise_from_north,
    faces_nowhere_known,
    irradiation_of_slope,
    widened,
)

NAN = np.nan


def closed(count=1, **changes):
    nothing = {
        "mounting": np.zeros(count, bool),
        "slope": np.zeros(count, bool),
        "derived_low": np.zeros(count),
        "derived_high": np.zeros(count),
    }
    return Open(**{**nothing, **changes})


def test_south_zero_turns_half_way_and_unknown_stays_unknown():
    south = clockwise_from_north(np.array([0.0, 90.0, -90.0, 180.0, NAN]), "south")
    np.testing.assert_array_equal(south, [180.0, 270.0, 90.0, 0.0, NAN])
    north = clockwise_from_north(np.array([360.0, -10.0]), "north")
    np.testing.assert_array_equal(north, [0.0, 350.0])


def test_light_on_the_plan_is_spread_over_the_slope():
    light = np.array([[1000.0, 100.0], [1000.0, 100.0]])
    found = irradiation_of_slope(light, np.array([60.0, 0.0]), "horizontal_projection")
    np.testing.assert_allclose(found, [[500.0, 50.0], [1000.0, 100.0]])
    assert irradiation_of_slope(light, np.array([60.0, 0.0]), "sloped") is light


def test_flat_roofs_face_nowhere_but_that_is_known():
    tilt = np.array([0.0, 4.9, 5.0, NAN, 30.0])
    azimuth = np.array([NAN, NAN, NAN, NAN, 120.0])
    assert faces_nowhere_known(tilt, azimuth).tolist() == [False, False, True, True, False]


@pytest.mark.parametrize(("equator", "sides"), [(180.0, [90, 180, 270]), (0.0, [270, 0, 90])])
def test_unknown_planes_face_three_ways_around_the_noon_sun(equator, sides):
    tilt, azimuth = assumed_sides(np.array([NAN, 45.0, 20.0]), np.array([NAN, NAN, 10.0]), equator)
    np.testing.assert_array_equal(azimuth, [sides, sides, [10.0, 10.0, 10.0]])
    np.testing.assert_array_equal(tilt[:, 0], [30.0, 45.0, 20.0])


def test_every_open_question_widens_the_interval():
    low, high = np.array([0.8]), np.array([1.2])
    base = widened(low, high, closed())
    assert base[0][0] == pytest.approx(1.0 - np.hypot(0.2, CADASTRE_SPREAD))
    assert base[1][0] == pytest.approx(1.0 + np.hypot(0.2, CADASTRE_SPREAD))
    mounting = widened(low, high, closed(mounting=np.array([True])))
    slope = widened(low, high, closed(slope=np.array([True])))
    guessed = widened(low, high, closed(derived_low=np.array([0.4]), derived_high=np.array([0.1])))
    assert mounting[0][0] < base[0][0]
    assert mounting[1][0] > base[1][0]
    # A roof taken as its plan can only be larger.
    assert slope[0][0] == base[0][0]
    assert slope[1][0] > base[1][0]
    assert guessed[0][0] < mounting[0][0]
    assert guessed[1][0] > base[1][0]


def test_no_yield_falls_below_nothing():
    low, _ = widened(np.array([0.1]), np.array([1.0]), closed(derived_low=np.array([0.9])))
    assert low[0] == 0.0
