"""Headroom: a range that answers the right way, by hand and in its properties."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonnekaart.energy.hosting import (
    Band,
    CabinAssumptions,
    Range,
    ZoneLoads,
    ZoneSolar,
    cabin_rating,
    headroom_ratio,
    pv_headroom,
    pv_simultaneity,
    simultaneous_load,
)
from zonnekaart.errors import ShapeMismatchError

ASSUMED = CabinAssumptions(
    classes_kva=(100.0, 160.0, 250.0, 400.0, 630.0),
    connections_min=50,
    connections_max=250,
    dwelling_kw=Band(14.5, 20.0, 30.0),
    dwelling_simultaneity=0.07,
    other_simultaneity=0.5,
    other_kw_m2=0.079,
    own_cabin_kw=100.0,
    power_factor=0.95,
    reverse_limit=Band(0.5, 0.7, 0.9),
    existing_unknown_share=Band(0.2, 0.1, 0.0),
)


def loads(dwellings=100.0, others=0.0, others_kw=0.0, own_kw=0.0):
    return ZoneLoads(*(np.array([v]) for v in (dwellings, others, others_kw, own_kw)))


def solar(capacity=500.0, existing=0.0, unknown=0.0, peak=400.0, sunny=20.0):
    return ZoneSolar(*(np.array([v]) for v in (capacity, existing, unknown, peak, sunny)))


def exactly(kva):
    return Range(*(np.array([kva]),) * 3)


def given_range(low, central, high):
    return Range(np.array([low]), np.array([central]), np.array([high]))


def test_simultaneity_is_the_published_formula():
    # pylovo: installed * (g + (1 - g) * n ** -0.75); 100 homes of 30 kW, g = 0.07, by calculator
    found = simultaneous_load(np.array([3000.0]), np.array([100.0]), 0.07)
    assert found[0] == pytest.approx(3000 * (0.07 + 0.93 * 0.0316227766))


def test_one_load_is_not_reduced_and_no_load_is_nothing():
    assert simultaneous_load(np.array([30.0]), np.array([1.0]), 0.07)[0] == pytest.approx(30.0)
    assert simultaneous_load(np.array([0.0]), np.array([0.0]), 0.07)[0] == 0.0


def test_a_cabin_of_one_size_by_hand():
    # 100 homes of 20 kW: 2000 * (0.07 + 0.93 * 0.031623) = 198.8 kW -> 209.3 kVA -> class 250
    one = dataclasses.replace(
        ASSUMED, connections_min=100, connections_max=100, dwelling_kw=Band(20.0, 20.0, 20.0)
    )
    rating = cabin_rating(loads(dwellings=40.0), one)
    assert rating.low[0] == rating.central[0] == rating.high[0] == pytest.approx(100.0)


def test_the_range_of_ratings_brackets_known_streets():
    # Flemish cabins of 160 to 400 kVA for some hundred homes lie inside the range
    rating = cabin_rating(loads(dwellings=100.0), ASSUMED)
    assert 100 < rating.low[0] < 160
    assert 400 < rating.high[0] < 600
    assert rating.low[0] < rating.central[0] < rating.high[0]


def test_a_large_customer_has_a_cabin_of_its_own():
    with_own = cabin_rating(loads(own_kw=950.0), ASSUMED)
    without = cabin_rating(loads(), ASSUMED)
    assert with_own.central[0] - without.central[0] == pytest.approx(1000.0)


def test_loads_beyond_every_class_stand_on_several_transformers():
    rating = cabin_rating(loads(dwellings=0.0, others=10.0, others_kw=990.0), ASSUMED)
    assert np.isfinite(rating.central[0])
    assert rating.central[0] > 10 * 0.5 * 99 / 0.95 * 0.99


def test_headroom_by_hand():
    # Central: 70 % of 400 kVA, 20 kW of load, less 50 kWp that peak at 0.8 of their nameplate.
    room = pv_headroom(exactly(400.0), solar(existing=50.0), ASSUMED)
    assert room.central[0] == pytest.approx(280 + 20 - 40)
    assert room.low[0] == pytest.approx(200 + 20 - 40)
    assert room.high[0] == pytest.approx(360 + 20 - 40)


def test_panels_that_may_stand_widen_the_range_downwards():
    known = pv_headroom(exactly(400.0), solar(), ASSUMED)
    unknown = pv_headroom(exactly(400.0), solar(unknown=500.0), ASSUMED)
    assert unknown.high[0] == known.high[0]
    assert unknown.low[0] == pytest.approx(known.low[0] - 0.2 * 500 * 0.8)


def test_a_full_cabin_has_no_room_and_a_finite_ratio():
    room = pv_headroom(exactly(100.0), solar(existing=400.0), ASSUMED)
    assert room.central[0] == 0.0
    assert headroom_ratio(np.array([50.0]), room.central)[0] == 50.0


def test_unknown_demand_gives_unknown_room():
    room = pv_headroom(exactly(400.0), solar(sunny=np.nan), ASSUMED)
    assert np.isnan(room.low[0])
    assert np.isnan(headroom_ratio(np.array([50.0]), room.central)[0])


def test_panels_peak_together_and_an_unknown_peak_is_taken_as_all():
    found = pv_simultaneity(np.array([400.0, np.nan, 600.0, 0.0]), np.array([500, 500, 500, 0.0]))
    assert found.tolist() == [0.8, 1.0, 1.0, 1.0]


positive = st.floats(0.0, 5000.0)


@pytest.mark.parametrize("more", ["capacity", "existing", "sunny"])
@given(kva=positive, existing=positive, sunny=positive, step=positive)
def test_the_range_is_ordered_and_answers_the_right_way(kva, existing, sunny, step, more):
    rating = given_range(0.8 * kva, kva, 1.3 * kva)
    base = {"existing": existing, "sunny": sunny, "capacity": 500.0}
    room = pv_headroom(rating, solar(**base), ASSUMED)
    assert room.low[0] <= room.central[0] <= room.high[0]
    changed = pv_headroom(rating, solar(**(base | {more: base[more] + step})), ASSUMED)
    sign = -1.0 if more == "existing" else 1.0
    assert sign * (changed.central[0] - room.central[0]) >= -1e-9


def test_shapes_must_match():
    with pytest.raises(ShapeMismatchError):
        pv_headroom(Range(*(np.ones(2),) * 3), solar(), ASSUMED)
