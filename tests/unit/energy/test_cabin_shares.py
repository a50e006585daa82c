"""Cabins divided among zones: worked by hand, and nothing counted twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.energy.test_energy_hosting import ASSUMED
from zonnekaart.energy.cabin_shares import NOWHERE, Cabins, Served, zone_headroom, zone_ratings
from zonnekaart.energy.hosting import Range, ZoneSolar, pv_headroom


def served(rows, own=None):
    """Rows of (cabin, zone, connections); `own` of (kVA, existing, unknown) per row."""
    cabin, zone, connections = (np.array(column) for column in zip(*rows, strict=True))
    extra = np.array(own or [(0.0, 0.0, 0.0)] * len(rows), dtype=float)
    return Served(
        cabin.astype(np.int64), zone.astype(np.int64), connections.astype(float), *extra.T
    )


def cabins(kva, existing=None, unknown=None, given_kw=None, capacity=500.0, peak=400.0):
    kva = np.array(kva, dtype=float)
    none = np.zeros(len(kva))
    return Cabins(
        Range(kva, kva, kva),
        ZoneSolar(
            np.full(len(kva), capacity),
            none if existing is None else np.array(existing, dtype=float),
            none if unknown is None else np.array(unknown, dtype=float),
            np.full(len(kva), peak),
            np.full(len(kva), np.nan),
        ),
        np.full(len(kva), np.nan) if given_kw is None else np.array(given_kw, dtype=float),
    )


def test_one_cabin_for_one_zone_is_the_plain_case():
    one = cabins([400.0], existing=[50.0], unknown=[100.0])
    load = np.array([20.0])
    found = zone_headroom(served([(0, 0, 100.0)]), one, load, ASSUMED)
    solar = ZoneSolar(*(np.array([v]) for v in (500.0, 50.0, 100.0, 400.0, 20.0)))
    plain = pv_headroom(one.rating, solar, ASSUMED)
    for end in ("low", "central", "high"):
        assert getattr(found, end) == pytest.approx(getattr(plain, end))


def test_two_zones_on_one_cabin_by_hand():
    # 400 kVA, 60 and 40 connections, 100 kWp standing at k = 0.8; central 0.7 * 400 - 80 = 200 kW:
    # 120 and 80, each with its own load.
    pairs = served([(0, 0, 60.0), (0, 1, 40.0)])
    found = zone_headroom(pairs, cabins([400.0], existing=[100.0]), np.array([10.0, 5.0]), ASSUMED)
    assert found.central == pytest.approx([130.0, 85.0])
    assert zone_ratings(pairs, cabins([400.0]).rating, 2).central == pytest.approx([240.0, 160.0])


def test_a_full_cabin_takes_nothing_from_another():
    # Cabin 0: 0.7 * 100 - 0.8 * 500 < 0; cabin 1: 0.7 * 100 = 70. Load 20 in equal parts.
    pairs = served([(0, 0, 50.0), (1, 0, 50.0)])
    room = zone_headroom(pairs, cabins([100.0, 100.0], [500.0, 0.0]), np.array([20.0]), ASSUMED)
    assert room.central == pytest.approx([80.0])


def test_panels_of_a_firm_with_its_own_cabin_leave_the_neighbours_alone():
    # 250 kVA shared, 300 kVA of the firm in zone 1, whose 200 kWp run against its own cabin.
    pairs = served([(0, 0, 80.0), (0, 1, 20.0)], [(0, 0, 0), (300.0, 200.0, 0.0)])
    room = zone_headroom(pairs, cabins([550.0], existing=[200.0]), np.zeros(2), ASSUMED)
    assert room.central == pytest.approx([0.7 * 200, 0.7 * 50 + 0.7 * 300 - 0.8 * 200])


def test_headroom_of_the_operator_replaces_the_estimate_and_is_shared():
    pairs = served([(0, 0, 30.0), (0, 1, 70.0), (1, 1, 50.0)])
    one = cabins([400.0, 160.0], given_kw=[100.0, np.nan])
    room = zone_headroom(pairs, one, np.array([np.nan, 12.0]), ASSUMED)
    assert room.low[0] == room.central[0] == room.high[0] == pytest.approx(30.0)
    # Zone 1: 70 given; 0.7 * 160 + 12 * 50 / 120 on the other.
    assert room.central[1] == pytest.approx(70.0 + 112.0 + 5.0)


def test_unknown_demand_gives_unknown_room():
    room = zone_headroom(served([(0, 0, 9.0)]), cabins([400.0]), np.array([np.nan]), ASSUMED)
    assert np.isnan(room.central[0])


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 3), st.floats(0.5, 300.0)),
        min_size=1, max_size=20,
    ),
    st.lists(st.floats(10.0, 2000.0), min_size=5, max_size=5),
)  # fmt: skip
def test_every_kva_is_counted_once(rows, kva):
    found = zone_ratings(served(rows), Range(*(np.array(kva),) * 3), 4).central
    used = {cabin for cabin, _, _ in rows}
    assert found.sum() == pytest.approx(sum(kva[cabin] for cabin in used))


def test_what_serves_no_zone_is_given_to_none():
    pairs = served([(0, 0, 25.0), (0, NOWHERE, 75.0)])
    assert zone_ratings(pairs, Range(*(np.array([400.0]),) * 3), 1).central == pytest.approx([100])
