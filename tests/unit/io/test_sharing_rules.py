"""Sharing rules and demand weights as data."""

import datetime as dt

import pytest

from zonnekaart.config import share_folder
from zonnekaart.errors import MissingInputError, RulesError, TableError
from zonnekaart.io.demand_weights import read_demand_weights
from zonnekaart.io.matrix import load_matrix
from zonnekaart.io.sharing_rules import read_all_sharing_rules, read_sharing_rules

RULES = share_folder("data") / "sharing"
WEIGHTS = share_folder("data") / "demand" / "flanders.toml"


@pytest.mark.parametrize("path", sorted(RULES.glob("*.toml")), ids=lambda p: p.stem)
def test_every_rule_set_follows_the_schema(path):
    rules = read_sharing_rules(RULES, path.stem)
    assert rules.settlement.carry_over is False
    assert rules.settlement.default_key in rules.settlement.keys


def test_flanders_since_2023():
    rules = read_sharing_rules(RULES, "be-vlg-2024")
    assert not rules.in_force(dt.date(2023, 1, 22))
    assert rules.in_force(dt.date(2024, 6, 1))
    assert rules.cost.grid_cost_due
    assert all(p.max_distance_m is None for p in rules.perimeters)
    assert rules.settlement.step_minutes == 15


def test_rule_sets_of_one_region_follow_each_other():
    old, new = (read_sharing_rules(RULES, n) for n in ("be-vlg-2022", "be-vlg-2024"))
    assert old.rule.valid_to + dt.timedelta(days=1) == new.rule.valid_from


def test_every_region_of_the_brief_has_rules():
    regions = {r.rule.region for r in read_all_sharing_rules(RULES)}
    assert regions == {"BE-VLG", "BE-BRU", "BE-WAL", "NL", "FR", "ES", "IT", "AT", "PT"}


def test_perimeters_are_rows_of_the_experience_matrix():
    matrix = {p.id: p for p in load_matrix().experience.perimeters}
    for rules in read_all_sharing_rules(RULES):
        for perimeter in rules.perimeters:
            row = matrix[perimeter.id]
            assert row.jurisdiction == rules.rule.region
            assert row.perimeter_type == perimeter.type
            assert row.source == perimeter.source
            assert row.confidence == perimeter.confidence


def test_distances_are_those_of_the_matrix():
    matrix = {p.id: p.parameters for p in load_matrix().experience.perimeters}
    found = {
        p.id: p.max_distance_m
        for rules in read_all_sharing_rules(RULES)
        for p in rules.perimeters
        if p.max_distance_m is not None
    }
    assert set(found) == {
        "fr_2km",
        "fr_10km",
        "fr_20km",
        "es_500",
        "es_2000",
        "es_5000_proposal",
        "pt_voltage",
    }
    for name, metres in found.items():
        row = matrix[name]
        expected = row.get("max_distance_m") or row["max_distance_m_by_voltage"]["LV"]
        assert metres == expected


def test_rule_sets_of_a_region_do_not_overlap():
    last = {}
    for rules in read_all_sharing_rules(RULES):
        before = last.get(rules.rule.region)
        assert before is None or before < rules.rule.valid_from
        last[rules.rule.region] = rules.rule.valid_to or dt.date.max


def test_flanders_as_it_evolved():
    held = {}
    for day in ("2022-03-01", "2022-08-01", "2023-02-01", "2023-05-01"):
        when = dt.date.fromisoformat(day)
        (rules,) = (
            r
            for r in read_all_sharing_rules(RULES)
            if r.rule.region == "BE-VLG" and r.in_force(when)
        )
        held[day] = {p.id.removeprefix("be_vlg_") for p in rules.perimeters if p.in_force(when)}
    assert held["2022-03-01"] == {"building"}
    assert held["2022-08-01"] == {"building", "self", "p2p"}
    assert held["2023-02-01"] == {"building", "self", "p2p", "egb", "heg"}
    assert held["2023-05-01"] == held["2023-02-01"] | {"building_sale"}


def test_grid_cost_follows_proximity_where_it_does():
    brussels = read_sharing_rules(RULES, "be-bru-2022")
    due = {p.id: p.grid_cost_share for p in brussels.perimeters}
    assert (due["be_bru_A"], due["be_bru_B"]) == (0.0, 0.5)
    assert due["be_bru_C"] is None
    flanders = read_sharing_rules(RULES, "be-vlg-2024")
    assert {p.grid_cost_share for p in flanders.perimeters} == {1.0}


def test_what_a_proposal_or_a_replaced_rule_allows():
    spain = read_sharing_rules(RULES, "es-2022")
    assert [p.id for p in spain.perimeters_for("radius")] == ["es_2000", "es_500"]
    brussels = read_sharing_rules(RULES, "be-bru-2022")
    assert {p.id for p in brussels.perimeters_for("cabin")} == {"be_bru_B", "be_bru_D"}
    assert brussels.perimeters_for("cabin", dt.date(2022, 3, 31)) == []
    pilots = read_sharing_rules(RULES, "be-bru-2018")
    assert [p.id for p in pilots.perimeters_for("cabin")] == ["be_bru_pilot"]


def test_unknown_rule_set_lists_the_known_ones():
    with pytest.raises(MissingInputError, match="be-bru-2022"):
        read_sharing_rules(RULES, "be-wal-1999")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("carry_over = false", "carry_over = true", "settlement.carry_over"),
        ('default_key = "fixed"', 'default_key = "optimal"', "settlement.default_key"),
        ("step_minutes = 15", "step_minutes = 15\nminutes = 3", "settlement.minutes"),
        ("valid_from = 2023-01-23", "valid_from = 2023-01-23\nvalid_to = 2020-01-01", "valid_to"),
        ('id = "be-vlg-2024"', 'id = "other"', "rule.id"),
        ("[cost]", "[cost", "not TOML"),
        ("grid_cost_share = 1.0", "grid_cost_share = 1.5", "grid_cost_share"),
        ('type = "building"', 'type = "distance"', "needs a distance"),
    ],
)
def test_wrong_rules_are_refused(tmp_path, old, new, says):
    text = (RULES / "be-vlg-2024.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "be-vlg-2024.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulesError, match=says):
        read_sharing_rules(tmp_path, "be-vlg-2024")


def test_weights_have_a_basis():
    weights = read_demand_weights(WEIGHTS)
    assert weights.residential.basis == "measured"
    assert weights.variation.basis == "own assumption"


def test_weights_without_source_are_refused(tmp_path):
    text = WEIGHTS.read_text(encoding="utf-8")
    path = tmp_path / "weights.toml"
    path.write_text(text.replace("kwh_per_dwelling = 3400.0", "kwh_per_dwelling = 0"))
    with pytest.raises(TableError, match=r"residential\.kwh_per_dwelling"):
        read_demand_weights(path)
    with pytest.raises(MissingInputError):
        read_demand_weights(tmp_path / "absent.toml")
