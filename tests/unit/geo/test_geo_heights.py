"""Spikes and holes: found, replaced and filled, the same in windows as at once."""

from __future__ import annotations

import numpy as np
import pytest

from zonnekaart.geo.heights import (
    METRES,
    Corrections,
    spikes,
    with_filled_holes,
    without_spikes,
)


def town(seed=2, size=160):
    rng = np.random.default_rng(seed)
    height = 10.0 + rng.normal(0.0, 0.1, (size, size))
    for row in range(10, size - 20, 30):
        for col in range(10, size - 20, 30):
            height[row : row + 12, col : col + 10] += rng.uniform(4.0, 15.0)
    return height.astype(np.float32)


def places(mask):
    return [tuple(p) for p in np.argwhere(mask).tolist()]


@pytest.mark.parametrize("off", [25.0, 60.0, -25.0, -60.0])
def test_single_cell_far_off_is_found(off):
    height = town()
    height[75, 33] += off
    assert places(spikes(height, 1.0)) == [(75, 33)]


def test_two_cells_together_are_found():
    height = town()
    height[75, 33:35] += 40.0
    assert places(spikes(height, 1.0)) == [(75, 33), (75, 34)]


def test_chimney_tower_spire_mast_in_a_wood_and_light_well_are_not():
    height = town()
    height[15, 15] += 2.5
    height[70:75, 70:75] = 70.0
    across = np.hypot(*np.meshgrid(np.arange(-8, 9), np.arange(-8, 9)))
    height[100:117, 100:117] = np.maximum(height[100:117, 100:117], 60.0 - 8.0 * across)
    height[130:150, 130:150] = 12.0 + 20.0 * np.random.default_rng(1).random((20, 20))
    height[20:23, 45:48] = 32.0
    height[21, 46] = 10.5
    assert places(spikes(height, 1.0)) == []


def test_spike_beside_a_hole_needs_neighbours():
    height = town()
    height[74:77, 32:35] = np.nan
    height[75, 33] = 80.0
    assert places(spikes(height, 1.0)) == []


def test_numbers_that_are_no_metres_have_no_spikes():
    assert not spikes(town() * 100.0, 1.0, most=20).any()


def test_replaced_spike_is_like_its_neighbours():
    height = town()
    clean = height.copy()
    height[75, 33] += 40.0
    out = without_spikes(height, spikes(height, 1.0))
    assert out[75, 33] == pytest.approx(clean[75, 33], abs=0.5)
    out[75, 33] = height[75, 33]
    np.testing.assert_array_equal(out, height)


def test_only_small_holes_are_filled():
    height = town()
    height[70:73, 30:34] = np.nan
    height[70:90, 100:120] = np.nan
    height[0:2, 60] = np.nan
    out = with_filled_holes(height, 4)
    assert np.isfinite(out[70:73, 30:34]).all()
    assert np.isnan(out[71:89, 101:119]).all()
    assert np.isnan(out[0, 60])
    known = np.isfinite(height)
    np.testing.assert_array_equal(out[known], height[known])


def test_filled_plane_stays_a_plane():
    plane = np.add.outer(np.arange(20.0) * 0.3, np.arange(20.0) * -0.2).astype(np.float32)
    holed = plane.copy()
    holed[5:9, 6:11] = np.nan
    np.testing.assert_allclose(with_filled_holes(holed, 6), plane, atol=1e-5)


@pytest.mark.parametrize("corrections", [Corrections(despike=True), Corrections(fill_holes_m=6.0)])
def test_windows_give_what_the_whole_gives(corrections):
    rng = np.random.default_rng(9)
    height = town()
    for row, col in rng.integers(3, 155, (40, 2)):
        height[row, col] += rng.choice([-40.0, 40.0])
    for row, col in rng.integers(3, 150, (30, 2)):
        height[row : row + rng.integers(1, 9), col : col + rng.integers(1, 9)] = np.nan
    halo = corrections.halo(1.0)
    padded = np.pad(height, halo, constant_values=np.nan)
    whole = corrections.applied(padded, 1.0)[halo:-halo, halo:-halo]
    assert not np.array_equal(whole, height, equal_nan=True)
    size = 40
    for row in range(0, 160, size):
        for col in range(0, 160, size):
            seen = padded[row : row + size + 2 * halo, col : col + size + 2 * halo]
            part = corrections.applied(seen, 1.0)[halo:-halo, halo:-halo]
            np.testing.assert_array_equal(part, whole[row : row + size, col : col + size])


def test_units():
    assert METRES["cm"] * 700 == pytest.approx(7.0)
    assert METRES["us_ft"] == pytest.approx(0.3048006096)
    assert Corrections(unit="cm").halo(1.0) == 0
