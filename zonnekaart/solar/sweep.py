"""Kernels of the swept horizon: near samples, lines along one direction, windows of maxima.

Used by `horizon` and `irradiation`; nothing here validates. See ``specs/horizon.md``.

A direction is swept in a frame whose ROWS follow each other along it: the raster itself for steep
directions, its transpose for the others. Lines run one cell apart across it. Near a cell the ray
is followed exactly, sample by sample; beyond `NEAR_STEPS` the line that passes within half a cell
takes its place, and beyond `FINE_STEPS` its samples are seen in windows: the highest of each
window, from the middle of its distances. Heights between cells are linear. Two opposite
directions share their lines. Loops run over the cells of a row side by side and read plain
arrays, so that the compiler turns them into vector instructions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    import numpy.typing as npt

    F32 = npt.NDArray[np.float32]
    I64 = npt.NDArray[np.int64]
    U64 = npt.NDArray[np.uint64]
    Mask = npt.NDArray[np.bool_]

NEAR_STEPS = 8
"""Rows that are followed exactly from each cell. [cells]"""
FINE_STEPS = 32
"""Rows up to which every sample of a line counts by itself. [cells]"""
MARGIN = NEAR_STEPS + 2
"""Empty cells around the heights, so that near samples never leave the array. [cells]"""
GAP_M = -1.0e6
"""Stands for a gap inside the kernels: so deep that it never hides anything. [m]"""
TILE = 256
"""Lines that are swept together: their windows of 500 rows stay in the processor's cache."""
_RUN = 32
"""Cells that are evaluated together when only some are wanted."""
_TOGETHER = 6
"""Windows that one pass over a row looks at."""
_ALIGNED = 1e-9


class Course(NamedTuple):
    """
    The lines of one direction and its opposite, in their frame.

    Line ``k`` passes row ``r`` at column ``k + shift[r] + offset[r]``, with the offset within half
    a cell. `across` is east and north of one step along a row, in metres.
    """

    shift: I64
    offset: F32
    across: tuple[float, float]


class Windows(NamedTuple):
    """
    The far field of one direction: samples along a line, by distance.

    Window ``w`` holds the ``2 ** level[w]`` samples from ``first[w]`` rows away on; its highest is
    seen at ``per_metre[w]`` rise per metre for each metre of height. The number of windows is a
    multiple of `_TOGETHER`; repeats fill it up.
    """

    first: I64
    level: I64
    per_metre: F32


class Samples(NamedTuple):
    """
    Where the ray from any cell crosses the lattice: two cells, their weight, the distance.

    `middle` is one more sample, half-way to the first crossed row, where the surface between four
    cells may bulge: row and column of the far corner, share of that column, rises per metre.
    `toward` is east and north of the direction.
    """

    cells: I64
    weight: F32
    per_metre: F32
    middle: tuple[int, int, float, float]
    toward: tuple[float, float]


class Ground(NamedTuple):
    """Heights with a margin, and slopes and mask of the evaluated cells, in one frame."""

    height: F32
    rise_east: F32
    rise_north: F32
    wanted: Mask
    row: int
    col: int


@njit(nogil=True, cache=True, error_model="numpy")
def _next_run(wanted: Mask, start: int, stop: int) -> tuple[int, int]:
    """Return the next stretch [first, last) that holds every wanted cell up to a pause."""
    first = start
    while first < stop and not wanted[first : min(first + _RUN, stop)].any():
        first += _RUN
    last = first
    while last < stop and wanted[last : min(last + _RUN, stop)].any():
        last += _RUN
    return min(first, stop), min(last, stop)


@njit(nogil=True, cache=True, error_model="numpy")
def _middle(
    height: F32, first: tuple[int, int], middle: tuple[int, int, float, float], line: F32
) -> None:
    """Raise `line` by the surface half-way to the next row, between four cells."""
    row, col = first
    d_row, d_col, share, per_metre = middle
    w = np.float32(0.5 * share)
    v = np.float32(0.5) - w
    scale = np.float32(per_metre)
    cols = line.size
    own = height[row, col : col + cols]
    aside = height[row, col + d_col : col + d_col + cols]
    ahead = height[row + d_row, col : col + cols]
    across = height[row + d_row, col + d_col : col + d_col + cols]
    for c in range(cols):
        rise = w * (aside[c] + across[c] - own[c] - own[c]) + v * (ahead[c] - own[c])
        seen = rise * scale
        line[c] = seen if seen > line[c] else line[c]


@njit(nogil=True, cache=True, error_model="numpy")
def near_field(ground: Ground, samples: Samples, out: F32) -> None:
    """
    Fill `out` with the largest of 0, the own slope and the near samples, in rise per metre.

    Cells that are not wanted hold anything.
    """
    rows, cols = out.shape
    for r in range(rows):
        first, last = _next_run(ground.wanted[r], 0, cols)
        while first < cols:
            _near_run(ground, samples, (r, first), out[r, first:last])
            first, last = _next_run(ground.wanted[r], last, cols)


@njit(nogil=True, cache=True, error_model="numpy")
def _near_run(ground: Ground, samples: Samples, at: tuple[int, int], line: F32) -> None:
    """Fill one stretch of a row."""
    height, rise_east, rise_north, _, row, col = ground
    cells, weights, per_metre, middle, toward = samples
    r, first = at
    cols = line.size
    east, north = np.float32(toward[0]), np.float32(toward[1])
    own = height[row + r, col + first : col + first + cols]
    p, q = rise_east[r, first : first + cols], rise_north[r, first : first + cols]
    for c in range(cols):
        line[c] = max(p[c] * east + q[c] * north, np.float32(0.0))
    _middle(height, (row + r, col + first), middle, line)
    for k in range(weights.size):
        w = weights[k]
        scale = per_metre[k]
        a0 = col + first + cells[k, 1]
        b0 = col + first + cells[k, 3]
        a = height[row + r + cells[k, 0], a0 : a0 + cols]
        b = height[row + r + cells[k, 2], b0 : b0 + cols]
        for c in range(cols):
            seen = (a[c] - own[c] + w * (b[c] - a[c])) * scale
            line[c] = seen if seen > line[c] else line[c]


@njit(nogil=True, cache=True, error_model="numpy")
def _lay_lines(height: F32, course: Course, k: int, rows: tuple[int, int], out: F32) -> None:
    """Fill rows of `out` with the heights along lines `k` on; gaps outside and at side edges."""
    start, stop = rows
    width = height.shape[1]
    lines = out.shape[1]
    for r in range(start, stop):
        line = out[r - start]
        c0 = k + course.shift[r]
        low = min(max(1 - c0, 0), lines)
        high = max(min(width - 1 - c0, lines), low)
        line[:low] = GAP_M
        line[high:] = GAP_M
        rest = course.offset[r]
        step = -1 if rest < 0.0 else 1
        w = abs(rest)
        own = height[r, c0 + low : c0 + high]
        other = height[r, c0 + low + step : c0 + high + step]
        inner = line[low:high]
        for i in range(inner.size):
            inner[i] = own[i] + w * (other[i] - own[i])


@njit(nogil=True, cache=True, error_model="numpy")
def _raise_levels(levels: F32, count: int) -> None:
    """Fill ``levels[j, i]`` with the highest of ``levels[0, i : i + 2 ** j]``, up to `count`."""
    for j in range(1, levels.shape[0]):
        half = 1 << (j - 1)
        for i in range(count):
            a = levels[j - 1, i]
            b = levels[j - 1, min(i + half, count - 1)]
            line = levels[j, i]
            for c in range(line.size):
                line[c] = a[c] if a[c] > b[c] else b[c]


@njit(nogil=True, cache=True, error_model="numpy")
def _look(levels: F32, at: U64, per_metre: F32, view: tuple[int, F32, F32]) -> None:
    """
    Raise one stretch of a row by `_TOGETHER` windows.

    `levels` is flat and `at` the places of the windows' first lines in it; `view` is the first
    line of the stretch, its eyes and the result. Unsigned places need no check for a negative one,
    which would keep the loop from becoming vector instructions.
    """
    first, eye, line = view
    start = np.uint64(first)
    s0, s1, s2, s3, s4, s5 = (
        per_metre[0],
        per_metre[1],
        per_metre[2],
        per_metre[3],
        per_metre[4],
        per_metre[5],
    )
    p0, p1, p2 = at[0] + start, at[1] + start, at[2] + start
    p3, p4, p5 = at[3] + start, at[4] + start, at[5] + start
    for c in range(np.uint64(line.size)):
        e = eye[c]
        best = line[c]
        v = (levels[p0 + c] - e) * s0
        best = v if v > best else best
        v = (levels[p1 + c] - e) * s1
        best = v if v > best else best
        v = (levels[p2 + c] - e) * s2
        best = v if v > best else best
        v = (levels[p3 + c] - e) * s3
        best = v if v > best else best
        v = (levels[p4 + c] - e) * s4
        best = v if v > best else best
        v = (levels[p5 + c] - e) * s5
        line[c] = v if v > best else best


@njit(nogil=True, cache=True, error_model="numpy")
def _extent(course: Course, k: int, ground: Ground) -> tuple[int, int]:
    """Return the rows [start, stop) where `TILE` lines from `k` on meet evaluated columns."""
    rows, cols = ground.wanted.shape
    low = ground.col - k - TILE + 1
    high = ground.col + cols - k
    start = ground.row
    stop = ground.row + rows
    while start < stop and not low <= course.shift[start] < high:
        start += 1
    while start < stop and not low <= course.shift[stop - 1] < high:
        stop -= 1
    return start, stop


@njit(nogil=True, cache=True, error_model="numpy")
def _wanted_in(ground: Ground, course: Course, k: int, rows: tuple[int, int]) -> tuple[int, int]:
    """Narrow rows [start, stop) to those with a wanted cell under the lines from `k` on."""
    start, stop = rows
    cols = ground.wanted.shape[1]
    first, last = stop, start
    for r in range(start, stop):
        c0 = k + course.shift[r] - ground.col
        if ground.wanted[r - ground.row, max(c0, 0) : min(c0 + TILE, cols)].any():
            first = min(first, r)
            last = r + 1
    return first, max(last, first)


@njit(nogil=True, cache=True, error_model="numpy")
def far_field(ground: Ground, course: Course, windows: Windows, first_way: int, outs: F32) -> None:
    """
    Raise `outs`, in rise per metre, by what stands beyond the near field.

    ``outs[0]`` looks towards higher rows when `first_way` is 1 and towards lower ones when it is
    -1; ``outs[1]``, if there is one, the opposite way. Cells that are not wanted hold anything.
    """
    rows, cols = ground.wanted.shape
    all_rows = ground.height.shape[0]
    depth = windows.level.max() + 1
    pad = 1 << (depth - 1)
    reach = (windows.first + (1 << windows.level)).max() - 1
    levels = np.empty((depth, min(rows + 2 * reach, all_rows) + 2 * pad, TILE), np.float32)
    shifts = course.shift[ground.row : ground.row + rows]
    for k in range(ground.col - shifts.max(), ground.col + cols - shifts.min(), TILE):
        start, stop = _wanted_in(ground, course, k, _extent(course, k, ground))
        if start == stop:
            continue
        low, high = max(start - reach, 0), min(stop + reach, all_rows)
        count = high - low + 2 * pad
        levels[0, :pad] = GAP_M
        levels[0, count - pad : count] = GAP_M
        _lay_lines(ground.height, course, k, (low, high), levels[0, pad : count - pad])
        _raise_levels(levels, count)
        for r in range(start, stop):
            place = (levels, count, k, r, r - low + pad)
            _far_row(ground, course, windows, place, first_way, outs)


@njit(nogil=True, cache=True, error_model="numpy")
def _far_row(
    ground: Ground,
    course: Course,
    windows: Windows,
    place: tuple[F32, int, int, int, int],
    first_way: int,
    outs: F32,
) -> None:
    """
    Raise the wanted cells of one row under some lines.

    `place` is the levels and how many rows of them count, the first line, the row in the frame and
    among the levels.
    """
    levels, count, k, r, here = place
    cols = ground.wanted.shape[1]
    c0 = k + course.shift[r] - ground.col
    wanted = ground.wanted[r - ground.row]
    stop = min(c0 + TILE, cols)
    first, last = _next_run(wanted, max(c0, 0), stop)
    if first == stop:
        return
    flat = levels.reshape(-1)
    at = np.empty((outs.shape[0], windows.first.size), np.uint64)
    groups = np.empty(outs.shape[0], np.int64)
    for side in range(outs.shape[0]):
        way = first_way * (1 - 2 * side)
        groups[side] = _places(windows, way, (here, count, levels.shape[1]), at[side])
    eye = np.empty(TILE, np.float32)
    while first < stop:
        level_eye = eye[: last - first]
        _eyes(ground, course, (r, first), level_eye)
        for side in range(outs.shape[0]):
            view = (first - c0, level_eye, outs[side, r - ground.row, first:last])
            for g in range(0, groups[side], _TOGETHER):
                h = g + _TOGETHER
                _look(flat, at[side, g:h], windows.per_metre[g:h], view)
        first, last = _next_run(wanted, last, stop)


@njit(nogil=True, cache=True, error_model="numpy")
def _eyes(ground: Ground, course: Course, at: tuple[int, int], eye: F32) -> None:
    """Fill `eye` with the height of each cell's own plane where its line passes."""
    r, first = at
    p = ground.rise_east[r - ground.row, first : first + eye.size]
    q = ground.rise_north[r - ground.row, first : first + eye.size]
    own = ground.height[r, ground.col + first : ground.col + first + eye.size]
    rest = course.offset[r]
    a_east, a_north = np.float32(course.across[0]) * rest, np.float32(course.across[1]) * rest
    for c in range(eye.size):
        eye[c] = own[c] + (p[c] * a_east + q[c] * a_north)


@njit(nogil=True, cache=True, error_model="numpy")
def _places(windows: Windows, way: int, place: tuple[int, int, int], at: U64) -> int:
    """
    Fill `at` with the place of each window in the flat levels; return how many need a look.

    `place` is the viewers' row, the number of rows that count and that of all rows of a level.
    """
    here, count, rows = place
    needed = 0
    for w in range(windows.first.size):
        level = windows.level[w]
        if way > 0:
            row = min(here + windows.first[w], count - 1)
            outside = row == count - 1
        else:
            row = max(here - windows.first[w] - (1 << level) + 1, 0)
            outside = row == 0
        at[w] = (level * rows + row) * TILE
        if not outside:
            needed = w + 1
    return needed


@njit(nogil=True, cache=True, error_model="numpy")
def transpose(values: F32, out: F32) -> None:
    """Fill `out` with the transpose, in blocks that stay in the processor's cache."""
    rows, cols = out.shape
    size = 64
    for r0 in range(0, rows, size):
        for c0 in range(0, cols, size):
            for r in range(r0, min(r0 + size, rows)):
                for c in range(c0, min(c0 + size, cols)):
                    out[r, c] = values[c, r]


def far_windows(reach: int, steps_per_m: float) -> Windows:
    """
    Cut the distances beyond the near field into windows.

    Parameters
    ----------
    reach : int
        Farthest row that counts, more than `NEAR_STEPS`.
    steps_per_m : float
        Rows per metre along the direction.

    Notes
    -----
    Up to `FINE_STEPS` every row is a window; beyond, each doubling of the distance doubles the
    windows, so that none is wider than 1 / `FINE_STEPS` of its distance x 2. The last ones shrink
    to end at `reach`.
    """
    first, level = [], []
    row = NEAR_STEPS + 1
    while row <= reach:
        j = max(int(np.floor(np.log2(row / FINE_STEPS))) + 1, 0)
        while row + (1 << j) - 1 > reach:
            j -= 1
        first.append(row)
        level.append(j)
        row += 1 << j
    while len(first) % _TOGETHER:
        first.append(first[-1])
        level.append(level[-1])
    start, size = np.array(first), 2 ** np.array(level)
    middle = start + (size - 1) / 2.0
    return Windows(start, np.array(level), (steps_per_m / middle).astype(np.float32))


def near_samples(
    along: float, across: float, cell_m: float, toward: tuple[float, float]
) -> Samples:
    """
    Return where a ray crosses the lattice within the near field.

    Parameters
    ----------
    along, across : float
        Unit direction in the frame: per row and per column; ``abs(along) >= abs(across)``. [-]
    cell_m : float
        Cell size. [m]
    toward : tuple of float
        East and north of the direction. [-]
    """
    slope = across / abs(along)
    forward = 1 if along > 0 else -1
    found = []
    for step in range(1, NEAR_STEPS + 1):
        low, weight = _split(slope * step)
        high = low + 1 if weight > 0.0 else low
        found.append((forward * step, low, forward * step, high, weight, float(step)))
    for k in range(1, int(np.floor(abs(slope) * NEAR_STEPS + _ALIGNED)) + 1):
        low, weight = _split(k / abs(slope))
        col = k if slope > 0 else -k
        if weight > 0.0:
            found.append((forward * low, col, forward * (low + 1), col, weight, k / abs(slope)))
    table = np.array(found)
    return Samples(
        cells=table[:, 0:4].astype(np.int64),
        weight=table[:, 4].astype(np.float32),
        per_metre=(abs(along) / (table[:, 5] * cell_m)).astype(np.float32),
        middle=(
            forward,
            int(np.sign(slope)) if abs(slope) > _ALIGNED else 0,
            abs(slope) / 2.0,
            abs(along) / (0.5 * cell_m),
        ),
        toward=toward,
    )


def _split(place: float) -> tuple[int, float]:
    """Return the whole cell below a place and the rest; hardly any rest counts as none."""
    low = int(np.floor(place + _ALIGNED))
    rest = place - low
    return low, rest if rest > _ALIGNED else 0.0
