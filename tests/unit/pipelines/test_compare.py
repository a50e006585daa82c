"""Two cases of a project, on zones made up so that each change and its reason are known."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from zonnekaart.cli.main import main
from zonnekaart.config import load_project
from zonnekaart.errors import ConfigError, NotBuiltError
from zonnekaart.io.vector import write_parquet
from zonnekaart.pipelines.compare import compare, why
from zonnekaart.pipelines.init import start_project
from zonnekaart.pipelines.zone_scenarios import BASE, KEY_INDICATORS, OUTPUT
from zonnekaart.zoning.differences import Difference

NAN = float("nan")
# zone: ratio of yield to demand and class, today and with more demand
ZONES = {
    "a": ((0.8, "delen"), (0.4, "vraag")),
    "b": ((0.9, "delen"), (0.8, "delen")),
    "c": ((NAN, "onbekend"), (NAN, "onbekend")),
}


def rows(scenario, rule_set, column, *, chosen):
    for zone, cases in ZONES.items():
        ratio, name = cases[column]
        known = np.isfinite(ratio)
        yield {
            "scenario_id": scenario,
            "rule_set": rule_set,
            "chosen": chosen,
            "zone_id": zone,
            "name": f"Zone {zone}",
            "zone_class": name,
            "step_id": "some-step",
            "confidence": 0.9,
            **dict.fromkeys(KEY_INDICATORS, NAN),
            "annual_yield_kwh": 1e6,
            "consumption_kwh": 1e6 / ratio if known else NAN,
            "self_consumption": 0.4 if known else NAN,
            "yield_demand_ratio": ratio,
            "heritage_share": 0.0,
            "connections": 20.0,
            "survey_mismatch_share": 0.0,
        }


@pytest.fixture
def project(tmp_path):
    path = start_project(tmp_path, "Kapellen")
    found = [
        *rows(BASE, "default", 0, chosen=True),
        *rows(BASE, "voorzichtig", 0, chosen=False),
        *rows("elektrisch", "default", 1, chosen=True),
        *rows("elektrisch", "voorzichtig", 1, chosen=False),
    ]
    write_parquet(pd.DataFrame(found), tmp_path / "build" / OUTPUT)
    return path


def found(project, before, after):
    return compare(load_project(project), project.parent / "build", before, after)


def test_the_zone_that_changes_is_told_with_step_and_figure(project):
    told = found(project, "vandaag", "elektrisch")
    assert told.sentence["nl"] == "1 van 3 zones wijzigt van klasse."
    (change,) = told.changes
    assert (change["zone_id"], change["class_from"], change["class_to"]) == ("a", "delen", "vraag")
    assert (change["step_id"], change["indicator"]) == ("vraag-zonder-dak", "yield_demand_ratio")
    assert change["threshold_from"] == change["threshold_to"] == 0.5
    assert "onder de grens van 0,5" in change["why"]


def test_sums_speak_of_the_same_zones_and_hidden_ones_stay_out(project):
    told = found(project, "vandaag", "elektrisch")
    assert told.sums["consumption_zones"] == 2
    assert told.sums["consumption_gwh_from"] == pytest.approx(1 / 0.8 + 1 / 0.9)
    assert told.sums["annual_yield_gwh_to"] == pytest.approx(3.0)
    assert told.sums["surplus_gwh_from"] is None
    rows = {row["zone_class"]: row for row in told.classes}
    assert (rows["delen"]["zones_from"], rows["delen"]["zones_to"]) == (2, 1)
    assert rows["vraag"]["annual_yield_gwh_to"] == pytest.approx(1.0)


def test_a_case_may_be_a_scenario_a_rule_set_or_both(project):
    assert found(project, "default", "voorzichtig").after.name == "vandaag/voorzichtig"
    assert found(project, "vandaag", "elektrisch/voorzichtig").after.name == (
        "elektrisch/voorzichtig"
    )
    assert found(project, "vandaag", "vandaag").changes == []


@pytest.mark.parametrize("case", ["elektrsch", "elektrisch/streng", "/default", ""])
def test_a_case_that_is_not_there_lists_those_that_are(project, case):
    with pytest.raises(ConfigError, match=r"vandaag, elektrisch.*default, voorzichtig"):
        found(project, "vandaag", case)


def test_before_zoning_it_says_what_to_run(tmp_path):
    path = start_project(tmp_path, "Kapellen")
    with pytest.raises(NotBuiltError, match="--stage zoning"):
        found(path, "vandaag", "elektrisch")


def test_a_moved_limit_is_told_with_what_it_was():
    moved = Difference("toets-erfgoed", "heritage_share", 0.24, 0.24, 0.3, 0.2)
    assert (
        why(moved, "en")
        == "Heritage share: 24\u00a0%, above the new limit of 20\u00a0% (was 30\u00a0%)."
    )
    assert why(Difference("x", "", NAN, NAN, NAN, NAN), "nl").startswith("De stappen")


def test_the_command_writes_json_csv_or_tables(project, capsys):
    assert main(["compare", str(project), "--from", "vandaag", "--to", "elektrisch", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["zones"], told["changed"]) == (3, 1)
    assert main(["compare", str(project), "--from", "vandaag", "--to", "elektrisch", "--csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("zone_id,name,class_from,class_to")
    assert lines[1].startswith("a,Zone a,delen,vraag,0.9,0.9,vraag-zonder-dak")
    assert main(["compare", str(project), "--from", "vandaag", "--to", "elektrisch"]) == 0
    assert "onder de grens" in capsys.readouterr().out
    assert main(["compare", str(project), "--from", "vandaag", "--to", "niets"]) == 2
