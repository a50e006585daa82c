"""Kernels of the swept horizon: lines along one direction, upper hulls, tangents.

Used by `horizon` and `irradiation`; nothing here validates. See ``specs/horizon.md``.

A direction is swept in a frame whose ROWS follow each other along it: the raster itself for steep
directions, its transpose for the others. Lines run one cell apart across it. Near a cell the ray
is followed exactly, sample by sample; beyond `NEAR_STEPS` the line that passes within half a cell
takes its place. Heights between cells are linear. Two opposite directions share their lines.
Loops over a row read plain arrays, so that the compiler turns them into vector instructions.
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
    Hull = tuple[F64, F64, F64]
    Tail = tuple[I64, F64, I64, I64, F64]
    Work = tuple[Hull, Tail, I64, npt.NDArray[np.bool_]]

NEAR_STEPS = 8
"""Rows that are followed exactly from each cell. [cells]"""
LINES = 16
"""Lines that are copied together: as many heights as a line of the processor's cache holds."""
MARGIN = NEAR_STEPS + 2
"""Empty cells around the heights, so that near samples never leave the array. [cells]"""
GAP_M = -1.0e6
"""Stands for a gap inside the kernels: so deep that it never hides anything. [m]"""
_DEEP_M = -1.0e4
_ALIGNED = 1e-9
_NEVER = 1 << 40
_SIDE = 8
"""Farthest neighbours that decide whether a sample can ever be on a hull. [samples]"""


class Course(NamedTuple):
    """
    The lines of one direction and its opposite, in their frame.

    Line ``k`` passes row ``r`` at column ``k + shift[r] + offset[r]``, with the offset within half
    a cell. `across` is east and north of one step along a row, in metres.
    """

    shift: I64
    offset: F32
    reach: int
    steps_per_m: float
    across: tuple[float, float]


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
    wanted: npt.NDArray[np.bool_]
    row: int
    col: int


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

    Where not wanted it becomes negative.
    """
    height, rise_east, rise_north, wanted, row, col = ground
    cells, weights, per_metre, middle, toward = samples
    rows, cols = out.shape
    east, north = np.float32(toward[0]), np.float32(toward[1])
    for r in range(rows):
        line = out[r]
        if not wanted[r].any():
            line[:] = -1.0
            continue
        own = height[row + r, col : col + cols]
        p, q = rise_east[r], rise_north[r]
        for c in range(cols):
            line[c] = max(p[c] * east + q[c] * north, np.float32(0.0))
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
            line[c] = line[c] if wanted[r, c] else np.float32(-1.0)


@njit(nogil=True, cache=True, error_model="numpy")
def lay_lines(ground: Ground, course: Course, lines: F32, eye: F32) -> None:
    """
    Fill `lines` with the heights where the nearest line passes each cell; side edges are gaps.

    `eye` becomes the height of each evaluated cell's own plane where its line passes.
    """
    height, rise_east, rise_north, _, row, col = ground
    rows, cols = height.shape
    for r in range(rows):
        own, line, rest = height[r], lines[r], course.offset[r]
        step = -1 if rest < 0.0 else 1
        w = abs(rest)
        line[0] = GAP_M
        line[cols - 1] = GAP_M
        other = height[r, 1 + step : cols - 1 + step]
        for c in range(1, cols - 1):
            line[c] = own[c] + w * (other[c - 1] - own[c])
    a_east, a_north = np.float32(course.across[0]), np.float32(course.across[1])
    for r in range(eye.shape[0]):
        own = height[row + r, col : col + eye.shape[1]]
        p, q, level, rest = rise_east[r], rise_north[r], eye[r], course.offset[row + r]
        for c in range(eye.shape[1]):
            level[c] = own[c] + (p[c] * a_east + q[c] * a_north) * rest


@njit(nogil=True, cache=True, error_model="numpy")
def _gather(
    values: F32, course: Course, block: tuple[int, int, int, int], way: tuple[int, float], out: F32
) -> None:
    """
    Copy cells of `values` under some lines into rows of `out`; gaps where there is no cell.

    `block` is the first line, the first row of the frame, and row and column of ``values[0, 0]``.
    `way` is 1 to begin at the last row (the sun stands there) or -1, and a factor.
    """
    k, start, row, col = block
    lines, count = out.shape
    width = values.shape[1]
    factor = np.float32(way[1])
    for i in range(count):
        c0 = k + course.shift[start + i] - col
        r = start + i - row
        at = count - 1 - i if way[0] > 0 else i
        if c0 >= 0 and c0 + lines <= width:
            for j in range(lines):
                out[j, at] = values[r, c0 + j] * factor
        else:
            for j in range(lines):
                inside = 0 <= c0 + j < width
                out[j, at] = values[r, c0 + j] * factor if inside else np.float32(GAP_M)


@njit(nogil=True, cache=True, error_model="numpy")
def _scatter(
    values: F32, course: Course, block: tuple[int, int, int, int], way: tuple[int, float], out: F32
) -> None:
    """Copy back what `_gather` read."""
    k, start, row, col = block
    lines, count = values.shape
    width = out.shape[1]
    factor = np.float32(way[1])
    for i in range(count):
        c0 = k + course.shift[start + i] - col
        r = start + i - row
        at = count - 1 - i if way[0] > 0 else i
        for j in range(max(-c0, 0), min(lines, width - c0)):
            out[r, c0 + j] = values[j, at] * factor


@njit(nogil=True, cache=True, error_model="numpy")
def _pick(line: F32, skip: int, count: int, kept: npt.NDArray[np.bool_], picked: I64) -> int:
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
    picked[found] = _NEVER
    return found


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
def _walk(  # noqa: C901, PLR0915  # calls per sample would count references, at twice the time
    line: F32, picked: I64, view: tuple[F32, F32, int], work: tuple[Hull, Tail], reach: int
) -> None:
    """
    Raise ``view[1]`` (rise per step; negative = not wanted) for each viewer along one line.

    Samples of the last `reach` steps count. Those of the current block are in a hull that grows;
    those of the block before it are in a tail that loses its farthest samples as viewers move on.

    The hull is a stack of samples, the newest on top; `rises` is the slope from each to the next
    farther one. A sample leaves when the newer ones hide it from all later viewers. The steepest
    look is found by going down the stack as long as the slope there is steeper than the look.
    """
    eye, seen, first = view
    (places, heights, rises), tail = work
    block_end = first - NEAR_STEPS
    block_start = size = tail_size = tail_start = tail_next = tail_stop = pointer = 0
    top = tail_top = GAP_M
    for j in range(eye.size):
        i = first + j
        here = float(i)
        if i - NEAR_STEPS > block_end:
            tail_size = _build_tail(line, picked, block_start, pointer, tail)
            tail_start = tail_next = block_start
            tail_stop = block_start = pointer
            tail_top = top
            block_end += reach - NEAR_STEPS
            size = 0
            top = GAP_M
        while picked[pointer] <= i - NEAR_STEPS:
            place = float(picked[pointer])
            height = float(line[picked[pointer]])
            rise = -np.inf
            if size > 0:
                v = size - 1
                while heights[v] - height <= rises[v] * (place - places[v]):
                    v -= 1
                rise = (heights[v] - height) / (place - places[v])
                size = v + 1
            places[size] = place
            heights[size] = height
            rises[size] = rise
            size += 1
            top = max(top, height)
            pointer += 1
        best = float(seen[j])
        if best < 0.0:
            continue
        z = float(eye[j])
        if top - z > best * NEAR_STEPS:
            v = size - 1
            while heights[v] - z <= rises[v] * (here - places[v]):
                v -= 1
            best = max(best, (heights[v] - z) / (here - places[v]))
        if tail_top - z > best * (i - picked[max(tail_stop - 1, 0)]):
            while tail_next < tail_stop and picked[tail_next] < i - reach:
                tail_size = _leave(tail_size, tail_next - tail_start, tail)
                tail_next += 1
            if tail_size > 0:
                best = max(best, _tail_tangent(line, i, z, tail_size, tail))
        seen[j] = best


@njit(nogil=True, cache=True, error_model="numpy")
def _workspace(length: int) -> Work:
    """Return empty stacks and lists for lines of up to `length` samples."""
    hull = (np.empty(length), np.empty(length), np.empty(length))
    tail = (
        np.empty(length, np.int64),
        np.empty(length),
        np.empty(length, np.int64),
        np.empty(length, np.int64),
        np.empty(length),
    )
    return hull, tail, np.empty(length, np.int64), np.empty(length, np.bool_)


@njit(nogil=True, cache=True, error_model="numpy")
def _extent(course: Course, k: int, ground: Ground) -> tuple[int, int]:
    """Return the rows [start, stop) where lines `k` to ``k + LINES - 1`` meet evaluated columns."""
    rows, cols = ground.wanted.shape
    low = ground.col - k - LINES + 1
    high = ground.col + cols - k
    start = ground.row
    stop = ground.row + rows
    while start < stop and not low <= course.shift[start] < high:
        start += 1
    while start < stop and not low <= course.shift[stop - 1] < high:
        stop -= 1
    return start, stop


@njit(nogil=True, cache=True, error_model="numpy")
def far_field(
    ground: Ground, course: Course, fields: tuple[F32, F32], first_way: int, outs: F32
) -> None:
    """
    Raise `outs`, in rise per metre, by what stands beyond the near field, up to the reach.

    `fields` are what `lay_lines` filled. ``outs[0]`` looks towards higher rows when `first_way` is
    1 and towards lower ones when it is -1; ``outs[1]``, if there is one, the opposite way.
    """
    lines, eye = fields
    reach = course.reach
    rows, cols = ground.wanted.shape
    longest = rows + reach + 3 * _SIDE
    samples = np.empty((LINES, longest), np.float32)
    eyes = np.empty((LINES, rows), np.float32)
    seen = np.empty((LINES, rows), np.float32)
    work = _workspace(longest + 1)
    shifts = course.shift[ground.row : ground.row + rows]
    for k in range(ground.col - shifts.max(), ground.col + cols - shifts.min(), LINES):
        start, stop = _extent(course, k, ground)
        if start == stop:
            continue
        core = (k, start, ground.row, ground.col)
        viewers = stop - start
        for side in range(outs.shape[0]):
            way = first_way * (1 - 2 * side)
            first, last = start, stop
            if way > 0:
                last = min(stop + reach + _SIDE, lines.shape[0])
            else:
                first = max(start - reach - _SIDE, 0)
            count = last - first
            samples[:, :_SIDE] = GAP_M
            samples[:, _SIDE + count : 2 * _SIDE + count] = GAP_M
            inner = samples[:, _SIDE : _SIDE + count]
            _gather(lines, course, (k, first, 0, 0), (way, 1.0), inner)
            _gather(eye, course, core, (way, 1.0), eyes[:, :viewers])
            _gather(outs[side], course, core, (way, 1.0 / course.steps_per_m), seen[:, :viewers])
            for j in range(LINES):
                view = (eyes[j, :viewers], seen[j, :viewers], _SIDE + count - viewers)
                _one_line(samples[j], count, view, work, reach)
            _scatter(seen[:, :viewers], course, core, (way, course.steps_per_m), outs[side])


@njit(nogil=True, cache=True, error_model="numpy")
def _one_line(line: F32, count: int, view: tuple[F32, F32, int], work: Work, reach: int) -> None:
    """Raise ``view[1]`` along one line, unless nobody there is wanted."""
    hull, tail, picked, kept = work
    if (view[1] >= 0.0).any():
        skip = max(view[2] - _SIDE - reach, 0)
        _pick(line, skip, count, kept, picked)
        _walk(line, picked, view, (hull, tail), reach)


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
