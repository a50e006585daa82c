"""Buildings from heights: roofs are found, crowns and low things are not."""

from __future__ import annotations

import numpy as np

from zonnekaart.geo.standing import standing_buildings


def scene() -> tuple[np.ndarray, np.ndarray]:
    """Return ground with a gabled house, a flat hall, a tree and a hedge."""
    random = np.random.default_rng(3)
    ground = np.full((80, 80), 10.0, np.float32)
    surface = ground + random.normal(0, 0.03, ground.shape).astype(np.float32)
    across = np.abs(np.arange(10) - 4.5)[None, :]
    surface[10:22, 10:20] = 16.0 + 3.0 - 0.6 * across
    surface[40:70, 10:40] = 17.0
    crown = 6.0 + random.uniform(0, 6, (14, 14))
    surface[10:24, 50:64] = 10.0 + crown
    surface[30:32, 50:70] = 11.5
    return surface, ground


def test_roofs_are_found_and_nothing_else() -> None:
    labels = standing_buildings(*scene(), 1.0, 12.0)
    assert labels.max() == 2
    for rows, cols in ((slice(10, 22), slice(10, 20)), (slice(40, 70), slice(10, 40))):
        part = labels[rows, cols]
        assert (part > 0).mean() > 0.9
        assert np.unique(part[part > 0]).size == 1
    assert not labels[10:24, 50:64].any()
    assert not labels[30:32, 50:70].any()


def test_unknown_heights_are_no_building() -> None:
    surface, ground = scene()
    surface[40:70, 10:40] = np.nan
    assert standing_buildings(surface, ground, 1.0, 12.0).max() == 1


def test_small_ones_are_left_out() -> None:
    assert standing_buildings(*scene(), 1.0, 500.0).max() == 1
