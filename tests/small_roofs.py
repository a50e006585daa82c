"""A third family of random roofs, the development set: small houses as on cells of 1 m.

Planes are a few metres wide: terraces with flat extensions and box dormers, short L and T shapes,
garages, lean-tos, broken slopes. The finder was developed on these; `ODD_KINDS` of `known_roofs`
stay for a last look. Shapes and seed have nothing to do with the other two families.
"""

from __future__ import annotations

import itertools

import numpy as np

from tests.known_roofs import House, Prism, chimney, flat, gabled, height_of, hipped, wider

SEED = 2311


def _plan(rng):
    """Return a plan of 6 to 12 by 7 to 11 m, a pitch and the height of the eaves."""
    half_u, half_v = rng.uniform(3.0, 6.0), rng.uniform(3.5, 5.5)
    return (-half_u, half_u, -half_v, half_v), rng.uniform(25.0, 50.0), rng.uniform(2.6, 6.5)


def _box_dormer(rng, roof, middle):
    """Return a flat-topped dormer, 2 to 4 m wide, on the first side of a gable along u."""
    u0, u1, v0, _ = roof.box
    half = min(rng.uniform(1.0, 2.0), (u1 - u0) / 2 - 0.6)
    front = v0 + rng.uniform(0.9, 1.6)
    top = height_of(roof, middle, front) + rng.uniform(1.4, 2.0)
    back = min(v0 + (top - roof.planes[0][2] - roof.planes[0][1] * v0) / roof.planes[0][1], -0.3)
    slope = rng.choice([0.0, 3.0, 12.0])
    lean = top - np.tan(np.radians(slope)) * front
    return flat((middle - half, middle + half, front, max(back, front + 1.5)), lean, tilt=slope)


def _small_gable(rng):
    box, pitch, eaves = _plan(rng)
    roof = gabled(wider(box, 0.3), pitch, eaves, along=bool(rng.random() < 0.5))
    return House("small_gable", [roof, chimney(rng, roof)], [[box]])


def _small_hip(rng):
    box, pitch, eaves = _plan(rng)
    return House("small_hip", [hipped(wider(box, 0.3), pitch, pitch + 8.0, eaves)], [[box]])


def _row(rng):
    """A terrace: one building per dwelling, with a flat or sloping extension at the back."""
    units, width = int(rng.integers(3, 6)), rng.uniform(4.5, 7.0)
    half, pitch, eaves = rng.uniform(3.8, 5.5), rng.uniform(30.0, 48.0), rng.uniform(5.0, 6.5)
    edges = (np.arange(units + 1) - units / 2) * width
    prisms, footprints = [], []
    for left, right in itertools.pairwise(edges):
        own = (left, right, -half, half)
        roof = gabled(own, pitch, eaves + rng.choice([0.0, 0.0, 0.4, 1.0]))
        prisms.append(roof)
        if rng.random() < 0.6:
            prisms.append(_box_dormer(rng, roof, (left + right) / 2))
        rear = (left, left + width * rng.uniform(0.45, 1.0), half, half + rng.uniform(2.0, 4.0))
        slope = rng.choice([0.0, 0.0, 0.0, -15.0])
        prisms.append(flat(rear, 3.0 - np.tan(np.radians(slope)) * half, tilt=slope))
        footprints.append([own, rear])
    return House("row", prisms, footprints)


def _corner(rng):
    """An L of two short wings of about the same size."""
    box, pitch, eaves = _plan(rng)
    u0, u1, v0, _ = box
    arm = (u0, u0 + rng.uniform(4.5, 6.0), v0 - rng.uniform(3.0, 5.0), 0.0)
    arm = (arm[0], min(arm[1], u1), arm[2], arm[3])
    prisms = [gabled(box, pitch, eaves), gabled(arm, pitch, eaves, along=False)]
    return House("corner", prisms, [[box, arm]])


def _tee(rng):
    """A house with a narrow lower wing at the back that reaches no ridge."""
    box, pitch, eaves = _plan(rng)
    half = rng.uniform(1.6, 2.6)
    wing = (-half, half, 0.0, box[3] + rng.uniform(2.5, 4.5))
    low = gabled(wing, rng.uniform(25.0, 45.0), eaves - rng.uniform(0.0, 0.6), along=False)
    return House("tee", [gabled(box, pitch, eaves), low], [[box, wing]])


def _garage(rng):
    """A gable with a flat garage on one side and a porch in front."""
    box, pitch, eaves = _plan(rng)
    u1, v0 = box[1], box[2]
    side = (u1, u1 + rng.uniform(2.6, 3.6), v0 + 1.0, v0 + rng.uniform(6.0, 7.5))
    porch = (-1.2, 1.2, v0 - 1.6, v0)
    prisms = [gabled(box, pitch, eaves), flat(side, 2.7), flat(porch, 2.5)]
    return House("garage", prisms, [[box, side, porch]])


def _box_dormers(rng):
    box, pitch, eaves = _plan(rng)
    roof = gabled(wider(box, 0.3), max(pitch, 36.0), eaves)
    places = [0.0] if box[1] < 4.5 else [-box[1] / 2, box[1] / 2]
    return House("box_dormers", [roof, *(_box_dormer(rng, roof, u) for u in places)], [[box]])


def _broken_slope(rng):
    """A gable whose back slope goes on at a lower pitch over a lean-to."""
    box, pitch, eaves = _plan(rng)
    u0, u1, _, v1 = box
    out = rng.uniform(2.0, 3.5)
    rise = float(np.tan(np.radians(rng.uniform(10.0, pitch - 8.0))))
    lean = Prism((u0, u1, v1, v1 + out), [(0.0, -rise, eaves + rise * v1)])
    return House("broken_slope", [gabled(box, pitch, eaves), lean], [[box, lean.box]])


def _lean_to(rng):
    """One slope, with a flat strip 2 to 3 m wide along its high side."""
    box, _, eaves = _plan(rng)
    u0, u1, v0, v1 = box
    rise = float(np.tan(np.radians(rng.uniform(6.0, 22.0))))
    strip = (u0, u1, v1, v1 + rng.uniform(2.0, 3.0))
    prisms = [Prism(box, [(0.0, rise, eaves - rise * v0)]), flat(strip, eaves)]
    return House("lean_to", prisms, [[box, strip]])


def _blocks(rng):
    """Flat roofs of three heights, one of them a few square metres."""
    box, _, eaves = _plan(rng)
    u0, u1, v0, v1 = box
    low = (u0, u1, v1, v1 + rng.uniform(2.5, 4.0))
    top = (u0 + 1.5, u0 + rng.uniform(3.8, 5.0), v0 + 1.5, v0 + rng.uniform(3.8, 5.0))
    prisms = [flat(box, eaves + 3.0, tilt=1.5), flat(low, eaves), flat(top, eaves + 5.4)]
    return House("blocks", prisms, [[box, low]])


SMALL_MAKERS = {
    "small_gable": _small_gable,
    "small_hip": _small_hip,
    "row": _row,
    "corner": _corner,
    "tee": _tee,
    "garage": _garage,
    "box_dormers": _box_dormers,
    "broken_slope": _broken_slope,
    "lean_to": _lean_to,
    "blocks": _blocks,
}
SMALL_KINDS = tuple(SMALL_MAKERS)


def small_house(rng, kind):
    """Return a small house of a kind, about the origin."""
    return SMALL_MAKERS[kind](rng)
