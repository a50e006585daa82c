"""The numbered properties of specs/irradiation.md and specs/horizon.md."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.solar_cases import made_up_town, made_up_year
from zonnekaart.solar import irradiation as module
from zonnekaart.solar import surface, sweep
from zonnekaart.solar.horizon import HALO_MARGIN, Frame, Scene, horizon_map, sky_view_factor
from zonnekaart.solar.irradiation import irradiation, plane_irradiation, seasonal_irradiation
from zonnekaart.solar.sky import SkyTables, build_sky
from zonnekaart.solar.transposition import plane_irradiance, sun_series
from zonnekaart.solar.vegetation import canopy_layers

FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
HEIGHTS = arrays(np.float32, (14, 17), elements=st.floats(0.0, 40.0, width=32))


@pytest.fixture(scope="module")
def weather():
    return made_up_year()


@pytest.fixture(scope="module")
def sky(weather) -> SkyTables:
    return build_sky(weather, 32)


@FEW
@given(level=st.floats(-50.0, 400.0, width=32), cell=st.floats(0.25, 5.0))
def test_1_flat_ground_casts_no_shade(sky, level, cell):
    height = np.full((12, 12), level, dtype=np.float32)
    assert (horizon_map(height, cell, 16, 30.0) == 0.0).all()
    found = irradiation(height, cell, sky, 30.0)
    assert found[1:, 6, 6] == pytest.approx(sky.horizontal_kwh_m2, rel=1e-5)


@FEW
@given(HEIGHTS, st.floats(0.0, 1.0))
def test_2_lower_obstacles_never_cast_more_shade(height, factor):
    lower = height.copy()
    lower[7, 8] = height[7, 8]
    lower[height > height[7, 8]] = height[7, 8] + factor * (
        height[height > height[7, 8]] - height[7, 8]
    )
    before, after = horizon_map(height, 1.0, 16, 30.0), horizon_map(lower, 1.0, 16, 30.0)
    assert (after[:, 7, 8] <= before[:, 7, 8] + 1e-3).all()


@FEW
@given(HEIGHTS)
def test_3_sky_view_is_a_share(height):
    found = sky_view_factor(np.moveaxis(horizon_map(height, 1.0, 16, 30.0), 0, -1))
    assert ((found >= 0.0) & (found <= 1.0)).all()


@FEW
@given(
    arrays(np.float64, (64,), elements=st.floats(0.0, 80.0)),
    st.floats(0.0, 90.0),
    st.floats(0.0, 360.0),
    st.floats(0.0, 30.0),
)
def test_4_higher_horizon_never_adds_beam(weather, horizon, tilt, azimuth, extra):
    sun = sun_series(weather, 1)
    part = np.flatnonzero(sun.beam_w_m2 > 0.0)[::50]
    fields = {k: v[part] if isinstance(v, np.ndarray) else v for k, v in vars(sun).items()}
    for word in ("isotropic_w_m2", "ring_w_m2", "ground_w_m2"):
        fields[word] = np.zeros(len(part))
    beam = type(sun)(**fields)
    before = plane_irradiance(beam, tilt, azimuth, horizon)
    after = plane_irradiance(beam, tilt, azimuth, horizon + extra)
    assert (after <= before).all()
    assert (after >= 0.0).all()


@FEW
@given(
    arrays(np.float64, (1, 32), elements=st.floats(0.0, 89.0)),
    st.floats(0.0, 90.0),
    st.floats(0.0, 360.0),
)
def test_5_irradiation_is_never_negative_nor_above_the_open_plane(sky, horizon, tilt, azimuth):
    shaded = plane_irradiation(sky, [tilt], [azimuth], horizon)[0]
    clear = plane_irradiation(sky, [tilt], [azimuth], np.zeros((1, 32)))[0]
    assert (shaded >= -0.05).all()
    assert shaded[0] <= clear[0] + 0.1


def turned(sky: SkyTables) -> SkyTables:
    """The same sky, turned a quarter clockwise."""
    quarter = sky.directions // 4
    return SkyTables(
        np.roll(sky.up, quarter, axis=0),
        np.roll(sky.out, quarter, axis=0),
        sky.ground_kwh_m2,
        sky.name,
        sky.albedo,
    )


def test_6_turning_scene_and_sky_turns_the_result(sky):
    # Without noise both sides of a ridge are equally steep and either may be a ridge cell's plane.
    noise = np.random.default_rng(1).normal(0.0, 0.01, (61, 61)).astype(np.float32)
    height = made_up_town(61, 61) + noise
    clockwise = np.ascontiguousarray(np.rot90(height, -1))
    # The lines go through the middle cell, so that turning maps them onto each other.
    frame = Frame(0, 0, 61, 61, lattice_row=-30, lattice_col=-30)
    straight = irradiation(height, 1.0, sky, 40.0, None, frame)
    found = irradiation(clockwise, 1.0, turned(sky), 40.0, None, frame)
    error = found[0] - np.rot90(straight[0], -1)
    assert np.abs(error).mean() < 1e-3 * straight[0].mean()
    assert np.percentile(np.abs(error), 99) < 0.01 * straight[0].mean()


@pytest.mark.parametrize("radius", [12.0, 30.0])
def test_7_window_and_whole_agree_to_the_bit(sky, radius):
    height = made_up_town(150, 140)
    whole = irradiation(
        height, 1.0, sky, radius, None, Frame(0, 0, 150, 140, lattice_row=-700, lattice_col=950)
    )
    halo = int(radius) + HALO_MARGIN
    row, col, rows, cols = 50, 47, 31, 40
    piece = height[row - halo : row + rows + halo, col - halo : col + cols + halo]
    frame = Frame(halo, halo, rows, cols, -700 + row - halo, 950 + col - halo)
    part = irradiation(np.ascontiguousarray(piece), 1.0, sky, radius, None, frame)
    assert np.array_equal(part, whole[:, row : row + rows, col : col + cols])


@FEW
@given(HEIGHTS, arrays(np.bool_, (14, 17)))
def test_8_nan_in_nan_out_and_nowhere_else(sky, height, gaps):
    holed = np.where(gaps, np.float32(np.nan), height)
    found = irradiation(holed, 1.0, sky, 20.0)
    assert (np.isnan(found) == gaps).all()


@FEW
@given(HEIGHTS, arrays(np.bool_, (14, 17)))
def test_9_gap_never_darkens(height, gaps):
    gaps[7, 8] = False
    holed = np.where(gaps, np.float32(np.nan), height)
    before, after = horizon_map(height, 1.0, 16, 30.0), horizon_map(holed, 1.0, 16, 30.0)
    assert (after[:, 7, 8] <= before[:, 7, 8] + 1e-3).all()


def plain(kernel):
    """The Python code of a kernel; the kernel itself where the JIT is off."""
    return getattr(kernel, "py_func", kernel)


def test_10_kernels_do_what_their_python_says(monkeypatch, sky):
    height = made_up_town(22, 20)
    height[3, 4] = np.nan
    compiled = irradiation(height, 1.0, sky, 12.0)
    for home, names in (
        (sweep, [n for n in vars(sweep) if hasattr(getattr(sweep, n), "py_func")]),
        (surface, [n for n in vars(surface) if hasattr(getattr(surface, n), "py_func")]),
        (module, [n for n in vars(module) if hasattr(getattr(module, n), "py_func")]),
    ):
        for name in names:
            monkeypatch.setattr(home, name, plain(getattr(home, name)))
    with np.errstate(all="ignore"):
        by_python = irradiation(height, 1.0, sky, 12.0)
    assert np.isnan(compiled).tolist() == np.isnan(by_python).tolist()
    known = np.isfinite(compiled)
    assert compiled[known] == pytest.approx(by_python[known], rel=1e-4)


def test_11_lower_sun_longer_shade():
    height = np.zeros((3, 120), dtype=np.float32)
    height[:, 100] = 10.0
    tangents = np.empty((1, 3, 120), dtype=np.float32)
    Scene(height, 1.0, Frame(0, 0, 3, 120), own_slope=False).horizon_tangents(90.0, 200.0, tangents)
    lengths = [
        int((tangents[0, 1, :100] > np.tan(np.radians(sun))).sum())
        for sun in (60, 45, 30, 20, 10, 7)
    ]
    assert lengths == sorted(lengths)
    assert lengths[1] == pytest.approx(10, abs=1)
    # Far things are seen in windows, which tell their distance to 1/32.
    assert lengths[-1] == pytest.approx(10.0 / np.tan(np.radians(7.0)), rel=1.0 / 32.0, abs=1)


@FEW
@given(HEIGHTS, arrays(np.bool_, (14, 17)), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_12_clearer_crowns_never_darken(weather, height, trees, one, other):
    trees[7, 8] = False
    tops = np.where(trees, height + np.float32(3.0), np.float32(np.nan))
    layers = canopy_layers(height, np.zeros_like(height), tops, None, 1.0)
    dim, clear = sorted((one, other))
    found = [
        seasonal_irradiation(layers, 1.0, build_sky(weather, 8, 32, transmissivity=[t] * 12), 20.0)
        for t in (0.0, dim, clear, 1.0)
    ]
    assert (np.isnan(found[1]) == trees).all()
    for before, after in pairwise(part[0, 7, 8] for part in found):
        assert after >= before - 0.1
