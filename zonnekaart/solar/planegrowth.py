"""Kernels that grow, exchange, merge and fit roof planes inside one building (numba).

`roofplanes` is the door to them. A plane is an array (a, b, c, rms, cells): height = a x + b y + c
with x metres east and y metres north of the centre of the building's window.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit, prange

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    HeightArray = npt.NDArray[np.float32]
    BoolArray = npt.NDArray[np.bool_]
    IntArray = npt.NDArray[np.int64]
    LabelArray = npt.NDArray[np.int32]

OUTSIDE = -2
OBSTRUCTION = -1
_NEIGHBOURS = np.array(
    [(-1, 0), (0, -1), (0, 1), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1)], dtype=np.int64
)
_MOMENTS = 10


class Space(NamedTuple):
    """Where each building's window and results lie: windows (row, col, rows, cols), offsets."""

    windows: IntArray
    label_offsets: IntArray
    plane_offsets: IntArray


class Found(NamedTuple):
    """What is filled: labels of all windows, planes, planes per building, noise per building."""

    labels: LabelArray
    planes: FloatArray
    counts: IntArray
    noise_m: FloatArray


class Numbers(NamedTuple):
    """Settings as the kernels use them: cells, metres, degrees."""

    half: int
    cell_m: float
    min_cells: float
    min_tolerance_m: float
    max_tolerance_m: float
    tolerance_sigmas: float
    normal_tolerance_deg: float
    merge_angle_deg: float


class _Roof(NamedTuple):
    """One building: heights, known cells, cells away from the edge, cell size."""

    height: FloatArray
    valid: BoolArray
    interior: BoolArray
    cell: float


class _Limits(NamedTuple):
    """Tolerances that follow the building's noise."""

    min_cells: float
    tolerance: float
    cosine: float


@njit(nogil=True, cache=True, parallel=True)
def segment_all(
    height: HeightArray, owner: LabelArray, numbers: Numbers, space: Space, found: Found
) -> None:
    """Segment each building on its own; buildings share nothing but the input."""
    for b in prange(space.windows.shape[0]):
        if space.windows[b, 2] > 0:
            _segment_one(height, owner, b, numbers, space, found)


@njit(nogil=True, cache=True, error_model="numpy")
def _segment_one(
    height: HeightArray,
    owner: LabelArray,
    building: int,
    numbers: Numbers,
    space: Space,
    found: Found,
) -> None:
    """Segment one building and put what is found in its places."""
    local, valid = _cut(height, owner, building, space.windows[building])
    if valid.sum() == 0:
        return
    planes, label, sigma = _segment(local, valid, numbers)
    flat = label.reshape(-1)
    first = space.label_offsets[building]
    found.labels[first : first + flat.size] = flat
    first = space.plane_offsets[building]
    found.planes[first : first + planes.shape[0]] = planes
    found.counts[building] = planes.shape[0]
    found.noise_m[building] = sigma


@njit(nogil=True, cache=True, error_model="numpy")
def _cut(
    height: HeightArray, owner: LabelArray, building: int, window: IntArray
) -> tuple[FloatArray, BoolArray]:
    """Copy one building's heights; cells of others and unknown heights are not valid."""
    rows, cols = window[2], window[3]
    local = np.full((rows, cols), np.nan)
    valid = np.zeros((rows, cols), dtype=np.bool_)
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            if owner[window[0] + r, window[1] + c] == building:
                h = height[window[0] + r, window[1] + c]
                if not math.isnan(h):
                    local[r, c] = h
                    valid[r, c] = True
    return local, valid


@njit(nogil=True, cache=True, error_model="numpy")
def _segment(
    local: FloatArray, valid: BoolArray, numbers: Numbers
) -> tuple[FloatArray, LabelArray, float]:
    """Return planes, labels and the noise of one building."""
    half, cell = numbers.half, numbers.cell_m
    roof = _Roof(local, valid, _eroded(valid), cell)
    fits = _window_fits(roof, half)
    best = _best_windows(fits, valid, half)
    sigma = _noise(fits, valid)
    tolerance = min(
        max(numbers.tolerance_sigmas * sigma, numbers.min_tolerance_m), numbers.max_tolerance_m
    )
    # Sum of squared distances in a window: the noise of a window's slope is sigma over its root.
    spread = cell * math.sqrt((2 * half + 1) ** 2 * half * (half + 1) / 3.0)
    angle = numbers.normal_tolerance_deg + math.degrees(math.atan(2.5 * min(sigma, 0.2) / spread))
    limits = _Limits(numbers.min_cells, tolerance, math.cos(math.radians(angle)))
    label = np.full(local.shape, OBSTRUCTION, dtype=np.int32)
    planes = _grow_all(roof, fits, best, label, limits)
    for _ in range(3):
        _exchange(roof, label, planes, tolerance)
        _refit(roof, label, planes, tolerance)
    allowed = max(1.25 * sigma, 0.6 * numbers.min_tolerance_m)
    planes = _merged(roof, label, planes, allowed, numbers.merge_angle_deg)
    _exchange(roof, label, planes, tolerance)
    _refit(roof, label, planes, tolerance)
    planes = _without_small(label, planes, numbers.min_cells)
    _reassign(roof, label, planes, tolerance)
    for r in range(local.shape[0]):
        for c in range(local.shape[1]):
            if not valid[r, c]:
                label[r, c] = OUTSIDE
    return planes, label, sigma


@njit(nogil=True, cache=True, error_model="numpy")
def _eroded(valid: BoolArray) -> BoolArray:
    """Return the cells whose eight neighbours are all valid."""
    out = valid.copy()
    rows, cols = valid.shape
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            for k in range(8):
                if not valid[r + _NEIGHBOURS[k, 0], c + _NEIGHBOURS[k, 1]]:
                    out[r, c] = False
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def _add(moments: FloatArray, x: float, y: float, z: float, sign: float) -> None:
    """Add one point to (or take it from) the sums that a plane is fitted from."""
    moments[0] += sign
    moments[1] += sign * x
    moments[2] += sign * y
    moments[3] += sign * z
    moments[4] += sign * x * x
    moments[5] += sign * x * y
    moments[6] += sign * y * y
    moments[7] += sign * x * z
    moments[8] += sign * y * z
    moments[9] += sign * z * z


@njit(nogil=True, cache=True, error_model="numpy")
def _solve(moments: FloatArray, plane: FloatArray) -> bool:
    """Fit a plane by least squares into `plane`; False (and untouched) when degenerate."""
    n = moments[0]
    if n < 3:
        return False
    mx, my, mz = moments[1] / n, moments[2] / n, moments[3] / n
    cxx = moments[4] / n - mx * mx
    cxy = moments[5] / n - mx * my
    cyy = moments[6] / n - my * my
    cxz = moments[7] / n - mx * mz
    cyz = moments[8] / n - my * mz
    czz = moments[9] / n - mz * mz
    det = cxx * cyy - cxy * cxy
    if det < 1e-4 * max(cxx, cyy) ** 2 or det <= 0.0:
        return False
    a = (cxz * cyy - cyz * cxy) / det
    b = (cyz * cxx - cxz * cxy) / det
    sse = max(czz - a * cxz - b * cyz, 0.0) * n
    plane[0], plane[1], plane[2] = a, b, mz - a * mx - b * my
    plane[3] = math.sqrt(sse / max(n - 3.0, 1.0))
    plane[4] = n
    return True


@njit(nogil=True, cache=True, error_model="numpy")
def _xy(r: int, c: int, shape: tuple[int, ...], cell: float) -> tuple[float, float]:
    """Return metres east and north of the window's centre."""
    return (c - (shape[1] - 1) * 0.5) * cell, ((shape[0] - 1) * 0.5 - r) * cell


@njit(nogil=True, cache=True, error_model="numpy")
def _residual(roof: _Roof, plane: FloatArray, r: int, c: int) -> float:
    """Return the cell's height above the plane. [m]."""
    x, y = _xy(r, c, roof.height.shape, roof.cell)
    return float(roof.height[r, c] - (plane[0] * x + plane[1] * y + plane[2]))


@njit(nogil=True, cache=True, error_model="numpy")
def _window_fits(roof: _Roof, half: int) -> FloatArray:
    """Fit a plane to the window about each cell; rms is NaN where too few cells are known."""
    local, valid, cell = roof.height, roof.valid, roof.cell
    rows, cols = local.shape
    fits = np.full((rows, cols, 5), np.nan)
    moments = np.zeros(_MOMENTS)
    plane = np.zeros(5)
    needed = max(5, (2 * half + 1) ** 2 // 2)
    for r in range(rows):
        for c in range(cols):
            if not valid[r, c]:
                continue
            moments[:] = 0.0
            base = local[r, c]
            for i in range(max(0, r - half), min(rows, r + half + 1)):
                for j in range(max(0, c - half), min(cols, c + half + 1)):
                    if valid[i, j]:
                        _add(moments, (j - c) * cell, (r - i) * cell, local[i, j] - base, 1.0)
            if moments[0] >= needed and _solve(moments, plane):
                x, y = _xy(r, c, local.shape, cell)
                fits[r, c] = plane
                fits[r, c, 2] = plane[2] + base - plane[0] * x - plane[1] * y
    return fits


@njit(nogil=True, cache=True, error_model="numpy")
def _best_windows(fits: FloatArray, valid: BoolArray, half: int) -> FloatArray:
    """Return for each cell the gradient of the best-fitting window that holds it."""
    rows, cols = valid.shape
    best = np.full((rows, cols, 2), np.nan)
    for r in range(rows):
        for c in range(cols):
            if not valid[r, c]:
                continue
            least = np.inf
            for i in range(max(0, r - half), min(rows, r + half + 1)):
                for j in range(max(0, c - half), min(cols, c + half + 1)):
                    # A tie goes to the window nearer to the cell: flat noise-free roofs have many.
                    rms = fits[i, j, 3] + 1e-6 * (abs(i - r) + abs(j - c))
                    if rms < least:
                        least = rms
                        best[r, c, 0], best[r, c, 1] = fits[i, j, 0], fits[i, j, 1]
    return best


@njit(nogil=True, cache=True, error_model="numpy")
def _noise(fits: FloatArray, valid: BoolArray) -> float:
    """Return the lower third of the windows' spreads: planes have it, ridges and trees not."""
    spreads = np.empty(valid.sum())
    n = 0
    for r in range(valid.shape[0]):
        for c in range(valid.shape[1]):
            if valid[r, c] and not math.isnan(fits[r, c, 3]):
                spreads[n] = fits[r, c, 3]
                n += 1
    if n == 0:
        return 0.1
    return float(np.sort(spreads[:n])[n // 3])


@njit(nogil=True, cache=True, error_model="numpy")
def _cosine(a: float, b: float, c: float, d: float) -> float:
    """Return the cosine of the angle between planes with gradients (a, b) and (c, d)."""
    return (a * c + b * d + 1.0) / math.sqrt((a * a + b * b + 1.0) * (c * c + d * d + 1.0))


@njit(nogil=True, cache=True, error_model="numpy")
def _grow_all(
    roof: _Roof, fits: FloatArray, best: FloatArray, label: LabelArray, limits: _Limits
) -> FloatArray:
    """Grow planes from the best-fitting windows on; label is filled, planes are returned."""
    rows, cols = label.shape
    order = np.argsort(fits[:, :, 3].copy().reshape(-1))
    planes = np.zeros((max(rows * cols // 4, 1), 5))
    stack = np.empty(rows * cols, dtype=np.int64)
    count = 0
    for k in range(order.size):
        r, c = order[k] // cols, order[k] % cols
        if math.isnan(fits[r, c, 3]):
            break
        if label[r, c] != OBSTRUCTION or count == planes.shape[0]:
            continue
        # The seed's cell comes first; every growth starts from it.
        stack[0] = order[k]
        planes[count] = fits[r, c]
        grown = _grow(roof, best, label, (planes[count], count), stack, limits)
        if grown >= limits.min_cells:
            count += 1
        else:
            _relabel(label, stack, grown, OBSTRUCTION)
    return planes[:count].copy()


@njit(nogil=True, cache=True, error_model="numpy")
def _relabel(label: LabelArray, stack: IntArray, n: int, value: int) -> None:
    """Give the first `n` cells of the stack a label."""
    cols = label.shape[1]
    for k in range(n):
        label[stack[k] // cols, stack[k] % cols] = value


@njit(nogil=True, cache=True, error_model="numpy")
def _grow(
    roof: _Roof,
    best: FloatArray,
    label: LabelArray,
    target: tuple[FloatArray, int],
    stack: IntArray,
    limits: _Limits,
) -> int:
    """Grow one plane up to four times, each time from the plane fitted to the last growth."""
    plane, number = target
    cols = label.shape[1]
    moments = np.zeros(_MOMENTS)
    before, n = -1, 0
    for _ in range(4):
        _relabel(label, stack, n, OBSTRUCTION)
        n = _flood(roof, best, label, (plane, number), stack, limits)
        if n == before or n < 3:
            break
        before = n
        moments[:] = 0.0
        for k in range(n):
            r, c = stack[k] // cols, stack[k] % cols
            x, y = _xy(r, c, label.shape, roof.cell)
            _add(moments, x, y, roof.height[r, c], 1.0)
        if not _solve(moments, plane):
            break
    return n


@njit(nogil=True, cache=True, error_model="numpy")
def _flood(
    roof: _Roof,
    best: FloatArray,
    label: LabelArray,
    target: tuple[FloatArray, int],
    stack: IntArray,
    limits: _Limits,
) -> int:
    """Label the cells about the first of the stack that lie on the plane and face its way."""
    plane, number = target
    cols = label.shape[1]
    label[stack[0] // cols, stack[0] % cols] = number
    n, k = 1, 0
    while k < n:
        r, c = stack[k] // cols, stack[k] % cols
        k += 1
        for m in range(8):
            i, j = r + _NEIGHBOURS[m, 0], c + _NEIGHBOURS[m, 1]
            if not roof.valid[i, j] or label[i, j] != OBSTRUCTION:
                continue
            if abs(_residual(roof, plane, i, j)) > limits.tolerance:
                continue
            if _cosine(best[i, j, 0], best[i, j, 1], plane[0], plane[1]) < limits.cosine:
                continue
            label[i, j] = number
            stack[n] = i * cols + j
            n += 1
    return n


@njit(nogil=True, cache=True, error_model="numpy")
def _exchange(roof: _Roof, label: LabelArray, planes: FloatArray, tolerance: float) -> None:
    """Give each cell the neighbouring plane nearest to its height, within the tolerance."""
    old = label.copy()
    for r in range(1, label.shape[0] - 1):
        for c in range(1, label.shape[1] - 1):
            if not roof.valid[r, c]:
                continue
            own = old[r, c]
            # A plane must be clearly nearer to take a cell away, or borders would fray in noise.
            least = tolerance
            if own >= 0:
                least = 0.7 * abs(_residual(roof, planes[own], r, c))
            for m in range(8):
                other = old[r + _NEIGHBOURS[m, 0], c + _NEIGHBOURS[m, 1]]
                if other < 0 or other == own:
                    continue
                distance = abs(_residual(roof, planes[other], r, c))
                if distance < least:
                    least = distance
                    label[r, c] = other


@njit(nogil=True, cache=True, error_model="numpy")
def _sums(
    roof: _Roof, use: BoolArray, label: LabelArray, planes: FloatArray, tolerance: float
) -> FloatArray:
    """Return each plane's moments over its cells in `use` that lie within the tolerance."""
    moments = np.zeros((planes.shape[0], _MOMENTS))
    for r in range(label.shape[0]):
        for c in range(label.shape[1]):
            p = label[r, c]
            if p < 0 or not use[r, c]:
                continue
            if abs(_residual(roof, planes[p], r, c)) <= tolerance:
                x, y = _xy(r, c, label.shape, roof.cell)
                _add(moments[p], x, y, roof.height[r, c], 1.0)
    return moments


@njit(nogil=True, cache=True, error_model="numpy")
def _refit(roof: _Roof, label: LabelArray, planes: FloatArray, tolerance: float) -> None:
    """Fit each plane again, to interior cells when there are enough of them."""
    inside = _sums(roof, roof.interior, label, planes, tolerance)
    every = _sums(roof, roof.valid, label, planes, tolerance)
    for p in range(planes.shape[0]):
        enough = inside[p, 0] >= 8 and inside[p, 0] >= 0.3 * every[p, 0]
        if not enough or not _solve(inside[p], planes[p]):
            _solve(every[p], planes[p])


@njit(nogil=True, cache=True, error_model="numpy")
def _touching(label: LabelArray, planes: int) -> BoolArray:
    """Return which planes have neighbouring cells."""
    touch = np.zeros((planes, planes), dtype=np.bool_)
    for r in range(1, label.shape[0] - 1):
        for c in range(1, label.shape[1] - 1):
            p = label[r, c]
            for m in range(8):
                q = label[r + _NEIGHBOURS[m, 0], c + _NEIGHBOURS[m, 1]]
                if p >= 0 and q >= 0 and p != q:
                    touch[p, q] = touch[q, p] = True
    return touch


@njit(nogil=True, cache=True, error_model="numpy")
def _merged(
    roof: _Roof, label: LabelArray, planes: FloatArray, allowed_rms: float, angle: float
) -> FloatArray:
    """Join neighbouring planes that one plane explains as well as the noise allows."""
    n = planes.shape[0]
    moments = _sums(roof, roof.valid, label, planes, np.inf)
    touch = _touching(label, n)
    least = math.cos(math.radians(angle))
    target = np.arange(n)
    plane = np.zeros(5)
    changed = True
    while changed:
        changed = False
        for p in range(n):
            for q in range(p + 1, n):
                if not touch[p, q] or target[p] != p or target[q] != q:
                    continue
                if _cosine(planes[p, 0], planes[p, 1], planes[q, 0], planes[q, 1]) < least:
                    continue
                if not _solve(moments[p] + moments[q], plane) or plane[3] > allowed_rms:
                    continue
                moments[p] += moments[q]
                planes[p] = plane
                touch[p] |= touch[q]
                touch[:, p] |= touch[:, q]
                target[q] = p
                changed = True
    return _compacted(label, planes, target)


@njit(nogil=True, cache=True, error_model="numpy")
def _compacted(label: LabelArray, planes: FloatArray, target: IntArray) -> FloatArray:
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
def _without_small(label: LabelArray, planes: FloatArray, min_cells: float) -> FloatArray:
    """Dissolve planes that lost too many cells."""
    sizes = np.zeros(planes.shape[0])
    for r in range(label.shape[0]):
        for c in range(label.shape[1]):
            if label[r, c] >= 0:
                sizes[label[r, c]] += 1
    target = np.arange(planes.shape[0])
    for p in range(planes.shape[0]):
        planes[p, 4] = sizes[p]
        if sizes[p] < min_cells:
            target[p] = -1
    return _compacted(label, planes, target)


@njit(nogil=True, cache=True, error_model="numpy")
def _reassign(roof: _Roof, label: LabelArray, planes: FloatArray, tolerance: float) -> None:
    """
    Give left-over cells to planes: edges whatever their height, inner ones when near a plane.

    Edge cells and cells between two planes hold mixtures of heights and belong to the roof; inner
    cells that stand off a single plane are chimneys, dormers and other superstructures.
    """
    for _ in range(3):
        old = label.copy()
        for r in range(1, label.shape[0] - 1):
            for c in range(1, label.shape[1] - 1):
                if not roof.valid[r, c] or old[r, c] >= 0:
                    continue
                nearest, distance, kinds = _nearest(roof, planes, old, r, c)
                if nearest < 0:
                    continue
                if not roof.interior[r, c] or kinds > 1 or distance <= 1.5 * tolerance:
                    label[r, c] = nearest


@njit(nogil=True, cache=True, error_model="numpy")
def _nearest(
    roof: _Roof, planes: FloatArray, label: LabelArray, r: int, c: int
) -> tuple[int, float, int]:
    """Return the neighbouring plane nearest in height, its distance, and how many there are."""
    nearest, distance, kinds, first = -1, np.inf, 0, -1
    for m in range(8):
        p = label[r + _NEIGHBOURS[m, 0], c + _NEIGHBOURS[m, 1]]
        if p < 0:
            continue
        if p != first:
            kinds += 1
            first = p
        d = abs(_residual(roof, planes[p], r, c))
        if d < distance:
            nearest, distance = p, d
    return nearest, distance, kinds
