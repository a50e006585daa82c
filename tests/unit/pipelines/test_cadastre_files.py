"""Roofs from a cadastre without a project, and new projects that begin from one."""

from __future__ import annotations

import geopandas as gpd
import pytest

from tests.cadastre_scene import footprints, roofs, save, sky_year, write_raster
from zonnekaart.config import load_project
from zonnekaart.errors import ConfigError, MissingInputError
from zonnekaart.pipelines import skies
from zonnekaart.pipelines.cadastre_files import write_cadastre_roofs
from zonnekaart.pipelines.init import start_project

OPTIONS = """kind = "roofs"
path = "c.gpkg"
irradiation_column = "light"
tilt_column = "tilt"
azimuth_column = "azi"
azimuth_zero = "south"
"""


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Footprints, a weather file and a place for the result."""
    monkeypatch.setattr(skies, "read_weather_years", lambda *_: (sky_year(),))
    save(footprints(), tmp_path / "b.gpkg")
    return tmp_path / "b.gpkg", tmp_path / "w.epw", tmp_path / "out.parquet"


def test_options_stand_in_a_file_of_their_own_or_in_a_project(files, tmp_path):
    save(roofs(), tmp_path / "c.gpkg")
    plain, nested = tmp_path / "c.toml", tmp_path / "p.toml"
    plain.write_text(OPTIONS, encoding="utf-8")
    nested.write_text("[inputs.cadastre]\n" + OPTIONS, encoding="utf-8")
    facts = [write_cadastre_roofs(path, *files) for path in (plain, nested)]
    assert facts[0] == facts[1]
    assert facts[0]["planes"] == len(gpd.read_parquet(files[2])) == 5


def test_a_raster_needs_no_options(files, tmp_path):
    facts = write_cadastre_roofs(write_raster(tmp_path / "c.tif"), *files)
    assert facts["cadastre"] == "raster"
    assert facts["tilt_unknown"] == facts["planes"] > 4


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("c.gpkg", "", "nobody has named"),
        ("c.toml", "kind = ", "not TOML"),
        ("c.toml", 'kind = "roofs"\npath = "c.gpkg"', "irradiation_column"),
        ("c.toml", OPTIONS + "helling = 1", "unknown key"),
    ],
)
def test_options_that_do_not_do_are_refused(files, tmp_path, name, text, match):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=match):
        write_cadastre_roofs(path, *files)
    assert not files[2].exists()


def test_absent_options_are_named(files, tmp_path):
    with pytest.raises(MissingInputError, match="--cadastre"):
        write_cadastre_roofs(tmp_path / "no.toml", *files)


@pytest.mark.parametrize("kind", ["raster", "roofs", "buildings"])
def test_a_new_project_may_begin_from_a_cadastre(tmp_path, kind):
    project = load_project(start_project(tmp_path / "p", "Kapellen", cadastre=kind))
    assert project.inputs.dsm is None
    assert project.inputs.cadastre is not None
    assert project.inputs.cadastre.kind == kind
