from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from zonnekaart.config import Settings, load_project, parse_project
from zonnekaart.errors import ConfigError, MissingInputError

MINIMAL = """
[project]
name = "Klein Dorp"
crs = "EPSG:31370"

[inputs.dsm]
path = "heights/dsm.tif"
[inputs.buildings]
path = "buildings.gpkg"
[inputs.areas]
path = "areas.gpkg"
[inputs.weather]
path = "weather.epw"
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "zonnekaart.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_minimal_project_has_defaults_and_resolves_beside_its_file(tmp_path):
    project = load_project(write(tmp_path, MINIMAL))
    assert project.slug == "klein-dorp"
    assert project.irradiation.directions == 64
    assert project.resolve(project.inputs.dsm.path) == tmp_path / "heights/dsm.tif"


def test_absent_project_file_says_how_to_make_one(tmp_path):
    with pytest.raises(MissingInputError, match="zonnekaart init"):
        load_project(tmp_path / "nothing.toml")


def test_unknown_key_names_the_known_ones(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load_project(write(tmp_path, MINIMAL + "[irradiation]\nradius = 300\n"))
    assert caught.value.subject.endswith("irradiation.radius")
    assert "radius_m" in caught.value.expected


def test_impossible_value_says_what_was_found(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load_project(write(tmp_path, MINIMAL + "[irradiation]\nalbedo = 1.4\n"))
    assert "1.4" in caught.value.found
    assert "less than or equal to 1" in caught.value.expected


def test_missing_table_is_named(tmp_path):
    text = MINIMAL.replace('[inputs.weather]\npath = "weather.epw"\n', "")
    with pytest.raises(ConfigError, match=r"inputs\.weather"):
        load_project(write(tmp_path, text))


def test_text_that_is_not_toml_is_an_input_error(tmp_path):
    with pytest.raises(ConfigError, match="not TOML"):
        load_project(write(tmp_path, "[project\nname"))


def test_data_variable_stands_for_its_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ZONNEKAART_DATA", str(tmp_path / "elsewhere"))
    text = MINIMAL.replace("heights/dsm.tif", "${ZONNEKAART_DATA}/essen/dsm.tif")
    project = load_project(write(tmp_path, text))
    assert project.inputs.dsm.path == tmp_path / "elsewhere/essen/dsm.tif"


def test_parse_counts_further_problems():
    with pytest.raises(ConfigError, match=r"more\)"):
        parse_project({"project": {"name": "x", "crs": "EPSG:1", "colour": 1}}, Path("p.toml"))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "derive"),
        ('path = "a.tif"\nderive = true', "derive"),
        ("derive = true\ntransmissivity = [0.5, 0.5]", "transmissivity"),
        ('derive = true\ntransmissivity = "palm"', "transmissivity"),
    ],
)
def test_vegetation_needs_one_origin_and_twelve_shares(tmp_path, table, said):
    text = MINIMAL + "[inputs.vegetation]\n" + table + "\n"
    with pytest.raises(ConfigError, match=said):
        load_project(write(tmp_path, text))


def test_vegetation_without_heights_is_refused(tmp_path):
    text = MINIMAL.replace("[inputs.dsm]", "[inputs.cadastre]").replace(
        'path = "heights/dsm.tif"',
        'path = "c.tif"\nkind = "raster"\nirradiation_unit = "kWh/m2"\nsurface = "sloped"',
    )
    load_project(write(tmp_path, text))
    with pytest.raises(ConfigError, match="trees are set into heights"):
        load_project(write(tmp_path, text + "[inputs.vegetation]\nderive = true\n"))


def test_projects_and_origins_of_a_server_are_checked(tmp_path):
    good = Settings(projects={"essen": tmp_path}, cors=("https://gis.example.be:8443",))
    assert good.projects == {"essen": tmp_path}
    for name in ("", "..", "a/b", "Essen", "a" * 65):
        with pytest.raises(ValidationError):
            Settings(projects={name: tmp_path})
    for origin in ("*", "null", "https://a.be/x", "file:///etc"):
        with pytest.raises(ValidationError):
            Settings(cors=(origin,))
