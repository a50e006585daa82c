"""What may be shown: k, dominance, and the attack by subtraction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zonnekaart.quantities import INDICATORS
from zonnekaart.zoning.privacy import (
    DEMAND_INDICATORS,
    OUTSIDE,
    Parts,
    PrivacyRule,
    derivable_zones,
    passes,
    shown_groups,
    suppress,
)

RULE = PrivacyRule(k=10, dominance=0.8)


def parts(*rows):
    """Rows of zone, area, connections, consumption, largest user."""
    zone, area, connections, kwh, largest = (list(column) for column in zip(*rows, strict=True))
    return Parts(
        np.array(zone, dtype=np.int64),
        np.array(area, dtype=np.int64),
        np.array(kwh, dtype=np.float64),
        np.array(largest, dtype=np.float64),
        np.array(connections, dtype=np.float64),
        np.nan_to_num(np.array(connections, dtype=np.float64)),
    )


def test_one_block_of_flats_is_not_shown_however_many_connections():
    block = parts((0, -1, 40, 400, 10), (1, -1, 40, 400, 10))
    block = replace(block, buildings=np.array([1.0, 3.0]))
    found = suppress(block, 2, np.zeros(0, dtype=bool), RULE)
    assert found.published.tolist() == [False, True]
    assert found.few.tolist() == [True, False]


def test_a_zone_needs_k_connections_and_no_dominant_user():
    found = suppress(
        parts((0, -1, 9, 90, 10), (1, -1, 10, 100, 10), (2, -1, 50, 100, 81), (3, -1, 50, 100, 80)),
        4,
        np.zeros(0, dtype=bool),
        RULE,
    )
    assert found.published.tolist() == [False, True, False, True]
    assert found.few.tolist() == [True, False, False, False]
    assert found.dominated.tolist() == [False, False, True, False]


def test_unknown_demand_or_connections_is_not_shown():
    found = suppress(
        parts((0, -1, 20, np.nan, 1), (1, -1, np.nan, 100, 1)), 2, np.zeros(0, dtype=bool), RULE
    )
    assert found.unknown.tolist() == [True, True]


def test_a_single_hidden_zone_takes_the_smallest_neighbour_with_it():
    town = parts((0, 0, 5, 50, 10), (1, 0, 30, 300, 10), (2, 0, 20, 200, 10))
    found = suppress(town, 3, np.array([True]), RULE)
    assert found.published.tolist() == [False, True, False]
    assert found.secondary.tolist() == [False, False, True]
    assert derivable_zones(town, found.published, np.array([True])).size == 0


def test_without_a_public_total_nothing_can_be_subtracted():
    town = parts((0, 0, 5, 50, 10), (1, 0, 30, 300, 10))
    assert suppress(town, 2, np.array([False]), RULE).published.tolist() == [False, True]


def test_two_hidden_zones_that_are_few_together_are_still_too_few():
    town = parts((0, 0, 3, 30, 10), (1, 0, 4, 40, 10), (2, 0, 30, 300, 10), (3, 0, 40, 400, 10))
    found = suppress(town, 4, np.array([True]), RULE)
    assert found.secondary.tolist() == [False, False, True, False]


def test_what_lies_outside_the_heights_hides_a_zone():
    town = parts((0, 0, 5, 50, 10), (1, 0, 30, 300, 10), (OUTSIDE, 0, 40, 400, 0))
    assert suppress(town, 2, np.array([True]), RULE).secondary.tolist() == [False, False]


def test_a_zone_that_straddles_two_areas_is_subtracted_from_both():
    town = parts((0, 0, 5, 50, 10), (1, 0, 15, 150, 10), (1, 1, 15, 150, 10), (2, 1, 30, 300, 10))
    naive = np.array([False, True, True])
    areas = np.array([True, True])
    assert derivable_zones(town, naive, areas).tolist() == [0]
    found = suppress(town, 3, areas, RULE)
    assert derivable_zones(town, found.published, areas).size == 0


def test_a_total_that_the_source_itself_exposes_is_told():
    found = suppress(parts((0, 0, 5, 50, 10)), 1, np.array([True]), RULE)
    assert found.exposed_areas == (0,)
    assert found.published.tolist() == [False]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(1, 40), st.floats(0.02, 1.0)),
        min_size=1,
        max_size=9,
    ),
    st.lists(st.integers(0, 2), max_size=2),
)
def test_subtraction_never_gives_a_hidden_zone_or_a_group_that_fails_the_rule(zones, straddlers):
    """Try every area minus its shown zones; also the general attack by linear algebra."""
    rows = [(z, area, n, 100.0 * n, 100.0 * n * top) for z, (area, n, top) in enumerate(zones)]
    for z, area in enumerate(straddlers[: len(zones)]):
        if area != rows[z][1]:
            rows.append((z, area, 6, 600.0, 60.0))
    town, areas = parts(*rows), np.ones(3, dtype=bool)
    found = suppress(town, len(zones), areas, RULE)
    for z in np.flatnonzero(found.published):
        assert passes(town, town.zone == z, RULE)
    for area in range(3):
        inside = [
            z for z in np.flatnonzero(found.published) if set(town.area[town.zone == z]) == {area}
        ]
        rest = (town.area == area) & ~np.isin(town.zone, inside)
        if rest.any() and area not in found.exposed_areas:
            assert passes(town, rest, RULE)
    protected = found.few | found.dominated | found.unknown
    by_source = set(derivable_zones(town, np.zeros(len(zones), dtype=bool), areas).tolist())
    given = set(derivable_zones(town, found.published, areas).tolist())
    assert not {z for z in given if protected[z]} - by_source


def test_every_indicator_that_speaks_of_demand_is_on_the_list():
    free = set(INDICATORS) - set(DEMAND_INDICATORS)
    assert free == {
        "annual_yield_kwh", "annual_yield_low_kwh", "annual_yield_high_kwh", "capacity_kwp",
        "existing_kwp", "additional_kwp", "used_share", "roof_area_m2", "usable_share",
        "mean_irradiation_kwh_m2", "buildings", "dwellings", "connections", "apartment_share",
        "heritage_share", "survey_mismatch_share", "existing_low_kwp", "existing_high_kwp",
        "existing_annual_yield_kwh", "site_capacity_kwp", "site_yield_kwh", "site_yield_low_kwh",
        "site_yield_high_kwh",
        "public_roof_share", "social_housing_share", "vme_share", "asbestos_share",
        "old_roof_share", "obliged_public_capacity_kwp", "median_income_eur",
        "protected_customers_share", "energy_poverty_share",
        "visible_capacity_share", "heritage_visible_share",
        "heritage_hidden_share",
        "mv_headroom_kw",
    }  # fmt: skip


@pytest.mark.parametrize("k", [5, 10, 20])
def test_a_larger_k_never_shows_more(k):
    town = parts(*[(z, z % 2, 4 + 3 * z, 100.0 + z, 10.0) for z in range(8)])
    areas = np.ones(2, dtype=bool)
    less = suppress(town, 8, areas, PrivacyRule(k + 5, 0.8)).published.sum()
    assert less <= suppress(town, 8, areas, PrivacyRule(k, 0.8)).published.sum()


# ---- groups inside zones ----


def members(*rows):
    """Pieces of a zone and a group: zone, group, connections, consumption, largest user."""
    table = np.array(rows, dtype=float)
    pieces = Parts(
        zone=table[:, 0].astype(np.int64),
        area=np.full(len(table), -1, dtype=np.int64),
        consumption_kwh=table[:, 3],
        largest_kwh=table[:, 4],
        connections=table[:, 2],
        buildings=table[:, 2],
    )
    return pieces, table[:, 1].astype(np.int64)


def test_a_group_shows_when_it_and_the_rest_of_its_zone_pass():
    pieces, group = members((0, 0, 12, 100, 10), (0, -1, 15, 100, 10))
    assert shown_groups(pieces, group, np.array([True]), RULE).tolist() == [True]
    assert shown_groups(pieces, group, np.array([False]), RULE).tolist() == [False]


@pytest.mark.parametrize(
    ("rest", "why"),
    [((0, -1, 3, 30, 10), "few"), ((0, -1, 20, 100, 95), "dominated")],
)
def test_a_rest_that_would_give_someone_away_keeps_the_group_back(rest, why):
    pieces, group = members((0, 0, 12, 100, 10), rest)
    assert shown_groups(pieces, group, np.array([True]), RULE).tolist() == [False], why


def test_the_smallest_group_gives_way_to_a_small_rest():
    pieces, group = members((0, 0, 30, 300, 10), (0, 1, 12, 120, 10), (0, -1, 2, 20, 10))
    assert shown_groups(pieces, group, np.array([True]), RULE).tolist() == [True, False]


def test_small_dominated_and_straddling_groups_show_nothing():
    pieces, group = members(
        (0, 0, 4, 40, 10),
        (0, 1, 20, 100, 90),
        (0, 2, 12, 100, 10),
        (1, 2, 12, 100, 10),
        (0, -1, 50, 500, 10),
        (1, -1, 50, 500, 10),
    )
    assert not shown_groups(pieces, group, np.array([True, True]), RULE).any()


@given(st.data())
def test_no_subtraction_of_groups_from_their_zone_gives_anyone_away(data):
    count = data.draw(st.integers(2, 14))
    rows = [
        (
            0,
            data.draw(st.integers(-1, 3)),
            data.draw(st.integers(1, 25)),
            kwh := data.draw(st.floats(1.0, 100.0)),
            kwh * data.draw(st.floats(0.05, 1.0)),
        )
        for _ in range(count)
    ]
    pieces, group = members(*rows)
    whole = np.ones(count, dtype=bool)
    zone_passes = passes(pieces, whole, RULE)
    shown = shown_groups(pieces, group, np.array([zone_passes]), RULE)
    names = np.flatnonzero(shown)
    for chosen in range(1 << len(names)):
        taken = np.isin(group, [n for k, n in enumerate(names) if chosen >> k & 1])
        for total in (taken, ~taken):
            assert not total.any() or not zone_passes or passes(pieces, total, RULE)
