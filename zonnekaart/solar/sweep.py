"""Kernels of the swept horizon: lines along one direction, upper hulls, tangents.

Used by `horizon` and `irradiation`; nothing here validates. See ``specs/horizon.md``.

A direction is swept in a frame whose columns run along it: the raster itself, or its transpose
for steep directions. Lines run one cell apart across it. Near a cell the ray is followed
exactly, sample by sample; beyond `NEAR_STEPS` the line that passes within half a cell takes its
place. Heights between cells are linear. Loops over a row read plain arrays, so that the compiler
turns them into vector instructions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    import numpy.typing as npt

    F32 = npt.NDArray[np.float32]
    F64 = npt.NDArray[np.float64]
    I64 = npt.NDArray[np.int64]
    Hull = tuple[I64, F64]
    Tail = tuple[I64, F64, I64, I64, F64]

NEAR_STEPS = 8
"""Columns that are followed exactly from each cell. [cells]"""
MARGIN = NEAR_STEPS + 2
"""Empty cells around the heights, so that near samples never leave the array. [cells]"""
GAP_M = -1.0e6
"""Stands for a gap inside the kernels: so deep that it never hides anything. [m]"""
_DEEP_M = -1.0e4
_ALIGNED = 1e-9
_SIDE = 8
"""Farthest neighbours that decide whether a sample can ever be on a hull. [samples]"""


class Course(NamedTuple):
    """
    One direction in its frame.

    Line ``k`` passes column ``c`` at row ``k + shift[c] + offset[c]``, with the offset within
    half a cell; `weights` are those of the rows before and after ``k + shift[c]``.
    """

    shift: I64
    offset: F32
    weights: F32
    forward: int
    reach: int
    steps_per_m: float
    toward: tuple[float, float]
    across: tuple[float, float]


class Samples(NamedTuple):
    """
    Where the ray from any cell crosses the lattice: two cells, their weight, the distance.

    `middle` is one more sample, half-way to the first crossed column, where the surface between
    four cells may bulge: row and column of the far corner, share of that row, rises per metre.
    """

    cells: I64
    weight: F32
    per_metre: F32
    middle: tuple[int, int, float, float]


class Ground(NamedTuple):
    """Heights with a margin, and slopes and mask of the evaluated cells, in one frame."""

    height: F32
    rise_east: F32
    rise_north: F32
    wanted: npt.NDArray[np.bool_]
    row: int
    col: int


@njit(nogil=True, cache=True, error_model="numpy")
def _middle(
    height: F32, first: tuple[int, int], middle: tuple[int, int, float, float], line: F32
) -> None:
    """Raise `line` by the surface half-way to the first column, between four cells."""
    row, col = first
    d_row, d_col, share, per_metre = middle
    w = np.float32(0.5 * share)
    v = np.float32(0.5) - w
    scale = np.float32(per_metre)
    cols = line.size
    own = height[row, col : col + cols]
    aside = height[row + d_row, col : col + cols]
    ahead = height[row, col + d_col : col + d_col + cols]
    across = height[row + d_row, col + d_col : col + d_col + cols]
    for c in range(cols):
        seen = (
            w * (aside[c] - own[c]) + v * (ahead[c] - own[c]) + w * (across[c] - own[c])
        ) * scale
        line[c] = seen if seen > line[c] else line[c]


@njit(nogil=True, cache=True, error_model="numpy")
def near_field(ground: Ground, samples: Samples, course: Course, out: F32, eye: F32) -> None:
    """
    Fill `out` with the largest of 0, the own slope and the near samples, in rise per metre.

    `eye` becomes the height of the cell's own plane where its line passes.
    """
    height, rise_east, rise_north, wanted, row, col = ground
    cells, weights, per_metre, middle = samples
    rows, cols = out.shape
    east, north = np.float32(course.toward[0]), np.float32(course.toward[1])
    a_east, a_north = np.float32(course.across[0]), np.float32(course.across[1])
    offset = course.offset[col : col + cols]
    for r in range(rows):
        if not wanted[r].any():
            continue
        line = out[r]
        own = height[row + r, col : col + cols]
        p, q, level = rise_east[r], rise_north[r], eye[r]
        for c in range(cols):
            line[c] = max(p[c] * east + q[c] * north, np.float32(0.0))
            level[c] = own[c] + (p[c] * a_east + q[c] * a_north) * offset[c]
        _middle(height, (row + r, col), middle, line)
        for k in range(weights.size):
            w = weights[k]
            scale = per_metre[k]
            a0 = col + cells[k, 1]
            b0 = col + cells[k, 3]
            a = height[row + r + cells[k, 0], a0 : a0 + cols]
            b = height[row + r + cells[k, 2], b0 : b0 + cols]
            for c in range(cols):
                seen = (a[c] - own[c] + w * (b[c] - a[c])) * scale
                line[c] = seen if seen > line[c] else line[c]
        for c in range(cols):
            line[c] = line[c] if wanted[r, c] else np.float32(0.0)


@njit(nogil=True, cache=True, error_model="numpy")
def blend(height: F32, weights: F32, out: F32) -> None:
    """Fill `out` with the heights where the nearest line passes each cell; edges are gaps."""
    rows, cols = height.shape
    before, after = weights[0], weights[1]
    out[0] = GAP_M
    out[rows - 1] = GAP_M
    for r in range(1, rows - 1):
        a, b, d, line = height[r - 1], height[r], height[r + 1], out[r]
        for c in range(cols):
            line[c] = b[c] + before[c] * (a[c] - b[c]) + after[c] * (d[c] - b[c])


@njit(nogil=True, cache=True, error_model="numpy")
def _gather(lines: F32, shift: I64, k: int, ends: tuple[int, int, int], line: F32) -> None:
    """Copy line `k` from column ``ends[0]`` away from the sun; `_SIDE` gaps on either end."""
    first, forward, count = ends
    limit = lines.shape[0]
    line[:_SIDE] = GAP_M
    line[_SIDE + count : 2 * _SIDE + count] = GAP_M
    c = first
    for i in range(_SIDE, _SIDE + count):
        r = k + shift[c]
        line[i] = lines[r, c] if 0 <= r < limit else np.float32(GAP_M)
        c -= forward


@njit(nogil=True, cache=True, error_model="numpy")
def _pick(
    line: F32, skip: int, count: int, kept: npt.NDArray[np.bool_], picked: I64
) -> int:
    """
    List the samples after the first `skip` that can be on a hull, and return how many there are.

    A sample below the chord of two neighbours hides nothing that they do not hide, once both are
    behind the viewer; until then the near field sees it.
    """
    middle = line[_SIDE : _SIDE + count]
    for i in range(count):
        kept[i] = middle[i] > np.float32(_DEEP_M)
    for distance in (1, 2, 3, 4, 6, _SIDE):
        before = line[_SIDE - distance : _SIDE - distance + count]
        after = line[_SIDE + distance : _SIDE + distance + count]
        for i in range(count):
            kept[i] &= middle[i] + middle[i] >= before[i] + after[i]
    found = 0
    for i in range(skip, count):
        picked[found] = i + _SIDE
        found += int(kept[i])
    return found


@njit(nogil=True, cache=True, error_model="numpy")
def _push(line: F32, at: int, size: int, hull: Hull) -> int:
    """Add the newest sample; samples that it hides from all later viewers leave. Return size."""
    places, rises = hull
    z = np.float64(line[at])
    rise = -np.inf
    if size > 0:
        top = size - 1
        while line[places[top]] - z <= rises[top] * (at - places[top]):
            top -= 1
        size = top + 1
        rise = (line[places[top]] - z) / (at - places[top])
    places[size] = at
    rises[size] = rise
    return size + 1


@njit(nogil=True, cache=True, error_model="numpy")
def _tangent(line: F32, at: int, eye: float, size: int, hull: Hull) -> float:
    """Return the steepest rise per step from (`at`, `eye`) to the hull."""
    places, rises = hull
    v = size - 1
    while line[places[v]] - eye <= rises[v] * (at - places[v]):
        v -= 1
    return float((line[places[v]] - eye) / (at - places[v]))


@njit(nogil=True, cache=True, error_model="numpy")
def _build_tail(line: F32, picked: I64, start: int, stop: int, tail: Tail) -> int:
    """Hull of samples ``picked[start:stop]`` seen from behind, so that `_leave` can undo it."""
    places, rises, old_size, old_place, old_rise = tail
    size = 0
    for j in range(stop - 1, start - 1, -1):
        at = picked[j]
        z = np.float64(line[at])
        slot = j - start
        old_size[slot] = size
        rise = np.inf
        if size > 0:
            top = size - 1
            while z - line[places[top]] >= rises[top] * (places[top] - at):
                top -= 1
            size = top + 1
            rise = (z - line[places[top]]) / (places[top] - at)
        old_place[slot] = places[size]
        old_rise[slot] = rises[size]
        places[size] = at
        rises[size] = rise
        size += 1
    return size


@njit(nogil=True, cache=True, error_model="numpy")
def _leave(size: int, slot: int, tail: Tail) -> int:
    """Take the farthest sample off the tail again; return the size."""
    places, rises, old_size, old_place, old_rise = tail
    places[size - 1] = old_place[slot]
    rises[size - 1] = old_rise[slot]
    return int(old_size[slot])


@njit(nogil=True, cache=True, error_model="numpy")
def _tail_tangent(line: F32, at: int, eye: float, size: int, tail: Tail) -> float:
    """Return the steepest rise per step from (`at`, `eye`) to the tail, by bisection."""
    places, rises = tail[0], tail[1]
    low = 0
    high = size - 1
    while low < high:
        mid = (low + high) // 2
        v = places[mid]
        if line[v] - eye < rises[mid + 1] * (at - v):
            low = mid + 1
        else:
            high = mid
    v = places[low]
    return float((line[v] - eye) / (at - v))


@njit(nogil=True, cache=True, error_model="numpy")
def _walk(
    line: F32,
    picks: tuple[I64, int],
    view: tuple[F32, F32, int],
    work: tuple[Hull, Tail],
    reach: int,
) -> None:
    """
    Raise ``view[1]`` (rise per step; negative = not wanted) for each viewer along one line.

    Samples of the last `reach` steps count. Those of the current block are in a hull that grows;
    those of the block before it are in a tail that loses its farthest samples as viewers move on.
    """
    picked, count = picks
    eye, seen, first = view
    hull, tail = work
    block_end = first - NEAR_STEPS
    block_start = 0
    size = tail_size = tail_start = tail_next = tail_stop = pointer = 0
    top = tail_top = GAP_M
    for j in range(eye.size):
        i = first + j
        if i - NEAR_STEPS > block_end:
            tail_size = _build_tail(line, picked, block_start, pointer, tail)
            tail_start = tail_next = block_start
            tail_stop = block_start = pointer
            tail_top = top
            block_end += reach - NEAR_STEPS
            size = 0
            top = GAP_M
        while pointer < count and picked[pointer] <= i - NEAR_STEPS:
            size = _push(line, picked[pointer], size, hull)
            top = max(top, float(line[picked[pointer]]))
            pointer += 1
        best = float(seen[j])
        if best < 0.0:
            continue
        z = float(eye[j])
        if top - z > best * NEAR_STEPS:
            best = max(best, _tangent(line, i, z, size, hull))
        if tail_top - z > best * (i - picked[max(tail_stop - 1, 0)]):
            while tail_next < tail_stop and picked[tail_next] < i - reach:
                tail_size = _leave(tail_size, tail_next - tail_start, tail)
                tail_next += 1
            if tail_size > 0:
                best = max(best, _tail_tangent(line, i, z, tail_size, tail))
        seen[j] = best


@njit(nogil=True, cache=True, error_model="numpy")
def _extent(shift: I64, k: int, ground: Ground) -> tuple[int, int]:
    """Return the columns [start, stop) where line `k` runs through the evaluated rows."""
    rows, cols = ground.wanted.shape
    low = ground.row - k
    start = ground.col
    stop = ground.col + cols
    while start < stop and not low <= shift[start] < low + rows:
        start += 1
    while start < stop and not low <= shift[stop - 1] < low + rows:
        stop -= 1
    return start, stop


@njit(nogil=True, cache=True, error_model="numpy")
def _workspace(length: int) -> tuple[Hull, Tail]:
    """Return empty stacks for lines of up to `length` samples."""
    hull = (np.empty(length, np.int64), np.empty(length))
    tail = (
        np.empty(length, np.int64),
        np.empty(length),
        np.empty(length, np.int64),
        np.empty(length, np.int64),
        np.empty(length),
    )
    return hull, tail


@njit(nogil=True, cache=True, error_model="numpy")
def far_field(ground: Ground, course: Course, lines: F32, eye: F32, out: F32) -> None:
    """Raise `out`, in rise per metre, by what stands beyond the near field, up to the reach."""
    wanted, row, col = ground.wanted, ground.row, ground.col
    shift, forward, reach = course.shift, course.forward, course.reach
    rows, cols = out.shape
    longest = cols + reach + 3 * _SIDE + 1
    line = np.empty(longest, np.float32)
    kept = np.empty(longest, np.bool_)
    picked = np.empty(longest, np.int64)
    eyes = np.empty(cols, np.float32)
    seen = np.empty(cols, np.float32)
    work = _workspace(longest)
    per_metre = np.float32(course.steps_per_m)
    per_step = np.float32(1.0 / course.steps_per_m)
    ends = shift[col : col + cols]
    for k in range(row - ends.max(), row + rows - ends.min()):
        start, stop = _extent(shift, k, ground)
        viewers = stop - start
        if viewers == 0:
            continue
        nearest = stop - 1 if forward > 0 else start
        first = min(max(nearest + forward * (reach + _SIDE), 0), lines.shape[1] - 1)
        before = abs(first - nearest)
        any_wanted = False
        for j in range(viewers):
            c = nearest - forward * j
            r = k + shift[c] - row
            eyes[j] = eye[r, c - col]
            seen[j] = out[r, c - col] * per_step if wanted[r, c - col] else np.float32(-1.0)
            any_wanted |= wanted[r, c - col]
        if not any_wanted:
            continue
        count = before + viewers
        _gather(lines, shift, k, (first, forward, count), line)
        found = _pick(line, max(before - reach, 0), count, kept, picked)
        _walk(
            line,
            (picked, found),
            (eyes[:viewers], seen[:viewers], before + _SIDE),
            work,
            reach,
        )
        for j in range(viewers):
            c = nearest - forward * j
            r = k + shift[c] - row
            if wanted[r, c - col]:
                out[r, c - col] = seen[j] * per_metre


def near_samples(along: float, across: float, cell_m: float) -> Samples:
    """
    Return where a ray crosses the lattice within the near field.

    Parameters
    ----------
    along, across : float
        Unit direction in the frame: per column and per row; ``abs(along) >= abs(across)``. [-]
    cell_m : float
        Cell size. [m]
    """
    slope = across / abs(along)
    forward = 1 if along > 0 else -1
    found = []
    for step in range(1, NEAR_STEPS + 1):
        low, weight = _split(slope * step)
        high = low + 1 if weight > 0.0 else low
        found.append((low, forward * step, high, forward * step, weight, float(step)))
    for k in range(1, int(np.floor(abs(slope) * NEAR_STEPS + _ALIGNED)) + 1):
        low, weight = _split(k / abs(slope))
        row = k if slope > 0 else -k
        if weight > 0.0:
            found.append((row, forward * low, row, forward * (low + 1), weight, k / abs(slope)))
    table = np.array(found)
    return Samples(
        cells=table[:, 0:4].astype(np.int64),
        weight=table[:, 4].astype(np.float32),
        per_metre=(abs(along) / (table[:, 5] * cell_m)).astype(np.float32),
        middle=(
            int(np.sign(slope)) if abs(slope) > _ALIGNED else 0,
            forward,
            abs(slope) / 2.0,
            abs(along) / (0.5 * cell_m),
        ),
    )


def _split(place: float) -> tuple[int, float]:
    """Return the whole cell below a place and the rest; hardly any rest counts as none."""
    low = int(np.floor(place + _ALIGNED))
    rest = place - low
    return low, rest if rest > _ALIGNED else 0.0
