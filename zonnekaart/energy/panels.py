"""Whole modules on a roof plane: a lattice of rectangles, laid where most of them fit.

All lengths lie in the plane's own coordinates: u along the eaves, v up the slope. A plane is its
boundary as line segments, holes included; a rectangle fits when no segment enters it and its middle
lies inside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba
import numpy as np

from zonnekaart.errors import ShapeMismatchError

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

TOUCH_M = 1e-6
"""Boundaries nearer than this touch a rectangle without entering it. [m]"""
ROW_OFFSETS = 8
"""Places of the first row that are tried, in equal parts of the row distance. [-]"""

WIDTH, DEPTH, COLUMN_PITCH, ROW_PITCH = range(4)


@dataclass(frozen=True)
class ModuleType:
    """
    A module as it is sold.

    Parameters
    ----------
    width_m, length_m : float
        Short and long side. [m]
    power_wp : float
        DC power at standard test conditions. [Wp]
    gap_m : float
        Between neighbouring modules (clamps). [m]
    source : str
        Data sheet or stated assumption.
    """

    width_m: float
    length_m: float
    power_wp: float
    gap_m: float
    source: str

    @property
    def area_m2(self) -> float:
        """Area of the module. [m2]."""
        return self.width_m * self.length_m

    @property
    def density_kwp_m2(self) -> float:
        """Power per area of the module. [kWp/m2]."""
        return self.power_wp / 1000.0 / self.area_m2


@dataclass(frozen=True)
class Boundaries:
    """
    Usable parts of planes as line segments.

    Parameters
    ----------
    segments : ndarray of float64, shape (segments, 4)
        u, v of the beginning and the end, in the plane's coordinates. [m]
    first : ndarray of int64, shape (planes + 1,)
        Plane p has the segments ``first[p]`` to ``first[p + 1]``.
    """

    segments: FloatArray
    first: IntArray

    def __post_init__(self) -> None:
        """Check that the arrays speak of the same segments."""
        if self.segments.ndim != 2 or self.segments.shape[1] != 4:
            raise ShapeMismatchError("segments", self.segments.shape, ("segments", 4))
        if self.first[-1] != len(self.segments):
            raise ShapeMismatchError("first", int(self.first[-1]), len(self.segments))


@dataclass(frozen=True)
class Lattices:
    """
    The lattice of each plane, shape (planes,).

    Parameters
    ----------
    unit : ndarray of int64
        Row of the units that were tried.
    u, v : ndarray of float64
        A lattice point: the corner nearest to the origin of one rectangle. [m]
    count : ndarray of int64
        Rectangles that fit.
    """

    unit: IntArray
    u: FloatArray
    v: FloatArray
    count: IntArray


@dataclass(frozen=True)
class Places:
    """Rectangles that fit, shape (rectangles,): plane, row, column, and the corner's u, v. [m]."""

    plane: IntArray
    row: IntArray
    column: IntArray
    u: FloatArray
    v: FloatArray


def flush_units(module: ModuleType) -> FloatArray:
    """
    Return the rectangles of modules that lie on the roof: upright, then lying.

    Returns
    -------
    ndarray of float64, shape (2, 4)
        Width along u, depth along v, distance of columns and of rows. [m]

    Examples
    --------
    >>> flush_units(ModuleType(1.0, 1.7, 400.0, 0.02, "-")).round(2).tolist()
    [[1.0, 1.7, 1.02, 1.72], [1.7, 1.0, 1.72, 1.02]]
    """
    sides = ((module.width_m, module.length_m), (module.length_m, module.width_m))
    return np.array([(w, d, w + module.gap_m, d + module.gap_m) for w, d in sides])


def row_units(module: ModuleType, tilt_deg: float, ground_cover: float) -> FloatArray:
    """
    Return the rectangle of a lying module in rows that face one way.

    Parameters
    ----------
    module : ModuleType
        Its short side is raised, which keeps the wind off.
    tilt_deg : float
        Of the rack. [degrees]
    ground_cover : float
        Module area per roof area of rows that do not shade each other. [-]

    Returns
    -------
    ndarray of float64, shape (1, 4)
        As `flush_units`. [m]
    """
    depth = module.width_m * math.cos(math.radians(tilt_deg))
    pitch = max(module.width_m / ground_cover, depth + module.gap_m)
    return np.array([(module.length_m, depth, module.length_m + module.gap_m, pitch)])


def tent_units(module: ModuleType, tilt_deg: float, gap_share: float) -> FloatArray:
    """
    Return the rectangle of two lying modules back to back.

    Parameters
    ----------
    module : ModuleType
        Its short side is raised.
    tilt_deg : float
        Of the rack. [degrees]
    gap_share : float
        Gap between two tents, as share of the module's short side. [-]

    Returns
    -------
    ndarray of float64, shape (1, 4)
        As `flush_units`; the depth holds both modules. [m]
    """
    depth = 2.0 * module.width_m * math.cos(math.radians(tilt_deg))
    pitch = depth + gap_share * module.width_m
    return np.array([(module.length_m, depth, module.length_m + module.gap_m, pitch)])


def best_lattices(planes: Boundaries, units: FloatArray) -> Lattices:
    """
    Choose for each plane the unit and the lattice that hold most rectangles.

    Parameters
    ----------
    planes : Boundaries
        Usable parts.
    units : ndarray of float64, shape (units, 4)
        Rectangles to try, see `flush_units`. Of equals the first wins.

    Returns
    -------
    Lattices
        The first row is tried at `ROW_OFFSETS` places and against the far end; for each, the
        columns start at every place where a rectangle can touch the boundary on its left, which
        holds the best one.
    """
    if units.ndim != 2 or units.shape[1] != 4:
        raise ShapeMismatchError("units", units.shape, ("units", 4))
    return Lattices(*_best(planes.segments, planes.first, np.ascontiguousarray(units)))


def places(planes: Boundaries, units: FloatArray, lattices: Lattices) -> Places:
    """
    Return the rectangles of the lattices that fit.

    Parameters
    ----------
    planes : Boundaries
        Usable parts.
    units : ndarray of float64, shape (units, 4)
        As given to `best_lattices`.
    lattices : Lattices
        One per plane; `count` is not looked at.

    Returns
    -------
    Places
        By plane, row and column; rows and columns count from 0 at the first that could hold one.
    """
    if len(lattices.unit) != len(planes.first) - 1:
        raise ShapeMismatchError("lattices", len(lattices.unit), len(planes.first) - 1)
    found = _places(
        planes.segments,
        planes.first,
        np.ascontiguousarray(units),
        (lattices.unit, lattices.u, lattices.v),
    )
    whole = found[:, :3].astype(np.int64)
    return Places(whole[:, 0], whole[:, 1], whole[:, 2], found[:, 3], found[:, 4])


@numba.njit(nogil=True, cache=True)
def _inside(segments: FloatArray, u: float, v: float) -> bool:
    """Tell whether a point lies inside, by the parity of crossings to its right."""
    inside = False
    for s in range(segments.shape[0]):
        v0, v1 = segments[s, 1], segments[s, 3]
        if (v0 > v) != (v1 > v):
            u0, u1 = segments[s, 0], segments[s, 2]
            if u < u0 + (v - v0) / (v1 - v0) * (u1 - u0):
                inside = not inside
    return inside


@numba.njit(nogil=True, cache=True)
def _add_spans(
    segments: FloatArray,
    row: tuple[float, float, float],
    cuts: FloatArray,
    spans: FloatArray,
    n: int,
) -> int:
    """Append the stretches of u over which a row (low, high, least width) lies wholly inside."""
    low, high, width = row
    m = 0
    for s in range(segments.shape[0]):
        v0, v1 = segments[s, 1], segments[s, 3]
        if max(v0, v1) <= low + TOUCH_M or min(v0, v1) >= high - TOUCH_M:
            continue
        a, b = segments[s, 0], segments[s, 2]
        if abs(v1 - v0) > TOUCH_M:
            run = (b - a) / (v1 - v0)
            b = a + run * (min(max(high, min(v0, v1)), max(v0, v1)) - v0)
            a = a + run * (min(max(low, min(v0, v1)), max(v0, v1)) - v0)
        cuts[0, m], cuts[1, m] = min(a, b), max(a, b)
        m += 1
    if m < 2:
        return n
    order = np.argsort(cuts[0, :m])
    reach = cuts[1, order[0]]
    for k in range(1, m):
        start = cuts[0, order[k]]
        # No segment lies between `reach` and `start`, so its middle speaks for all of it.
        if start - reach >= width - TOUCH_M and _inside(
            segments, 0.5 * (reach + start), 0.5 * (low + high)
        ):
            spans[n, 0], spans[n, 1] = reach, start
            n += 1
        reach = max(reach, cuts[1, order[k]])
    return n


@numba.njit(nogil=True, cache=True)
def _count(spans: FloatArray, n: int, u: float, unit: FloatArray) -> int:
    """Return how many rectangles of a lattice through `u` lie in the stretches."""
    total = 0
    for k in range(n):
        first = math.ceil((spans[k, 0] - u - TOUCH_M) / unit[COLUMN_PITCH])
        last = math.floor((spans[k, 1] - unit[WIDTH] - u + TOUCH_M) / unit[COLUMN_PITCH])
        total += max(0, last - first + 1)
    return total


@numba.njit(nogil=True, cache=True)
def _columns(spans: FloatArray, n: int, unit: FloatArray, least: int) -> tuple[int, float]:
    """Return the best count above `least` and its lattice; `least` itself when none is better."""
    most = 0
    for k in range(n):
        room = spans[k, 1] - spans[k, 0] - unit[WIDTH] + TOUCH_M
        most += int(room / unit[COLUMN_PITCH]) + 1
    best, at = least, 0.0
    if most <= least:
        return best, at
    for k in range(n):
        if k > 0 and abs(spans[k, 0] - spans[k - 1, 0]) < TOUCH_M:
            continue
        count = _count(spans, n, spans[k, 0], unit)
        if count > best:
            best, at = count, spans[k, 0]
            if best == most:
                break
    return best, at


@numba.njit(nogil=True, cache=True)
def _best(
    segments: FloatArray, first: IntArray, units: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray, IntArray]:
    """Return unit, u, v and count of the best lattice of each plane."""
    planes = first.size - 1
    unit = np.zeros(planes, dtype=np.int64)
    u, v = np.zeros(planes), np.zeros(planes)
    count = np.zeros(planes, dtype=np.int64)
    for p in range(planes):
        part = segments[first[p] : first[p + 1]]
        if part.shape[0] < 3:
            continue
        low, high = min(part[:, 1].min(), part[:, 3].min()), max(part[:, 1].max(), part[:, 3].max())
        cuts = np.empty((2, part.shape[0]))
        for k in range(units.shape[0]):
            one = units[k]
            slack = high - low - one[DEPTH] + TOUCH_M
            if slack < 0.0:
                continue
            rows = int(slack / one[ROW_PITCH])
            spans = np.empty(((rows + 1) * part.shape[0], 2))
            for j in range(ROW_OFFSETS + 1):
                start = low + j * one[ROW_PITCH] / ROW_OFFSETS
                if j == ROW_OFFSETS:
                    start = high - one[DEPTH] - rows * one[ROW_PITCH]
                n, at = 0, start
                while at + one[DEPTH] <= high + TOUCH_M:
                    n = _add_spans(part, (at, at + one[DEPTH], one[WIDTH]), cuts, spans, n)
                    at += one[ROW_PITCH]
                found, column = _columns(spans, n, one, count[p])
                if found > count[p]:
                    unit[p], u[p], v[p], count[p] = k, column, start, found
    return unit, u, v, count


@numba.njit(nogil=True, cache=True)
def _places(
    segments: FloatArray,
    first: IntArray,
    units: FloatArray,
    lattices: tuple[IntArray, FloatArray, FloatArray],
) -> FloatArray:
    """Return plane, row, column, u, v of all rectangles that fit, in that order."""
    unit, u, v = lattices
    out = np.empty((64, 5))
    total = 0
    for p in range(first.size - 1):
        part = segments[first[p] : first[p + 1]]
        if part.shape[0] < 3:
            continue
        one = units[unit[p]]
        left = min(part[:, 0].min(), part[:, 2].min())
        low, high = min(part[:, 1].min(), part[:, 3].min()), max(part[:, 1].max(), part[:, 3].max())
        corner = math.ceil((left - u[p] - TOUCH_M) / one[COLUMN_PITCH])
        bottom = math.ceil((low - v[p] - TOUCH_M) / one[ROW_PITCH])
        cuts, spans = np.empty((2, part.shape[0])), np.empty((part.shape[0], 2))
        row = 0
        at = v[p] + bottom * one[ROW_PITCH]
        while at + one[DEPTH] <= high + TOUCH_M:
            n = _add_spans(part, (at, at + one[DEPTH], one[WIDTH]), cuts, spans, 0)
            for k in range(n):
                begin = math.ceil((spans[k, 0] - u[p] - TOUCH_M) / one[COLUMN_PITCH])
                end = math.floor((spans[k, 1] - one[WIDTH] - u[p] + TOUCH_M) / one[COLUMN_PITCH])
                for c in range(begin, end + 1):
                    if total == out.shape[0]:
                        grown = np.empty((2 * total, 5))
                        grown[:total] = out
                        out = grown
                    out[total, 0], out[total, 1], out[total, 2] = p, row, c - corner
                    out[total, 3], out[total, 4] = u[p] + c * one[COLUMN_PITCH], at
                    total += 1
            row += 1
            at = v[p] + (bottom + row) * one[ROW_PITCH]
    return out[:total]
