"""Heights of the embedded town: ground, buildings and trees as rasters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely
from scipy.ndimage import distance_transform_edt

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from zonnekaart.pipelines.town.buildings import Plane
    from zonnekaart.pipelines.town.settle import Tree

FloatArray = npt.NDArray[np.float64]

CELL_M = 0.5
NOISE_M = 0.02
"""Standard deviation of the survey's noise on the surface. [m]"""

_STEP_M = 1.0 / 64.0
"""Heights are multiples of this: about survey precision, and exact in binary. [m]"""

_BROOK_DEPTH_M = 1.3
_BROOK_REACH_M = 24.0
_POND_DEPTH_M = 0.8
_STEM_SHARE = 0.35


def cell_centres(frame_m: float, cell_m: float = CELL_M) -> tuple[FloatArray, FloatArray]:
    """
    Return the coordinates of cell centres: x per column, y per row (north first).

    Parameters
    ----------
    frame_m : float
        Side of the frame. [m]
    cell_m : float
        Cell size. [m]
    """
    count = round(frame_m / cell_m)
    middle: FloatArray = (np.arange(count, dtype=np.float64) + 0.5) * cell_m
    return middle, frame_m - middle


def natural_ground(x: FloatArray, y: FloatArray) -> FloatArray:
    """
    Return the height of the open ground: a slope to the south, a low hill in the north-west.

    Parameters
    ----------
    x, y : ndarray of float64, same shape
        Town coordinates. [m]

    Returns
    -------
    ndarray of float64, same shape
        Height above the datum. [m]
    """
    slope = 14.0 + 0.0085 * y + 0.0012 * x
    hill = 3.2 * np.exp(-(((x - 170.0) / 210.0) ** 2 + ((y - 720.0) / 190.0) ** 2))
    wave = 0.35 * np.sin(x / 83.0) * np.cos(y / 97.0)
    return np.asarray(slope + hill + wave)


def terrain(
    frame_m: float, brook: BaseGeometry, ponds: list[BaseGeometry], cell_m: float = CELL_M
) -> FloatArray:
    """
    Return the terrain model: open ground with the valley of the brook and ponds cut in.

    Returns
    -------
    ndarray of float64, shape (rows, cols)
        Height above the datum, in steps of 1/64 m. [m]
    """
    x, y = cell_centres(frame_m, cell_m)
    grid_x, grid_y = np.meshgrid(x, y)
    ground = natural_ground(grid_x, grid_y)
    near = brook.buffer(_BROOK_REACH_M)
    rows, cols = _window(near, frame_m, cell_m, ground.shape)
    stream = shapely.contains_xy(brook, grid_x[rows, cols], grid_y[rows, cols])
    apart = distance_transform_edt(~stream) * cell_m
    ground[rows, cols] -= _BROOK_DEPTH_M * np.exp(-((apart / (_BROOK_REACH_M / 3.0)) ** 2))
    for pond in ponds:
        rows, cols = _window(pond, frame_m, cell_m, ground.shape)
        wet = shapely.contains_xy(pond, grid_x[rows, cols], grid_y[rows, cols])
        part = ground[rows, cols]
        if wet.any():
            part[wet] = part[wet].min() - _POND_DEPTH_M
    return _stepped(ground)


def surface(
    ground: FloatArray,
    planes: list[tuple[float, Plane]],
    trees: list[Tree],
    rng: np.random.Generator,
    cell_m: float = CELL_M,
) -> FloatArray:
    """
    Return the surface model: the highest of ground, roofs and crowns, with survey noise.

    Parameters
    ----------
    ground : ndarray of float64, shape (rows, cols)
        Terrain model, square frame. [m]
    planes : list of (float, Plane)
        Ground height of the building and a plane of it. [m]
    trees : list of Tree
        Crowns.
    rng : numpy Generator
        Draws the noise.
    cell_m : float
        Cell size. [m]

    Returns
    -------
    ndarray of float64, shape (rows, cols)
        Height above the datum, in steps of 1/64 m. [m]
    """
    frame_m = ground.shape[0] * cell_m
    x, y = cell_centres(frame_m, cell_m)
    top = ground.copy()
    for base, plane in planes:
        rows, cols = _window(plane.polygon, frame_m, cell_m, top.shape)
        grid_x, grid_y = np.meshgrid(x[cols], y[rows])
        inside = shapely.contains_xy(plane.polygon, grid_x, grid_y)
        roof = base + plane.height(grid_x, grid_y)
        part = top[rows, cols]
        np.copyto(part, np.maximum(part, roof), where=inside)
    for tree in trees:
        _raise_crown(top, ground, tree, cell_m)
    noisy = top + rng.normal(0.0, NOISE_M, size=top.shape)
    return _stepped(noisy)


def _stepped(height: FloatArray) -> FloatArray:
    return np.asarray(np.round(height / _STEP_M) * _STEP_M)


def _raise_crown(top: FloatArray, ground: FloatArray, tree: Tree, cell_m: float) -> None:
    """Raise the surface to an uneven half ellipsoid."""
    frame_m = ground.shape[0] * cell_m
    circle = shapely.Point(tree.x, tree.y).buffer(tree.radius_m)
    rows, cols = _window(circle, frame_m, cell_m, top.shape)
    x, y = cell_centres(frame_m, cell_m)
    grid_x, grid_y = np.meshgrid(x[cols] - tree.x, y[rows] - tree.y)
    share = (grid_x**2 + grid_y**2) / tree.radius_m**2
    leaves = 1.0 + 0.08 * np.sin(2.1 * grid_x + tree.x) * np.cos(1.7 * grid_y + tree.y)
    dome = np.sqrt(np.clip(1.0 - share, 0.0, 1.0)) * (1.0 - _STEM_SHARE) + _STEM_SHARE
    crown = ground[rows, cols] + tree.height_m * dome * leaves
    part = top[rows, cols]
    np.copyto(part, np.maximum(part, crown), where=share <= 1.0)


def _window(
    polygon: BaseGeometry, frame_m: float, cell_m: float, shape: tuple[int, ...]
) -> tuple[slice, slice]:
    """Return the rows and columns whose cells a polygon's bounds touch."""
    west, south, east, north = polygon.bounds
    rows = slice(
        max(int((frame_m - north) // cell_m), 0),
        min(int((frame_m - south) // cell_m) + 1, shape[0]),
    )
    cols = slice(max(int(west // cell_m), 0), min(int(east // cell_m) + 1, shape[1]))
    return rows, cols
