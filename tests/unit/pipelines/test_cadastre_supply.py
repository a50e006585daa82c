"""Planes and buildings from a cadastre alone: the same columns as from heights, nothing made up."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from tests.cadastre_scene import CRS, Scene, footprints, roofs, save, square, tables, write_raster
from zonnekaart.config import share_folder
from zonnekaart.energy.pv import performance
from zonnekaart.errors import CrsError, RasterError
from zonnekaart.io.presets import read_preset
from zonnekaart.io.raster import open_geotiff
from zonnekaart.pipelines.cadastre_raster import RasterJob, normalise
from zonnekaart.pipelines.cadastre_supply import CadastreJob, supply_of_cadastre
from zonnekaart.pipelines.roof_light import free_irradiation
from zonnekaart.pipelines.roof_panels import panel_table
from zonnekaart.pipelines.runs import SilentProgress

FACING = {
    "kind": "roofs",
    "irradiation_column": "light",
    "tilt_column": "tilt",
    "azimuth_column": "azi",
    "azimuth_zero": "south",
}
SUNNY = [1150.0, 700.0, 1150.0, 700.0, 1300.0]
KNOWN_YIELD = {"yield_column": "kwh", "yield_includes_losses": True}


@pytest.fixture(scope="module")
def sky():
    return tables()


@pytest.fixture(scope="module")
def preset():
    return read_preset("zonnekaart", share_folder("data") / "presets")


@pytest.fixture
def supply(tmp_path, sky, preset):
    """Return a function that gives the supply of a cadastre."""

    def made(source, layer=None, survey_year=None, **options):
        scene = Scene(tmp_path)
        raster = tmp_path / "irradiation.tif"
        path = source if options["kind"] == "raster" else save(source, tmp_path / "c.gpkg")
        cadastre = scene.options(path, **options)
        if cadastre.kind == "raster":
            normalise(RasterJob(path, raster, cadastre, CRS), SilentProgress())
        table = scene.buildings
        layer = footprints() if layer is None else layer
        if "year" in layer:
            table = table.model_copy(update={"construction_year_column": "year"})
        job = CadastreJob(cadastre, raster, sky, table, survey_year)
        return supply_of_cadastre(layer, job, preset, SilentProgress())

    return made


def flagged(frame, flag):
    return [flag in flags for flags in frame["flags"]]


# ---- roofs ----


def test_planes_with_light_are_laid_out_like_planes_from_heights(supply, preset):
    found = supply(roofs(), **FACING)
    planes = found.planes.set_index("plane_id")
    south = planes[planes["annual_irradiation_kwh_m2"] == 1150.0]
    north = planes[planes["annual_irradiation_kwh_m2"] == 700.0]
    expected = south["capacity_kwp"] * 1150.0 * performance(preset.losses)
    np.testing.assert_allclose(south["annual_yield_kwh"], expected)
    assert (south["capacity_kwp"] > 3.0).all()
    assert (north["capacity_kwp"] == 0.0).all()
    assert (north["suitability"] == "unsuitable").all() or (north["suitability"] == "limited").all()
    assert all(flagged(planes, "from_cadastre"))
    assert all(flagged(planes, "horizon_unknown"))
    assert not any(flagged(planes, "tilt_unknown"))
    assert np.isnan(np.stack(planes["horizon_deg"])).all()
    assert planes["sky_view_factor"].isna().all()


def test_racks_on_a_flat_roof_gain_what_they_gain_under_the_free_sky(supply, sky, preset):
    planes = supply(roofs(), **FACING).planes
    flat = planes[planes["tilt_deg"] == 0.0].iloc[0]
    assert flat["mounting"] == "rack_east_west"
    assert flat["module_tilt_deg"] == preset.layout.rack_east_west_tilt_deg
    free = free_irradiation(sky, np.array([0.0, 10.0, 10.0]), np.array([np.nan, 90.0, 270.0]))
    ratio = flat["module_irradiation_kwh_m2"] / flat["annual_irradiation_kwh_m2"]
    # Rows shade each other a little, so somewhat below the gain of free standing halves.
    assert 0.96 * free[1:].mean() / free[0] < ratio <= free[1:].mean() / free[0]


def test_unknown_tilt_is_no_number_and_widens_the_interval(supply):
    known, unknown = (
        supply(roofs(), **options).planes.iloc[0]
        for options in (FACING, {"kind": "roofs", "irradiation_column": "light"})
    )
    assert np.isnan(unknown["tilt_deg"])
    assert np.isnan(unknown["module_tilt_deg"])
    assert unknown["mounting"] == "unknown"
    for flag in ("tilt_unknown", "azimuth_unknown", "area_in_plan"):
        assert flag in unknown["flags"]
        assert flag not in known["flags"]
    low, high = (
        [plane[f"annual_yield_{end}_kwh"] / plane["annual_yield_kwh"] for plane in (known, unknown)]
        for end in ("low", "high")
    )
    assert low[1] < low[0]
    assert high[1] > high[0]


def test_light_per_plan_and_plan_area_give_the_energy_of_the_slope(supply):
    area = 1.0 / np.cos(np.radians(35.0))
    per_plan = roofs(light=np.array([1150.0, 700.0, 1150.0, 700.0, 1000.0]) * area)
    options = {"kind": "roofs", "irradiation_column": "light", "surface": "horizontal_projection"}
    blind = supply(per_plan, **options).planes.iloc[0]
    sloped = supply(roofs(), **FACING).planes.iloc[0]
    assert blind["roof_area_m2"] * blind["annual_irradiation_kwh_m2"] == pytest.approx(
        sloped["roof_area_m2"] * sloped["annual_irradiation_kwh_m2"]
    )


def test_a_given_yield_stays_and_losses_are_taken_off_once(supply, preset):
    frame = roofs(kwh=[3000.0, 900.0, 3000.0, 900.0, 5000.0], kwp=[3.0, 1.0, 3.0, 1.0, 6.0])
    after = supply(frame, **FACING, **KNOWN_YIELD, kwp_column="kwp")
    np.testing.assert_allclose(after.planes["annual_yield_kwh"], frame["kwh"])
    np.testing.assert_allclose(after.planes["capacity_kwp"], frame["kwp"])
    assert after.facts["losses_from"] == "cadastre"
    assert after.facts["given_kwh_per_kwp"] == round(12800.0 / 14.0, 1)
    before = supply(
        frame, **FACING, yield_column="kwh", yield_includes_losses=False, kwp_column="kwp"
    )
    kept = performance(preset.losses)
    np.testing.assert_allclose(before.planes["annual_yield_kwh"], frame["kwh"] * kept)
    assert before.facts["losses_from"] == "preset"
    assert all(flagged(after.planes, "yield_given"))


def test_a_class_of_the_cadastre_goes_before_ours(supply):
    words = {"1": "ideal", "2": "unsuitable"}
    frame = roofs(klasse=["2", "1", None, "1", "1"])
    planes = supply(frame, **FACING, class_column="klasse", class_values=words).planes
    assert planes["suitability"].tolist()[:2] == ["unsuitable", "ideal"]
    assert planes["capacity_kwp"][0] == 0.0
    assert planes["capacity_kwp"][1] > 0.0
    assert flagged(planes, "suitability_given") == [True, True, False, True, True]


def test_missing_light_is_unknown_not_nothing(supply):
    planes = supply(roofs(light=[np.nan, 700.0, 1150.0, 700.0, 1000.0]), **FACING).planes
    assert np.isnan(planes["annual_yield_kwh"][0])
    assert np.isnan(planes["capacity_kwp"][0])
    assert "no_irradiation" in planes["flags"][0]


def test_buildings_outside_the_cadastre_are_unknown_unless_said_otherwise(supply):
    found = supply(roofs(), **FACING)
    last = found.buildings.iloc[3]
    assert np.isnan(last["capacity_kwp"])
    assert "not_in_cadastre" in last["flags"]
    assert "no_height" in last["flags"]
    assert found.facts["not_in_cadastre"] == ["d"]
    none = supply(roofs(), **FACING, absent="no_potential").buildings.iloc[3]
    assert none["capacity_kwp"] == none["annual_yield_kwh"] == 0.0


def test_a_building_newer_than_the_survey_has_no_known_supply(supply):
    layer = footprints().assign(year=[2022, 1980, 1980, 1980])
    found = supply(roofs(), layer=layer, survey_year=2014, **FACING)
    assert found.buildings["survey_mismatch"].tolist() == [True, False, False, False]
    assert np.isnan(found.buildings["annual_yield_kwh"][0])


def test_whole_modules_are_laid_where_a_plane_is_known(supply, preset):
    found = supply(roofs(light=SUNNY), **FACING)
    planes, laid = found.planes, found.laid
    counted = planes["capacity_kwp"] > 0.0
    assert counted.sum() == 3
    expected = planes["panels"] * preset.module.power_wp / 1000.0
    np.testing.assert_allclose(
        planes["capacity_kwp"], expected * (1.0 - preset.layout.obstructed.value)
    )
    assert not any(flagged(planes, "area_share"))
    table = panel_table(planes, laid, preset.module)
    assert table.groupby("plane_id").size().to_dict() == {
        name: int(count)
        for name, count in zip(planes["plane_id"], planes["panels"], strict=True)
        if count > 0.0
    }
    outline = planes.set_index("plane_id").geometry[table["plane_id"]].to_numpy()
    assert shapely.covers(shapely.buffer(outline, 1e-6), table.geometry.to_numpy()).all()


def test_racks_follow_the_walls_and_so_does_their_light(supply):
    layer = footprints()
    turned = layer.set_geometry(layer.geometry.rotate(30.0))
    frame = roofs(light=SUNNY)
    frame = frame.set_geometry(frame.geometry.rotate(30.0))
    straight, askew = (
        supply(*both, **FACING).planes.query("tilt_deg == 0").iloc[0]
        for both in ((roofs(light=SUNNY), layer), (frame, turned))
    )
    assert straight["module_azimuth_deg"] == pytest.approx(90.0)
    assert askew["module_azimuth_deg"] == pytest.approx(60.0)
    assert askew["panels"] == straight["panels"] > 0.0
    assert askew["module_irradiation_kwh_m2"] != straight["module_irradiation_kwh_m2"]


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "roofs", "irradiation_column": "light"},
        {"kind": "roofs", "irradiation_column": "light", "tilt_column": "tilt"},
        {**FACING, "area_column": "area", "area_kind": "sloped"},
    ],
    ids=["no tilt", "no direction", "a polygon that is not the plane"],
)
def test_without_a_known_plane_panels_take_a_share(supply, preset, options):
    found = supply(roofs(area=[30.0, 30.0, 30.0, 30.0, 50.0]), **options)
    planes = found.planes.iloc[[0, 2]]
    assert planes["panels"].isna().all()
    assert all(flagged(planes, "area_share"))
    np.testing.assert_allclose(
        planes["capacity_kwp"], planes["usable_area_m2"] * preset.module_density.value
    )
    assert (planes["capacity_kwp"] > 0.0).all()
    drawn = panel_table(found.planes, found.laid, preset.module)
    assert not set(drawn["plane_id"]) & set(planes["plane_id"])


def test_a_yield_where_no_module_fits_still_has_a_power(supply):
    narrow = roofs(kwh=[400.0] * 5)
    west, low = shapely.bounds(narrow.geometry[0])[:2]
    narrow.loc[0, "geometry"] = shapely.box(west, low, west + 10.0, low + 1.0)
    plane = supply(narrow, **FACING, **KNOWN_YIELD).planes.iloc[0]
    assert plane["panels"] == 0.0
    assert plane["capacity_kwp"] > 0.0
    assert {"no_module_fits", "capacity_derived", "yield_given"} <= set(plane["flags"])


# ---- buildings ----


def test_yield_alone_gives_a_derived_power_of_ordinary_size(supply):
    frame = (
        footprints().assign(kwh=[3000.0, 0.0, np.nan, 6000.0]).rename(columns={"building_id": "i"})
    )
    found = supply(frame, kind="buildings", **KNOWN_YIELD)
    planes = found.planes.set_index("building_id")
    assert planes.loc["a", "annual_yield_kwh"] == 3000.0
    assert 500.0 < planes.loc["a", "annual_yield_kwh"] / planes.loc["a", "capacity_kwp"] < 1500.0
    assert planes.loc["b", "capacity_kwp"] == 0.0
    assert np.isnan(planes.loc["c", "annual_yield_kwh"])
    assert "capacity_derived" in planes.loc["a", "flags"]
    for name in ("roof_area_m2", "usable_area_m2", "annual_irradiation_kwh_m2", "tilt_deg"):
        assert planes[name].isna().all()
    assert found.buildings.set_index("building_id").loc["d", "annual_yield_kwh"] == 6000.0
    assert found.buildings["roof_area_m2"].isna().all()


def test_power_alone_gives_a_derived_yield_with_a_wide_interval(supply, preset):
    frame = footprints().assign(kwp=[3.0, 4.0, 5.0, 6.0])
    plane = supply(frame, kind="buildings", kwp_column="kwp").planes.iloc[0]
    assert plane["capacity_kwp"] == 3.0
    assert "yield_derived" in plane["flags"]
    given = supply(
        frame.assign(kwh=[3000.0] * 4), kind="buildings", kwp_column="kwp", **KNOWN_YIELD
    ).planes.iloc[0]
    assert plane["annual_yield_low_kwh"] / plane["annual_yield_kwh"] < (
        given["annual_yield_low_kwh"] / given["annual_yield_kwh"]
    )


# ---- raster ----


def test_a_raster_makes_one_plane_per_patch(supply, tmp_path):
    found = supply(write_raster(tmp_path / "c.tif"), kind="raster")
    planes = found.planes
    first = planes[planes["building_id"] == "a"].sort_values("annual_irradiation_kwh_m2")
    np.testing.assert_allclose(first["annual_irradiation_kwh_m2"], [600.0, 1100.0])
    np.testing.assert_allclose(shapely.area(first.geometry.to_numpy()), [50.0, 50.0], atol=1.0)
    assert first["capacity_kwp"].tolist()[0] == 0.0
    unknown = planes[planes["building_id"] == "c"].iloc[0]
    assert np.isnan(unknown["annual_yield_kwh"])
    assert len(planes[planes["building_id"] == "d"]) == 1
    total = planes.groupby("building_id").geometry.apply(lambda s: shapely.area(s.to_numpy()).sum())
    np.testing.assert_allclose(total, 100.0, rtol=1e-6)


def test_a_raster_may_give_one_plane_per_building(supply, tmp_path):
    planes = supply(write_raster(tmp_path / "c.tif"), kind="raster", split="building").planes
    assert planes["building_id"].tolist() == ["a", "b", "c", "d"]
    assert planes["annual_irradiation_kwh_m2"][0] == pytest.approx(850.0)
    np.testing.assert_allclose(planes["roof_area_m2"], 100.0)


@pytest.mark.parametrize(("bands", "count"), [(1, 1), (12, 13), (13, 13)])
def test_bands_are_brought_to_year_and_months(tmp_path, bands, count):
    source, out = write_raster(tmp_path / "c.tif", bands), tmp_path / "irradiation.tif"
    options = Scene(tmp_path).options(source, kind="raster")
    facts = normalise(RasterJob(source, out, options, CRS, 64), SilentProgress())
    assert facts["months_known"] is (count == 13)
    with open_geotiff(out) as raster:
        assert raster.count == count
        assert raster.descriptions[0] == "annual"
        year = raster.read(1)
    assert np.nanmax(year) == pytest.approx(1100.0, rel=1e-4)
    assert np.isnan(year).sum() > 0


def test_units_and_further_codes_of_a_raster(tmp_path):
    source, out = write_raster(tmp_path / "c.tif", scale=1000.0), tmp_path / "o.tif"
    options = Scene(tmp_path).options(
        source, kind="raster", irradiation_unit="Wh/m2", nodata_value=600_000.0
    )
    normalise(RasterJob(source, out, options, CRS), SilentProgress())
    with open_geotiff(out) as raster:
        year = raster.read(1)
    np.testing.assert_allclose(np.nanmin(year), 900.0, rtol=1e-6)


def test_unclear_bands_and_another_crs_are_refused(tmp_path):
    source, out = write_raster(tmp_path / "c.tif", bands=3), tmp_path / "o.tif"
    scene = Scene(tmp_path)
    for options, match in (({}, "3 bands"), ({"annual_band": 4}, "annual_band = 4")):
        with pytest.raises(RasterError, match=match):
            normalise(
                RasterJob(source, out, scene.options(source, kind="raster", **options), CRS),
                SilentProgress(),
            )
    options = scene.options(source, kind="raster", annual_band=2)
    with pytest.raises(CrsError):
        normalise(RasterJob(source, out, options, "EPSG:3812"), SilentProgress())
    assert not out.exists()


def test_every_kind_has_the_same_columns(supply, tmp_path):
    per_building = footprints().assign(kwp=[3.0, 4.0, 5.0, 6.0])
    found = [
        supply(roofs(), **FACING),
        supply(per_building, kind="buildings", kwp_column="kwp"),
        supply(write_raster(tmp_path / "r.tif"), kind="raster"),
    ]
    assert len({tuple(part.planes.columns) for part in found}) == 1
    assert len({tuple(part.buildings.columns) for part in found}) == 1
    assert square(0).equals(found[1].planes.geometry.iloc[0])
