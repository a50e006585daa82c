"""Street segments: streets cut at crossings and into short lengths, with the buildings along them.

A segment holds the buildings nearest to it. One with too few users joins the neighbouring segment
of its own street: that no user stands alone matters more than a round length.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import numpy as np
import shapely
from shapely.ops import substring

from zonnekaart.geo.centrelines import JOIN_M

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

_TOUCHING_M = 1.0
"""Ends of segments this near to each other are one place. [m]"""


@dataclass(frozen=True)
class SegmentLimits:
    """
    How long and how thin a street segment may be.

    Parameters
    ----------
    longest_m : float
        Longest segment before thin ones join. [m]
    least_users : float
        Fewest connections of a segment; a street with fewer in all becomes one that has fewer.
    """

    longest_m: float = 200.0
    least_users: float = 5.0


@dataclass(frozen=True)
class Segments:
    """
    Segments of streets.

    Parameters
    ----------
    street : list of str
        Street of each segment.
    from_m : list of float
        Where along its street a segment begins. [m]
    number : list of int
        Its place in the street among segments with buildings, from 1 on.
    building : ndarray of int64, shape (buildings,)
        Segment of each building.
    """

    street: list[str]
    from_m: list[float]
    number: list[int]
    building: IntArray


@dataclass(frozen=True)
class _Piece:
    """A length of street between two cuts."""

    street: str
    from_m: float
    line: shapely.LineString


def street_segments(
    streets: Mapping[str, Sequence[shapely.LineString]],
    points: npt.NDArray[np.object_],
    users: FloatArray,
    limits: SegmentLimits,
) -> Segments:
    """
    Divide streets into segments and put each building in one.

    Parameters
    ----------
    streets : mapping of str to sequence of LineString
        Lines of each street, in a CRS in metres.
    points : ndarray of Point, shape (buildings,)
        A point inside each building.
    users : ndarray of float64, shape (buildings,)
        Connections of each building.
    limits : SegmentLimits
        How long and how thin.

    Returns
    -------
    Segments
        Only segments with buildings; along each street from its western end on.
    """
    pieces = _pieces({name: _ordered(lines) for name, lines in sorted(streets.items())}, limits)
    lines = np.array([piece.line for piece in pieces], dtype=object)
    nearest = shapely.STRtree(lines).query_nearest(points, all_matches=False)
    piece_of = np.empty(len(points), dtype=np.int64)
    piece_of[nearest[0]] = nearest[1]
    label = _joined(pieces, piece_of, users, limits)
    return _numbered(pieces, label, piece_of)


def _ordered(lines: Sequence[shapely.LineString]) -> list[shapely.LineString]:
    """Return the lines of one street joined where they meet, each from its western end on."""
    merged = shapely.line_merge(shapely.union_all(np.array(list(lines), dtype=object)))
    turned = []
    for line in shapely.get_parts(merged):
        first, last = shapely.get_coordinates(line)[[0, -1]]
        turned.append(line if tuple(first) <= tuple(last) else shapely.reverse(line))
    return sorted(turned, key=lambda line: line.coords[0])


def _pieces(streets: Mapping[str, list[shapely.LineString]], limits: SegmentLimits) -> list[_Piece]:
    owner = [(name, line) for name, lines in streets.items() for line in lines]
    shapes = np.array([line for _, line in owner], dtype=object)
    tree = shapely.STRtree(shapes)
    out = []
    start = 0.0
    for k, (name, line) in enumerate(owner):
        if k == 0 or owner[k - 1][0] != name:
            start = 0.0
        near = tree.query(line, predicate="dwithin", distance=JOIN_M)
        cuts = _cuts(line, shapes[near[near != k]])
        for begin, end in _lengths(cuts, limits.longest_m):
            part = cast("shapely.LineString", substring(line, begin, end))
            out.append(_Piece(name, start + begin, part))
        start += line.length
    return out


def _cuts(line: shapely.LineString, others: npt.NDArray[np.object_]) -> list[float]:
    """Return where along a line others cross it or end at it, its own ends included."""
    places = [
        shapely.line_locate_point(line, shapely.points(shapely.get_coordinates(crossing)))
        for crossing in shapely.intersection(line, others)
        if not shapely.is_empty(crossing)
    ]
    for end in (0, -1):
        tips = shapely.get_point(others, end)
        reached = tips[shapely.distance(tips, line) <= JOIN_M]
        places.append(shapely.line_locate_point(line, reached))
    cuts = [0.0]
    for place in sorted(float(p) for group in places for p in np.atleast_1d(group)):
        if place - cuts[-1] > JOIN_M and line.length - place > JOIN_M:
            cuts.append(place)
    return [*cuts, line.length]


def _lengths(cuts: list[float], longest_m: float) -> list[tuple[float, float]]:
    """Return begin and end of equal lengths between cuts, none longer than the longest."""
    out = []
    for begin, end in pairwise(cuts):
        bounds = np.linspace(begin, end, int(np.ceil((end - begin) / longest_m - 1e-9)) + 1)
        out += [(float(a), float(b)) for a, b in pairwise(bounds)]
    return out


def _joined(
    pieces: list[_Piece], piece_of: IntArray, users: FloatArray, limits: SegmentLimits
) -> IntArray:
    """
    Return the group of each piece after thin ones joined a neighbour of their street.

    The thinnest goes first, to a neighbour with buildings before an empty one; of several to the
    one with which it is shortest.
    """
    label = np.arange(len(pieces))
    size = np.bincount(piece_of, weights=users, minlength=len(pieces))
    held = np.bincount(piece_of, minlength=len(pieces))
    length = np.array([piece.line.length for piece in pieces])
    near = _neighbours(pieces)
    done: set[int] = set()
    while True:
        groups = np.unique(label)
        thin = [g for g in groups if held[g] and size[g] < limits.least_users and g not in done]
        if not thin:
            return label
        group = min(thin, key=lambda g: (size[g], g))
        around = {int(label[n]) for m in np.flatnonzero(label == group) for n in near[m]}
        around.discard(int(group))
        if not around:
            done.add(int(group))
            continue
        other = min(around, key=lambda g: (held[g] == 0, length[g], g))
        keep, gone = min(group, other), max(group, other)
        label[label == gone] = keep
        for total in (size, held, length):
            total[keep] += total[gone]


def _neighbours(pieces: list[_Piece]) -> list[list[int]]:
    """Return for each piece those of the same street that begin or end where it does."""
    lines = np.array([piece.line for piece in pieces], dtype=object)
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    one, other = shapely.STRtree(ends).query(ends, predicate="dwithin", distance=_TOUCHING_M)
    near: list[set[int]] = [set() for _ in pieces]
    for a, b in zip(one % len(pieces), other % len(pieces), strict=True):
        if a != b and pieces[a].street == pieces[b].street:
            near[int(a)].add(int(b))
    return [sorted(found) for found in near]


def _numbered(pieces: list[_Piece], label: IntArray, piece_of: IntArray) -> Segments:
    """Return the groups that hold buildings, numbered along their streets."""
    used = np.unique(label[piece_of])
    begin = {int(g): min(pieces[m].from_m for m in np.flatnonzero(label == g)) for g in used}
    order = sorted(begin, key=lambda g: (pieces[g].street, begin[g]))
    place = {group: k for k, group in enumerate(order)}
    numbers: list[int] = []
    for k, group in enumerate(order):
        same = k > 0 and pieces[order[k - 1]].street == pieces[group].street
        numbers.append(numbers[-1] + 1 if same else 1)
    return Segments(
        street=[pieces[g].street for g in order],
        from_m=[begin[g] for g in order],
        number=numbers,
        building=np.array([place[int(g)] for g in label[piece_of]], dtype=np.int64),
    )
