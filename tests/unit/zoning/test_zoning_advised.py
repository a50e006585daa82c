"""Advised zones: contiguous, complete, order-independent, stable when merged again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from zonnekaart.quantities import ZONE_CLASSES
from zonnekaart.zoning.advised import LeastSize, Units, merged_units
from zonnekaart.zoning.classes import UNKNOWN_CODE

LEAST = LeastSize(connections=10, buildings=3)
SIDE = 5


def units(codes, connections=50.0, **given):
    n = len(codes)
    values = {
        "keys": [f"z{k:02d}" for k in range(n)],
        "zone_class": np.array(codes, dtype=np.int64),
        "probabilities": np.full((n, len(ZONE_CLASSES)), 1 / len(ZONE_CLASSES)),
        "connections": np.broadcast_to(np.asarray(connections, dtype=float), n).copy(),
        "buildings": np.full(n, 9.0),
        "area_m2": np.full(n, 1e4),
        "fixed": np.zeros(n, dtype=bool),
    }
    return Units(**(values | given))


def row(n, length=80.0):
    """Units side by side."""
    return np.column_stack([np.arange(n - 1), np.arange(1, n)]), np.full(n - 1, length)


def grid():
    """Borders of a square of cells, of uneven length."""
    cells = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    beside = np.column_stack([cells[:, :-1].ravel(), cells[:, 1:].ravel()])
    below = np.column_stack([cells[:-1].ravel(), cells[1:].ravel()])
    pairs = np.concatenate([beside, below])
    return pairs, 40.0 + 7.0 * ((pairs[:, 0] * 3 + pairs[:, 1]) % 5)


def test_neighbours_of_one_class_are_one_and_those_apart_are_not():
    label, codes = merged_units(units([0, 0, 2, 0]), *row(4), LEAST)
    assert label.tolist() == [0, 0, 1, 2]
    assert codes.tolist() == [0, 2, 0]


def test_an_island_joins_the_longest_border_and_then_its_like():
    pairs, _ = row(3)
    label, codes = merged_units(units([0, 3, 2], [50, 4, 50]), pairs, np.array([30.0, 31.0]), LEAST)
    assert label.tolist() == [0, 1, 1]
    assert codes.tolist() == [0, 2]
    label, _ = merged_units(units([0, 3, 0], [50, 4, 50]), pairs, np.array([30.0, 31.0]), LEAST)
    assert label.tolist() == [0, 0, 0]


def test_of_equal_borders_the_more_probable_class_wins():
    likely = np.full((3, len(ZONE_CLASSES)), 0.1)
    likely[1, 2] = 0.5
    label, _ = merged_units(units([0, 3, 2], [50, 4, 50], probabilities=likely), *row(3), LEAST)
    assert label.tolist() == [0, 1, 1]


def test_a_known_class_goes_before_a_longer_border_with_the_unknown():
    pairs, _ = row(3)
    unknown = units([UNKNOWN_CODE, 3, 2], [50, 4, 50])
    label, _ = merged_units(unknown, pairs, np.array([90.0, 20.0]), LEAST)
    assert label.tolist() == [0, 1, 1]


def test_buildings_and_area_make_islands_too():
    few = units([0, 2], buildings=np.array([9.0, 2.0]))
    assert merged_units(few, *row(2), LEAST)[1].tolist() == [0]
    small = units([0, 2], area_m2=np.array([1e5, 1e3]))
    assert merged_units(small, *row(2), LeastSize(10, 3, 5e3))[1].tolist() == [0]
    assert merged_units(small, *row(2), LEAST)[1].tolist() == [0, 2]


def test_an_island_in_the_sea_stays_and_so_does_what_a_person_set():
    nowhere = np.empty((0, 2), dtype=np.int64)
    label, codes = merged_units(units([0, 2], 1.0), nowhere, np.empty(0), LEAST)
    assert label.tolist() == [0, 1]
    assert codes.tolist() == [0, 2]
    held = units([0, 2], [50, 1], fixed=np.array([False, True]))
    assert merged_units(held, *row(2), LEAST)[1].tolist() == [0, 2]


def test_counts_that_are_not_known_count_as_none():
    label, _ = merged_units(units([0, 2], [50, np.nan]), *row(2), LEAST)
    assert label.tolist() == [0, 0]


towns = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 30), st.booleans()),
    min_size=SIDE * SIDE,
    max_size=SIDE * SIDE,
)


def town(rows):
    codes, connections, fixed = (list(column) for column in zip(*rows, strict=True))
    rng = np.random.default_rng(int(np.sum(connections)))
    return units(
        codes,
        np.array(connections, dtype=float),
        fixed=np.array(fixed) & (rng.random(len(rows)) < 0.1),
        probabilities=rng.dirichlet(np.ones(6), len(rows)),
    )


def reached(members, pairs):
    """Units that hang together with the first member."""
    found, edge = set(), {min(members)}
    while edge:
        found |= edge
        edge = {
            b for a, b in (*pairs, *pairs[:, ::-1]) if a in edge and b in members and b not in found
        }
    return found


@settings(max_examples=60, deadline=None)
@given(towns)
def test_groups_hang_together_and_hold_every_unit_once(rows):
    pairs, length = grid()
    label, codes = merged_units(town(rows), pairs, length, LEAST)
    assert set(label.tolist()) == set(range(len(codes)))
    for group in range(len(codes)):
        members = set(np.flatnonzero(label == group).tolist())
        assert reached(members, pairs) == members


@settings(max_examples=60, deadline=None)
@given(towns)
def test_no_group_is_small_or_lies_beside_its_like(rows):
    pairs, length = grid()
    given_units = town(rows)
    label, codes = merged_units(given_units, pairs, length, LEAST)
    one, other = label[pairs[:, 0]], label[pairs[:, 1]]
    assert not ((codes[one] == codes[other]) & (one != other)).any()
    size = np.bincount(label, weights=given_units.connections)
    held = np.bincount(label, weights=given_units.fixed) > 0
    assert ((size >= LEAST.connections) | held | (len(codes) == 1)).all()


@settings(max_examples=60, deadline=None)
@given(towns)
def test_merging_what_was_merged_changes_nothing(rows):
    pairs, length = grid()
    first = town(rows)
    label, codes = merged_units(first, pairs, length, LEAST)
    again = Units(
        keys=[min(first.keys[m] for m in np.flatnonzero(label == g)) for g in range(len(codes))],
        zone_class=codes,
        probabilities=np.array(
            [first.probabilities[label == g].mean(0) for g in range(len(codes))]
        ),
        connections=np.bincount(label, weights=first.connections),
        buildings=np.bincount(label, weights=first.buildings),
        area_m2=np.bincount(label, weights=first.area_m2),
        fixed=np.bincount(label, weights=first.fixed) > 0,
    )
    outer = label[pairs]
    between = outer[:, 0] != outer[:, 1]
    found, kept = merged_units(again, outer[between], length[between], LEAST)
    assert found.tolist() == list(range(len(codes)))
    assert kept.tolist() == codes.tolist()


@settings(max_examples=60, deadline=None)
@given(towns, st.randoms())
def test_the_order_of_units_does_not_matter(rows, chance):
    pairs, length = grid()
    plain = town(rows)
    order = list(range(len(rows)))
    chance.shuffle(order)
    place = np.argsort(order)
    turned = replace(
        plain,
        keys=[plain.keys[k] for k in order],
        **{
            name: getattr(plain, name)[order]
            for name in (
                "zone_class", "probabilities", "connections", "buildings", "area_m2", "fixed",
            )
        },
    )  # fmt: skip
    label, codes = merged_units(plain, pairs, length, LEAST)
    other, other_codes = merged_units(turned, place[pairs][::-1], length[::-1], LEAST)
    assert other[place].tolist() == label.tolist()
    assert other_codes.tolist() == codes.tolist()
