"""The stage roofs on a small made-up scene: one roof per case, all files real."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from zonnekaart.config import VegetationInput, parse_project, share_folder
from zonnekaart.energy.pv import performance
from zonnekaart.errors import ConfigError, CrsError, RasterError, VectorError
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.io.presets import read_preset
from zonnekaart.io.publishable import PUBLISHABLE
from zonnekaart.io.raster import BandInfo, cog_writer
from zonnekaart.io.vector import read_geoparquet, write_layer
from zonnekaart.pipelines import roofs, rooftops
from zonnekaart.pipelines.irradiation import save_sky
from zonnekaart.pipelines.roof_light import best_plane
from zonnekaart.pipelines.runs import StageContext
from zonnekaart.solar.sky import build_sky
from zonnekaart.solar.weather import WeatherYear

CRS = "EPSG:31370"
PRESET = read_preset("zonnekaart", share_folder("data") / "presets")
BOX = GeoBox(200, 300, 0.5, 155000.0, 238100.0, CRS)
# West, south of the corner of each 12 m square footprint, in metres from the frame's corner.
PLACES = {
    "gable": (20, 60),
    "flat": (50, 60),
    "unknown": (80, 60),
    "gone": (110, 60),
    "new": (20, 20),
    "shed": (50, 20),
    "listed": (80, 20),
}


def weather():
    """A sky without clouds above Brussels, roughly: enough to give slopes different light."""
    time = np.arange("2021-01-01T00:30", "2022-01-01T00:30", dtype="datetime64[h]").astype(
        "datetime64[ns]"
    )
    hour = (np.arange(len(time)) % 24) + 0.5 - 11.7
    day = np.arange(len(time)) // 24
    declination = np.radians(-23.44 * np.cos(2 * np.pi * (day + 10) / 365))
    latitude = np.radians(51.0)
    sine = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(
        np.radians(15.0 * hour)
    )
    up = np.maximum(sine, 0.0)
    dni = np.where(up > 0.05, 500.0 * up**0.3, 0.0)
    dhi = 120.0 * up**0.5
    return WeatherYear(
        time_utc=time,
        step_hours=1.0,
        ghi=dni * up + dhi,
        dni=dni,
        dhi=dhi,
        temp_air_c=np.full(len(time), 10.0),
        wind_speed_m_s=np.full(len(time), 3.0),
        latitude_deg=51.0,
        longitude_deg=4.5,
        altitude_m=20.0,
        name="made up",
    )


def write_heights(path, height):
    with cog_writer(path, BOX, [BandInfo("height", "m")]) as writer:
        writer.write(height[None].astype(np.float32), 0, 0)


def footprint(name):
    west, south = PLACES[name]
    size = 4 if name == "shed" else 12
    return shapely.box(0, 0, size, size), west, south


def cells(name):
    shape, west, south = footprint(name)
    size = int(shape.bounds[2] / BOX.cell_m)
    top = BOX.rows - int(south / BOX.cell_m) - size
    left = int(west / BOX.cell_m)
    return slice(top, top + size), slice(left, left + size)


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """Project with its files and sky tables."""
    folder = tmp_path_factory.mktemp("scene")
    rng = np.random.default_rng(7)
    dtm = np.full((BOX.rows, BOX.cols), 10.0)
    dsm = dtm.copy()
    for name in ("gable", "new", "listed"):
        rows, cols = cells(name)
        south = np.arange(24)[:, None] * BOX.cell_m
        ridge = 18.0 - np.abs(south - 5.75) * np.tan(np.radians(35.0))
        dsm[rows, cols] = np.broadcast_to(ridge, (24, 24))
    dsm[cells("flat")] = 16.0
    dsm[cells("shed")] = 12.5
    dsm += rng.normal(0.0, 0.03, dsm.shape)
    dsm[cells("unknown")] = np.nan
    write_heights(folder / "dsm.tif", dsm)
    write_heights(folder / "dtm.tif", dtm)
    shapes = [
        shapely.affinity.translate(shape, BOX.west + west, BOX.south + south)
        for shape, west, south in (footprint(name) for name in PLACES)
    ]
    stock = gpd.GeoDataFrame(
        {
            "id": list(PLACES),
            "use": ["residential", "School", None, "", "residential", "annex", "public"],
            "year": [1990, 1980, 1970, 1980, 2022, 2000, 1890],
            "heritage": ["none"] * 6 + ["protected"],
            "kwp": [2.0, None, None, None, None, 0.0, None],
            "homes": [1, 0, None, None, 2, 0, 0],
        },
        geometry=shapes,
        crs=CRS,
    )
    write_layer(stock, folder / "buildings.gpkg", "GPKG", layer="features")
    areas = gpd.GeoDataFrame(
        {"code": ["W", "E"], "title": ["West", "Oost"]},
        geometry=[
            shapely.box(BOX.west, BOX.south, BOX.west + 75, BOX.north),
            shapely.box(BOX.west + 75, BOX.south, BOX.east + 150, BOX.north),
        ],
        crs=CRS,
    )
    write_layer(areas, folder / "areas.gpkg", "GPKG", layer="features")
    (folder / "build").mkdir()
    save_sky(folder / "build" / "sky.npz", build_sky(weather()))
    raw = {
        "project": {"name": "Test", "crs": CRS},
        "inputs": {
            "dsm": {"path": "dsm.tif"},
            "dtm": {"path": "dtm.tif"},
            "buildings": {
                "path": "buildings.gpkg",
                "id_column": "id",
                "use_column": "use",
                "dwellings_column": "homes",
                "construction_year_column": "year",
                "existing_kwp_column": "kwp",
                "heritage_column": "heritage",
            },
            "areas": {"path": "areas.gpkg", "id_column": "code", "name_column": "title"},
            "weather": {"path": "none.epw"},
        },
        "irradiation": {"radius_m": 100.0},
        "roofs": {"survey_year": 2014},
    }
    return parse_project(raw, folder / "project.toml")


@pytest.fixture(scope="module")
def built(scene):
    """What the stage wrote: planes, buildings by id, zones."""
    context = StageContext(project=scene, build=scene.folder / "build")
    facts = roofs.STAGE.work(context)
    planes, buildings, zones, panels = (
        read_geoparquet(context.build / name) for name in roofs.STAGE.outputs
    )
    return planes, buildings.set_index("building_id"), zones, facts, panels


def of(planes, name):
    return planes[planes["building_id"] == name]


def test_gable_has_its_two_planes(built):
    planes = of(built[0], "gable")
    assert sorted(planes["azimuth_deg"].round(-1) % 360) == [0.0, 180.0]
    assert planes["tilt_deg"].to_numpy() == pytest.approx([35.0, 35.0], abs=0.5)
    assert planes["roof_area_m2"].sum() == pytest.approx(144.0 / np.cos(np.radians(35.0)), rel=0.01)
    south = planes[planes["azimuth_deg"].between(90, 270)].iloc[0]
    north = planes[~planes["azimuth_deg"].between(90, 270)].iloc[0]
    assert south["annual_irradiation_kwh_m2"] > 1.3 * north["annual_irradiation_kwh_m2"]
    assert south["suitability"] == "ideal"
    assert south["capacity_kwp"] > 0.0
    assert north["capacity_kwp"] == 0.0
    assert len(south["horizon_deg"]) == 64
    assert len(south["monthly_irradiation_kwh_m2"]) == 12
    total = np.sum(south["monthly_irradiation_kwh_m2"])
    assert total == pytest.approx(south["annual_irradiation_kwh_m2"])


def test_noise_does_not_shade_an_open_roof(built):
    flat = of(built[0], "flat")
    assert len(flat) == 1
    assert np.max(flat["horizon_deg"].iloc[0]) < 6.0
    assert flat["sky_view_factor"].iloc[0] > 0.99


def test_flat_roof_gets_racks(built):
    flat = of(built[0], "flat").iloc[0]
    assert flat["mounting"] == "rack_east_west"
    assert np.isnan(flat["azimuth_deg"])
    assert (flat["module_tilt_deg"], flat["module_azimuth_deg"]) == (10.0, 90.0)
    assert flat["module_irradiation_kwh_m2"] < flat["annual_irradiation_kwh_m2"]


def test_panels_are_whole_modules_and_their_sum_is_the_capacity(built):
    planes, panels = built[0].set_index("plane_id"), built[4]
    module, layout = PRESET.module, PRESET.layout
    number = panels.groupby("plane_id").size()
    known = planes[planes["panels"] > 0]
    assert number[known.index].tolist() == known["panels"].tolist()
    assert len(panels) == known["panels"].sum()
    assert panels["panel_id"].is_unique
    kwp = panels.groupby("plane_id")["module_kwp"].sum() * (1.0 - layout.obstructed.value)
    assert kwp[known.index].to_numpy() == pytest.approx(known["capacity_kwp"].to_numpy())
    area = known["panels"] * module.width_m * module.length_m * (1.0 - layout.obstructed.value)
    assert known["usable_area_m2"].to_numpy() == pytest.approx(area.to_numpy())
    # 12 x 7.3 m on the slope, less 0.3 m all round: 6 x 5 lying, 9 x 3 upright.
    assert of(built[0], "gable")["panels"].max() == 30


def test_panels_lie_on_their_plane_as_it_faces(built):
    planes, panels = built[0].set_index("plane_id"), built[4]
    roof = planes.geometry[panels["plane_id"]].to_numpy()
    assert shapely.covers(roof, panels.geometry.to_numpy()).all()
    assert (shapely.distance(shapely.boundary(roof), panels.geometry.to_numpy()) > 0.2).all()
    flat = of(panels, "flat")
    assert sorted(set(flat["module_azimuth_deg"])) == [90.0, 270.0]
    assert (flat["module_azimuth_deg"] == 90.0).sum() * 2 == len(flat)
    # Of two neighbours back to back, the one that faces east lies east.
    first, second = flat.iloc[0], flat.iloc[1]
    assert first.geometry.centroid.x > second.geometry.centroid.x
    assert (first["module_azimuth_deg"], second["module_azimuth_deg"]) == (90.0, 270.0)


def test_panels_stand_only_where_the_preset_and_the_survey_allow(built):
    assert not set(built[4]["building_id"]) & {"gone", "new", "unknown"}
    north = of(built[0], "gable").query("not 90 < azimuth_deg < 270").iloc[0]
    assert north["panels"] == 0.0
    assert north["plane_id"] not in set(built[4]["plane_id"])
    assert built[3]["panels"] == len(built[4])


def test_a_roof_too_narrow_for_a_module_is_flagged(scene, monkeypatch):
    huge = replace(PRESET, module=replace(PRESET.module, width_m=14.0, length_m=14.0))
    monkeypatch.setattr(roofs, "read_preset", lambda *_: huge)
    made = roofs.roofs_of(roofs.read_buildings(scene), roofs.job_of(scene, scene.folder / "build"))
    south = of(made.planes, "gable").query("90 < azimuth_deg < 270").iloc[0]
    assert "no_module_fits" in south["flags"]
    assert (south["capacity_kwp"], south["annual_yield_kwh"]) == (0.0, 0.0)
    assert made.panels.empty


def test_shares_of_the_area_draw_no_panels(scene):
    job = replace(roofs.job_of(scene, scene.folder / "build"), preset="zonatlas")
    made = roofs.roofs_of(roofs.read_buildings(scene), job)
    assert made.panels.empty
    assert set(made.panels.columns) == set(PUBLISHABLE["roof_panels"])
    assert made.planes["panels"].isna().all()
    assert made.planes["capacity_kwp"].sum() > 0.0
    flat = of(made.planes, "flat").iloc[0]
    assert (flat["mounting"], flat["module_azimuth_deg"]) == ("rack_south", 180.0)


def test_intervals_hold_the_yield(built):
    some = built[0][built[0]["capacity_kwp"] > 0]
    assert (some["annual_yield_low_kwh"] < some["annual_yield_kwh"]).all()
    assert (some["annual_yield_kwh"] < some["annual_yield_high_kwh"]).all()
    specific = some["annual_yield_kwh"] / some["capacity_kwp"]
    assert specific.to_numpy() == pytest.approx(
        some["module_irradiation_kwh_m2"].to_numpy() * performance(PRESET.losses)
    )


def test_unknown_heights_are_unknown_supply(built):
    row = built[1].loc["unknown"]
    assert len(of(built[0], "unknown")) == 0
    assert "no_height" in row["flags"]
    for name in ("height_m", "roof_area_m2", "capacity_kwp", "annual_yield_kwh"):
        assert np.isnan(row[name])
    assert not row["survey_mismatch"]


@pytest.mark.parametrize(("name", "flag"), [("gone", "low"), ("new", "newer_than_survey")])
def test_what_the_survey_contradicts_is_unknown_supply(built, name, flag):
    row = built[1].loc[name]
    assert row["survey_mismatch"]
    assert flag in row["flags"]
    assert np.isnan(row["capacity_kwp"])
    assert of(built[0], name)["annual_yield_kwh"].isna().all()


def test_heritage_keeps_its_potential_with_a_flag(built):
    planes = of(built[0], "listed")
    assert all("heritage" in flags for flags in planes["flags"])
    assert built[1].loc["listed", "capacity_kwp"] > 0.0


def test_columns_that_are_given_and_those_estimated(built):
    buildings = built[1]
    assert buildings.loc["flat", "use"] == "school"
    assert "use_estimated" not in buildings.loc["flat", "flags"]
    assert "use_estimated" in buildings.loc["gone", "flags"]
    assert buildings.loc["new", "dwellings"] == 2
    assert buildings.loc["gable", "existing_kwp"] == 2.0
    assert np.isnan(buildings.loc["flat", "existing_kwp"])
    assert np.isnan(buildings.loc["flat", "additional_kwp"])
    gable = buildings.loc["gable"]
    assert gable["additional_kwp"] == pytest.approx(gable["capacity_kwp"] - 2.0)
    assert buildings.loc["flat", "height_m"] == pytest.approx(6.0, abs=0.05)


def test_buildings_are_the_sums_of_their_planes(built):
    planes, buildings, _, facts, _ = built
    sums = planes.groupby("building_id")["annual_yield_kwh"].sum()
    for name in ("gable", "flat", "shed", "listed"):
        assert buildings.loc[name, "annual_yield_kwh"] == pytest.approx(sums[name])
    assert facts["planes"] == len(planes)
    assert facts["survey_mismatch"] == 2


def test_zones_and_areas(built):
    _, buildings, zones, _, _ = built
    assert zones["zone_id"].tolist() == ["W", "E"]
    assert zones["covered_share"].tolist() == pytest.approx([1.0, 0.3333], abs=1e-3)
    assert buildings.loc["gable", ["zone_id", "area_id"]].tolist() == ["W", "W"]
    assert buildings.loc["unknown", ["zone_id", "area_id"]].tolist() == ["E", "E"]


def test_blocks_do_not_show(scene, built, monkeypatch):
    monkeypatch.setattr(rooftops, "BLOCK_CELLS", 64)
    job = roofs.job_of(scene, scene.folder / "build")
    small = roofs.roofs_of(roofs.read_buildings(scene), job).planes
    assert small["plane_id"].tolist() == built[0]["plane_id"].tolist()
    for name in ("tilt_deg", "roof_area_m2", "annual_irradiation_kwh_m2"):
        assert small[name].to_numpy() == pytest.approx(built[0][name].to_numpy(), rel=1e-9)


def test_without_sky_tables_the_cells_are_taken_and_said_so(scene):
    path = scene.folder / "irradiation.tif"
    bands = [BandInfo(str(k), "kWh/m2") for k in range(13)]
    values = np.full((13, BOX.rows, BOX.cols), 80.0, np.float32)
    values[0] = 960.0
    with cog_writer(path, BOX, bands) as writer:
        writer.write(values, 0, 0)
    out = scene.folder / "planes.parquet"
    facts = roofs.write_roofs(scene.folder / "dsm.tif", scene.folder / "buildings.gpkg", path, out)
    planes = read_geoparquet(out)
    assert facts["sky"] is None
    assert planes["annual_irradiation_kwh_m2"].to_numpy() == pytest.approx(960.0)
    assert all("irradiation_from_cells" in flags for flags in planes["flags"])
    assert facts["planes"] == len(planes)


def test_best_plane_faces_the_equator(scene):
    kwh, tilt, azimuth = best_plane(roofs.load_sky(scene.folder / "build" / "sky.npz"))
    assert 25.0 <= tilt <= 50.0
    assert 150.0 <= azimuth <= 210.0
    assert kwh > 0.0


def test_terrain_on_other_cells_is_refused(scene):
    job = roofs.job_of(scene, scene.folder / "build")
    small = GeoBox(100, 300, 0.5, BOX.west, BOX.north, CRS)
    path = scene.folder / "small.tif"
    with cog_writer(path, small, [BandInfo("height", "m")]) as writer:
        writer.write(np.zeros((1, 100, 300), np.float32), 0, 0)
    with pytest.raises(RasterError, match="small"):
        roofs.roofs_of(roofs.read_buildings(scene), replace(job, dtm=path))


def test_repeated_ids_and_other_crs_are_refused(scene, tmp_path):
    layer = gpd.read_file(scene.folder / "buildings.gpkg")
    table = scene.inputs.buildings
    with pytest.raises(VectorError, match="repeated"):
        roofs.checked_buildings(layer.assign(id="same"), table, "buildings")
    with pytest.raises(VectorError, match="no column use"):
        roofs.checked_buildings(layer.drop(columns="use"), table, "buildings")
    other = tmp_path / "other.gpkg"
    write_layer(layer.to_crs("EPSG:3812"), other, "GPKG", layer="features")
    moved = table.model_copy(update={"path": other})
    inputs = scene.inputs.model_copy(update={"buildings": moved})
    with pytest.raises(CrsError):
        roofs.read_buildings(scene.model_copy(update={"inputs": inputs}))


def test_stated_shift_moves_the_footprints(scene):
    as_it_is = roofs.read_buildings(scene)
    table = scene.inputs.buildings.model_copy(update={"shift_m": (1.5, -2.0)})
    inputs = scene.inputs.model_copy(update={"buildings": table})
    moved = roofs.read_buildings(scene.model_copy(update={"inputs": inputs}))
    np.testing.assert_allclose(
        moved.total_bounds - as_it_is.total_bounds, [1.5, -2.0, 1.5, -2.0], atol=1e-9
    )
    np.testing.assert_allclose(moved.area, as_it_is.area)


@pytest.fixture(scope="module")
def overgrown(scene):
    """The same project with a tree south of one house and crowns over two others."""
    folder = scene.folder
    crowns = np.zeros((BOX.rows, BOX.cols))
    rows, cols = cells("gable")
    crowns[rows.stop + 4 : rows.stop + 12, cols] = 14.0
    rows, cols = cells("flat")
    crowns[rows.start : rows.start + 6, cols] = 12.0
    crowns[cells("listed")] = 15.0
    write_heights(folder / "crowns.tif", crowns)
    trees = {"path": folder / "crowns.tif", "transmissivity": [0.5] * 12}
    inputs = scene.inputs.model_copy(update={"vegetation": VegetationInput(**trees)})
    project = scene.model_copy(update={"inputs": inputs})
    found = {}
    for share in (0.0, 0.5):
        save_sky(folder / "trees.npz", build_sky(weather(), transmissivity=(share,) * 12))
        job = replace(roofs.job_of(project, folder / "build"), sky=folder / "trees.npz")
        found[share] = roofs.roofs_of(roofs.read_buildings(project), job)
    return found


def test_light_through_crowns_reaches_the_house_behind_them(overgrown, built):
    opaque, porous = (of(overgrown[s].planes, "gable") for s in (0.0, 0.5))
    before = opaque["annual_irradiation_kwh_m2"].to_numpy()
    after = porous["annual_irradiation_kwh_m2"].to_numpy()
    bare = of(built[0], "gable")["annual_irradiation_kwh_m2"].to_numpy()
    assert (after >= before - 0.05).all()
    assert (after <= bare + 0.05).all()
    south = int(np.argmax(bare))
    assert after[south] == pytest.approx((before[south] + bare[south]) / 2.0, rel=0.01)
    assert np.allclose(opaque["horizon_deg"].iloc[south], porous["horizon_deg"].iloc[south])


def test_roof_under_crowns_is_unknown_and_says_so(overgrown):
    buildings = overgrown[0.5].buildings.set_index("building_id")
    planes = overgrown[0.5].planes
    assert buildings.loc["flat", "canopy_share"] == pytest.approx(0.25, abs=0.02)
    assert "under_canopy" in buildings.loc["flat", "flags"]
    assert all("under_canopy" in flags for flags in of(planes, "flat")["flags"])
    assert not any("under_canopy" in flags for flags in of(planes, "gable")["flags"])
    assert {"under_canopy", "no_height"} <= set(buildings.loc["listed", "flags"])
    assert np.isnan(buildings.loc["listed", "annual_yield_kwh"])
    assert buildings.loc["gable", "canopy_share"] == 0.0
    assert overgrown[0.5].facts["under_canopy"] == 2


def test_share_under_crowns_is_unknown_without_a_canopy(built):
    assert built[1]["canopy_share"].isna().all()
    assert built[3]["trees"].startswith("opaque")


def test_horizons_and_sky_must_both_know_trees(scene):
    job = replace(roofs.job_of(scene, scene.folder / "build"), sky=scene.folder / "s.npz")
    save_sky(job.sky, build_sky(weather(), transmissivity=(0.5,) * 12))
    with pytest.raises(ConfigError, match="trees"):
        roofs.roofs_of(roofs.read_buildings(scene), job)
