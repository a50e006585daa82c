"""Kinds of buildings in the embedded town: terrace house, villa, flats, hall, church, shed.

Each function throws the dice for one building and returns a `Draft`: shape and register facts.
Sizes follow common Flemish building practice; they are made up, not measured.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from zonnekaart.pipelines.town.buildings import Box, Shape

if TYPE_CHECKING:
    from zonnekaart.pipelines.town.plan import Frame

STOREY_M = 2.8
"""Height of one storey in homes. [m]"""

FLATS_STOREY_M = 3.0
DWELLING_GROSS_M2 = 95.0
"""Gross floor area per flat, stairs included. [m2]"""


@dataclass
class Draft:
    """
    A building before it has a number: its shape and what a register would say.

    `existing_kwp` is NaN when the draw comes later; `demand_kwh` is set for sites only. With
    `electric_heat` the dwellings are heated with heat pumps, which no register says.
    """

    shape: Shape
    kind: str
    use: str
    dwellings: int
    floor_area_m2: float
    year: int
    heritage: str = "none"
    owner: str = "private"
    shop_m2: float = 0.0
    demand_kwh: float | None = None
    existing_kwp: float | None = None
    electric_heat: bool = False
    site: str = ""
    garden: list[Frame] = field(default_factory=list)


def terrace_house(rng: np.random.Generator, frame: Frame, width_m: float, row: Row) -> Draft:
    """
    Return a rijhuis: ridge parallel to the street, flat or sloping back extension.

    Parameters
    ----------
    frame : Frame
        Middle of the front wall.
    width_m : float
        Between the party walls. [m]
    row : Row
        What the houses of one row share.
    """
    half = width_m / 2.0
    depth = row.depth_m
    storeys = 3 if rng.random() < row.tall_share else 2
    eaves = storeys * STOREY_M + float(rng.uniform(-0.3, 0.5))
    shape = Shape(frame)
    main = Box(-half, half, 0.0, depth)
    pitch = float(np.clip(rng.normal(row.pitch_deg, 2.5), 28.0, 52.0))
    ridge = shape.gable(main, eaves, pitch)
    if rng.random() < 0.22 and pitch > 34.0:
        _dormer(rng, shape, main, (eaves, pitch))
    if rng.random() < 0.6:
        _chimney(shape, half - 0.6, depth / 2.0, ridge)
    extension = 0.0
    if rng.random() < 0.85:
        extension = float(rng.uniform(3.0, 7.0))
        _extension(rng, shape, Box(-half, half, depth, depth + extension))
    shop = float(width_m * depth) if rng.random() < row.shops else 0.0
    upper = 2 if shop and rng.random() < 0.25 else 1
    floor = width_m * (depth * storeys + 0.6 * extension)
    year = int(rng.integers(1880, 1945)) if row.old else int(rng.integers(1925, 1972))
    heritage = "inventory" if rng.random() < row.heritage else "none"
    use = "commercial" if shop else "residential"
    return Draft(shape, "terrace", use, upper, floor, year, heritage, shop_m2=shop)


@dataclass(frozen=True)
class Row:
    """What the houses of one terrace share."""

    depth_m: float
    pitch_deg: float
    tall_share: float = 0.15
    shops: float = 0.0
    heritage: float = 0.0
    old: bool = False


def semi_house(rng: np.random.Generator, frame: Frame, look: Row, mirror: int) -> Draft:
    """Return one half of a pair; the garage stands on the free side (`mirror` is -1 or 1)."""
    width, depth = 8.0, look.depth_m
    shape = Shape(frame)
    inner, outer = (0.0, width * mirror)
    main = Box(min(inner, outer), max(inner, outer), 0.0, depth)
    eaves = 2 * STOREY_M
    ridge = shape.gable(main, eaves, look.pitch_deg)
    if rng.random() < 0.5:
        _chimney(shape, mirror * 1.2, depth / 2.0, ridge)
    free = (width * mirror, (width + 3.2) * mirror)
    shape.flat(Box(min(free), max(free), 2.0, 2.0 + depth * 0.8), 2.9, "extension")
    if rng.random() < 0.45:
        reach = float(rng.uniform(2.5, 4.0))
        _extension(rng, shape, Box(main.u0 + 0.3, main.u1 - 0.3, depth, depth + reach))
    floor = width * depth * 1.9
    return Draft(shape, "semi", "residential", 1, floor, int(rng.integers(1958, 1996)))


def villa(rng: np.random.Generator, frame: Frame) -> Draft:
    """Return a detached house: gable, cross gable or hip, often with a flat garage."""
    length, depth = float(rng.uniform(11.0, 15.5)), float(rng.uniform(8.5, 11.0))
    shape = Shape(frame)
    main = Box(-length / 2.0, length / 2.0, 0.0, depth)
    storeys = 1 if rng.random() < 0.55 else 2
    eaves = storeys * STOREY_M + float(rng.uniform(0.0, 0.4))
    pitch = float(rng.uniform(30.0, 46.0)) if storeys == 1 else float(rng.uniform(26.0, 38.0))
    draw = rng.random()
    if draw < 0.35:
        top = shape.hip(main, eaves, pitch)
    else:
        ridge = "v" if draw > 0.85 else "u"
        top = shape.gable(main, eaves, pitch, ridge)
        if ridge == "u" and rng.random() < 0.4:
            _cross_gable(rng, shape, main, (eaves, pitch))
        elif ridge == "u" and rng.random() < 0.35:
            _dormer(rng, shape, main, (eaves, pitch))
    if rng.random() < 0.6:
        _chimney(shape, float(rng.uniform(-1.0, 1.0)), depth / 2.0, top)
    if rng.random() < 0.65:
        side = 1.0 if rng.random() < 0.5 else -1.0
        free = sorted((side * length / 2.0, side * (length / 2.0 + float(rng.uniform(3.4, 6.0)))))
        shape.flat(Box(free[0], free[1], 1.5, 1.5 + float(rng.uniform(6.0, 7.5))), 2.9, "extension")
    if rng.random() < 0.3:
        reach = float(rng.uniform(3.0, 4.5))
        shape.flat(Box(-length / 4.0, length / 3.0, depth, depth + reach), 3.1, "extension")
    floor = length * depth * (1.6 if storeys == 1 else 2.0)
    return Draft(shape, "villa", "residential", 1, floor, int(rng.integers(1965, 2019)))


def apartments(rng: np.random.Generator, frame: Frame, length_m: float) -> Draft:
    """Return a block of flats: flat roof, set-back lift house, four to six storeys."""
    depth = float(rng.uniform(12.0, 14.0))
    storeys = int(rng.integers(4, 7))
    shape = Shape(frame)
    height = storeys * FLATS_STOREY_M + 0.5
    half = length_m / 2.0
    shape.flat(Box(-half, half, 0.0, depth), height)
    shape.flat(Box(-2.2, 2.2, depth / 2 - 2.0, depth / 2 + 2.5), height + 2.6, "lift")
    if length_m > 26.0:
        shape.flat(
            Box(half - 5.0, half - 2.0, depth / 2 - 1.5, depth / 2 + 1.5), height + 1.4, "lift"
        )
    floor = length_m * depth * storeys
    dwellings = round(floor / DWELLING_GROSS_M2)
    owner = "association" if rng.random() < 0.4 else "private"
    return Draft(
        shape,
        "apartments",
        "apartments",
        dwellings,
        floor,
        int(rng.integers(1968, 2018)),
        owner=owner,
    )


def shed(rng: np.random.Generator, frame: Frame) -> Draft:
    """Return a garden shed or a detached garage."""
    length, depth = float(rng.uniform(3.0, 6.5)), float(rng.uniform(2.5, 4.0))
    shape = Shape(frame)
    box = Box(-length / 2.0, length / 2.0, 0.0, depth)
    if rng.random() < 0.6:
        shape.gable(box, 2.2, float(rng.uniform(18.0, 32.0)), part="annex")
    else:
        shape.flat(box, 2.6, "annex")
    return Draft(shape, "shed", "annex", 0, length * depth, int(rng.integers(1970, 2020)))


def site_hall(frame: Frame, row: dict[str, Any]) -> Draft:
    """Return a building of the plan's site list, as the list describes it."""
    length, depth = row["size"]
    shape = Shape(frame)
    box = Box(-length / 2.0, length / 2.0, -depth / 2.0, depth / 2.0)
    eaves, pitch = float(row["eaves_m"]), float(row.get("pitch_deg", 0.0))
    if row["roof"] == "gable":
        shape.gable(box, eaves, pitch, "u" if length >= depth else "v")
    elif row["roof"] == "hip":
        shape.hip(box, eaves, pitch)
    elif row["roof"] == "sawtooth":
        shape.sawtooth(box, eaves, pitch, int(row["teeth"]))
    else:
        shape.flat(box, eaves)
        _roof_boxes(shape, box, eaves)
    return Draft(
        shape,
        "site",
        row["use"],
        int(row.get("dwellings", 0)),
        length * depth * row["floors"],
        int(row["year"]),
        row.get("heritage", "none"),
        row.get("owner", "private"),
        demand_kwh=row.get("demand_kwh"),
        existing_kwp=row.get("existing_kwp"),
        site=row["id"],
    )


def church(frame: Frame, row: dict[str, Any]) -> Draft:
    """Return a village church: nave, two aisles, choir and a west tower with a spire."""
    length, depth = row["size"]
    shape = Shape(frame)
    nave = depth * 0.5
    west, east = -length / 2.0, length / 2.0
    shape.gable(Box(west, east - 9.0, -nave / 2, nave / 2), 10.5, 48.0)
    shape.gable(Box(east - 9.0, east, -nave / 2 + 1.2, nave / 2 - 1.2), 8.6, 48.0)
    shape.lean_to(Box(west + 4.0, east - 10.0, nave / 2, depth / 2), 4.6, 8.0, "aisle")
    turned = Shape(_turned(frame))
    turned.lean_to(Box(-(east - 10.0), -(west + 4.0), nave / 2, depth / 2), 4.6, 8.0, "aisle")
    shape.take(turned)
    shape.hip(Box(west - 6.0, west + 1.0, -3.5, 3.5), 24.0, 76.0, "tower")
    return Draft(
        shape,
        "church",
        "church",
        0,
        length * depth,
        1487,
        "protected",
        "association",
        demand_kwh=11000.0,
        existing_kwp=0.0,
        site=row["id"],
    )


def _turned(frame: Frame) -> Frame:
    """Return the frame seen from the other side."""
    return type(frame)(frame.x, frame.y, frame.angle_deg + 180.0)


def _roof_boxes(shape: Shape, box: Box, roof_m: float) -> None:
    """Put two ventilation boxes on a big flat roof."""
    if box.length * box.depth < 900.0:
        return
    for share in (0.28, 0.7):
        u, v = box.u0 + share * box.length, box.v0 + 0.5 * box.depth
        shape.flat(Box(u - 2.0, u + 2.0, v - 1.5, v + 1.5), roof_m + 1.6, "lift")


def _extension(rng: np.random.Generator, shape: Shape, box: Box) -> None:
    height = float(rng.uniform(2.8, 3.4))
    if rng.random() < 0.65:
        shape.flat(box, height, "extension")
    else:
        shape.lean_to(box, height, height + 0.25 * box.depth)


def _chimney(shape: Shape, u: float, v: float, ridge_m: float) -> None:
    shape.flat(Box(u - 0.45, u + 0.45, v - 0.35, v + 0.35), ridge_m + 1.0, "chimney")


def _dormer(rng: np.random.Generator, shape: Shape, main: Box, roof: tuple[float, float]) -> None:
    """Put a flat-roofed dormer on the front or back plane of a gable along `u`."""
    eaves, pitch = roof
    rise = float(np.tan(np.deg2rad(pitch)))
    width = min(2.6, main.length * 0.5)
    start = 0.9
    top = min(eaves + rise * start + 1.7, eaves + rise * main.depth / 2.0 - 0.3)
    reach = (top - eaves) / rise
    middle = (main.u0 + main.u1) / 2.0
    if rng.random() < 0.5:
        box = Box(middle - width / 2, middle + width / 2, main.v0 + start, main.v0 + reach)
    else:
        box = Box(middle - width / 2, middle + width / 2, main.v1 - reach, main.v1 - start)
    if box.depth > 0.8:
        shape.flat(box, top, "dormer")


def _cross_gable(
    rng: np.random.Generator, shape: Shape, main: Box, roof: tuple[float, float]
) -> None:
    """Add a wing toward the street with its ridge across that of the main roof."""
    eaves, pitch = roof
    width = float(rng.uniform(4.5, 6.0))
    left = main.u0 + 0.5 if rng.random() < 0.5 else main.u1 - 0.5 - width
    wing = Box(left, left + width, -2.5, main.depth / 2.0)
    shape.gable(wing, eaves, pitch, "v", "wing")
