"""Sharing rules and demand weights as data."""

import datetime as dt

import pytest

from zonnekaart.config import share_folder
from zonnekaart.errors import MissingInputError, RulesError, TableError
from zonnekaart.io.demand_weights import read_demand_weights
from zonnekaart.io.sharing_rules import read_sharing_rules

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
