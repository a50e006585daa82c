from __future__ import annotations

import numpy as np
import pytest

from tests.solar_cases import made_up_town, made_up_year
from zonnekaart.errors import ConfigError
from zonnekaart.solar.horizon import Frame, horizon_profile
from zonnekaart.solar.irradiation import BANDS, irradiation, plane_irradiation
from zonnekaart.solar.reference import reference_irradiation
from zonnekaart.solar.sky import build_sky
from zonnekaart.solar.surface import surface_azimuth, surface_gradient, surface_tilt
from zonnekaart.solar.transposition import sun_series


@pytest.fixture(scope="module")
def weather():
    return made_up_year()


@pytest.fixture(scope="module")
def sky(weather):
    return build_sky(weather, 64)


def test_bands_are_the_year_and_its_months(sky):
    assert BANDS[:2] == ("annual", "01")
    assert len(BANDS) == 13
    found = irradiation(np.zeros((6, 7), dtype=np.float32), 1.0, sky, 20.0)
    assert found.shape == (13, 6, 7)
    assert found.dtype == np.float32
    assert found[0] == pytest.approx(found[1:].sum(axis=0), rel=1e-6)


def test_open_plane_in_the_raster_equals_the_plane_itself(sky):
    y = np.arange(30.0)[:, None]
    height = np.tile(40.0 - np.tan(np.radians(35.0)) * y, (1, 30)).astype(np.float32)
    cells = irradiation(height, 1.0, sky, 20.0)
    alone = plane_irradiation(sky, [35.0], [180.0], np.zeros((1, 64)))[0]
    assert cells[:, 15, 15] == pytest.approx(alone, rel=2e-3)


def test_cells_equal_planes_with_the_horizons_of_the_cells(sky):
    height = made_up_town(80, 80)
    rows, cols = np.mgrid[4:80:9, 4:80:9].reshape(2, -1)
    cells = irradiation(height, 1.0, sky, 60.0)[:, rows, cols].T
    slope = [part[rows, cols] for part in surface_gradient(height, 1.0)]
    horizon = horizon_profile(height, 1.0, rows, cols, 64, 60.0)
    planes = plane_irradiation(sky, surface_tilt(*slope), surface_azimuth(*slope), horizon)
    assert np.abs(cells - planes)[:, 0].mean() < 0.006 * planes[:, 0].mean()


def test_fast_path_follows_the_ray_march_on_roofs(sky, weather):
    height = made_up_town(70, 70)
    roofs = np.argwhere(height > 12.5)
    points = roofs[np.random.default_rng(1).choice(len(roofs), 60, replace=False)]
    fast = irradiation(height, 1.0, sky, 50.0)[:, points[:, 0], points[:, 1]].T
    slow = reference_irradiation(height, 1.0, points, sun_series(weather, 2), 50.0)
    error = fast - slow
    assert abs(error[:, 0].mean()) < 0.005 * slow[:, 0].mean()
    assert np.abs(error[:, 0]).mean() < 0.01 * slow[:, 0].mean()
    for month in range(1, 13):
        assert abs(error[:, month].mean()) < 0.015 * slow[:, month].mean()


def test_reference_knows_an_open_plane(sky, weather):
    height = np.zeros((21, 21), dtype=np.float32)
    slow = reference_irradiation(height, 1.0, np.array([[10, 10]]), sun_series(weather, 6), 8.0)
    assert slow[0, 1:] == pytest.approx(sky.horizontal_kwh_m2, rel=1e-3)


def test_only_wanted_cells_are_evaluated_and_they_do_not_change(sky):
    height = made_up_town(60, 50)
    mask = height > 12.5
    part = irradiation(height, 1.0, sky, 40.0, mask)
    everything = irradiation(height, 1.0, sky, 40.0)
    assert np.isnan(part[:, ~mask]).all()
    assert (part[:, mask] == everything[:, mask]).all()


def test_gap_gives_nan_and_a_hole_darkens_nobody(sky):
    height = np.full((25, 25), 5.0, dtype=np.float32)
    height[10:13, 10:13] = np.nan
    found = irradiation(height, 1.0, sky, 30.0)
    assert np.isnan(found[:, 10:13, 10:13]).all()
    known = np.isfinite(found[0])
    assert known.sum() == 625 - 9
    assert np.ptp(found[0][known]) < 1e-3


def test_all_gap_is_all_nan(sky):
    assert np.isnan(irradiation(np.full((9, 9), np.nan, np.float32), 1.0, sky, 5.0)).all()


def test_threads_do_not_change_a_bit(sky):
    height = made_up_town(90, 70)
    one = irradiation(height, 1.0, sky, 40.0)
    many = irradiation(height, 1.0, sky, 40.0, None, Frame(0, 0, 90, 70, workers=3))
    assert np.array_equal(one, many)


def test_radius_must_be_positive(sky):
    with pytest.raises(ConfigError, match="radius_m"):
        irradiation(np.zeros((4, 4), dtype=np.float32), 1.0, sky, -1.0)


def test_beyond_the_equator_the_sun_shines_from_the_north():
    height = np.zeros((61, 61), dtype=np.float32)
    height[28:33, 10:51] = 8.0
    shade = {}
    for latitude in (34.0, -34.0):
        sky = build_sky(made_up_year(latitude, 4.0), 32)
        found = irradiation(height, 1.0, sky, 60.0)
        shade[latitude] = (found[:, 24, 30], found[:, 36, 30])
    north_side, south_side = shade[34.0]
    assert north_side[0] < 0.8 * south_side[0]
    north_side, south_side = shade[-34.0]
    assert south_side[0] < 0.8 * north_side[0]
    # The low sun of their winter, April to September, stays behind the wall; the high one does not.
    lost = 1.0 - south_side[1:] / north_side[1:]
    assert (lost[3:9] > 0.6).all()
    assert (lost[[0, 11]] < 0.1).all()
    assert north_side[1] > 1.5 * north_side[6]
