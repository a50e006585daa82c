"""The file of what actions bring: whole, sourced, and refused when it is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zonnekaart.errors import RulesError
from zonnekaart.io.action_effects import read_action_effects
from zonnekaart.io.rules import read_rules
from zonnekaart.zoning.action_effects import ENERGY

DATA = Path(__file__).resolve().parents[3] / "data"
PATH = DATA / "actions" / "effects.toml"


@pytest.fixture(scope="module")
def found():
    return read_action_effects(PATH)


def test_every_action_that_a_rule_can_ask_for_has_a_row(found):
    known = {a.id for a in found.actions}
    for name in ("default", "voorzichtig", "ambitieus"):
        rules = read_rules(name, Path(), DATA / "rules").rule_set
        assert {a for r in (*rules.rules, *rules.class_rules) for a in r.actions} <= known


def test_rows_are_recommendations_and_energies_are_known(found):
    text = (DATA / "matrix" / "experience" / "recommendations.yaml").read_text(encoding="utf-8")
    assert {a.id for a in found.actions} <= set(re.findall(r"id: (rec\d\d)", text))
    assert {a.energy for a in found.actions} <= {*ENERGY, "none"}


def test_emissions_are_dated_and_told_only_where_they_hold(found):
    assert found.emission("BE-VLG").central == 0.167
    assert found.emission("NL") is None
    assert all(e.observed_from <= e.observed_to for e in found.co2)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("low = 0.05, central = 0.15", "low = 0.2, central = 0.15", "do not rise"),
        ('energy = "untapped"\nkind = "made"', 'energy = "untapped"', "without kind"),
        ("high = 0.3 }", "high = 1.3 }", "above 1"),
        ('id = "rec02"', 'id = "rec01"', "stands twice"),
        ('energy = "none"', 'energy = "none"\nkind = "made"', "actions with energy"),
    ],
)
def test_a_faulty_file_is_refused(old, new, told, tmp_path):
    text = PATH.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "own.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulesError, match=told):
        read_action_effects(tmp_path / "own.toml")
