"""Estimates of use and dwellings, and footprints that overlap."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from zonnekaart.geo.buildings import (
    USES,
    connections,
    estimated_dwellings,
    estimated_use,
    exclusive_footprints,
    storeys,
)


def test_use_follows_size():
    use = estimated_use(
        np.array([20.0, 90.0, 300.0, 600.0, 600.0, 3000.0, 100.0]),
        np.array([3.0, 7.0, 14.0, 5.0, 8.0, 9.0, np.nan]),
        np.array([1.0, 0.0, 0.0, 1.0, 0.1, 1.0, np.nan]),
    )
    assert use.tolist() == [
        "annex",
        "residential",
        "apartments",
        "commercial",
        "residential",
        "industry",
        "unknown",
    ]
    assert set(use) <= set(USES)


def test_dwellings_follow_floor_area():
    use = np.array(["residential", "apartments", "industry", "unknown", "residential"])
    floor = np.array([150.0, 950.0, 5000.0, 100.0, np.nan])
    found = estimated_dwellings(use, floor)
    assert found[:3].tolist() == [1.0, 10.0, 0.0]
    assert np.isnan(found[3:]).all()


def test_connections_count_homes_or_one():
    use = np.array(["residential", "industry", "annex", "commercial", "unknown"])
    homes = np.array([3.0, 0.0, 0.0, 2.0, np.nan])
    assert connections(use, homes).tolist() == [3.0, 1.0, 0.0, 2.0, 1.0]


def test_storeys_are_at_least_one():
    assert storeys(np.array([0.5, 9.0])).tolist() == [1.0, 3.0]


def test_earlier_footprint_keeps_what_two_share():
    shapes = np.array(
        [shapely.box(0, 0, 10, 10), shapely.box(8, 0, 20, 10), shapely.box(20, 0, 30, 10)],
        dtype=object,
    )
    cut = exclusive_footprints(shapes)
    assert shapely.area(cut) == pytest.approx([100.0, 100.0, 100.0])
    assert shapely.area(shapely.union_all(cut)) == pytest.approx(300.0)
