"""Stage sites on a made-up square kilometre: open, under trees, in the shade, on water."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from zonnekaart.config import parse_project, share_folder
from zonnekaart.errors import CrsError, TableError, VectorError
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.io.raster import BandInfo, cog_writer
from zonnekaart.io.site_kinds import KINDS, read_site_kinds
from zonnekaart.io.vector import read_geoparquet, write_geoparquet, write_layer
from zonnekaart.pipelines import sites
from zonnekaart.pipelines.irradiation import save_sky
from zonnekaart.pipelines.runs import StageContext
from zonnekaart.solar.irradiation import plane_irradiation
from zonnekaart.solar.sky import build_sky
from zonnekaart.solar.weather import WeatherYear

CRS = "EPSG:31370"
BOX = GeoBox(160, 260, 1.0, 150000.0, 200160.0, CRS)
GROUND_M = 5.0
PARKINGS = {
    "open": (10, 10, 50, 50),
    "trees": (60, 10, 100, 50),
    "north": (110, 50, 130, 60),
    "house": (150, 10, 190, 50),
    "tiny": (200, 10, 205, 15),
    "copy": (30, 10, 50, 50),
    "beyond": (400, 10, 440, 50),
}
KINDS_FILE = share_folder("data") / "sites" / "kinds.toml"


def square(west, south, east, north):
    x, y = BOX.west, BOX.south
    return shapely.box(x + west, y + south, x + east, y + north)


def cells(west, south, east, north):
    return slice(BOX.rows - north, BOX.rows - south), slice(west, east)


def weather():
    """Half-clear days: light from all sides, most from the south."""
    time = np.datetime64("2021-01-01T00:30", "ns") + np.arange(8760) * np.timedelta64(1, "h")
    hour, day = np.arange(8760) % 24 - 11.2, np.arange(8760) // 24
    tilt = np.radians(-23.44 * np.cos(2 * np.pi * (day + 10) / 365))
    place = np.radians(51.0)
    sine = np.sin(place) * np.sin(tilt) + np.cos(place) * np.cos(tilt) * np.cos(
        np.radians(15.0 * hour)
    )
    up = np.maximum(sine, 0.0)
    dni, dhi = np.where(up > 0.05, 450.0 * up**0.3, 0.0), 130.0 * up**0.5
    flat = np.full(8760, 10.0)
    return WeatherYear(
        time, 1.0, dni * up + dhi, dni, dhi, flat, flat, 51.0, 4.5, 20.0, "made up", 1.0
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Heights, footprints, four layers of sites, and what earlier stages leave."""
    folder = tmp_path_factory.mktemp("sites")
    dtm = np.full((BOX.rows, BOX.cols), GROUND_M, dtype=np.float32)
    dsm = dtm.copy()
    dsm[cells(10, 10, 50, 50)] += 1.6  # cars everywhere
    dsm[cells(60, 10, 80, 50)] += 8.0  # trees on half of it
    dsm[cells(100, 20, 140, 49)] += 40.0  # a tower south of "north"
    dsm[cells(150, 10, 170, 50)] += 6.0
    dsm[cells(10, 90, 60, 140)] = np.nan  # water sends no echo
    dsm[cells(0, 150, 80, 151)] += 4.0  # the wall itself
    for name, values in (("dsm", dsm), ("dtm", dtm)):
        with cog_writer(folder / f"{name}.tif", BOX, [BandInfo("height", "m")]) as writer:
            writer.write(values[None], 0, 0)

    def layer(name, ids, shapes, crs=CRS, **columns):
        frame = gpd.GeoDataFrame({"id": ids, **columns}, geometry=shapes, crs=crs)
        write_layer(frame, folder / f"{name}.gpkg", "GPKG", layer="features")

    layer("buildings", ["tower", "half"], [square(100, 20, 140, 49), square(150, 10, 170, 50)])
    shapes = [square(*place) for place in PARKINGS.values()]
    owners = ["Public", "private", None, "x", "public", "public", "public"]
    layer("parkings", list(PARKINGS), shapes, title=list(PARKINGS), owner=owners)
    layer("water", ["pond"], [square(10, 90, 60, 140)])
    x, y = BOX.west, BOX.south
    walls = [
        shapely.LineString([(x, y + 150.5), (x + 80, y + 150.5)]),
        shapely.LineString([(x + 230, y + 80), (x + 230, y + 140)]),
    ]
    layer("walls", ["w1", "w2"], walls, height=[4.0, None])
    layer("elsewhere", ["a"], shapes[:1], crs="EPSG:3812")
    build = folder / "build"
    build.mkdir()
    save_sky(build / "sky.npz", build_sky(weather()))
    zones = gpd.GeoDataFrame(
        {"zone_id": ["W", "E"]},
        geometry=[square(0, 0, 105, 160), square(105, 0, 260, 160)],
        crs=CRS,
    )
    write_geoparquet(zones, build / "policy_zones.parquet")
    return folder


def project(folder, tables, region="BE-VLG"):
    raw = {
        "project": {"name": "Terreinen", "crs": CRS, "region": region},
        "inputs": {
            "dsm": {"path": "dsm.tif"},
            "dtm": {"path": "dtm.tif"},
            "buildings": {"path": "buildings.gpkg", "id_column": "id"},
            "weather": {"path": "none.epw"},
            "sites": tables,
        },
        "irradiation": {"radius_m": 150.0},
    }
    return parse_project(raw, folder / "project.toml")


ALL = [
    {
        "path": "parkings.gpkg",
        "kind": "parking",
        "id_column": "id",
        "name_column": "title",
        "owner_column": "owner",
    },
    {"path": "water.gpkg", "kind": "water", "id_column": "id"},
    {"path": "walls.gpkg", "kind": "noise_barrier", "id_column": "id", "height_column": "height"},
]


@pytest.fixture(scope="module")
def made(folder):
    """All sites by plane, and the facts."""
    given = project(folder, ALL, region="FR-IDF")
    facts = sites.STAGE.work(StageContext(project=given, build=folder / "build"))
    return read_geoparquet(folder / "build" / sites.SITES).set_index("plane_id"), facts


@pytest.fixture(scope="module")
def kinds():
    return read_site_kinds(KINDS_FILE)


def free_light(tilt, azimuth):
    sky = build_sky(weather())
    flat = np.zeros((1, sky.directions))
    return plane_irradiation(sky, np.array([tilt]), np.array([azimuth]), flat)[0, 0]


def test_an_open_lot_gets_open_light_above_its_cars(made, kinds):
    row = made[0].loc["open-s1"]
    kind = kinds.parking
    assert row["site_area_m2"] == pytest.approx(1600.0)
    assert row["obstructed_share"] == 0.0
    usable = 1600.0 * kind.usable_share.value * kind.ground_cover.value
    assert row["usable_area_m2"] == pytest.approx(usable)
    assert row["capacity_kwp"] == pytest.approx(usable * kind.module_density.value)
    # The tower 50 m away and the trees beside take a little; nothing on the lot itself does.
    assert 0.93 < row["annual_irradiation_kwh_m2"] / free_light(0.0, 0.0) <= 1.0
    assert np.sum(row["monthly_irradiation_kwh_m2"]) == pytest.approx(
        row["annual_irradiation_kwh_m2"]
    )
    assert row["annual_yield_low_kwh"] < row["annual_yield_kwh"] < row["annual_yield_high_kwh"]
    assert (row["mounting"], row["module_tilt_deg"]) == ("rack_east_west", 5.0)
    assert len(row["horizon_deg"]) == 64
    assert (row["zone_id"], row["owner"], row["name"]) == ("W", "public", "open")


def test_trees_take_room_and_light(made):
    lot, open_lot = made[0].loc["trees-s1"], made[0].loc["open-s1"]
    assert lot["obstructed_share"] == pytest.approx(0.5)
    assert lot["capacity_kwp"] == pytest.approx(open_lot["capacity_kwp"] / 2.0)
    assert lot["annual_irradiation_kwh_m2"] < open_lot["annual_irradiation_kwh_m2"]
    assert "obstructed" in lot["flags"]
    assert np.max(lot["horizon_deg"]) > 10.0


def test_north_of_a_tower_is_too_dark(made):
    row = made[0].loc["north-s1"]
    assert "shaded" in row["flags"]
    assert row["capacity_kwp"] == row["annual_yield_kwh"] == 0.0
    assert row["annual_irradiation_kwh_m2"] > 0.0


def test_a_building_is_no_car_park(made):
    row = made[0].loc["house-s1"]
    assert row["site_area_m2"] == pytest.approx(800.0)
    assert row["geometry"].bounds[0] == BOX.west + 170
    assert "under_building" in row["flags"]


def test_small_and_doubled_lots_count_once_or_not(made):
    table, facts = made
    assert "too_small" in table.loc["tiny-s1", "flags"]
    assert table.loc["tiny-s1", "capacity_kwp"] == 0.0
    assert "overlaps_site" in table.loc["copy-s1", "flags"]
    assert table.loc["copy-s1", "capacity_kwp"] == 0.0
    assert facts["sites"] == len(PARKINGS) + 3


def test_beyond_the_heights_nothing_is_known(made):
    row = made[0].loc["beyond-s1"]
    assert "no_height" in row["flags"]
    for name in ("annual_irradiation_kwh_m2", "capacity_kwp", "annual_yield_kwh"):
        assert np.isnan(row[name])
    assert pd.isna(row["zone_id"])


def test_water_without_echo_rests_on_the_terrain(made, kinds):
    row = made[0].loc["pond-s1"]
    assert row["obstructed_share"] == 0.0
    assert row["capacity_kwp"] == pytest.approx(
        2500.0
        * kinds.water.usable_share.value
        * kinds.water.ground_cover.value
        * kinds.water.module_density.value
    )
    assert "partly_no_height" in row["flags"]
    assert row["annual_irradiation_kwh_m2"] > 0.95 * free_light(0.0, 0.0)


def test_a_wall_counts_on_its_southern_face(made, kinds):
    row, kind = made[0].loc["w1-s1"], kinds.noise_barrier
    assert (row["tilt_deg"], row["azimuth_deg"]) == (90.0, 180.0)
    area = 80.0 * (4.0 - kind.panel_from_m)
    assert row["site_area_m2"] == pytest.approx(area)
    assert row["capacity_kwp"] == pytest.approx(
        area * kind.usable_share.value * kind.module_density.value
    )
    assert 0.9 < row["annual_irradiation_kwh_m2"] / free_light(90.0, 180.0) <= 1.0
    assert "wall_height_assumed" not in row["flags"]
    east = made[0].loc["w2-s1"]
    assert east["azimuth_deg"] == pytest.approx(90.0)
    assert "wall_height_assumed" in east["flags"]


def test_a_duty_is_a_note_where_it_holds(made):
    table = made[0]
    assert "legal_duty" in table.loc["open-s1", "flags"]
    assert "legal_duty" not in table.loc["house-s1", "flags"]
    assert "legal_duty" not in table.loc["pond-s1", "flags"]


def test_without_sites_the_table_is_empty(folder, tmp_path):
    facts = sites.STAGE.work(StageContext(project=project(folder, []), build=tmp_path))
    assert facts == {"sites": 0}
    assert len(read_geoparquet(tmp_path / sites.SITES)) == 0
    assert sites.STAGE.inputs(project(folder, []), tmp_path) == []


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"kind": "noise_barrier"}, VectorError, "no lines"),
        ({"id_column": "number"}, VectorError, "no column number"),
        ({"path": "elsewhere.gpkg"}, CrsError, "EPSG:3812"),
    ],
)
def test_layers_that_cannot_be_sites_are_refused(folder, change, error, message):
    table = {"path": "parkings.gpkg", "kind": "parking", "id_column": "id"} | change
    with pytest.raises(error, match=message):
        sites.read_sites(project(folder, [table]))


def test_an_id_stands_for_one_site_over_all_layers(folder):
    table = {"path": "water.gpkg", "kind": "water", "id_column": "id"}
    with pytest.raises(VectorError, match="pond"):
        sites.read_sites(project(folder, [table, table | {"kind": "ground"}]))


def test_every_number_of_the_kinds_has_a_source(kinds, tmp_path):
    for name in KINDS:
        kind = kinds.of(name)
        assert kind.usable_share.low < kind.usable_share.high < 1.0
        assert kind.usable_share.source
    broken = tmp_path / "kinds.toml"
    text = KINDS_FILE.read_text(encoding="utf-8")
    broken.write_text(text.replace("{ value = 0.5,", "{ value = 0.9,"), encoding="utf-8")
    with pytest.raises(TableError, match=r"parking\.usable_share"):
        read_site_kinds(broken)


def test_trees_stay_opaque_around_sites_when_the_sky_tells_them_apart(folder, made):
    build = folder / "trees"
    build.mkdir()
    save_sky(build / "sky.npz", build_sky(weather(), transmissivity=(0.5,) * 12))
    zones = read_geoparquet(folder / "build" / "policy_zones.parquet")
    write_geoparquet(zones, build / "policy_zones.parquet")
    table = sites.supply_of(project(folder, ALL[:1]), build).set_index("plane_id")
    opaque = made[0].loc[table.index]
    for name in ("module_irradiation_kwh_m2", "annual_yield_kwh", "obstructed_share"):
        np.testing.assert_allclose(table[name], opaque[name], rtol=1e-6)
