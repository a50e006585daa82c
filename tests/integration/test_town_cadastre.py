"""The town again, from its own results as a cadastre of each kind: all stages, no heights."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from benchmarks.cadastre import export, project_text, zones_of
from zonnekaart.config import load_project
from zonnekaart.pipelines import registry
from zonnekaart.pipelines.runs import StageContext

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("raster", "roofs", "buildings")


@pytest.fixture(scope="module")
def from_cadastre(town_build, tmp_path_factory):
    """Return a function that runs the town from a cadastre of a kind, once each."""
    folder = tmp_path_factory.mktemp("cadastre")
    for path in town_build.folder.iterdir():
        # The inputs are only read; results go elsewhere.
        (folder / path.name).symlink_to(path)
    export(folder)
    made: dict[str, Path] = {}

    def build(kind: str) -> Path:
        if kind not in made:
            file = folder / f"{kind}.toml"
            file.write_text(project_text(folder, kind), encoding="utf-8")
            made[kind] = folder / f"build-{kind}"
            registry.run_project(StageContext(load_project(file), made[kind], workers=2))
        return made[kind]

    return build


def metered(build: Path) -> pd.Series:
    """Return what passed the meters in each area. [kWh]"""
    demand = pd.read_parquet(build / "demand.parquet")
    own_use = demand.filter(like="own_use_kwh").sum(axis=1)
    return (demand["consumption_kwh"] - own_use).groupby(demand["area_id"]).sum()


@pytest.mark.parametrize("kind", KINDS)
def test_later_stages_do_not_notice(from_cadastre, town_build, kind):
    build = from_cadastre(kind)
    for name in ("roof_planes", "buildings", "balance", "zones"):
        found = pd.read_parquet(build / f"{name}.parquet").columns
        assert list(found) == list(pd.read_parquet(town_build.build / f"{name}.parquet").columns)
    published = json.loads((build / "published.json").read_text(encoding="utf-8"))
    layers = {layer["id"]: layer for layer in published["layers"]}
    assert ("irradiation" in layers) == (kind == "raster")
    assert "hillshade" not in layers
    assert layers["roof_planes"]["source"] == "Round trip of the embedded town"
    assert "cadastre" in layers["roof_planes"]["limits"]["en"]
    for layer in layers.values():
        folder = "tiles" if layer["kind"] == "vector" else "serving"
        assert list((build / folder).glob(f"{layer['id']}.*"))


@pytest.mark.parametrize(
    ("kind", "tolerance"), [("raster", 0.10), ("roofs", 0.02), ("buildings", 0.001)]
)
def test_sums_come_back(from_cadastre, town_build, kind, tolerance):
    heights, found = zones_of(town_build.build), zones_of(from_cadastre(kind))
    for name in ("annual_yield_kwh", "capacity_kwp"):
        assert found[name].sum() == pytest.approx(heights[name].sum(), rel=tolerance)
    # Panels that stand there use part of their yield on the spot: that share of the demand follows
    # the roofs, what passed the meters does not.
    pd.testing.assert_series_equal(found["consumption_kwh"], heights["consumption_kwh"], rtol=0.001)
    pd.testing.assert_series_equal(metered(from_cadastre(kind)), metered(town_build.build))
    assert (found["class"] == heights["class"]).mean() > 0.8
    assert ((found["high"] - found["low"]) >= 0.0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_known_is_empty_and_flagged(from_cadastre, kind):
    build = from_cadastre(kind)
    planes = gpd.read_parquet(build / "roof_planes.parquet")
    flags = planes["flags"].map(set)
    assert flags.map(lambda found: {"from_cadastre", "horizon_unknown"} <= found).all()
    assert (planes["tilt_deg"].isna() == flags.map(lambda found: "tilt_unknown" in found)).all()
    assert np.isnan(np.stack(planes["horizon_deg"])).all()
    buildings = gpd.read_parquet(build / "buildings.parquet")
    assert buildings["height_m"].isna().all()
    manifest = json.loads((build / "manifests" / "irradiation.json").read_text(encoding="utf-8"))
    assert ("skipped" in manifest["facts"]) == (kind != "raster")


def test_an_old_raster_goes_when_the_cadastre_has_none(from_cadastre, tmp_path):
    raster, roofs = from_cadastre("raster"), from_cadastre("roofs")
    project = load_project(roofs.parent / "roofs.toml")
    (tmp_path / "irradiation.tif").write_bytes((raster / "irradiation.tif").read_bytes())
    registry.run_project(StageContext(project, tmp_path), ("irradiation",))
    assert not (tmp_path / "irradiation.tif").exists()
    assert (tmp_path / "sky.npz").exists()


def test_whole_panels_lie_on_the_roofs_of_a_cadastre_and_on_no_patches(from_cadastre, town_build):
    heights = gpd.read_parquet(town_build.build / "roof_panels.parquet")
    found = gpd.read_parquet(from_cadastre("roofs") / "roof_panels.parquet")
    assert len(found) == pytest.approx(len(heights), rel=0.01)
    for kind in ("raster", "buildings"):
        assert gpd.read_parquet(from_cadastre(kind) / "roof_panels.parquet").empty
    patches = gpd.read_parquet(from_cadastre("raster") / "roof_planes.parquet")
    counted = patches[patches["capacity_kwp"] > 0.0]
    assert counted["flags"].map(lambda found: "area_share" in found).all()
    assert counted["panels"].isna().all()
