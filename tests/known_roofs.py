"""Random buildings whose roof planes are known: heights, footprints and the plane of every cell.

A building is the upper envelope of prisms; a prism is a box in plan under the lowest of its planes.
Gables, hips, L shapes, mansards, terraces with steps, dormers, chimneys, sheds and flat roofs with
parapets come out of that. Nothing here is taken from a real place.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np

LOT_M = (44.0, 30.0)
"""Room for one building or one terrace. [m]"""
FINE = 3
"""A cell's height is the mean of FINE x FINE points, so that cells at edges are mixtures."""
OVERHANG_M = 0.4
NO_PLANE = -1


@dataclass
class Prism:
    """A box in plan (u0, u1, v0, v1) under planes (rise along u, along v, height at the origin)."""

    box: tuple[float, float, float, float]
    planes: list[tuple[float, float, float]]
    real: bool = True
    """Whether its planes are roof planes; chimneys and parapets are not."""


@dataclass
class House:
    """Prisms, and the boxes of each building's footprint (a terrace has several buildings)."""

    kind: str
    prisms: list[Prism]
    footprints: list[list[tuple[float, float, float, float]]]
    turn_deg: float = 0.0


@dataclass(frozen=True)
class KnownRoofs:
    """
    Heights and truth on cells; row 0 in the north.

    `owner` is the building of each cell (-1 none), `truth` its plane (-1 none), both by the cell's
    centre; `tilt_deg` and `azimuth_deg` belong to planes, `kinds` to buildings.
    """

    cell_m: float
    height: np.ndarray
    owner: np.ndarray
    truth: np.ndarray
    tilt_deg: np.ndarray
    azimuth_deg: np.ndarray
    kinds: list[str] = field(default_factory=list)


def gabled(box, pitch, eaves, along=True, other_pitch=None):
    """Return a prism with a ridge along u (or v) that falls to `eaves` at the sides of its box."""
    u0, u1, v0, v1 = box
    low, high = (v0, v1) if along else (u0, u1)
    first, second = np.tan(np.radians([pitch, other_pitch or pitch]))
    rises = [(first, eaves - first * low), (-second, eaves + second * high)]
    return Prism(box, [(0.0, g, c) if along else (g, 0.0, c) for g, c in rises])


def hipped(box, pitch, hip_pitch, eaves):
    both = gabled(box, pitch, eaves).planes + gabled(box, hip_pitch, eaves, along=False).planes
    return Prism(box, both)


def flat(box, height, tilt=0.0, real=True):
    return Prism(box, [(0.0, float(np.tan(np.radians(tilt))), height)], real)


def wider(box, by):
    return (box[0] - by, box[1] + by, box[2] - by, box[3] + by)


def chimney(rng, prism):
    u0, u1, v0, v1 = prism.box
    u, v = rng.uniform(u0 + 1.0, u1 - 1.0), rng.uniform(v0 + 1.5, v1 - 1.5)
    top = height_of(prism, u, v) + rng.uniform(0.8, 1.6)
    return flat((u - 0.45, u + 0.45, v - 0.45, v + 0.45), top, real=False)


def height_of(prism, u, v):
    return min(a * u + b * v + c for a, b, c in prism.planes)


def dormer(rng, roof, u):
    """Return a dormer at `u` on the first side of a roof whose ridge runs along u."""
    _, _, v0, v1 = roof.box
    rise = roof.planes[0][1]
    half = rng.uniform(0.9, 2.2)
    front = v0 + rng.uniform(0.8, 1.4)
    top = height_of(roof, u, front) + rng.uniform(1.6, 2.2)
    back = min(front + (top - height_of(roof, u, front)) / rise + 0.2, (v0 + v1) / 2)
    box = (u - half, u + half, front, back)
    if rng.random() < 0.5:
        return flat(box, top, tilt=0.0)
    return gabled(box, rng.uniform(25.0, 40.0), top - 0.8, along=False)


def house(rng, kind):
    """Return a house of a kind, about the origin."""
    long, deep = rng.uniform(5.0, 10.0), rng.uniform(3.5, 6.0)
    box = (-long, long, -deep, deep)
    pitch, eaves = rng.uniform(22.0, 50.0), rng.uniform(3.0, 8.0)
    return (_MAKERS | _ODD_MAKERS)[kind](rng, box, pitch, eaves)


def _gable(rng, box, pitch, eaves):
    other = pitch if rng.random() < 0.7 else rng.uniform(20.0, 50.0)
    roof = gabled(wider(box, OVERHANG_M), pitch, eaves, other_pitch=other)
    return House("gable", [roof, chimney(rng, roof)], [[box]])


def _hip(rng, box, pitch, eaves):
    roof = hipped(wider(box, OVERHANG_M), pitch, rng.uniform(pitch, 60.0), eaves)
    return House("hip", [roof], [[box]])


def _ell(rng, box, pitch, eaves):
    wing_half = rng.uniform(2.5, min(box[3], 4.5))
    middle = box[0] + wing_half
    wing = (box[0], middle + wing_half, box[2] - rng.uniform(4.0, 7.0), 0.0)
    main = gabled(wider(box, OVERHANG_M), pitch, eaves)
    part = gabled(wider(wing, OVERHANG_M), rng.choice([pitch, 35.0]), eaves, along=False)
    return House("l_shape", [main, part, chimney(rng, main)], [[box, wing]])


def _mansard(rng, box, pitch, eaves):
    lower = rng.uniform(58.0, 68.0)
    steep = hipped(box, lower, lower, eaves).planes
    upper = gabled(box, rng.uniform(14.0, 25.0), eaves + rng.uniform(2.0, 2.6)).planes
    return House("mansard", [Prism(box, steep + upper)], [[box]])


def _dormers(rng, box, pitch, eaves):
    roof = gabled(wider(box, OVERHANG_M), max(pitch, 35.0), eaves)
    places = np.arange(box[0] + 2.8, box[1] - 2.5, 5.6)
    parts = [dormer(rng, roof, u) for u in places]
    return House("dormers", [roof, *parts, chimney(rng, roof)], [[box]])


def _terrace(rng, box, pitch, eaves):
    units = int(rng.integers(3, 6))
    width = rng.uniform(4.5, 6.5)
    edges = (np.arange(units + 1) - units / 2) * width
    prisms, footprints = [], []
    for left, right in itertools.pairwise(edges):
        step = rng.choice([0.0, 0.0, 0.5, 1.2, 2.8])
        own = (left, right, box[2], box[3])
        roof = gabled(own, rng.choice([pitch, pitch, 45.0]), eaves + step)
        prisms.append(roof)
        if rng.random() < 0.5:
            prisms.append(dormer(rng, roof, (left + right) / 2))
        # An extension at the back, flat or lean-to.
        back = (left, left + width * rng.uniform(0.5, 1.0), box[3], box[3] + rng.uniform(2.0, 4.0))
        lean = rng.choice([0.0, 0.0, -12.0])
        height = 3.0 - np.tan(np.radians(lean)) * box[3]
        prisms.append(flat(back, height, tilt=lean))
        footprints.append([own, back])
    return House("terrace", prisms, footprints)


def _flat_roof(rng, box, pitch, eaves):
    prisms = [flat(box, eaves, tilt=rng.choice([0.0, 1.0, 3.0]))]
    u0, u1, v0, v1 = box
    thick = 0.4
    sides = (
        (u0, u1, v0, v0 + thick),
        (u0, u1, v1 - thick, v1),
        (u0, u0 + thick, v0, v1),
        (u1 - thick, u1, v0, v1),
    )
    prisms.extend(flat(side, eaves + rng.uniform(0.3, 0.9), real=False) for side in sides)
    shaft = rng.uniform(u0 + 3.0, u1 - 3.0)
    prisms.append(flat((shaft - 1.6, shaft + 1.6, -1.5, 1.5), eaves + 2.5))
    return House("flat", prisms, [[box]])


def _sheds(rng, box, pitch, eaves):
    """Saw-tooth of three bays: shallow slopes with steps between."""
    edges = np.linspace(box[0], box[1], 4)
    rise = np.tan(np.radians(rng.uniform(8.0, 20.0)))
    prisms = [
        Prism((left, right, box[2], box[3]), [(rise, 0.0, eaves - rise * left)])
        for left, right in itertools.pairwise(edges)
    ]
    return House("sheds", prisms, [[box]])


def _low_gable(rng, box, pitch, eaves):
    roof = gabled(box, rng.uniform(6.0, 12.0), eaves)
    return House("low_gable", [roof], [[box]])


_MAKERS = {
    "gable": _gable,
    "hip": _hip,
    "l_shape": _ell,
    "mansard": _mansard,
    "dormers": _dormers,
    "terrace": _terrace,
    "flat": _flat_roof,
    "sheds": _sheds,
    "low_gable": _low_gable,
}
KINDS = tuple(_MAKERS)


def _facing(pitch, azimuth, ridge):
    """Return a plane that falls towards an azimuth in u, v (0 = along v) from `ridge` at (0, 0)."""
    rise, turn = np.tan(np.radians(pitch)), np.radians(azimuth)
    return float(-rise * np.sin(turn)), float(-rise * np.cos(turn)), ridge


def _skew(rng, box, pitch, eaves):
    """Planes that are parallel to no wall, and not to each other."""
    first = rng.uniform(0.0, 360.0)
    turns = first + np.array([0.0, rng.uniform(95.0, 140.0), rng.uniform(200.0, 265.0)])
    planes = [_facing(rng.uniform(15.0, 45.0), turn, eaves + 4.0) for turn in turns]
    return House("skew", [Prism(box, planes)], [[box]])


def _pyramid(rng, box, pitch, eaves):
    half = box[3]
    square = (-half, half, -half, half)
    return House("pyramid", [hipped(square, pitch, pitch, eaves)], [[square]])


def _butterfly(rng, box, pitch, eaves):
    rise = np.tan(np.radians(rng.uniform(8.0, 25.0)))
    u0, u1, v0, v1 = box
    parts = [
        Prism((u0, u1, v0, 0.0), [(0.0, -float(rise), eaves)]),
        Prism((u0, u1, 0.0, v1), [(0.0, float(rise), eaves)]),
    ]
    return House("butterfly", parts, [[box]])


def _cross(rng, box, pitch, eaves):
    half = rng.uniform(2.0, box[3] - 0.5)
    across = (-half, half, box[2] - 2.0, box[3] + 2.0)
    prisms = [
        gabled(box, pitch, eaves),
        gabled(across, rng.uniform(25.0, 50.0), eaves, along=False),
    ]
    return House("cross", prisms, [[box, across]])


def _half_hip(rng, box, pitch, eaves):
    cut = gabled(box, rng.uniform(45.0, 60.0), eaves + rng.uniform(1.0, 2.0), along=False).planes
    return House("half_hip", [Prism(box, gabled(box, pitch, eaves).planes + cut)], [[box]])


def _lean_tos(rng, box, pitch, eaves):
    """A flat block with lean-tos of different width and pitch on two sides, and a tower."""
    u0, u1, v0, v1 = box
    prisms, boxes = [flat(box, eaves + 3.0)], [box]
    for low, high, sign in ((v0 - rng.uniform(2.0, 4.0), v0, 1.0), (v1, v1 + 3.0, -1.0)):
        rise = sign * np.tan(np.radians(rng.uniform(8.0, 30.0)))
        side = (u0, u1, low, high)
        wall = v0 if sign > 0 else v1
        prisms.append(Prism(side, [(0.0, float(rise), float(eaves - rise * wall))]))
        boxes.append(side)
    prisms.append(hipped((u0, u0 + 3.5, v0, v0 + 3.5), 45.0, 45.0, eaves + 6.0))
    return House("lean_tos", prisms, [boxes])


_ODD_MAKERS = {
    "skew": _skew,
    "pyramid": _pyramid,
    "butterfly": _butterfly,
    "cross": _cross,
    "half_hip": _half_hip,
    "lean_tos": _lean_tos,
}
ODD_KINDS = tuple(_ODD_MAKERS)
"""Other shapes, some with planes parallel to no wall: for a last look, not for development."""


def known_roofs(lots=72, cell_m=0.5, seed=7, shift_m=(0.0, 0.0), kinds=KINDS, make=house):
    """
    Return random buildings, each kind in turn, turned by any angle.

    `make` turns a generator and a kind into a house.
    `shift_m` moves the footprints (not the heights) east and north.
    """
    rng = np.random.default_rng(seed)
    across = int(np.ceil(np.sqrt(lots * LOT_M[1] / LOT_M[0])))
    down = -(-lots // across)
    lot = (round(LOT_M[1] / cell_m) + 20, round(LOT_M[0] / cell_m) + 10)
    shape = (down * lot[0], across * lot[1])
    height = np.zeros(shape, np.float32)
    owner = np.full(shape, -1, np.int32)
    truth = np.full(shape, NO_PLANE, np.int32)
    tilts, azimuths, names = [], [], []
    for number in range(lots):
        made = make(rng, kinds[number % len(kinds)])
        made.turn_deg = float(rng.choice([0.0, rng.uniform(0.0, 360.0)], p=[0.2, 0.8]))
        row, col = (number // across) * lot[0], (number % across) * lot[1]
        view = (slice(row, row + lot[0]), slice(col, col + lot[1]))
        surface, plane, tilt, azimuth = _roof_cells(made, lot, cell_m)
        height[view] = surface
        truth[view] = np.where(plane >= 0, plane + len(tilts), NO_PLANE)
        owner[view] = _owners(made, lot, cell_m, shift_m, len(names))
        tilts += list(tilt)
        azimuths += list(azimuth)
        names += [made.kind] * len(made.footprints)
    return KnownRoofs(cell_m, height, owner, truth, np.array(tilts), np.array(azimuths), names)


def _local(shape, cell_m, turn_deg, fine, shift_m=(0.0, 0.0)):
    """Return u and v of the points of a lot: `fine` x `fine` in every cell."""
    rows, cols = shape
    x = ((np.arange(cols * fine) + 0.5) / fine - cols / 2) * cell_m - shift_m[0]
    y = (rows / 2 - (np.arange(rows * fine) + 0.5) / fine) * cell_m - shift_m[1]
    x, y = np.meshgrid(x, y)
    turn = np.radians(turn_deg)
    return x * np.cos(turn) + y * np.sin(turn), -x * np.sin(turn) + y * np.cos(turn)


def _surface(made, u, v):
    """Return the height and the plane (numbered through the prisms) of points."""
    top = np.zeros(u.shape)
    plane = np.full(u.shape, NO_PLANE)
    number = 0
    for prism in made.prisms:
        u0, u1, v0, v1 = prism.box
        sides = np.stack([a * u + b * v + c for a, b, c in prism.planes])
        z = np.where((u >= u0) & (u < u1) & (v >= v0) & (v < v1), sides.min(axis=0), -np.inf)
        higher = z > top
        plane[higher] = (number + sides.argmin(axis=0))[higher] if prism.real else NO_PLANE
        top[higher] = z[higher]
        number += len(prism.planes)
    return top, plane


def _roof_cells(made, shape, cell_m):
    fine, _ = _surface(made, *_local(shape, cell_m, made.turn_deg, FINE))
    height = fine.reshape(shape[0], FINE, shape[1], FINE).mean(axis=(1, 3))
    _, plane = _surface(made, *_local(shape, cell_m, made.turn_deg, 1))
    rises = np.array([p for prism in made.prisms for p in prism.planes])[:, :2]
    turn = np.radians(made.turn_deg)
    east = rises[:, 0] * np.cos(turn) - rises[:, 1] * np.sin(turn)
    north = rises[:, 0] * np.sin(turn) + rises[:, 1] * np.cos(turn)
    tilt = np.degrees(np.arctan(np.hypot(east, north)))
    return height, plane, tilt, np.degrees(np.arctan2(-east, -north)) % 360.0


def _owners(made, shape, cell_m, shift_m, first):
    u, v = _local(shape, cell_m, made.turn_deg, 1, shift_m)
    owner = np.full(shape, -1)
    for number, boxes in enumerate(made.footprints):
        for u0, u1, v0, v1 in boxes:
            owner[(u >= u0) & (u < u1) & (v >= v0) & (v < v1)] = first + number
    return owner
