from __future__ import annotations

import numpy as np
import pytest

from tests.solar_cases import made_up_town
from zonnekaart.errors import ConfigError, RasterError, ShapeMismatchError
from zonnekaart.solar.horizon import Frame, Scene, horizon_map, horizon_profile, sky_view_factor
from zonnekaart.solar.sweep import FINE_STEPS, NEAR_STEPS, far_windows


def test_wall_stands_at_the_angle_of_its_height():
    height = np.zeros((41, 41), dtype=np.float32)
    height[:, 30] = 10.0
    found = horizon_map(height, 1.0, 8, 100.0)
    # East of column 20 the wall is 10 m away, seen straight and, on the diagonal, 14.1 m away.
    assert found[2, 20, 20] == pytest.approx(45.0)
    assert found[1, 20, 20] == pytest.approx(np.degrees(np.arctan(10.0 / np.hypot(10.0, 10.0))))
    assert found[[5, 6, 7], 20, 20].tolist() == [0.0, 0.0, 0.0]
    assert found[6, 20, 35] == pytest.approx(np.degrees(np.arctan(10.0 / 5.0)))


def test_cell_size_counts():
    height = np.zeros((21, 21), dtype=np.float32)
    height[5, :] = 4.0
    assert horizon_map(height, 0.5, 8, 50.0)[0, 15, 10] == pytest.approx(
        np.degrees(np.arctan(4.0 / 5.0))
    )


def test_obstacle_beyond_the_radius_is_not_seen():
    height = np.zeros((5, 200), dtype=np.float32)
    height[:, 150] = 30.0
    near, far = horizon_map(height, 1.0, 8, 99.0), horizon_map(height, 1.0, 8, 100.0)
    assert near[2, 2, 50] == 0.0
    assert far[2, 2, 50] == pytest.approx(np.degrees(np.arctan(0.3)))


@pytest.mark.parametrize("radius", [25.0, 60.0, 500.0])
def test_sweep_follows_rays_on_a_town(radius):
    height = made_up_town(140, 120)
    rows, cols = np.mgrid[5:140:7, 3:120:7].reshape(2, -1)
    swept = horizon_map(height, 1.0, 64, radius)[:, rows, cols].T
    rays = horizon_profile(height, 1.0, rows, cols, 64, radius)
    difference = swept - rays
    assert abs(difference.mean()) < 0.12
    assert np.abs(difference).mean() < 0.5


def test_main_directions_have_no_sampling_error():
    height = np.round(made_up_town(), 2)
    rows, cols = np.mgrid[0:90:5, 0:90:5].reshape(2, -1)
    # Up to FINE_STEPS rows every sample counts; beyond, windows tell the distance to 1/32.
    for radius, error in ((float(FINE_STEPS), 0.0), (200.0, 1.0 / 32.0)):
        swept = horizon_map(height, 1.0, 8, radius)[:, rows, cols].T
        rays = horizon_profile(height, 1.0, rows, cols, 8, radius)
        assert swept[:, ::2] == pytest.approx(rays[:, ::2], abs=0.02, rel=error)


def test_exact_radius_against_plain_maximum():
    rng = np.random.default_rng(11)
    line = rng.normal(0.0, 3.0, 400).cumsum().astype(np.float32)
    height = np.tile(line, (3, 1))
    for radius in (20, 47, 130):
        found = np.tan(np.radians(horizon_map(height, 1.0, 8, float(radius))[2, 1]))
        for c in range(400):
            rise = line[c + 1 : c + radius + 1] - line[c]
            most = (rise / np.arange(1, len(rise) + 1)).max(initial=0.0)
            assert found[c] == pytest.approx(most, rel=1.0 / 32.0, abs=2e-5)


@pytest.mark.parametrize(
    ("azimuth", "cell_m"), [(0.0, 1.0), (22.5, 0.5), (45.0, 1.0), (101.0, 2.0)]
)
def test_windows_cover_every_distance_once_and_end_at_the_radius(azimuth, cell_m):
    along = max(abs(np.cos(np.radians(azimuth))), abs(np.sin(np.radians(azimuth))))
    for radius in (13.0, 47.0, 500.0):
        reach = int(np.floor(radius * along / cell_m + 1e-9))
        windows = far_windows(reach, along / cell_m)
        pieces = {(int(f), int(v)) for f, v in zip(windows.first, windows.level, strict=True)}
        rows = sorted(row for f, v in pieces for row in range(f, f + 2**v))
        assert rows == list(range(NEAR_STEPS + 1, reach + 1))


def test_higher_obstacle_never_lowers_a_horizon():
    height = made_up_town(80, 300)
    before = horizon_map(height, 1.0, 16, 200.0)
    height[30:34, 200:210] += 9.0
    outside = np.ones(height.shape, dtype=bool)
    outside[30:34, 200:210] = False
    # The slope of the nearest cells changes with the heights beside them, not their horizon.
    assert (horizon_map(height, 1.0, 16, 200.0) >= before)[:, outside].all()


def test_gap_hides_nothing_and_has_no_horizon():
    height = np.zeros((21, 41), dtype=np.float32)
    height[:, 30] = 10.0
    height[:, 25] = np.nan
    found = horizon_map(height, 1.0, 8, 100.0)
    assert np.isnan(found[:, :, 25]).all()
    assert found[2, 10, 20] == pytest.approx(45.0)
    height[:, 30] = np.nan
    assert horizon_map(height, 1.0, 8, 100.0)[2, 10, 20] == 0.0


def test_threads_do_not_change_a_bit():
    height = made_up_town()
    assert np.array_equal(horizon_map(height, 1.0, 32, 60.0), horizon_map(height, 1.0, 32, 60.0, 3))


def test_profile_of_unknown_cell_is_unknown():
    height = made_up_town(30, 30)
    height[4, 4] = np.nan
    found = horizon_profile(height, 1.0, np.array([4, 5]), np.array([4, 5]), 16, 20.0)
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()


def test_sky_view_of_simple_places():
    assert sky_view_factor(np.zeros(64)) == pytest.approx(1.0)
    assert sky_view_factor(np.full(64, 90.0)) == pytest.approx(0.0, abs=1e-12)
    assert sky_view_factor(np.full(64, 45.0)) == pytest.approx(0.5)
    # A wall under an open sky sees half of it, a roof of 35 degrees (1 + cos 35) / 2.
    assert sky_view_factor(np.zeros((1, 64)), [90.0], [180.0]) == pytest.approx(0.5, abs=0.002)
    assert sky_view_factor(np.zeros((1, 64)), [35.0], [77.0]) == pytest.approx(0.9096, abs=0.001)


def test_bad_arguments_are_refused():
    flat = np.zeros((5, 5), dtype=np.float32)
    with pytest.raises(ConfigError, match="radius_m"):
        horizon_map(flat, 1.0, 8, 0.0)
    with pytest.raises(RasterError, match="cell_m"):
        horizon_map(flat, -1.0, 8, 10.0)
    with pytest.raises(RasterError, match="height"):
        horizon_map(flat + 99999.0, 1.0, 8, 10.0)
    with pytest.raises(ShapeMismatchError, match="height"):
        horizon_map(np.zeros(5, dtype=np.float32), 1.0, 8, 10.0)
    with pytest.raises(ShapeMismatchError, match="frame"):
        Scene(flat, 1.0, Frame(3, 3, 4, 4))
    with pytest.raises(ShapeMismatchError, match="mask"):
        Scene(flat, 1.0, Frame(0, 0, 5, 5), np.ones((4, 4), dtype=bool))
    with pytest.raises(ShapeMismatchError, match="rows, cols"):
        horizon_profile(flat, 1.0, np.array([7]), np.array([0]), 8, 10.0)
