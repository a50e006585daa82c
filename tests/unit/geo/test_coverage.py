"""Polygons over buildings: shares, and which of several counts."""

from __future__ import annotations

import numpy as np
import shapely

from zonnekaart.geo.coverage import cover, strongest

BUILDINGS = np.array([shapely.box(0, 0, 10, 10), shapely.box(20, 0, 30, 10)])
ITEMS = np.array(
    [
        shapely.box(5, 0, 15, 10),  # half of the first
        shapely.box(0, 0, 8, 10),  # four fifths of the first
        shapely.box(30, 0, 40, 10),  # touches the second
        shapely.box(29.5, 0, 40, 10),  # a twentieth of the second
    ]
)


def test_shares_are_parts_of_the_building():
    found = cover(BUILDINGS, ITEMS)
    rows = zip(found.building.tolist(), found.item.tolist(), found.share.tolist(), strict=True)
    assert [(b, i, round(s, 6)) for b, i, s in rows] == [(0, 0, 0.5), (0, 1, 0.8), (1, 3, 0.05)]


def chosen(rank, least):
    found = cover(BUILDINGS, ITEMS)
    place = strongest(found, np.array(rank), np.full(4, least), 2)
    return [int(found.item[k]) if k >= 0 else None for k in place]


def test_the_strongest_wins_whatever_its_share():
    assert chosen([0, 1, 0, 0], 0.1) == [0, None]


def test_of_equals_the_larger_share_wins():
    assert chosen([1, 1, 1, 1], 0.1) == [1, None]


def test_a_small_part_counts_only_from_the_share_asked():
    assert chosen([0, 0, 0, 0], 0.05) == [1, 3]
    assert chosen([0, 0, 0, 0], 0.9) == [None, None]


def test_without_items_nothing_is_over_a_building():
    found = cover(BUILDINGS, np.array([], dtype=object))
    none = strongest(found, np.array([], dtype=np.int64), np.array([]), 2)
    assert none.tolist() == [-1, -1]
