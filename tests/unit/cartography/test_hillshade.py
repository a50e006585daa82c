from __future__ import annotations

import numpy as np
import pytest

from zonnekaart.cartography.hillshade import hillshade


def _plane(east: float, north: float) -> np.ndarray:
    rows, cols = np.mgrid[0:5, 0:6]
    return (10.0 + east * cols - north * rows).astype(np.float32)


def test_flat_ground_gets_the_sine_of_the_lamp():
    shade = hillshade(_plane(0.0, 0.0), 1.0)
    assert shade.shape == (3, 4)
    assert (shade == round(1 + 254 * np.sin(np.pi / 4))).all()


def test_a_slope_that_faces_the_lamp_is_brightest():
    # Falls toward the north-west at 45 degrees: its normal is the direction of the lamp.
    component = np.sqrt(0.5)
    assert (hillshade(_plane(component, -component), 1.0) == 255).all()


def test_a_slope_that_faces_away_gets_none():
    component = np.sqrt(0.5)
    assert (hillshade(_plane(-component, component), 1.0) == 1).all()


def test_cell_size_matters():
    steep, gentle = (hillshade(_plane(-0.5, 0.0), cell) for cell in (0.5, 5.0))
    assert steep.mean() < gentle.mean()


def test_unknown_stays_unknown_and_its_neighbours_are_drawn():
    height = _plane(0.0, 0.0)
    height[2, 2] = np.nan
    shade = hillshade(height, 1.0)
    assert shade[1, 1] == 0
    assert np.count_nonzero(shade == 0) == 1


def test_window_equals_whole():
    height = np.random.default_rng(1).random((40, 50), dtype=np.float32)
    whole = hillshade(height, 0.5)
    assert (hillshade(height[10:31, 20:43], 0.5) == whole[10:29, 20:41]).all()


def test_too_small_raises():
    with pytest.raises(ValueError, match="expected"):
        hillshade(np.zeros((2, 5), dtype=np.float32), 1.0)
