from __future__ import annotations

import tomllib

import pytest

from zonnekaart.pipelines.init import fill_template
from zonnekaart.pipelines.project_text import set_source, switch_on

OPTIONS = {
    "weather": {"path": "w.epw", "reader": "epw"},
    "water": {"path": "water.gpkg", "id_column": "id"},
    "roads": {"path": "roads.gpkg", "id_column": "id", "name_column": "name"},
    "consumption": {"path": "c.csv", "year": 2021},
    "sites": {"path": "p.gpkg", "kind": "parking"},
    "buildings": {"path": "b.gpkg", "derived": True},
}
SOURCE = {"title": 'A "title"', "licence": "open", "date": "2021"}


def test_every_table_takes_options_and_source() -> None:
    text = fill_template("Kapellen", "EPSG:31370")
    for name, options in OPTIONS.items():
        text = set_source(switch_on(text, f"inputs.{name}", options), f"inputs.{name}", SOURCE)
    inputs = tomllib.loads(text)["inputs"]
    inputs["sites"] = inputs["sites"][0]
    for name, options in OPTIONS.items():
        assert inputs[name]["source"] == SOURCE
        assert {key: inputs[name][key] for key in options} == options


def test_weather_years_switched_on_later_stay_in_their_table() -> None:
    text = set_source(fill_template("Kapellen", "EPSG:31370"), "inputs.weather", SOURCE)
    later = text.replace("# others = [{", "others = [{")
    assert "others" in tomllib.loads(later)["inputs"]["weather"]


def test_option_that_the_file_does_not_show_is_refused() -> None:
    with pytest.raises(ValueError, match="no colour"):
        switch_on(fill_template("Kapellen", "EPSG:31370"), "inputs.roads", {"colour": "red"})
