"""Trees on the command line: options that belong together, and what roofs make of the result."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely

from tests.unit.io.test_sources_weather import rows_of, write_epw
from tests.unit.pipelines.test_pipeline_irradiation import NORTH, WEST, write_raster
from zonnekaart.cli.main import EXIT_INPUT, main
from zonnekaart.io.vector import write_layer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def files(tmp_path) -> dict[str, Path]:
    """A flat-roofed house with a row of trees south of it."""
    ground = np.full((60, 60), 10.0)
    surface = ground.copy()
    surface[20:32, 20:40] = 14.0
    surface[38:44, 15:45] = 22.0
    house = shapely.box(WEST + 20, NORTH - 32, WEST + 40, NORTH - 20)
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[house], crs="EPSG:31370")
    write_layer(frame, tmp_path / "buildings.gpkg", "GPKG", layer="features")
    return {
        "--dsm": write_raster(tmp_path / "dsm.tif", surface),
        "--dtm": write_raster(tmp_path / "dtm.tif", ground),
        "--buildings": tmp_path / "buildings.gpkg",
        "--weather": write_epw(tmp_path, rows_of([2019])),
        "--out": tmp_path / "light.tif",
    }


def run(files: dict[str, Path], *more: object) -> int:
    given = [part for pair in files.items() for part in pair]
    extra = ("--directions", 16, "--radius", 30, *more)
    return main([str(part) for part in ("irradiation", *given, *extra)])


def test_derived_trees_brighten_the_roof_behind_them(files, capsys):
    means = {}
    for name, more in {"opaque": (), "trees": ("--derive-vegetation",)}.items():
        files["--out"] = files["--out"].with_name(f"{name}.tif")
        assert run(files, *more) == 0
        facts = json.loads(capsys.readouterr().out)
        means[name] = facts["mean_annual_kwh_m2"]
        assert facts["trees"].startswith("derived" if more else "opaque")
    assert means["trees"] > means["opaque"] + 1.0


def test_roofs_take_cells_when_only_the_raster_knows_trees(files, capsys):
    assert run(files, "--derive-vegetation", "--trees", "evergreen") == 0
    out = files["--out"].with_name("planes.parquet")
    given = ("--dsm", files["--dsm"], "--buildings", files["--buildings"], "--out", out)
    capsys.readouterr()
    code = main([str(a) for a in ("roofs", *given, "--irradiation", files["--out"])])
    assert code == 0
    assert json.loads(capsys.readouterr().out)["sky"] is None
    assert "irradiation_from_cells" in gpd.read_parquet(out)["flags"].iloc[0]


@pytest.mark.parametrize(
    ("without", "more", "said"),
    [
        ("--dtm", ("--derive-vegetation",), "--dtm"),
        ("--buildings", ("--derive-vegetation",), "footprints"),
        ("", ("--derive-vegetation", "--vegetation", "crowns.tif"), "one of the two"),
        ("", ("--vegetation", "crowns.tif"), "no such file"),
    ],
)
def test_options_that_do_not_go_together_are_refused(files, capsys, without, more, said):
    files.pop(without, None)
    assert run(files, *more) == EXIT_INPUT
    assert said in capsys.readouterr().err
    assert not files["--out"].exists()
