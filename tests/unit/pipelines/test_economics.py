"""Owner types, groups and money of a made-up stock; figures by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from zonnekaart.config import share_folder
from zonnekaart.io.economics import read_tariffs
from zonnekaart.pipelines.economics import (
    COLUMNS,
    group_members,
    shown_money,
    tellable,
    zone_rows,
)
from zonnekaart.pipelines.owner_types import SIZINGS, Stock, owner_types
from zonnekaart.pipelines.panel_money import Installed, group_money, rounded
from zonnekaart.quantities import QUANTITIES
from zonnekaart.zoning.privacy import PrivacyRule

TARIFFS = read_tariffs(share_folder("data") / "economics", "BE-VLG")


@pytest.mark.parametrize(
    ("use", "owner", "expected"),
    [
        ("residential", "private", "home"),
        ("residential", "unknown", "unknown"),
        ("residential", "social_housing", "tenant"),
        ("residential", "public", "unknown"),
        ("apartments", "association", "flat"),
        ("apartments", "private", "flat"),
        ("apartments", "social_housing", "tenant"),
        ("commercial", "private", "firm"),
        ("industry", "company", "firm"),
        ("commercial", "public", "public"),
        ("school", "association", "school"),
        ("school", "unknown", "school"),
        ("public", "public", "public"),
        ("church", "association", "unknown"),
        ("annex", "private", None),
    ],
)
def test_who_pays_and_gains(use, owner, expected):
    frame = pd.DataFrame({"use": [use], "owner": [owner], "flags": [[]]})
    types, assumed = owner_types(frame, assume_private_homes=False)
    assert types.tolist() == [expected]
    assert not assumed.any()


def test_a_guessed_use_tells_no_owner_and_an_assumption_says_so():
    frame = pd.DataFrame(
        {
            "use": ["residential", "residential", "commercial"],
            "owner": ["private", "unknown", "private"],
            "flags": [["use_estimated"]] * 3,
        }
    )
    assert owner_types(frame, assume_private_homes=False)[0].tolist() == ["unknown"] * 3
    types, assumed = owner_types(frame, assume_private_homes=True)
    assert types.tolist() == ["unknown", "home", "unknown"]
    assert assumed.tolist() == [False, True, False]


def installed(kwp, yield_kwh, saved_kwh, spread=0.1):
    ones = np.ones(len(kwp))
    return Installed(
        np.array(kwp, float),
        np.array(yield_kwh, float),
        np.array(saved_kwh, float),
        ones - spread,
        ones + spread,
    )


def test_homes_by_hand():
    made = installed([4.0, 6.0], [3600.0, 5400.0], [1200.0, 1500.0])
    found = group_money(made, TARIFFS.bands("home"), TARIFFS)
    assert found["investment_eur"] == pytest.approx(12_170.0)
    assert found["yearly_benefit_eur"] == pytest.approx(2700 * 0.234 + 6300 * 0.038)
    assert found["payback_years"] == pytest.approx(12_170.0 / 871.2)
    low = 0.9 * (2700 * 0.186 + 6300 * 0.02)
    assert found["yearly_benefit_low_eur"] == pytest.approx(low)
    assert found["payback_high_years"] == pytest.approx(14_000.0 / low)
    high = 1.1 * (2700 * 0.30 + 6300 * 0.05)
    assert found["payback_low_years"] == pytest.approx(11_100.0 / high)


def test_the_inverter_is_renewed_once_in_the_present_value():
    made = installed([4.0], [3600.0], [1200.0])
    found = group_money(made, TARIFFS.bands("home"), TARIFFS)["net_present_value_eur"]
    income = 1200 * 0.234 + 2400 * 0.038
    flow = [-4 * 1217.0] + [income * 0.995 ** (t - 1) for t in range(1, 26)]
    flow[12] -= 4 * 250.0
    assert found == pytest.approx(sum(v / 1.04**t for t, v in enumerate(flow)))


def test_the_tariff_follows_the_size_of_each_roof():
    made = installed([40.0, 100.0], [36e3, 90e3], [18e3, 45e3])
    found = group_money(made, TARIFFS.bands("firm"), TARIFFS)
    assert found["investment_eur"] == pytest.approx(40 * 1200.0 + 100 * 1000.0)
    assert found["yearly_benefit_eur"] == pytest.approx(
        18e3 * 0.201 + 45e3 * 0.125 + 63e3 * 0.035 - 140 * 15.0
    )


def test_ends_enclose_the_centre():
    made = installed([4.0, 6.0], [3600.0, 5400.0], [1200.0, 1500.0])
    found = group_money(made, TARIFFS.bands("home"), TARIFFS)
    for stem, unit in (("investment", "eur"), ("yearly_benefit", "eur"), ("payback", "years")):
        low, middle, high = (found[f"{stem}{end}_{unit}"] for end in ("_low", "", "_high"))
        assert low <= middle <= high


def test_figures_are_rounded_so_that_one_building_does_not_show():
    assert rounded({"saved_kwh": 16_449.0})["saved_kwh"] == 16_400.0
    assert np.isnan(rounded({"payback_years": np.inf})["payback_years"])


def stock(rows):
    """Rows of zone, owner type, kWp, bare."""
    zone, kind, kwp, bare = (np.array(c, dtype=object) for c in zip(*rows, strict=True))
    size = kwp.astype(float)
    made = installed(size, size * 900, size * 300)
    return Stock(
        zone, kind, np.zeros(len(rows), bool), bare.astype(bool), dict.fromkeys(SIZINGS, made)
    )


def test_groups_leave_out_annexes_panels_that_stand_and_roofs_without_a_price():
    town = stock(
        [
            ("Z", "home", 4.0, True),
            ("Z", "home", 5.0, False),
            ("Z", None, 2.0, True),
            (None, "home", 4.0, True),
            ("Z", "home", 90.0, True),
            ("Z", "firm", 900.0, True),
        ]
    )
    found = {key: members.tolist() for key, members in group_members(town, TARIFFS).items()}
    assert found == {("Z", "home"): [0], ("Z", "firm"): [5]}


@pytest.mark.parametrize(
    ("kind", "kwp", "shown", "reason"),
    [
        ("unknown", 4.0, True, "owner_unknown"),
        ("flat", 4.0, True, "no_tariff"),
        ("firm", 900.0, True, "no_tariff_for_size"),
        ("home", 4.0, False, "too_few"),
    ],
)
def test_no_figure_is_a_reason_and_never_another_owners_figure(kind, kwp, shown, reason):
    town = stock([("Z", kind, kwp, True)])
    (row,) = zone_rows(("Z", kind), np.array([0]), town, TARIFFS, shown=shown)
    assert row["reason"] == reason
    assert np.isnan(row["payback_years"])
    assert np.isnan(row["saved_kwh"])


def test_a_shown_group_has_a_row_per_sizing():
    town = stock([("Z", "home", 4.0, True)] * 3)
    rows = zone_rows(("Z", "home"), np.arange(3), town, TARIFFS, shown=True)
    assert [row["sizing"] for row in rows] == list(SIZINGS)
    assert all(row["reason"] is None for row in rows)
    assert set(rows[0]) == set(COLUMNS)
    assert rows[0]["tariff_ids"] == ["be-vlg-woning-2024"]


def test_unknown_demand_of_one_makes_the_group_unknown():
    town = stock([("Z", "home", 4.0, True)] * 2)
    town.made["roof"].saved_kwh[1] = np.nan
    (row,) = zone_rows(("Z", "home"), np.arange(2), town, TARIFFS, shown=True)
    assert row["reason"] == "demand_unknown"


def test_without_tariffs_nothing_is_shown():
    town = stock([("Z", "home", 4.0, True)])
    (row,) = zone_rows(("Z", "home"), np.array([0]), town, None, shown=True)
    assert row["reason"] == "no_tariff"


def test_every_column_is_in_the_register():
    assert set(COLUMNS) <= set(QUANTITIES)


def demand_of(zones, largest=None):
    count = len(zones)
    kwh = np.full(count, 3000.0)
    if largest is not None:
        kwh[largest] = 1e6
    return pd.DataFrame(
        {
            "building_id": [f"b{n}" for n in range(count)],
            "zone_id": zones,
            "consumption_kwh": kwh,
            "residential_kwh": kwh,
            "non_residential_kwh": 0.0,
            "connections": 1.0,
            "residential_connections": 1.0,
        }
    )


ZONES = pd.DataFrame({"zone_id": ["Z", "H"], "published": [True, False]})
RULE = PrivacyRule(10, 0.8, 3)


def visible(kinds, zone="Z", **options):
    town = stock([(zone, kind, 4.0, True) for kind in kinds])
    groups = group_members(town, TARIFFS)
    keys = tellable(groups, TARIFFS)
    return shown_money(keys, groups, demand_of([zone] * len(kinds), **options), ZONES, RULE)


def test_a_type_shows_with_enough_of_it_and_enough_of_the_rest():
    assert visible(["home"] * 12 + ["flat"] * 12) == {("Z", "home")}
    assert visible(["home"] * 9 + ["flat"] * 12) == set()
    assert visible(["home"] * 12 + ["firm"] * 2) == set()
    assert visible(["home"] * 12) == {("Z", "home")}


def test_a_type_with_one_large_user_or_in_a_hidden_zone_shows_nothing():
    assert visible(["home"] * 12 + ["flat"] * 12, largest=3) == set()
    assert visible(["home"] * 12, zone="H") == set()


def test_types_without_a_tariff_are_not_told_and_hide_among_the_rest():
    town = stock([("Z", "unknown", 4.0, True), ("Z", "flat", 4.0, True), ("Z", "home", 4.0, True)])
    assert tellable(group_members(town, TARIFFS), TARIFFS) == [("Z", "home")]
    assert tellable(group_members(town, None), None) == []
