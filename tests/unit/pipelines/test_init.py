from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel

from zonnekaart.config import Project, load_project, parse_project, share_folder
from zonnekaart.errors import ConfigError, CrsError
from zonnekaart.pipelines.init import FOLDERS, fill_template, start_project

if TYPE_CHECKING:
    from pathlib import Path


def all_keys(model: type[BaseModel]) -> set[str]:
    """Return the names of all options of a table and the tables below it."""
    keys = set()
    for name, field in model.model_fields.items():
        if name == "path" and model is Project:
            continue
        keys.add(name)
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel):
                keys |= all_keys(part)
    return keys


def test_new_project_loads_and_has_its_folders(tmp_path: Path) -> None:
    path = start_project(tmp_path / "kapellen", "Kapellen")
    project = load_project(path)
    assert (project.project.name, project.project.crs) == ("Kapellen", "EPSG:31370")
    assert all((tmp_path / "kapellen" / name).is_dir() for name in FOLDERS)


def test_awkward_names_survive(tmp_path: Path) -> None:
    name = 'Sint-"Job" \\ in \'t Goor, één'
    assert load_project(start_project(tmp_path, name)).project.name == name


def test_template_shows_every_option() -> None:
    text = fill_template("Kapellen", "EPSG:31370")
    shown = set(re.findall(r"^#? ?([a-z0-9_]+) =", text, flags=re.MULTILINE))
    tables = set(re.findall(r"^#? ?\[\[?([a-z_.]+)\]", text, flags=re.MULTILINE))
    shown |= {part for table in tables for part in table.split(".")}
    assert all_keys(Project) - shown == set()


def test_template_still_loads_with_every_commented_option_switched_on(tmp_path: Path) -> None:
    text = fill_template("Kapellen", "EPSG:31370")
    option = r"^# (\[\[?[a-z_.]+\]\]?|[a-z0-9_]+ = .*)$"
    project = parse_project(
        tomllib.loads(re.sub(option, r"\1", text, flags=re.MULTILINE)), tmp_path / "all.toml"
    )
    assert project.inputs.cabins is not None
    assert project.inputs.consumption is not None
    assert project.inputs.dsm.source is not None


def test_defaults_shown_are_the_defaults_used(tmp_path: Path) -> None:
    text = fill_template("Kapellen", "EPSG:31370")
    plain = parse_project(tomllib.loads(text), tmp_path / "a.toml")
    option = r"^# (\[\[?[a-z_.]+\]\]?|[a-z0-9_]+ = .*)$"
    full = parse_project(
        tomllib.loads(re.sub(option, r"\1", text, flags=re.MULTILINE)), tmp_path / "a.toml"
    )
    for table in ("zones", "irradiation", "sharing", "zoning", "privacy", "project"):
        shown = getattr(full, table)
        if table == "zoning":
            # What is set by hand has no default: the template shows an example.
            shown = shown.model_copy(update={"overrides": ()})
        assert shown == getattr(plain, table), table


def test_project_that_is_there_stays(tmp_path: Path) -> None:
    path = start_project(tmp_path, "Eerste")
    with pytest.raises(ConfigError) as raised:
        start_project(tmp_path, "Tweede")
    assert str(path) == raised.value.subject
    assert load_project(path).project.name == "Eerste"
    start_project(tmp_path, "Tweede", overwrite=True)
    assert load_project(path).project.name == "Tweede"


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:999999", "Lambert"])
def test_crs_that_is_not_metric_is_refused(tmp_path: Path, crs: str) -> None:
    with pytest.raises(CrsError):
        start_project(tmp_path, "Kapellen", crs)
    assert list(tmp_path.iterdir()) == []


def test_empty_name_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"project\.name"):
        start_project(tmp_path, "")
    assert list(tmp_path.iterdir()) == []


def test_template_is_shipped_with_the_package_data() -> None:
    assert (share_folder("data") / "templates" / "zonnekaart.toml").is_file()
