"""Generated areas: the size of a cabin, of neighbours, and the same every time."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zonnekaart.geo.cabin_areas import REACH_M, gathered, outlines

LEAST, MOST = 50.0, 250.0


def town(seed=3, houses=2000):
    rng = np.random.default_rng(seed)
    points = rng.uniform(0.0, 2000.0, (houses, 2))
    return points, rng.choice([0.0, 1.0, 1.0, 2.0, 12.0], houses)


def sizes(connections, group):
    return np.bincount(group, weights=connections)


def test_areas_have_the_size_of_a_cabin():
    points, connections = town()
    found = sizes(connections, gathered(points, connections, LEAST, MOST))
    assert found.sum() == connections.sum()
    assert found.min() >= LEAST
    assert found.max() <= MOST


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 700))
def test_no_area_is_too_small_where_there_is_enough(seed, houses):
    points, connections = town(seed, houses)
    found = sizes(connections, gathered(points, connections, LEAST, MOST))
    assert found.min() >= min(LEAST, connections.sum())
    # The largest building has 12 connections, so a cut is always possible.
    assert found.max() <= MOST


def test_the_order_of_buildings_changes_nothing():
    points, connections = town()
    order = np.random.default_rng(1).permutation(len(points))
    first = gathered(points, connections, LEAST, MOST)
    second = gathered(points[order], connections[order], LEAST, MOST)
    assert (first[order] == second).all()


def test_a_cut_follows_the_widest_gap():
    # Two villages of 150 and 120 homes, 400 m apart, on a line.
    x = np.concatenate([np.arange(150.0), 550.0 + np.arange(120.0)])
    group = gathered(np.column_stack([x, np.zeros(270)]), np.ones(270), LEAST, MOST)
    assert (group == (x > 300)).all()


def test_a_block_larger_than_a_cabin_keeps_its_neighbours():
    points = np.column_stack([np.arange(4.0), np.zeros(4)])
    assert set(gathered(points, np.array([5.0, 5.0, 400.0, 5.0]), LEAST, MOST)) == {0}


def test_nobody_gives_no_areas():
    assert gathered(np.zeros((0, 2)), np.zeros(0), LEAST, MOST).size == 0


@pytest.fixture
def drawn():
    points, connections = town(5, 400)
    group = gathered(points, connections, LEAST, MOST)
    within = np.array([shapely.box(-500, -500, 2500, 1000), shapely.box(-500, 1000, 2500, 2500)])
    return points, group, outlines(points, group, int(group.max()) + 1, within)


def test_outlines_hold_their_buildings_and_do_not_overlap(drawn):
    points, group, shapes = drawn
    inside = shapely.covers(shapes[group], shapely.points(points))
    assert inside.mean() > 0.999
    whole = shapely.area(shapely.union_all(shapes))
    assert shapely.area(shapes).sum() == pytest.approx(whole)
    assert shapely.area(shapes).min() > 0


def test_outlines_do_not_reach_far_from_buildings(drawn):
    points, _, shapes = drawn
    seen = shapely.buffer(shapely.multipoints(points), REACH_M + 0.01)
    assert shapely.covers(seen, shapely.union_all(shapes))


def test_a_single_building_and_an_empty_group():
    shapes = outlines(
        np.array([[10.0, 10.0]]), np.array([0]), 2, np.array([shapely.box(0, 0, 500, 500)])
    )
    assert shapely.covers(shapes[0], shapely.Point(10, 10))
    assert shapes[1].is_empty
