"""Offtake made whole: the meters' sum stays, and the fixed point is the truth it came from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonnekaart.energy.own_use import OwnUseCurve, with_own_use
from zonnekaart.errors import ShapeMismatchError

CURVE = OwnUseCurve(np.array([0.25, 0.5, 1.0, 2.0]), np.array([0.67, 0.5, 0.33, 0.2]))


def test_own_use_is_at_most_production_and_consumption():
    made = np.array([0.0, 1.0, 250.0, 1000.0, 1e6])
    used = CURVE.used_kwh(made, np.full(5, 1000.0))
    np.testing.assert_allclose(used, [0.0, 0.67, 167.5, 330.0, 400.0])
    assert CURVE.used_kwh(np.array([5.0]), np.array([0.0])).tolist() == [0.0]


def test_the_truth_that_made_the_offtake_is_found_again():
    whole = np.array([4000.0, 4000.0, 4000.0, 2000.0])
    made = np.array([3600.0, 0.0, 0.0, 8000.0])
    area = np.array([0, 0, 0, 1])
    own = CURVE.used_kwh(made, whole)
    total = np.bincount(area, whole - own)
    spread = np.array([total[0] / 3] * 3 + [total[1]])
    found = with_own_use(area, spread, made, CURVE, "offtake")
    np.testing.assert_allclose(found.consumption_kwh, whole, rtol=1e-9)
    np.testing.assert_allclose(found.own_use_kwh, own, rtol=1e-9)


def test_a_meter_that_ran_back_hides_all_production_up_to_the_use():
    found = with_own_use(
        np.zeros(2, np.int64), np.array([500.0, 500.0]), np.array([1000.0, 0.0]), CURVE, "net"
    )
    np.testing.assert_allclose(found.own_use_kwh, [1000.0, 0.0], rtol=1e-9)
    np.testing.assert_allclose(found.consumption_kwh, [1000.0, 1000.0], rtol=1e-9)


def test_figures_that_are_whole_stay_as_they_are():
    kwh = np.array([1.0, np.nan])
    found = with_own_use(np.zeros(2, np.int64), kwh, np.ones(2), CURVE, "gross")
    np.testing.assert_array_equal(found.consumption_kwh, kwh)
    assert found.own_use_kwh.sum() == 0.0


def test_buildings_without_an_area_and_unknown_panels_add_nothing():
    area = np.array([-1, 0, 0])
    made = np.array([900.0, np.nan, 0.0])
    found = with_own_use(area, np.array([10.0, 20.0, 30.0]), made, CURVE, "offtake")
    assert found.own_use_kwh.tolist() == [0.0, 0.0, 0.0]
    assert found.consumption_kwh.tolist() == [10.0, 20.0, 30.0]


def test_arrays_of_two_lengths_are_refused():
    with pytest.raises(ShapeMismatchError, match="production_kwh"):
        with_own_use(np.zeros(2, np.int64), np.ones(2), np.ones(3), CURVE, "offtake")


@given(st.data(), st.sampled_from(["offtake", "net"]))
def test_what_passes_the_meters_stays_the_published_sum(data, metering):
    count = data.draw(st.integers(1, 20))
    size = st.floats(1.0, 5000.0)
    kwh = np.array(data.draw(st.lists(size, min_size=count, max_size=count)))
    made = np.array(data.draw(st.lists(st.floats(0.0, 9000.0), min_size=count, max_size=count)))
    area = np.array(data.draw(st.lists(st.integers(-1, 2), min_size=count, max_size=count)))
    found = with_own_use(area.astype(np.int64), kwh, made, CURVE, metering)
    inside = area >= 0
    passed = np.bincount(area[inside], (found.consumption_kwh - found.own_use_kwh)[inside])
    if metering == "offtake":
        expected = np.bincount(area[inside], kwh[inside])
        np.testing.assert_allclose(passed, expected, rtol=1e-6)
    assert (found.own_use_kwh <= found.consumption_kwh * (1 + 1e-9)).all()
    assert (found.consumption_kwh >= kwh * (1 - 1e-12)).all()
