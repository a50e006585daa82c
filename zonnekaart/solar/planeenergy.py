"""Which plane explains which cell: costs of labels, exchange of cells, robust fits (numba)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from zonnekaart.solar.planefits import (
    MOMENTS,
    NEIGHBOURS,
    OBSTRUCTION,
    Roof,
    add_point,
    place_m,
    residual_m,
    solve_plane,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    BoolArray = npt.NDArray[np.bool_]
    LabelArray = npt.NDArray[np.int32]

BORDER_WEIGHT, EDGE_WEIGHT = 0.2, 0.02
"""Weights in a fit of cells that touch another plane, and of cells at the building's edge. [-]"""
AGREEING = 4.0
"""A cell this many scales off its plane has no weight in the fit (Tukey's biweight). [-]"""
ADVANTAGE = 0.2
"""How much less a plane must cost to take a cell away; in noise, borders would fray. [-]"""
STARTS = 5
THIN = np.array([0.15, 0.15, 0.15, 0.1])
"""Starts of a fit, and the least variance across of the cells of each, in cells squared. [-]"""
START_OUTLIER, START_RAW, START_EDGE = 20.0, 0.1, 0.5
"""Most that a cell costs a start, a mixture's share of its raw cost, an edge cell's share. [-]"""
REACH_M = 2.0
"""How far the correlation of the noise is looked for. [m]"""


class Terms(NamedTuple):
    """
    What a cell costs, as a negative logarithm of likelihood.

    sigma: noise [m]; outlier: most that one cell costs; border: cost of each side that faces
    another plane; raw: share of the cost that takes no notice of mixtures; edge: weight of cells
    at the building's edge.
    """

    sigma: float
    outlier: float
    border: float
    raw: float
    edge: float


@njit(nogil=True, cache=True, error_model="numpy")
def mixture_off_m(
    roof: Roof, label: LabelArray, planes: FloatArray, place: tuple[int, int], p: int
) -> float:
    """
    Return how far a cell of plane `p` lies from what mixtures with its neighbours explain. [m].

    Heights between the two planes, and the cut of a ridge or valley through the cell (an eighth
    of the change of slope), are explained.
    """
    return _unmixed_m(roof, label, planes, planes[p], place, p)


@njit(nogil=True, cache=True, error_model="numpy")
def _unmixed_m(
    roof: Roof,
    label: LabelArray,
    planes: FloatArray,
    plane: FloatArray,
    place: tuple[int, int],
    p: int,
) -> float:
    """Return the same for any plane in the stead of plane `p`. [m]."""
    r, c = place
    low = high = 0.0
    above = residual_m(roof, plane, r, c)
    for m in range(8):
        q = label[r + NEIGHBOURS[m, 0], c + NEIGHBOURS[m, 1]]
        if q < 0 or q == p:
            continue
        step = above - residual_m(roof, planes[q], r, c)
        turn = math.hypot(plane[0] - planes[q, 0], plane[1] - planes[q, 1])
        low = min(low, min(step, 0.0) - 0.125 * roof.cell * turn)
        high = max(high, max(step, 0.0) + 0.125 * roof.cell * turn)
    return max(above - high, low - above, 0.0)


@njit(nogil=True, cache=True, error_model="numpy")
def cell_cost(
    roof: Roof,
    label: LabelArray,
    planes: FloatArray,
    terms: Terms,
    place: tuple[int, int],
    p: int,
) -> float:
    """Return what it costs to give a cell to plane `p`, or to none, with its borders."""
    r, c = place
    borders = 0.0
    for m in range(4):
        i, j = r + NEIGHBOURS[m, 0], c + NEIGHBOURS[m, 1]
        if roof.valid[i, j] and label[i, j] != p:
            borders += terms.border
    if p < 0:
        return terms.outlier + 4.0 * terms.border + borders
    scale = 0.5 / terms.sigma**2
    cost = min(residual_m(roof, planes[p], r, c) ** 2 * scale, terms.outlier)
    if terms.raw < 1.0:
        off = mixture_off_m(roof, label, planes, place, p)
        cost = terms.raw * cost + (1.0 - terms.raw) * min(off * off * scale, terms.outlier)
    return cost * (1.0 if roof.interior[r, c] else terms.edge) + borders


@njit(nogil=True, cache=True, error_model="numpy")
def exchange(roof: Roof, label: LabelArray, planes: FloatArray, terms: Terms, sweeps: int) -> None:
    """Give each cell the plane of a neighbour that costs clearly less; all cells at a time."""
    old = label.copy()
    awake = roof.valid.copy()
    for _ in range(sweeps):
        changed = False
        for r in range(1, label.shape[0] - 1):
            for c in range(1, label.shape[1] - 1):
                if awake[r, c] and at_border(roof, old, r, c):
                    label[r, c] = best_label(roof, old, planes, terms, (r, c))
                    changed |= label[r, c] != old[r, c]
        if not changed:
            break
        _wake(roof, label, old, awake)
        old[:] = label


@njit(nogil=True, cache=True, error_model="numpy")
def _wake(roof: Roof, label: LabelArray, old: LabelArray, awake: BoolArray) -> None:
    """Mark the cells that changed and those around them: no other can change next."""
    awake[:] = False
    for r in range(1, label.shape[0] - 1):
        for c in range(1, label.shape[1] - 1):
            if label[r, c] != old[r, c]:
                awake[r - 1 : r + 2, c - 1 : c + 2] = roof.valid[r - 1 : r + 2, c - 1 : c + 2]


@njit(nogil=True, cache=True, error_model="numpy")
def at_border(roof: Roof, label: LabelArray, r: int, c: int) -> bool:
    """Return whether a neighbour has another label."""
    for m in range(8):
        i, j = r + NEIGHBOURS[m, 0], c + NEIGHBOURS[m, 1]
        if roof.valid[i, j] and label[i, j] != label[r, c]:
            return True
    return False


@njit(nogil=True, cache=True, error_model="numpy")
def best_label(
    roof: Roof, label: LabelArray, planes: FloatArray, terms: Terms, place: tuple[int, int]
) -> int:
    """Return the neighbouring plane that costs least, the own one when it is nearly as good."""
    r, c = place
    own = label[r, c]
    best = tried = own
    least = cell_cost(roof, label, planes, terms, place, own) - ADVANTAGE
    for m in range(8):
        q = label[r + NEIGHBOURS[m, 0], c + NEIGHBOURS[m, 1]]
        if q < 0 or q in (own, best, tried):
            continue
        cost = cell_cost(roof, label, planes, terms, place, q)
        tried = q
        if cost < least:
            least, best = cost, q
    return int(best)


@njit(nogil=True, cache=True, error_model="numpy")
def cell_weights(roof: Roof, label: LabelArray) -> FloatArray:
    """Return the weight of each cell in its plane's fit: 1 when all neighbours are of the plane."""
    out = np.zeros(label.shape)
    for r in range(1, label.shape[0] - 1):
        for c in range(1, label.shape[1] - 1):
            if label[r, c] < 0:
                continue
            out[r, c] = EDGE_WEIGHT
            if roof.interior[r, c]:
                out[r, c] = BORDER_WEIGHT if at_border(roof, label, r, c) else 1.0
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def refit(roof: Roof, label: LabelArray, planes: FloatArray, sigma: float) -> None:
    """
    Fit each plane again: from the start that explains most, then to all cells that agree with it.

    Cells off the plane lose their weight (Tukey's biweight); few such cells, or cells in a line,
    leave the start as it is.
    """
    weight = cell_weights(roof, label)
    n = planes.shape[0]
    starts, every = _starts(roof, label, planes, weight)
    costs = _start_costs(roof, label, planes, (starts, weight), sigma)
    for p in range(n):
        planes[p] = starts[np.argmin(costs[:, p]), p]
    for _ in range(2):
        _set_scales(roof, label, planes, weight, sigma)
        agreeing = _agreeing(roof, label, planes, weight)
        for p in range(n):
            enough = agreeing[p, 0] >= 0.4 * every[p]
            if enough and _least_variance(agreeing[p]) > 0.1 * roof.cell**2:
                solve_plane(agreeing[p], planes[p])


@njit(nogil=True, cache=True, error_model="numpy")
def _starts(
    roof: Roof, label: LabelArray, planes: FloatArray, weight: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """
    Return planes to start fits from, and each plane's weight.

    They are fitted to the cells that are no mixtures; to those and the building's edge; to those
    and the cells beside other planes; to every cell by its weight; the last is the plane as it
    is. In a strip of two or three cells nobody knows beforehand which row is a mixture.
    """
    n = planes.shape[0]
    sums = np.zeros((STARTS - 1, n, MOMENTS))
    for r in range(label.shape[0]):
        for c in range(label.shape[1]):
            p = label[r, c]
            if p < 0:
                continue
            x, y = place_m(r, c, label.shape, roof.cell)
            z, own = roof.height[r, c], weight[r, c]
            add_point(sums[3, p], x, y, z, own)
            if own == 1.0:
                add_point(sums[0, p], x, y, z, 1.0)
            if own == 1.0 or (own == EDGE_WEIGHT and not at_border(roof, label, r, c)):
                add_point(sums[1, p], x, y, z, 1.0)
            if own > EDGE_WEIGHT:
                add_point(sums[2, p], x, y, z, 1.0)
    starts = np.zeros((STARTS, n, 5))
    for k in range(STARTS):
        starts[k] = planes
        for p in range(n):
            if k < STARTS - 1 and _least_variance(sums[k, p]) > THIN[k] * roof.cell**2:
                solve_plane(sums[k, p], starts[k, p])
    return starts, sums[3, :, 0]


@njit(nogil=True, cache=True, error_model="numpy")
def _start_costs(
    roof: Roof,
    label: LabelArray,
    planes: FloatArray,
    tried: tuple[FloatArray, FloatArray],
    sigma: float,
) -> FloatArray:
    """Return what the cells of each plane cost with each start; mixtures count as explained."""
    starts, weight = tried
    rows, cols = label.shape
    costs = np.zeros(starts.shape[:2])
    scale = 0.5 / sigma**2
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            p = label[r, c]
            if p < 0:
                continue
            share = 1.0 if roof.interior[r, c] else START_EDGE
            x, y = place_m(r, c, label.shape, roof.cell)
            for k in range(starts.shape[0]):
                plane = starts[k, p]
                off = roof.height[r, c] - (plane[0] * x + plane[1] * y + plane[2])
                cost = min(off * off * scale, START_OUTLIER)
                if weight[r, c] < 1.0 and cost > 0.5:
                    off = _unmixed_m(roof, label, planes, plane, (r, c), p)
                    explained = min(off * off * scale, START_OUTLIER)
                    cost = START_RAW * cost + (1.0 - START_RAW) * explained
                costs[k, p] += share * cost
    return costs


@njit(nogil=True, cache=True, error_model="numpy")
def _agreeing(roof: Roof, label: LabelArray, planes: FloatArray, weight: FloatArray) -> FloatArray:
    """Return each plane's moments over the cells that agree with it."""
    moments = np.zeros((planes.shape[0], MOMENTS))
    for r in range(label.shape[0]):
        for c in range(label.shape[1]):
            p = label[r, c]
            if p < 0:
                continue
            share = abs(residual_m(roof, planes[p], r, c)) / (AGREEING * planes[p, 3])
            if share < 1.0:
                x, y = place_m(r, c, label.shape, roof.cell)
                tukey = (1.0 - share * share) ** 2
                add_point(moments[p], x, y, roof.height[r, c], weight[r, c] * tukey)
    return moments


@njit(nogil=True, cache=True, error_model="numpy")
def _set_scales(
    roof: Roof, label: LabelArray, planes: FloatArray, weight: FloatArray, sigma: float
) -> None:
    """Put into each plane's `rms` the scale of its residuals, at least the noise."""
    sums = np.zeros((planes.shape[0], 2))
    for r in range(label.shape[0]):
        for c in range(label.shape[1]):
            p = label[r, c]
            if p >= 0:
                off = min(abs(residual_m(roof, planes[p], r, c)), 0.5)
                sums[p, 0] += weight[r, c] * off
                sums[p, 1] += weight[r, c]
    for p in range(planes.shape[0]):
        planes[p, 3] = max(sigma, 0.8 * sums[p, 0] / sums[p, 1]) if sums[p, 1] > 0.0 else sigma


@njit(nogil=True, cache=True, error_model="numpy")
def _least_variance(moments: FloatArray) -> float:
    """Return the variance of the cells' places across their narrow side. [m2]."""
    n = moments[0]
    if n <= 0.0:
        return 0.0
    xx = moments[4] / n - (moments[1] / n) ** 2
    yy = moments[6] / n - (moments[2] / n) ** 2
    xy = moments[5] / n - moments[1] * moments[2] / (n * n)
    return float(0.5 * (xx + yy) - math.sqrt(0.25 * (xx - yy) ** 2 + xy * xy))


@njit(nogil=True, cache=True, error_model="numpy")
def set_spreads(roof: Roof, label: LabelArray, planes: FloatArray, tolerance: float) -> None:
    """Put each plane's spread (no edge cells, within the tolerance) and its cells into it."""
    sums = np.zeros((planes.shape[0], 3))
    for r in range(label.shape[0]):
        for c in range(label.shape[1]):
            p = label[r, c]
            if p < 0:
                continue
            sums[p, 2] += 1.0
            off = residual_m(roof, planes[p], r, c)
            if roof.interior[r, c] and abs(off) <= tolerance:
                sums[p, 0] += 1.0
                sums[p, 1] += off * off
    for p in range(planes.shape[0]):
        planes[p, 3] = math.sqrt(sums[p, 1] / max(sums[p, 0] - 3.0, 1.0))
        planes[p, 4] = sums[p, 2]


@njit(nogil=True, cache=True, error_model="numpy")
def residual_noise(
    roof: Roof, label: LabelArray, planes: FloatArray, tolerance: float
) -> tuple[float, float]:
    """
    Return the spread of the heights about their planes, and how many cells vary together.

    Noise that neighbouring cells share tells less: n cells count as n divided by the second
    figure, the square of 1 + 2 x (the sum of the correlations along a line).
    """
    weight = cell_weights(roof, label)
    off = np.full(label.shape, np.nan)
    total, n = 0.0, 0.0
    for r in range(label.shape[0]):
        for c in range(label.shape[1]):
            if weight[r, c] == 1.0:
                above = residual_m(roof, planes[label[r, c]], r, c)
                if abs(above) <= tolerance:
                    off[r, c] = above
                    total += above * above
                    n += 1.0
    if n < 10.0 or total <= 0.0:
        return 0.0, 1.0
    reach = 1.0
    for lag in range(1, int(REACH_M / roof.cell) + 1):
        product = _mean_product(off, label, (lag, 0)) + _mean_product(off, label, (0, lag))
        if product <= 0.0:
            break
        reach += product / (total / n)
    return math.sqrt(total / n), reach * reach


@njit(nogil=True, cache=True, error_model="numpy")
def _mean_product(off: FloatArray, label: LabelArray, lag: tuple[int, int]) -> float:
    """Return the mean product of residuals some cells apart; 0 with few pairs. [m2]."""
    total, pairs = 0.0, 0
    for r in range(label.shape[0] - lag[0]):
        for c in range(label.shape[1] - lag[1]):
            product = off[r, c] * off[r + lag[0], c + lag[1]]
            if label[r, c] == label[r + lag[0], c + lag[1]] and not math.isnan(product):
                total += product
                pairs += 1
    return total / pairs if pairs >= 10 else 0.0


@njit(nogil=True, cache=True, error_model="numpy")
def off_planes(roof: Roof, label: LabelArray, planes: FloatArray, least: float) -> BoolArray:
    """Return the cells of no plane, and those farther than `least` from theirs."""
    out = np.zeros(label.shape, dtype=np.bool_)
    for r in range(1, label.shape[0] - 1):
        for c in range(1, label.shape[1] - 1):
            if roof.valid[r, c]:
                p = label[r, c]
                out[r, c] = p < 0 or abs(residual_m(roof, planes[p], r, c)) > least
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def leave_out(roof: Roof, label: LabelArray, planes: FloatArray, least: float) -> None:
    """
    Take the cells that stand on a roof out of their planes: chimneys, small dormers and the like.

    Cells at the building's edge and between planes hold mixtures of heights: they stay.
    """
    old = label.copy()
    for r in range(1, label.shape[0] - 1):
        for c in range(1, label.shape[1] - 1):
            if old[r, c] < 0 or not roof.interior[r, c]:
                continue
            p = old[r, c]
            above = residual_m(roof, planes[p], r, c) > least
            if above and mixture_off_m(roof, old, planes, (r, c), p) > least:
                label[r, c] = OBSTRUCTION
