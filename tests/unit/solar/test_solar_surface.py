from __future__ import annotations

import numpy as np
import pytest

from zonnekaart.solar.surface import surface_azimuth, surface_gradient, surface_tilt


def plane(tilt_deg: float, azimuth_deg: float, cell_m: float, size: int = 12) -> np.ndarray:
    y, x = np.mgrid[0:size, 0:size] * cell_m
    down = np.tan(np.radians(tilt_deg))
    facing = np.radians(azimuth_deg)
    return (50.0 - down * (x * np.sin(facing) - y * np.cos(facing))).astype(np.float32)


@pytest.mark.parametrize("azimuth", [0.0, 47.0, 135.0, 180.0, 271.0])
@pytest.mark.parametrize("tilt", [5.0, 35.0, 60.0])
def test_planes_keep_tilt_and_azimuth_in_every_cell(tilt, azimuth):
    east, north = surface_gradient(plane(tilt, azimuth, 0.5), 0.5)
    assert surface_tilt(east, north) == pytest.approx(tilt, abs=0.01)
    difference = (surface_azimuth(east, north) - azimuth + 180.0) % 360.0 - 180.0
    assert np.abs(difference).max() < 0.05


def test_eaves_keep_the_slope_of_the_roof():
    height = np.full((11, 11), 10.0, dtype=np.float32)
    height[3:8, 2:9] = plane(35.0, 90.0, 1.0)[3:8, 2:9] - 25.0
    east, north = surface_gradient(height, 1.0)
    assert surface_tilt(east, north)[3:8, 2:9] == pytest.approx(35.0, abs=0.1)
    assert surface_tilt(east, north)[height == 10.0] == pytest.approx(0.0, abs=0.1)


def test_ridge_belongs_to_a_side():
    x = np.abs(np.arange(11) - 5)
    height = np.tile(20.0 - 0.7 * x, (9, 1)).astype(np.float32)
    east, north = surface_gradient(height, 1.0)
    assert surface_tilt(east, north) == pytest.approx(np.degrees(np.arctan(0.7)), abs=0.01)


def test_noise_of_a_survey_is_averaged():
    rng = np.random.default_rng(4)
    height = (plane(30.0, 180.0, 1.0, 60) + rng.normal(0.0, 0.05, (60, 60))).astype(np.float32)
    east, north = surface_gradient(height, 1.0)
    assert np.median(surface_tilt(east, north)) == pytest.approx(30.0, abs=0.5)


def test_gap_has_no_slope_and_spoils_no_neighbour():
    height = plane(30.0, 180.0, 1.0)
    height[5, 5] = np.nan
    east, north = surface_gradient(height, 1.0)
    assert np.isnan(east[5, 5])
    assert np.isnan(north[5, 5])
    tilt = surface_tilt(east, north)
    tilt[5, 5] = 30.0
    assert tilt == pytest.approx(30.0, abs=0.01)


def test_flat_has_no_azimuth_and_a_lonely_cell_is_flat():
    lonely = np.full((3, 3), np.nan, dtype=np.float32)
    lonely[1, 1] = 7.0
    east, north = surface_gradient(lonely, 1.0)
    assert (east[1, 1], north[1, 1]) == (0.0, 0.0)
    assert np.isnan(surface_azimuth(east, north)).all()
    assert np.isnan(surface_tilt(east, north)[0, 0])
