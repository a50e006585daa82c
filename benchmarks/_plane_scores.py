"""How good the planes found are: every cell that a true plane holds, weighted by sloped area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zonnekaart.solar.planefits import OUTSIDE

TILT_DEG, AZIMUTH_DEG, TILTED_DEG = 5.0, 15.0, 5.0
"""A cell is right when its plane is within these of the truth; the azimuth counts above TILTED."""
AIM_TILT_DEG, AIM_AZIMUTH_DEG = 1.0, 2.0
FOUND_SHARE = 0.5
LEAST_M2 = 3.0
SIZES_M2 = ((3.0, 8.0), (8.0, 20.0), (20.0, 50.0), (50.0, np.inf))


@dataclass(frozen=True)
class Scene:
    """Heights and the truth on the same cells; -1 is no building, no plane."""

    cell_m: float
    height: np.ndarray
    owner: np.ndarray
    truth: np.ndarray
    tilt_deg: np.ndarray
    azimuth_deg: np.ndarray


def labels_of(found, shape):
    """Return the planes found on the cells of the raster."""
    labels = np.full(shape, OUTSIDE)
    for number, (row, col, rows, cols) in enumerate(found.windows):
        if rows:
            part = found.window_labels(number)[1:-1, 1:-1]
            view = labels[row + 1 : row + rows - 1, col + 1 : col + cols - 1]
            view[part != OUTSIDE] = part[part != OUTSIDE]
    return labels


def matches(true, mine, count):
    """Return each true plane's plane with most cells, how many, and how many planes share it."""
    pairs, counts = np.unique(np.stack([true, mine]), axis=1, return_counts=True)
    match, best, parts = np.full(count, -1), np.zeros(count), np.zeros(count)
    total = np.bincount(true, minlength=count)
    for k in np.argsort(counts, kind="stable"):
        plane, number = pairs[:, k]
        if number >= 0:
            match[plane], best[plane] = number, counts[k]
            parts[plane] += counts[k] >= 0.1 * total[plane]
    return match, best, parts, total


def _mean(values, weight, within):
    known = within & ~np.isnan(values)
    total = weight[known].sum()
    return float((values * weight)[known].sum() / total) if total else np.nan


def _share(mask, weight, within):
    total = weight[within].sum()
    return float((weight * mask)[within].sum() / total) if total else np.nan


def _errors(found, plane, tilt, azimuth):
    """Return the errors of tilt and azimuth; NaN without a plane, azimuth also where flat."""
    known = plane >= 0
    near = np.maximum(plane, 0)
    off = np.where(known, np.abs(found.tilt_deg[near] - tilt), np.nan)
    turn = np.abs((found.facing_deg[near] - azimuth + 180.0) % 360.0 - 180.0)
    return off, np.where(known & (tilt > TILTED_DEG), turn, np.nan)


def _within(off, turn, most_off, most_turn):
    return (off <= most_off) & (np.isnan(turn) | (turn <= most_turn))


def scores(scene, found):
    """Return figures of the whole scene; each cell has the errors of the plane it is given to."""
    labels = labels_of(found, scene.height.shape)
    both = (scene.truth >= 0) & (labels != OUTSIDE)
    true, mine = scene.truth[both], labels[both]
    tilt, azimuth = scene.tilt_deg[true], scene.azimuth_deg[true]
    weight = 1.0 / np.cos(np.radians(np.minimum(tilt, 80.0)))
    every, tilted = np.ones(len(true), bool), tilt > TILTED_DEG
    match, best, parts, total = matches(true, mine, len(scene.tilt_deg))
    off, turn = _errors(found, mine, tilt, azimuth)
    off_matched, turn_matched = _errors(found, match[true], tilt, azimuth)
    right = _within(off, turn, TILT_DEG, AZIMUTH_DEG)
    area = total * scene.cell_m**2 / np.cos(np.radians(np.minimum(scene.tilt_deg, 80.0)))
    large = (total > 0) & (area >= LEAST_M2)
    own = mine[mine >= 0]
    out = {
        "right": _share(right, weight, every),
        "right_tilted": _share(right, weight, tilted),
        "aim": _share(_within(off, turn, AIM_TILT_DEG, AIM_AZIMUTH_DEG), weight, every),
        "aim_tilted": _share(_within(off, turn, AIM_TILT_DEG, AIM_AZIMUTH_DEG), weight, tilted),
        "matched": _share(_within(off_matched, turn_matched, 5.0, 15.0), weight, every),
        "tilt": _mean(off, weight, every),
        "tilt_tilted": _mean(off, weight, tilted),
        "azimuth": _mean(turn, weight, tilted),
        "tilt_matched": _mean(off_matched, weight, every),
        "azimuth_matched": _mean(turn_matched, weight, tilted),
        "left_out": _share(mine < 0, weight, every),
        "area": float((1.0 / np.cos(np.radians(found.tilt_deg[own]))).sum() / weight.sum()),
        "true": int(large.sum()),
        "found": int((large & (best >= FOUND_SHARE * total)).sum()),
        "missed": int((large & (match < 0)).sum()),
        "split": int((large & (parts > 1)).sum()),
        "planes": len(found.tilt_deg),
    }
    sizes = [
        _of_size(low, high, (area, true, tilted, right, weight, off, turn, best, total))
        for low, high in SIZES_M2
    ]
    return out, sizes


def _of_size(low, high, arrays):
    """Return the figures of the tilted area of true planes of one size."""
    area, true, tilted, right, weight, off, turn, best, total = arrays
    among = (area >= low) & (area < high)
    cells = tilted & among[true]
    planes = among & (total > 0)
    return {
        "right": _share(right, weight, cells),
        "tilt": _mean(off, weight, cells),
        "azimuth": _mean(turn, weight, cells),
        "found": float((best >= FOUND_SHARE * total)[planes].mean()) if planes.any() else np.nan,
        "share": float(weight[cells].sum() / weight[tilted].sum()),
    }
