"""Streets cut into segments, and the buildings along them."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zonnekaart.geo.streets import SegmentLimits, street_segments


def along(length, every, y=10.0):
    return [(x, y) for x in np.arange(every / 2, length, every)]


def segments(streets, places, users=None, **limits):
    points = shapely.points(np.array(places, dtype=float))
    count = np.ones(len(places)) if users is None else np.array(users, dtype=float)
    return street_segments(streets, points, count, SegmentLimits(**limits))


def test_a_long_street_is_cut_into_equal_lengths_of_at_most_200_m():
    street = {"Lange Straat": [shapely.LineString([(0, 0), (500, 0)])]}
    found = segments(street, along(500, 10))
    assert found.from_m == [0.0, 500 / 3, 1000 / 3]
    assert found.number == [1, 2, 3]
    assert np.bincount(found.building).tolist() == [17, 16, 17]


def test_a_street_is_cut_where_another_crosses_or_ends_at_it():
    streets = {
        "Dorp": [shapely.LineString([(0, 0), (150, 0)])],
        "Kerkstraat": [shapely.LineString([(90, 5), (90, 100)])],
    }
    found = segments(streets, [*along(150, 10), *[(95, y) for y in range(40, 95, 10)]])
    assert found.street == ["Dorp", "Dorp", "Kerkstraat"]
    assert found.from_m == [0.0, 90.0, 0.0]


def test_a_thin_segment_joins_its_own_street_and_not_the_neighbour():
    streets = {
        "Dorp": [shapely.LineString([(0, 0), (400, 0)])],
        "Steeg": [shapely.LineString([(400, 0), (400, 80)])],
    }
    thin = [(250.0, 10.0), (300.0, 10.0)]
    alone = [(405.0, 50.0)]
    found = segments(streets, [*along(200, 20), *thin, *alone])
    assert found.street == ["Dorp", "Steeg"]
    assert np.bincount(found.building).tolist() == [12, 1]


def test_an_empty_length_between_two_thin_ones_holds_them_together():
    street = {"Veldweg": [shapely.LineString([(0, 0), (600, 0)])]}
    found = segments(street, [(20, 5), (40, 5), (60, 5), (560, 5), (570, 5), (580, 5)])
    assert found.from_m == [0.0]
    assert found.building.tolist() == [0] * 6


def test_the_direction_in_which_a_street_is_drawn_does_not_matter():
    line = shapely.LineString([(0, 0), (180, 40), (420, 0)])
    places = along(420, 12)
    one = segments({"S": [line]}, places)
    other = segments({"S": [shapely.reverse(line)]}, places)
    assert one.from_m == other.from_m
    assert one.building.tolist() == other.building.tolist()


@settings(max_examples=40, deadline=None)
@given(
    places=st.lists(
        st.tuples(st.floats(0, 900), st.floats(-40, 140), st.integers(0, 4)),
        min_size=1,
        max_size=60,
    )
)
def test_every_segment_has_five_users_or_is_its_whole_street(places):
    streets = {
        "A": [shapely.LineString([(0, 0), (900, 0)])],
        "B": [
            shapely.LineString([(450, 0), (450, 100)]),
            shapely.LineString([(450, 100), (900, 100)]),
        ],
    }
    users = np.array([u for *_, u in places], dtype=float)
    found = segments(streets, [(x, y) for x, y, _ in places], users)
    size = np.bincount(found.building, weights=users, minlength=len(found.street))
    for k, street in enumerate(found.street):
        assert size[k] >= 5 or found.street.count(street) == 1
