from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.solar_cases import made_up_year
from zonnekaart.errors import ConfigError, ShapeMismatchError, WeatherError
from zonnekaart.solar.angles import plane_normal, sector_centres, unit_vectors
from zonnekaart.solar.irradiation import irradiation, plane_irradiation
from zonnekaart.solar.position import solar_position
from zonnekaart.solar.sky import Period, SkyTables, build_sky, node_horizons_deg, with_years
from zonnekaart.solar.transposition import plane_factors, plane_irradiance, sun_series
from zonnekaart.solar.weather import WeatherYear


@pytest.fixture(scope="module")
def weather() -> WeatherYear:
    return made_up_year()


@pytest.fixture(scope="module")
def sky(weather) -> SkyTables:
    return build_sky(weather)


def test_main_directions_are_exact():
    east, north = unit_vectors(np.array([0.0, 90.0, 180.0, 270.0, 360.0, -90.0]))
    assert east.tolist() == [0.0, 1.0, 0.0, -1.0, 0.0, -1.0]
    assert north.tolist() == [1.0, 0.0, -1.0, 0.0, 1.0, 0.0]
    east, north = unit_vectors(sector_centres(64))
    assert (east[:17] == north[:17][::-1]).all()
    assert (east[32:48] == -east[:16]).all()


def test_flat_plane_has_an_upright_normal_whatever_its_azimuth():
    east, north, up = plane_normal([0.0, 25.0], [123.0, np.nan])
    assert np.abs(east).max() == 0.0
    assert np.abs(north).max() == 0.0
    assert up.tolist() == [1.0, 1.0]


def test_too_few_sectors_are_refused(weather):
    with pytest.raises(ConfigError, match="directions"):
        build_sky(weather, directions=4)
    with pytest.raises(ConfigError, match="albedo"):
        build_sky(weather, albedo=1.4)
    with pytest.raises(ConfigError, match="elevation_bins"):
        build_sky(weather, elevation_bins=3)


def test_sun_stands_where_the_almanac_says():
    # NREL SPA report, appendix A.5: zenith 50.11162, azimuth 194.34024 (with refraction).
    moment = np.array(["2003-10-17T19:30:30"], dtype="datetime64[ns]")
    elevation, azimuth = solar_position(moment, 39.742476, -105.1786)
    assert 90.0 - elevation[0] == pytest.approx(50.11162, abs=0.02)
    assert azimuth[0] == pytest.approx(194.34024, abs=0.005)


def test_open_horizontal_plane_receives_all_direct_and_diffuse_light(weather, sky):
    sun = sun_series(weather, 6)
    _, _, up = sun.vectors()
    energy = (sun.beam_w_m2 * np.maximum(up, 0.0) + sun.isotropic_w_m2) * sun.step_hours / 1000.0
    assert sky.horizontal_kwh_m2.sum() == pytest.approx(energy.sum(), rel=1e-6)
    assert sky.horizontal_kwh_m2.sum() == pytest.approx(weather.annual_ghi_kwh_m2, rel=0.01)


def test_finer_steps_keep_the_energy_of_the_weather(weather):
    for samples in (1, 4, 6):
        sun = sun_series(weather, samples)
        ground = (sun.ground_w_m2 * sun.step_hours).sum() / 0.2
        assert ground == pytest.approx((weather.ghi * weather.step_hours).sum(), rel=1e-9)
        assert len(sun.time_utc) == 8760 * samples
        assert (np.diff(sun.time_utc) == sun.time_utc[1] - sun.time_utc[0]).all()


def test_sums_fall_with_the_horizon_to_nothing_at_the_zenith(sky):
    assert (np.diff(sky.up, axis=1) <= 1e-7).all()
    assert np.abs(sky.up[:, -1]).max() < 1e-6
    assert np.abs(sky.out[:, -1]).max() < 1e-6
    assert node_horizons_deg(512)[[0, 256, 512]].tolist() == [0.0, 45.0, 90.0]


def test_every_month_and_the_year_add_up(sky):
    found = plane_irradiation(sky, [35.0], [180.0], np.zeros((1, 64)))[0]
    assert found[0] == pytest.approx(found[1:].sum())
    assert (found[1:] > 0.0).all()
    assert found[7] > found[1]


def test_tables_survive_as_arrays(sky):
    again = SkyTables.from_arrays(sky.arrays())
    assert (again.up == sky.up).all()
    assert (again.directions, again.bins, again.name) == (64, 512, "made-up year")


def test_yearly_tables_equal_the_sum_of_the_time_steps(weather, sky):
    rng = np.random.default_rng(2)
    tilt = np.array([0.0, 20.0, 45.0, 60.0, 90.0])
    azimuth = np.array([np.nan, 180.0, 95.0, 300.0, 180.0])
    horizon = rng.uniform(0.0, 25.0, (5, 64))
    sun = sun_series(weather, 6)
    steps = plane_irradiance(sun, tilt, azimuth, horizon).sum(axis=1) * sun.step_hours / 1000.0
    tables = plane_irradiation(sky, tilt, azimuth, horizon)[:, 0]
    assert tables == pytest.approx(steps, rel=0.004)


def test_batch_equals_one_plane_at_a_time(weather):
    sun = sun_series(weather, 1)
    horizon = np.random.default_rng(1).uniform(0.0, 30.0, (2, 32))
    batch = plane_irradiance(sun, [10.0, 50.0], [170.0, 250.0], horizon)
    assert (plane_irradiance(sun, 50.0, 250.0, horizon[1]) == batch[1]).all()


def test_factors_reproduce_the_irradiance_as_documented(weather):
    sun = sun_series(weather, 1)
    horizon = np.random.default_rng(3).uniform(0.0, 30.0, (1, 64))
    f = plane_factors([40.0], [140.0], horizon)
    first, second, share = sun.sectors(64)
    tangent = np.tan(np.radians(sun.elevation_deg))
    seen = (1 - share) * (tangent > f.tan_horizon[0][first]) + share * (
        tangent > f.tan_horizon[0][second]
    )
    east, north, up = sun.vectors()
    cosine = np.maximum(f.east[0] * east + f.north[0] * north + f.up[0] * up, 0.0)
    by_hand = (
        sun.beam_w_m2 * seen * cosine
        + sun.isotropic_w_m2 * f.isotropic[0]
        + sun.ring_w_m2 * f.ring[0]
        + sun.ground_w_m2 * f.ground[0]
    )
    assert plane_irradiance(sun, 40.0, 140.0, horizon[0]) == pytest.approx(by_hand)


def test_unknown_horizon_gives_unknown_light(weather, sky):
    horizon = np.zeros((2, 64))
    horizon[1, 5] = np.nan
    found = plane_irradiation(sky, [30.0, 30.0], [180.0, 180.0], horizon)
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1]).all()
    steps = plane_irradiance(sun_series(weather, 1), [30.0, 30.0], [180.0, 180.0], horizon)
    assert np.isfinite(steps[0]).all()
    assert np.isnan(steps[1]).all()


def test_shapes_that_do_not_fit_are_refused(sky):
    with pytest.raises(ShapeMismatchError, match="horizon_deg"):
        plane_irradiation(sky, [30.0], [180.0], np.zeros((1, 32)))
    with pytest.raises(ShapeMismatchError, match="horizon_deg"):
        plane_factors([30.0, 20.0], [180.0, 180.0], np.zeros((1, 32)))


def test_weather_with_gaps_cannot_be_made(weather):
    fields = dict(vars(weather))
    with pytest.raises(WeatherError, match="a gap or repeat after 2020-12-31T23:30Z"):
        WeatherYear(
            **{**fields, "time_utc": np.sort(np.r_[weather.time_utc[:1], weather.time_utc[:-1]])}
        )
    ghi = weather.ghi.copy()
    ghi[5:10] = np.nan
    with pytest.raises(WeatherError, match=r"ghi: found no value at .* and 2 more"):
        WeatherYear(**{**fields, "ghi": ghi})
    with pytest.raises(ShapeMismatchError, match="weather dni"):
        WeatherYear(**{**fields, "dni": weather.dni[:-1]})


def test_southern_hemisphere_favours_north():
    sky = build_sky(made_up_year(-33.9, 18.4))
    open_sky = np.zeros((2, 64))
    north, south = plane_irradiation(sky, [30.0, 30.0], [0.0, 180.0], open_sky)[:, 0]
    assert north > 1.2 * south


def test_period_of_a_month_is_that_month_and_periods_add_up(weather):
    texts = ("06-01:06-30", "11-01:02-28", "03-01:10-31", "06-21")
    sky = build_sky(weather, 16, periods=[Period.parsed(text) for text in texts])
    assert sky.labels == texts
    horizon = np.full((1, 16), 8.0)
    found = plane_irradiation(sky, 35.0, 160.0, horizon)[0]
    assert found[13] == pytest.approx(found[6], rel=1e-6)
    assert found[14] + found[15] == pytest.approx(found[0], rel=1e-6)
    assert 0.0 < found[16] < found[6] / 10.0


def test_one_day_is_what_its_quarter_hours_sum_to(weather):
    sky = build_sky(weather, 64, periods=[Period.parsed("03-21")])
    found = plane_irradiation(sky, 30.0, 180.0, np.zeros((1, 64)))[0, 13]
    sun = sun_series(weather, 6, 0.2)
    local = sun.time_utc + np.timedelta64(round(weather.utc_offset_hours * 60), "m")
    dates = local.astype("datetime64[D]")
    wanted = np.array([str(d)[5:] == "03-21" for d in dates])
    power = plane_irradiance(sun, 30.0, 180.0, np.zeros(64))
    assert found == pytest.approx(
        np.ravel(power)[wanted].sum() * sun.step_hours / 1000.0, rel=0.005
    )


def test_further_years_come_along_as_whole_years(weather):
    other = dataclasses.replace(
        weather, ghi=weather.ghi * 0.8, dni=weather.dni * 0.8, dhi=weather.dhi * 0.8, name="dim"
    )
    first, second = build_sky(weather, 16), build_sky(other, 16)
    both = with_years(first, [second])
    assert both.labels == ("year:dim",)
    horizon = np.full((3, 16), 12.0)
    planes = ([0.0, 35.0, 60.0], [np.nan, 100.0, 250.0], horizon)
    found = plane_irradiation(both, *planes)
    assert found[:, :13] == pytest.approx(plane_irradiation(first, *planes))
    assert found[:, 13] == pytest.approx(plane_irradiation(second, *planes)[:, 0], rel=1e-5)
    height = np.tile(np.linspace(0.0, 5.0, 20, dtype=np.float32), (20, 1))
    cells = irradiation(height, 1.0, both, 15.0)
    assert cells.shape == (14, 20, 20)
    assert cells[13] == pytest.approx(irradiation(height, 1.0, second, 15.0)[0], rel=1e-5)
    with pytest.raises(ShapeMismatchError, match="dim"):
        with_years(first, [build_sky(other, 32)])


def test_columns_beyond_one_line_of_the_cache_are_the_same(weather):
    days = [Period.parsed(f"{month:02d}-15") for month in range(1, 13)]
    few, many = build_sky(weather, 16, periods=days[6:7]), build_sky(weather, 16, periods=days)
    height = np.tile(np.linspace(0.0, 5.0, 20, dtype=np.float32), (20, 1))
    assert np.array_equal(
        irradiation(height, 1.0, few, 15.0)[13], irradiation(height, 1.0, many, 15.0)[19]
    )


def test_tables_survive_a_file(weather):
    sky = build_sky(weather, 8, periods=[Period.parsed("06-21")])
    again = SkyTables.from_arrays(sky.arrays())
    assert again.labels == ("06-21",)
    assert np.array_equal(again.up, sky.up)


@pytest.mark.parametrize("text", ["6-21", "02-30", "13-01", "06-21:", "summer"])
def test_period_that_is_none_is_refused(text):
    with pytest.raises(ConfigError, match="period"):
        Period.parsed(text)
