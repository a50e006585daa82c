"""Fewer planes where fewer explain the heights as well: joining and dissolving (numba)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zonnekaart.solar.planeenergy import Terms, at_border, best_label, cell_cost, cell_weights
from zonnekaart.solar.planefits import (
    MOMENTS,
    NEIGHBOURS,
    OBSTRUCTION,
    Roof,
    add_point,
    cosine,
    place_m,
    residual_m,
    solve_plane,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    BoolArray = npt.NDArray[np.bool_]
    IntArray = npt.NDArray[np.int64]
    LabelArray = npt.NDArray[np.int32]


NARROW = 0.3
"""A plane of which less than this share lies away from other planes may be needless. [-]"""
TURNS = 6
"""How often the cells of a dissolved plane look for another: each time one cell farther in."""


@njit(nogil=True, cache=True, error_model="numpy")
def compacted(label: LabelArray, planes: FloatArray, target: IntArray) -> FloatArray:
    """Renumber the planes without gaps; target -1 dissolves a plane."""
    n = planes.shape[0]
    number = np.full(n, -1, dtype=np.int64)
    count = 0
    for p in range(n):
        if target[p] == p:
            number[p] = count
            count += 1
    out = np.zeros((count, 5))
    for p in range(n):
        if number[p] >= 0:
            out[number[p]] = planes[p]
    for r in range(label.shape[0]):
        for c in range(label.shape[1]):
            p = label[r, c]
            while p >= 0 and target[p] != p:
                p = target[p]
            label[r, c] = number[p] if p >= 0 else OBSTRUCTION
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def without_small(label: LabelArray, planes: FloatArray, min_cells: float) -> FloatArray:
    """Dissolve planes that lost too many cells."""
    sizes = _boxes(label, planes.shape[0])[:, 4]
    target = np.arange(planes.shape[0])
    for p in range(planes.shape[0]):
        planes[p, 4] = sizes[p]
        if sizes[p] < min_cells:
            target[p] = -1
    return compacted(label, planes, target)


@njit(nogil=True, cache=True, error_model="numpy")
def _boxes(label: LabelArray, planes: int) -> IntArray:
    """Return each plane's first row, last row, first column, last column, and cells."""
    out = np.zeros((planes, 5), dtype=np.int64)
    out[:, 0], out[:, 2] = label.shape[0], label.shape[1]
    for r in range(label.shape[0]):
        for c in range(label.shape[1]):
            p = label[r, c]
            if p >= 0:
                out[p, 0], out[p, 1] = min(out[p, 0], r), max(out[p, 1], r)
                out[p, 2], out[p, 3] = min(out[p, 2], c), max(out[p, 3], c)
                out[p, 4] += 1
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def _borders(label: LabelArray, planes: int) -> FloatArray:
    """Return how many sides of cells lie between two planes; corners count a hundredth."""
    out = np.zeros((planes, planes))
    for r in range(1, label.shape[0] - 1):
        for c in range(1, label.shape[1] - 1):
            p = label[r, c]
            if p < 0:
                continue
            for m in range(8):
                q = label[r + NEIGHBOURS[m, 0], c + NEIGHBOURS[m, 1]]
                if q >= 0 and p != q:
                    out[p, q] += 1.0 if m < 4 else 0.01
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def _sums(roof: Roof, label: LabelArray, planes: FloatArray, tolerance: float) -> FloatArray:
    """Return each plane's moments; cells at its rim count half, and only when they lie on it."""
    weight = cell_weights(roof, label)
    moments = np.zeros((planes.shape[0], MOMENTS))
    for r in range(label.shape[0]):
        for c in range(label.shape[1]):
            p = label[r, c]
            if p < 0:
                continue
            x, y = place_m(r, c, label.shape, roof.cell)
            if weight[r, c] == 1.0:
                add_point(moments[p], x, y, roof.height[r, c], 1.0)
            elif abs(residual_m(roof, planes[p], r, c)) <= tolerance:
                add_point(moments[p], x, y, roof.height[r, c], 0.5)
    return moments


@njit(nogil=True, cache=True, error_model="numpy")
def _misfit(moments: FloatArray, plane: FloatArray) -> float:
    """Return the sum of squared residuals of the best plane; infinite when there is none. [m2]."""
    if not solve_plane(moments, plane):
        return np.inf
    return float(plane[3] ** 2 * max(moments[0] - 3.0, 1.0))


@njit(nogil=True, cache=True, error_model="numpy")
def _gain(
    moments: FloatArray, misfit: FloatArray, pair: tuple[int, int], saved: float, sigma: float
) -> float:
    """Return what joining two planes saves: a plane and a border, less the worse fit."""
    p, q = pair
    both = _misfit(moments[p] + moments[q], np.zeros(5))
    return float(saved - 0.5 * max(both - misfit[p] - misfit[q], 0.0) / sigma**2)


@njit(nogil=True, cache=True, error_model="numpy")
def merged(
    roof: Roof, label: LabelArray, planes: FloatArray, terms: Terms, limits: tuple[float, float]
) -> FloatArray:
    """
    Join neighbouring planes where one plane costs less than two; the greatest saving first.

    `limits` are the cost of a plane and the largest angle between two. [-, degrees]
    """
    cost, angle = limits
    n = planes.shape[0]
    moments = _sums(roof, label, planes, 3.0 * terms.sigma)
    borders = _borders(label, n)
    least = math.cos(math.radians(angle))
    target = np.arange(n)
    misfit = np.zeros(n)
    for p in range(n):
        own = _misfit(moments[p], np.zeros(5))
        misfit[p] = own if np.isfinite(own) else 0.0
    gain = np.full((n, n), -np.inf)
    stale = borders > 0.0
    while True:
        best, first, second = 0.0, -1, -1
        for p in range(n):
            for q in range(p + 1, n):
                if stale[p, q]:
                    stale[p, q] = False
                    gain[p, q] = -np.inf
                    if cosine(planes[p, 0], planes[p, 1], planes[q, 0], planes[q, 1]) >= least:
                        saved = cost + terms.border * borders[p, q]
                        gain[p, q] = _gain(moments, misfit, (p, q), saved, terms.sigma)
                if gain[p, q] > best:
                    best, first, second = gain[p, q], p, q
        if first < 0:
            return compacted(label, planes, target)
        moments[first] += moments[second]
        misfit[first] = _misfit(moments[first], planes[first])
        target[second] = first
        _join(borders, gain, stale, first, second)


@njit(nogil=True, cache=True, error_model="numpy")
def _join(borders: FloatArray, gain: FloatArray, stale: BoolArray, first: int, second: int) -> None:
    """Give the borders of the second plane to the first, and mark what is to be looked at again."""
    borders[first] += borders[second]
    borders[:, first] += borders[:, second]
    borders[second], borders[:, second] = 0.0, 0.0
    borders[first, first] = 0.0
    gain[first], gain[:, first], gain[second], gain[:, second] = -np.inf, -np.inf, -np.inf, -np.inf
    stale[first] = borders[first] > 0.0
    stale[:, first] = stale[first]
    stale[second], stale[:, second] = False, False


@njit(nogil=True, cache=True, error_model="numpy")
def without_needless(
    roof: Roof, label: LabelArray, planes: FloatArray, terms: Terms, cost: float
) -> FloatArray:
    """
    Dissolve narrow planes whose cells their neighbours explain nearly as well, smallest first.

    At a step between two roofs a row of cells holds mixtures of both and looks like a steep plane.
    """
    n = planes.shape[0]
    boxes = _boxes(label, n)
    weight = cell_weights(roof, label)
    inner = np.zeros(n)
    for r in range(label.shape[0]):
        for c in range(label.shape[1]):
            if weight[r, c] == 1.0:
                inner[label[r, c]] += 1.0
    target = np.arange(n)
    trial = label.copy()
    for p in np.argsort(boxes[:, 4], kind="mergesort"):
        if boxes[p, 4] == 0 or inner[p] > NARROW * boxes[p, 4]:
            continue
        cells, rim = _region(roof, label, p, boxes)
        near = np.concatenate((cells, rim))
        _give_away(roof, trial, planes, terms, cells)
        more = _cost(roof, trial, planes, terms, near) - _cost(roof, label, planes, terms, near)
        gone = more < cost
        for k in range(cells.shape[0]):
            r, c = cells[k, 0], cells[k, 1]
            if gone:
                label[r, c] = trial[r, c]
                _widen(boxes, label[r, c], r, c)
            else:
                trial[r, c] = label[r, c]
        if gone:
            target[p] = -1
    return compacted(label, planes, target)


@njit(nogil=True, cache=True, error_model="numpy")
def _widen(boxes: IntArray, p: int, r: int, c: int) -> None:
    """Take a cell that a plane got into the plane's box."""
    if p >= 0:
        boxes[p, 0], boxes[p, 1] = min(boxes[p, 0], r), max(boxes[p, 1], r)
        boxes[p, 2], boxes[p, 3] = min(boxes[p, 2], c), max(boxes[p, 3], c)


@njit(nogil=True, cache=True, error_model="numpy")
def _region(roof: Roof, label: LabelArray, p: int, boxes: IntArray) -> tuple[IntArray, IntArray]:
    """Return the cells of a plane, and the cells around it."""
    top, bottom, left, right = boxes[p, 0] - 1, boxes[p, 1] + 2, boxes[p, 2] - 1, boxes[p, 3] + 2
    size = (bottom - top) * (right - left)
    cells = np.empty((size, 2), dtype=np.int64)
    rim = np.empty((size, 2), dtype=np.int64)
    n, k = 0, 0
    for r in range(top, bottom):
        for c in range(left, right):
            if not roof.valid[r, c]:
                continue
            if label[r, c] == p:
                cells[n, 0], cells[n, 1] = r, c
                n += 1
            elif _touches(label, p, r, c):
                rim[k, 0], rim[k, 1] = r, c
                k += 1
    return cells[:n], rim[:k]


@njit(nogil=True, cache=True, error_model="numpy")
def _touches(label: LabelArray, p: int, r: int, c: int) -> bool:
    """Return whether a neighbour belongs to a plane."""
    found = False
    for m in range(8):
        found |= label[r + NEIGHBOURS[m, 0], c + NEIGHBOURS[m, 1]] == p
    return found


@njit(nogil=True, cache=True, error_model="numpy")
def _cost(
    roof: Roof, label: LabelArray, planes: FloatArray, terms: Terms, cells: IntArray
) -> float:
    """Return what the labels of some cells cost."""
    total = 0.0
    for k in range(cells.shape[0]):
        r, c = cells[k, 0], cells[k, 1]
        total += cell_cost(roof, label, planes, terms, (r, c), label[r, c])
    return total


@njit(nogil=True, cache=True, error_model="numpy")
def _give_away(
    roof: Roof, label: LabelArray, planes: FloatArray, terms: Terms, cells: IntArray
) -> None:
    """Give the cells of a plane to the planes around it, from the border inward."""
    given = np.empty(cells.shape[0], dtype=np.int64)
    for k in range(cells.shape[0]):
        label[cells[k, 0], cells[k, 1]] = OBSTRUCTION
    for _ in range(TURNS):
        changed = False
        for k in range(cells.shape[0]):
            r, c = cells[k, 0], cells[k, 1]
            given[k] = label[r, c]
            if at_border(roof, label, r, c):
                given[k] = best_label(roof, label, planes, terms, (r, c))
            changed |= given[k] != label[r, c]
        if not changed:
            break
        for k in range(cells.shape[0]):
            label[cells[k, 0], cells[k, 1]] = given[k]
