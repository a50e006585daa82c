from __future__ import annotations

import json
from typing import TYPE_CHECKING

from zonnekaart.cli.main import main
from zonnekaart.config import InputsTable, load_project
from zonnekaart.io.absent_inputs import read_optional_inputs
from zonnekaart.io.matrix import load_matrix
from zonnekaart.pipelines.checks.absent import absent_inputs, absent_lines
from zonnekaart.pipelines.init import start_project
from zonnekaart.quantities import INDICATORS

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.conftest import TownBuild


def without(project_file: Path, more: str = "") -> list[dict[str, object]]:
    """Return what a project goes without, after lines were added to its file."""
    text = project_file.read_text("utf-8")
    project_file.write_text(text + more, encoding="utf-8")
    return absent_inputs(load_project(project_file))


def test_every_entry_points_at_rows_and_inputs_that_exist() -> None:
    matrix = load_matrix()
    for row in read_optional_inputs():
        assert row.input.split(".")[1] in InputsTable.model_fields
        assert [i for i in row.sources if matrix.source(i) is None] == []
        assert set(row.indicators) <= set(INDICATORS)


def test_gaps_of_entries_are_those_of_the_rule_file(tmp_path: Path) -> None:
    gone = {e["input"]: e for e in without(start_project(tmp_path, "Kapellen"))}
    assert [m["id"] for m in gone["inputs.cabins"]["missing"]] == ["MIS-01"]
    assert "net-vol" in gone["inputs.cabins"]["rules"]
    assert gone["inputs.heritage"]["effect"] == "unknown"
    assert "erfgoed" in gone["inputs.heritage"]["rules"]
    named = [row for row in read_optional_inputs() if row.gap is not None]
    assert all(gone[row.input]["missing"] for row in named if row.gap != "dwellings_unknown")


def test_what_is_given_is_not_missed(tmp_path: Path) -> None:
    file = start_project(tmp_path, "Kapellen")
    before = {e["input"] for e in without(file)}
    more = (
        '\n[inputs.cabin_areas]\npath = "a.gpkg"\n[[inputs.sites]]\npath = "b"\nkind = "parking"\n'
    )
    after = {e["input"] for e in without(file, more)}
    assert before - after == {"inputs.cabins", "inputs.sites"}


def consumption(project_file: Path) -> dict[str, object]:
    """Return what is told of the consumption that is not there."""
    return next(e for e in without(project_file) if e["input"] == "inputs.consumption")


def test_a_mean_per_dwelling_makes_missing_consumption_weaker(tmp_path: Path) -> None:
    file = start_project(tmp_path, "Kapellen")
    assert (
        next(e for e in without(file) if e["input"] == "inputs.consumption")["effect"] == "unknown"
    )
    text = file.read_text("utf-8")
    file.write_text(
        text.replace("# residential_kwh_per_dwelling", "residential_kwh_per_dwelling"), "utf-8"
    )
    assert (
        next(e for e in without(file) if e["input"] == "inputs.consumption")["effect"] == "weaker"
    )


def test_lines_say_cost_rules_and_address(tmp_path: Path) -> None:
    lines = absent_lines(without(start_project(tmp_path, "Kapellen")))
    line = next(text for text in lines if text.startswith("inputs.heritage (unknown)"))
    assert "Rules: erfgoed" in line
    assert "Get it: SUP-24" in line
    assert "https://geo.onroerenderfgoed.be" in line


def test_rules_that_cannot_be_read_leave_the_rest(tmp_path: Path) -> None:
    file = start_project(tmp_path, "Kapellen")
    text = file.read_text("utf-8").replace('# rules = "default"', 'rules = "nowhere.toml"')
    file.write_text(text, "utf-8")
    gone = absent_inputs(load_project(file))
    assert gone
    assert all(entry["rules"] == [] for entry in gone)


def test_check_writes_and_says_what_is_absent(
    town_build: TownBuild, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = tmp_path / "build"
    assert main(["check", str(town_build.file), "--build", str(build)]) == 0
    report = json.loads((build / "check.json").read_text("utf-8"))
    names = [entry["input"] for entry in report["absent"]]
    assert names
    assert "inputs.consumption" not in names
    said = capsys.readouterr().err
    assert all(f"- {name} (" in said for name in names)
    page = (build / "check.html").read_text("utf-8")
    assert all(name in page for name in names)
