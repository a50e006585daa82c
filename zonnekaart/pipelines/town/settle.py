"""Put the buildings and trees of the embedded town on its plan, without overlap."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Polygon

from zonnekaart.pipelines.town import archetypes
from zonnekaart.pipelines.town.plan import Frame, Plan, Street, lots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shapely.geometry.base import BaseGeometry

    from zonnekaart.pipelines.town.archetypes import Draft

FloatArray = npt.NDArray[np.float64]

_EDGE_M = 6.0
"""Nothing is built nearer to the edge of the frame. [m]"""

_PUSH_M = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.5, 8.0)
"""How much further from the street a row is tried when it does not fit. [m]"""

_NEW_SHARE = 0.03
"""Share of homes built after the heights were flown. [-]"""


@dataclass
class Ground:
    """What is taken: streets, water and the buildings so far."""

    free: BaseGeometry
    footprints: list[Polygon] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)

    def fits(self, outline: Polygon, spacing_m: float = 0.0) -> bool:
        """Return whether an outline lies on free ground and `spacing_m` from all buildings."""
        if not self.free.covers(outline):
            return False
        if not self.footprints:
            return True
        probe = outline.buffer(spacing_m - 0.05, join_style="mitre")
        return not bool(shapely.intersects(probe, np.array(self.footprints)).any())

    def add(self, draft: Draft, spacing_m: float = 0.0) -> bool:
        """Take the ground for a draft when it fits; return whether it did."""
        outline = draft.shape.footprint()
        if not self.fits(outline, spacing_m):
            return False
        self.footprints.append(outline)
        self.drafts.append(draft)
        return True


@dataclass(frozen=True)
class Tree:
    """A crown: half an ellipsoid on a stem. [m]."""

    x: float
    y: float
    radius_m: float
    height_m: float


def settle(plan: Plan, rng: np.random.Generator) -> tuple[Ground, list[Tree]]:
    """
    Build the town on its plan.

    Parameters
    ----------
    plan : Plan
        Streets, sites and frontages.
    rng : numpy Generator
        The dice.

    Returns
    -------
    tuple of Ground and list of Tree
        Buildings with their footprints, and trees.
    """
    taken = [street.surface.buffer(0.4) for street in plan.streets.values()]
    taken += [surface.buffer(3.0) for _, surface in plan.water.values()]
    whole = plan.extent.buffer(-_EDGE_M).difference(shapely.unary_union(taken))
    ground = Ground(whole)
    for row in plan.sites:
        _place_site(ground, row)
    ground.free = whole.difference(plan.square)
    shapely.prepare(ground.free)
    for row in plan.frontages:
        _build_frontage(ground, plan.streets[row["street"]], row, rng)
    _place_sheds(ground, rng)
    return ground, _plant(plan, ground, rng)


def _place_site(ground: Ground, row: dict[str, Any]) -> None:
    frame = Frame(row["at"][0], row["at"][1], row["angle"])
    make = archetypes.church if row["kind"] == "church" else archetypes.site_hall
    ground.add(make(frame, row), spacing_m=2.0)


def _build_frontage(
    ground: Ground, street: Street, row: dict[str, Any], rng: np.random.Generator
) -> None:
    """Build along one side of a street, row after row."""
    start, stop = row["from"] * street.line.length, row["to"] * street.line.length
    build: dict[str, Callable[[Ground, _Strip, np.random.Generator], float]] = {
        "terrace": _terrace_row,
        "semi": _pair,
        "villa": _detached,
        "apartments": _block,
        "ribbon": _ribbon,
    }
    while start < stop - 6.0:
        strip = _Strip(street, start, stop, row)
        start += build[row["kind"]](ground, strip, rng)


@dataclass(frozen=True)
class _Strip:
    """The rest of a frontage: from where to where, and its table in the plan."""

    street: Street
    start_m: float
    stop_m: float
    row: dict[str, Any]

    def frame(self, width_m: float, setback_m: float) -> Frame:
        """Return the frame of a front of `width_m` at the start of the strip. [m]."""
        stop = min(self.start_m + width_m, self.street.line.length)
        return self.street.frontage(self.start_m, stop, self.row["side"]).shifted(0.0, setback_m)


def _terrace_row(ground: Ground, strip: _Strip, rng: np.random.Generator) -> float:
    """Build a row of houses on one straight front; return the length used. [m]."""
    length = min(float(rng.uniform(30.0, 52.0)), strip.stop_m - strip.start_m)
    look = archetypes.Row(
        depth_m=float(rng.uniform(8.8, 11.0)),
        pitch_deg=float(rng.uniform(36.0, 45.0)),
        tall_share=0.3 if strip.row.get("old") else 0.1,
        shops=strip.row.get("shops", 0.0),
        heritage=strip.row.get("heritage", 0.0),
        old=strip.row.get("old", False),
    )
    frame = _pushed(ground, strip.frame(length, 0.9), length, look.depth_m)
    for start, width in lots(length, _widths(rng, 5.6, 8.6)):
        place = frame.shifted(start + width / 2.0 - length / 2.0, 0.0)
        ground.add(_young(archetypes.terrace_house(rng, place, width, look), rng, 0.01))
    return length + (float(rng.uniform(2.5, 6.0)) if rng.random() < 0.4 else 0.0)


def _pushed(ground: Ground, frame: Frame, length_m: float, depth_m: float) -> Frame:
    """Move a row back until its front is off the street; at its place when nothing helps."""
    for push in _PUSH_M:
        moved = frame.shifted(0.0, push)
        front = moved.box(-length_m / 2.0 + 6.0, length_m / 2.0 - 6.0, 0.0, depth_m)
        if length_m <= 12.0 or ground.fits(front):
            return moved
    return frame


def _pair(ground: Ground, strip: _Strip, rng: np.random.Generator) -> float:
    lot = float(rng.uniform(25.0, 29.0))
    if strip.start_m + lot > strip.stop_m + 4.0:
        return lot
    frame = strip.frame(lot, float(rng.uniform(5.0, 6.5)))
    look = archetypes.Row(float(rng.uniform(9.0, 10.5)), float(rng.uniform(33.0, 42.0)))
    for mirror in (-1, 1):
        draft = _young(archetypes.semi_house(rng, frame, look, mirror), rng, 0.0)
        draft.garden.append(frame.shifted(mirror * 7.0, 24.0))
        ground.add(draft)
    return lot


def _detached(ground: Ground, strip: _Strip, rng: np.random.Generator) -> float:
    lot = float(rng.uniform(26.0, 35.0))
    frame = strip.frame(lot, float(rng.uniform(7.0, 11.0)))
    turned = Frame(frame.x, frame.y, frame.angle_deg + float(rng.normal(0.0, 6.0)))
    draft = _young(archetypes.villa(rng, turned), rng, _NEW_SHARE)
    draft.garden.append(
        frame.shifted(float(rng.uniform(-8.0, 8.0)), float(rng.uniform(22.0, 30.0)))
    )
    ground.add(draft, spacing_m=4.0)
    return lot


def _block(ground: Ground, strip: _Strip, rng: np.random.Generator) -> float:
    length = float(rng.uniform(26.0, 38.0))
    frame = _pushed(ground, strip.frame(length, float(rng.uniform(4.0, 7.0))), length + 12.0, 14.0)
    draft = archetypes.apartments(rng, frame, length)
    heated_from = strip.row.get("electric_heat_from", 1.0)
    draft.electric_heat = strip.start_m >= heated_from * strip.street.line.length
    ground.add(draft, spacing_m=6.0)
    return length + float(rng.uniform(10.0, 16.0))


def _ribbon(ground: Ground, strip: _Strip, rng: np.random.Generator) -> float:
    """Build what a ribbon road has: a villa here, two or three terrace houses there."""
    if rng.random() < 0.5:
        return _detached(ground, strip, rng)
    count = int(rng.integers(1, 5))
    width = float(rng.uniform(6.5, 8.5))
    look = archetypes.Row(float(rng.uniform(9.0, 11.0)), float(rng.uniform(34.0, 44.0)), 0.05, 0.06)
    frame = strip.frame(count * width, float(rng.uniform(2.0, 7.0)))
    for number in range(count):
        place = frame.shifted((number + 0.5 - count / 2.0) * width, 0.0)
        draft = _young(archetypes.terrace_house(rng, place, width, look), rng, 0.01)
        draft.garden.append(place.shifted(0.0, 26.0))
        ground.add(draft)
    return count * width + float(rng.uniform(10.0, 24.0))


def _young(draft: Draft, rng: np.random.Generator, share: float) -> Draft:
    """Make some buildings newer than the heights."""
    if rng.random() < share:
        draft.year = int(rng.integers(2022, 2026))
        draft.heritage = "none"
    return draft


def _widths(rng: np.random.Generator, low_m: float, high_m: float) -> Iterator[float]:
    while True:
        yield float(rng.uniform(low_m, high_m))


def _place_sheds(ground: Ground, rng: np.random.Generator) -> None:
    """Give some gardens a shed, as register-like annex buildings."""
    for draft in list(ground.drafts):
        for place in draft.garden:
            if rng.random() < 0.17:
                angle = place.angle_deg + float(rng.choice([0.0, 90.0]))
                made = archetypes.shed(rng, Frame(place.x, place.y, angle))
                made.owner = draft.owner
                ground.add(made, spacing_m=1.5)


def _plant(plan: Plan, ground: Ground, rng: np.random.Generator) -> list[Tree]:
    """Plant rows, woods and garden trees; no stem stands in a building, street or pond."""
    wanted: list[Tree] = []
    for row in plan.tree_rows:
        wanted += _tree_row(plan.streets[row["street"]], row, rng)
    for wood in plan.woods:
        wanted += _wood(wood, rng)
    for draft in ground.drafts:
        for place in draft.garden:
            wanted += _garden_trees(place, rng)
    streets = [street.surface for street in plan.streets.values()]
    water = [surface for _, surface in plan.water.values()]
    closed = shapely.unary_union([*streets, *water, *ground.footprints])
    shapely.prepare(closed)
    x = np.array([tree.x for tree in wanted])
    y = np.array([tree.y for tree in wanted])
    radius = np.array([tree.radius_m for tree in wanted])
    apart = shapely.distance(shapely.points(x, y), closed)
    inside = (x > 3.0) & (y > 3.0) & (x < plan.frame_m - 3.0) & (y < plan.frame_m - 3.0)
    keep = inside & (apart > 0.45 * radius)
    return [tree for tree, kept in zip(wanted, keep, strict=True) if kept]


def _tree_row(street: Street, row: dict[str, Any], rng: np.random.Generator) -> list[Tree]:
    trees = []
    length = street.line.length
    places = np.arange(row["from"] * length, row["to"] * length - 1.0, row["spacing_m"])
    for place in places:
        for side in (row["side"],) if "side" in row else ("left", "right"):
            frame = street.frontage(float(place), float(place) + 1.0, side)
            spot = frame.shifted(0.0, row["offset_m"])
            trees.append(_tree(spot.x, spot.y, row["height_m"], rng))
    return trees


def _wood(wood: dict[str, Any], rng: np.random.Generator) -> list[Tree]:
    edge = Polygon(wood["polygon"])
    west, south, east, north = edge.bounds
    spots = rng.uniform((west, south), (east, north), size=(wood["trees"] * 2, 2))
    kept = spots[shapely.contains_xy(edge, spots[:, 0], spots[:, 1])][: wood["trees"]]
    return [_tree(float(x), float(y), wood["height_m"], rng) for x, y in kept]


def _garden_trees(place: Frame, rng: np.random.Generator) -> list[Tree]:
    trees = []
    for _ in range(int(rng.integers(0, 4))):
        spot = place.shifted(float(rng.uniform(-9.0, 9.0)), float(rng.uniform(-6.0, 10.0)))
        trees.append(_tree(spot.x, spot.y, float(rng.uniform(4.5, 10.0)), rng))
    return trees


def _tree(x: float, y: float, height_m: float, rng: np.random.Generator) -> Tree:
    height = height_m * float(rng.uniform(0.8, 1.2))
    return Tree(x, y, height * float(rng.uniform(0.24, 0.36)), height)
