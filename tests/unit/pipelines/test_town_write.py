from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from zonnekaart.config import load_project
from zonnekaart.geo.coverage import cover
from zonnekaart.io.files import sha256_of
from zonnekaart.pipelines.town import build_town, consumption, write
from zonnekaart.pipelines.town.plan import read_plan

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

CLASSES_OF_USE = {
    "residential",
    "apartments",
    "commercial",
    "industry",
    "school",
    "public",
    "church",
    "annex",
}
LEAST_CELLS = 60
"""Cells inside a plane, a cell's breadth from its edge, for its fit to mean something."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_town(tmp_path_factory.mktemp("town") / "zonnedorp").parent


@pytest.fixture(scope="module")
def buildings(town: Path) -> gpd.GeoDataFrame:
    return gpd.read_file(town / "buildings.gpkg").set_index("building_id")


@pytest.fixture(scope="module")
def demand(town: Path) -> pd.DataFrame:
    return pd.read_csv(town / "truth" / "demand.csv").set_index("building_id")


@pytest.fixture(scope="module")
def planes(town: Path) -> gpd.GeoDataFrame:
    return gpd.read_file(town / "truth" / "roof_planes.gpkg")


@pytest.fixture(scope="module")
def heights(town: Path) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float, float]:
    """Surface, terrain and the raster's north-west corner."""
    read = []
    for name in ("dsm", "dtm"):
        with rasterio.open(town / "heights" / f"{name}.tif") as dataset:
            read.append(dataset.read(1).astype(np.float64))
            corner = dataset.transform.c, dataset.transform.f
    return read[0], read[1], *corner


def cells_in(
    shape: shapely.Polygon, corner: tuple[float, float]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return rows and columns of 0.5 m cells whose centre lies in a polygon."""
    west, south, east, north = shape.bounds
    cols = np.arange(int((west - corner[0]) * 2), int((east - corner[0]) * 2) + 1)
    rows = np.arange(int((corner[1] - north) * 2), int((corner[1] - south) * 2) + 1)
    col, row = np.meshgrid(cols, rows)
    x, y = corner[0] + (col + 0.5) / 2, corner[1] - (row + 0.5) / 2
    inside = shapely.contains_xy(shape, x, y)
    return row[inside], col[inside]


def test_project_file_is_valid_and_names_files_that_exist(town: Path) -> None:
    project = load_project(town / "zonnekaart.toml")
    assert project.project.illustrative
    assert project.project.crs == write.CRS
    assert project.roofs.survey_year == write.SURVEY_YEAR
    assert project.inputs.consumption is not None
    assert project.inputs.consumption.year == consumption.YEAR
    assert project.inputs.areas is not None
    inputs = project.inputs
    for table in (inputs.dsm, inputs.dtm, inputs.buildings, inputs.areas, inputs.weather):
        assert table is not None
        assert project.resolve(table.path).is_file()
        assert table.source is not None
        assert table.source.licence == "CC0-1.0"


def test_same_seed_gives_the_same_bytes(town: Path, tmp_path: Path) -> None:
    other = build_town(tmp_path / "again").parent
    names = [p.relative_to(town) for p in sorted(town.rglob("*")) if p.is_file()]
    assert len(names) == 18
    differing = [str(n) for n in names if sha256_of(town / n) != sha256_of(other / n)]
    assert differing == []


def test_heights_are_small_and_on_a_round_lattice(town: Path) -> None:
    for name in ("dsm", "dtm"):
        path = town / "heights" / f"{name}.tif"
        with rasterio.open(path) as dataset:
            assert dataset.shape == (1800, 1800)
            assert dataset.transform.a == 0.5
            assert (dataset.transform.c % 100, dataset.transform.f % 100) == (0.0, 0.0)
            assert dataset.crs.to_epsg() == 31370
            assert np.isfinite(dataset.read(1)).all()
        assert path.stat().st_size < 5_000_000


def test_register_is_believable(buildings: gpd.GeoDataFrame) -> None:
    assert 300 <= (buildings["use"] != "annex").sum() <= 500
    assert set(buildings["use"]) == CLASSES_OF_USE
    assert buildings.index.is_unique
    assert buildings.geometry.is_valid.all()
    assert (buildings.geometry.geom_type == "Polygon").all()
    assert set(buildings["heritage"]) == {"none", "inventory", "protected"}
    assert (buildings["heritage"] == "protected").sum() == 2
    assert 10 < buildings["existing_kwp"].isna().sum() < 80
    assert (buildings["existing_kwp"] > 0).sum() > 40
    assert 3 <= (buildings["construction_year"] > 2021).sum() <= 20


def test_footprints_do_not_overlap(buildings: gpd.GeoDataFrame) -> None:
    shapes = np.asarray(buildings.geometry.array)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    common = shapely.area(shapely.intersection(shapes[left], shapes[right]))[left < right]
    assert common.max() < 0.6


def test_buildings_newer_than_the_survey_are_not_in_the_heights(
    buildings: gpd.GeoDataFrame,
    heights: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float, float],
) -> None:
    surface, terrain, *corner = heights
    above = {}
    for building_id, shape in buildings.geometry.buffer(-0.6).items():
        rows, cols = cells_in(shape, (corner[0], corner[1]))
        above[building_id] = float(np.median(surface[rows, cols] - terrain[rows, cols]))
    height = pd.Series(above)
    young = buildings["construction_year"] > 2021
    assert height[young].max() < 0.5
    assert height[~young].min() > 2.0


def test_planes_cover_their_footprint_once(
    buildings: gpd.GeoDataFrame, planes: gpd.GeoDataFrame
) -> None:
    covered = planes.geometry.area.groupby(planes["building_id"]).sum()
    share = covered / buildings.geometry.area
    assert share.notna().all()
    assert share.between(0.97, 1.01).all()
    assert planes["plane_id"].is_unique


def test_true_planes_agree_with_a_fit_to_the_surface(
    planes: gpd.GeoDataFrame,
    heights: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float, float],
) -> None:
    surface, _, west, north = heights
    tilt_errors, azimuth_errors = [], []
    chosen = planes[planes["surveyed"] & (planes["part"] == "main") & (planes["tilt_deg"] > 5)]
    for row in chosen.itertuples():
        rows, cols = cells_in(row.geometry.buffer(-0.8), (west, north))
        if rows.size < LEAST_CELLS:
            continue
        x, y = (cols + 0.5) / 2, -(rows + 0.5) / 2
        design = np.column_stack([x, y, np.ones_like(x)])
        (a, b, _), *_ = np.linalg.lstsq(design, surface[rows, cols], rcond=None)
        tilt_errors.append(np.rad2deg(np.arctan(np.hypot(a, b))) - row.tilt_deg)
        turn = np.rad2deg(np.arctan2(-a, -b)) - row.azimuth_deg
        azimuth_errors.append((turn + 180.0) % 360.0 - 180.0)
    assert len(tilt_errors) > 200
    assert np.median(np.abs(tilt_errors)) < 0.05
    assert np.median(np.abs(azimuth_errors)) < 0.1
    assert np.mean(np.abs(tilt_errors) < 0.5) > 0.97


def test_sloped_area_follows_from_plan_area_and_tilt(planes: gpd.GeoDataFrame) -> None:
    slope = planes.geometry.area / np.cos(np.deg2rad(planes["tilt_deg"]))
    np.testing.assert_allclose(planes["roof_area_m2"], slope, rtol=2e-3, atol=0.05)


def test_published_consumption_is_the_truth_net_of_panels(town: Path, demand: pd.DataFrame) -> None:
    with (town / "consumption.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["area_id", "year", "category", "consumption_kwh", "connections"]
    suppressed = [row for row in rows if row["consumption_kwh"] == ""]
    assert [(row["category"], row["connections"]) for row in suppressed] == [
        ("non_residential", "< 5")
    ]
    hidden = suppressed[0]["area_id"]
    for area_id, part in demand.groupby("area_id"):
        told = sum(
            float(r["consumption_kwh"])
            for r in rows
            if r["area_id"] == area_id
            if r["consumption_kwh"]
        )
        if area_id == hidden:
            assert told < part["offtake_kwh"].sum()
        else:
            assert told == pytest.approx(part["offtake_kwh"].sum(), abs=1.0)
    assert {row["area_id"] for row in rows} == set(demand["area_id"])


def test_every_site_of_the_plan_is_built(demand: pd.DataFrame) -> None:
    wanted = {row["id"] for row in read_plan().sites}
    assert wanted - set(demand["kind"]) == set()


def test_homes_use_what_flemish_homes_use(
    demand: pd.DataFrame, buildings: gpd.GeoDataFrame
) -> None:
    homes = demand[demand["residential_connections"] == 1]["residential_kwh"]
    assert 3000 < homes.median() < 3800
    assert demand["demand_kwh"].min() >= 0.0
    assert (demand.loc[buildings["use"] == "annex", "demand_kwh"] == 0.0).all()
    firms = demand.loc[buildings["use"] == "industry", "demand_kwh"]
    assert firms.min() > 20_000
    assert firms.max() < 900_000


def test_other_seed_gives_another_village_on_the_same_plan(town: Path, tmp_path: Path) -> None:
    other = build_town(tmp_path / "other", seed=2).parent
    assert sha256_of(town / "areas.gpkg") == sha256_of(other / "areas.gpkg")
    assert sha256_of(town / "roads.gpkg") == sha256_of(other / "roads.gpkg")
    assert sha256_of(town / "buildings.gpkg") != sha256_of(other / "buildings.gpkg")


def test_background_and_cabins_lie_in_the_frame(town: Path) -> None:
    extent = shapely.box(180000, 198000, 180900, 198900)
    for name in ("roads", "water", "cabins"):
        layer = gpd.read_file(town / f"{name}.gpkg")
        assert layer.crs.to_epsg() == 31370
        assert layer.geometry.is_valid.all()
        assert layer.geometry.within(extent.buffer(0.01)).all()
    cabins = gpd.read_file(town / "cabins.gpkg")
    assert cabins["rated_kva"].isna().sum() == 2


def test_heritage_items_cover_what_the_register_calls_heritage(town: Path) -> None:
    items = gpd.read_file(town / "heritage.gpkg")
    buildings = gpd.read_file(town / "buildings.gpkg")
    pairs = cover(buildings.geometry.to_numpy(), items.geometry.to_numpy())
    touched = buildings.iloc[pairs.building[pairs.share >= 0.1]]
    assert len(touched) == len(items) == 5
    assert set(touched["heritage"]) == {"inventory", "protected"}


def test_roofs_nobody_looked_at_have_empty_cells(town: Path) -> None:
    rows = pd.read_csv(town / "roof_state.csv", dtype=str, keep_default_na=False)
    assert set(rows["asbestos"]) == {"yes", "no", ""}
    assert ((rows["asbestos"] == "") == (rows["roof_year"] == "")).all()
    assert 0.05 < (rows["asbestos"] == "").mean() < 0.3
