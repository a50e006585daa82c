"""Small scenes for sight lines, and a slow look that is plain to read."""

from __future__ import annotations

import math

import numpy as np

from zonnekaart.solar.visibility import GRAZING_DEG, LIFT_M, Eyes, RoofCells, plane_heights

RIDGE_ROW = 30
"""Row of the ridge of `gable_scene`: the south roof lies below it, the north roof above."""


def gable_scene(rows=80, cols=60, eave_m=5.0):
    """Return level ground with one gabled house: 30 degree roofs to the north and the south."""
    height = np.zeros((rows, cols), dtype=np.float32)
    rise = math.tan(math.radians(30.0))
    for row in range(RIDGE_ROW - 5, RIDGE_ROW + 5):
        from_ridge = abs(row + 0.5 - RIDGE_ROW)
        height[row, 20:30] = eave_m + (5.0 - from_ridge) * rise
    return height


def gable_cells():
    """Return the cells of `gable_scene`: plane 0 faces north, plane 1 faces south."""
    row, col = np.mgrid[RIDGE_ROW - 5 : RIDGE_ROW + 5, 20:30]
    return RoofCells(
        row.ravel(),
        col.ravel(),
        (row.ravel() >= RIDGE_ROW).astype(np.int64),
        np.array([30.0, 30.0]),
        np.array([0.0, 180.0]),
    )


def flat_cells(rows, cols):
    """Return the cells of one flat plane."""
    row, col = np.mgrid[rows, cols]
    return RoofCells(
        row.ravel(), col.ravel(), np.zeros(row.size, np.int64), np.array([0.0]), np.array([np.nan])
    )


def street(row, cols, eye_m=1.6):
    """Return eyes along a street from west to east."""
    col = np.asarray(cols, dtype=np.float64)
    return Eyes(np.full(len(col), float(row)), col, np.full(len(col), eye_m))


def _between(height, row, col):
    """Return the height between four cell centres; unknown outside."""
    low_r, low_c = math.floor(row), math.floor(col)
    total = 0.0
    for r, c in ((low_r, low_c), (low_r, low_c + 1), (low_r + 1, low_c), (low_r + 1, low_c + 1)):
        weight = (1.0 - abs(row - r)) * (1.0 - abs(col - c))
        if weight < 1e-9:
            continue
        if not (0 <= r < height.shape[0] and 0 <= c < height.shape[1]):
            return math.nan
        total += weight * float(height[r, c])
    return total


def slow_views(height, cell_m, eyes, cells, max_distance_m):
    """Return nearest view and number of eyes per cell by trying every eye, sample by sample."""
    found, count = np.full(len(cells.row), np.inf), np.zeros(len(cells.row))
    level = plane_heights(height, cell_m, cells)
    for k, (row, col, p) in enumerate(zip(cells.row, cells.col, cells.plane, strict=True)):
        if math.isnan(level[k]):
            found[k] = count[k] = math.nan
            continue
        tilt = math.radians(cells.tilt_deg[p])
        azimuth = math.radians(cells.azimuth_deg[p])
        flat = math.isnan(azimuth)
        normal = (
            (0.0, 0.0, 1.0)
            if flat
            else (
                math.sin(tilt) * math.sin(azimuth),
                math.sin(tilt) * math.cos(azimuth),
                math.cos(tilt),
            )
        )
        for eye_row, eye_col, eye_m in zip(eyes.row, eyes.col, eyes.height_m, strict=True):
            east, north = (eye_col - col) * cell_m, (row - eye_row) * cell_m
            distance = math.hypot(east, north)
            up = eye_m - level[k]
            facing = normal[0] * east + normal[1] * north + normal[2] * up
            rows, cols = height.shape
            if not (0 <= eye_row <= rows - 1 and 0 <= eye_col <= cols - 1):
                continue
            # NaN is never more than anything.
            if distance > max_distance_m or not (
                facing > math.sin(math.radians(GRAZING_DEG)) * math.hypot(distance, up)
            ):
                continue
            samples = 2.0 * max(abs(eye_row - row), abs(eye_col - col))
            parts = [step / samples for step in range(1, math.ceil(samples))]
            start = level[k] + LIFT_M
            hidden = any(
                _between(height, row + t * (eye_row - row), col + t * (eye_col - col))
                > start + t * (eye_m - start)
                for t in parts
            )
            if not hidden:
                found[k] = min(found[k], distance)
                count[k] += 1
    return found, count
