from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import yaml

from zonnekaart.config import Project, load_project, share_folder
from zonnekaart.io.raster import HeightReader
from zonnekaart.pipelines.areas import read_areas

PROJECTS = Path(__file__).resolve().parents[2] / "data" / "projects"

pytestmark = pytest.mark.shared


def load(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("ZONNEKAART_DATA", str(folder))
    return load_project(PROJECTS / f"{name}.toml")


@pytest.mark.parametrize("name", ["essen", "delfshaven"])
def test_every_input_exists_and_has_a_source(
    name: str, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = load(name, shared_data, monkeypatch)
    matrix = share_folder("data") / "matrix" / "sources.yaml"
    known = {row["id"] for row in yaml.safe_load(matrix.read_text("utf-8"))["sources"]}
    given = list(project.named_inputs().values())
    assert len(given) >= 4
    for table in given:
        assert project.resolve(table.path).is_file()
        assert table.source is not None
        assert table.source.limits
        assert table.source.matrix_id in known


@pytest.mark.parametrize("name", ["essen", "delfshaven"])
def test_buildings_lie_in_the_heights_with_unique_ids(
    name: str, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = load(name, shared_data, monkeypatch)
    table = project.inputs.buildings
    buildings = gpd.read_file(table.path)
    assert buildings[table.id_column].is_unique
    with HeightReader(project.inputs.dsm.path) as reader:
        west, south, east, north = reader.geobox.bounds
    bounds = buildings.total_bounds
    assert west <= bounds[0]
    assert south <= bounds[1]
    assert bounds[2] <= east
    assert bounds[3] <= north


def test_essen_reaches_only_some_wijken(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = load("essen", shared_data, monkeypatch)
    areas = read_areas(project).set_index("area_id").geometry
    with HeightReader(project.inputs.dsm.path) as reader:
        extent = reader.geobox.bounds
    covered = areas.clip_by_rect(*extent).area / areas.area
    assert covered["11016A4"] == pytest.approx(1.0, abs=1e-6)
    assert 0.4 < covered["11016A0"] < 0.6
    assert covered.max() <= 1.0 + 1e-9


def test_delfshaven_is_one_area(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = load("delfshaven", shared_data, monkeypatch)
    areas = read_areas(project)
    assert areas["name"].tolist() == ["Delfshaven"]
    assert project.inputs.consumption is None
    assert project.demand.residential_kwh_per_dwelling is not None
