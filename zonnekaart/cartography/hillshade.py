"""Shaded relief of a height raster: a quiet background, no measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

NO_SHADE = 0
"""Code of cells without height."""

_SUN_AZIMUTH_DEG = 315.0
"""Light from the north-west: relief reads as relief, not as its inverse."""
_SUN_ELEVATION_DEG = 45.0


def hillshade(height: npt.NDArray[np.float32], cell_m: float) -> npt.NDArray[np.uint8]:
    """
    Return the light on each cell under one lamp in the north-west.

    Parameters
    ----------
    height : ndarray of float32, shape (rows + 2, cols + 2)
        Surface height with a halo of one cell; NaN is unknown. [m]
    cell_m : float
        Cell size. [m]

    Returns
    -------
    ndarray of uint8, shape (rows, cols)
        1 (dark) to 255 (bright); 0 where the cell itself is unknown.

    Notes
    -----
    Lambert's cosine on the normal from central differences. A neighbour that is unknown is taken
    as high as the cell, so the edge of the data is drawn flat.
    """
    if height.ndim != 2 or min(height.shape) < 3:
        raise ValueError(f"height: shape {height.shape}, expected (rows + 2, cols + 2)")
    core = height[1:-1, 1:-1]
    west, east = _known(height[1:-1, :-2], core), _known(height[1:-1, 2:], core)
    north, south = _known(height[:-2, 1:-1], core), _known(height[2:, 1:-1], core)
    slope_east = (east - west) / (2.0 * cell_m)
    slope_north = (north - south) / (2.0 * cell_m)
    azimuth, elevation = np.deg2rad(_SUN_AZIMUTH_DEG), np.deg2rad(_SUN_ELEVATION_DEG)
    toward_sun = slope_east * np.sin(azimuth) + slope_north * np.cos(azimuth)
    cosine = (np.sin(elevation) - np.cos(elevation) * toward_sun) / np.sqrt(
        1.0 + slope_east**2 + slope_north**2
    )
    shade = np.where(np.isnan(core), NO_SHADE, 1.0 + 254.0 * np.clip(cosine, 0.0, 1.0))
    return shade.round().astype(np.uint8)


def _known(
    neighbour: npt.NDArray[np.float32], core: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    return np.where(np.isnan(neighbour), core, neighbour)
