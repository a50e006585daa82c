"""Who may share with whom in space: whole perimeters as groups, and partners for the finder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from zonnekaart.energy.groups import Reach
from zonnekaart.errors import ConfigError, VectorError
from zonnekaart.geo.crs import require_same
from zonnekaart.geo.neighbours import neighbourhoods, partners
from zonnekaart.io.vector import read_geoparquet, read_layer
from zonnekaart.pipelines.quarters import unit_numbers

if TYPE_CHECKING:
    import geopandas as gpd

    from zonnekaart.config import Project
    from zonnekaart.pipelines.quarters import Quarters
    from zonnekaart.pipelines.runs import StageContext

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

POLYGONS = ("site", "postcode", "drawn")
TOUCHING_M = 1.0


@dataclass(frozen=True)
class Group:
    """One group with its place on the map."""

    group_id: str
    members: IntArray
    geometry: Any
    zone_id: str | None


@dataclass(frozen=True)
class Places:
    """
    Areas that the buildings lie in.

    Parameters
    ----------
    area : ndarray of int64, shape (buildings,)
        Position of the area; -1 for none.
    names : list of str
        Name of each area.
    linked : ndarray of bool, shape (areas, areas)
        Areas that may share with each other.
    shapes : ndarray of object, shape (areas,), or None
        Polygons, where the perimeter has any.
    """

    area: IntArray
    names: list[str]
    linked: BoolArray
    shapes: npt.NDArray[Any] | None


def annual_production(quarters: Quarters) -> FloatArray:
    """Return the annual yield of each building, 0 without planes. [kWh]."""
    planes = quarters.planes
    produced = np.add.reduceat(np.append(planes.annual_yield_kwh, 0.0), planes.first[:-1])
    produced[np.diff(planes.first) == 0] = 0.0
    found: FloatArray = produced
    return found


def taking_part(quarters: Quarters, produced: FloatArray) -> BoolArray:
    """Tell which buildings produce or consume a known amount; unknown ones spoil a whole group."""
    energy = quarters.loads.energy_kwh.sum(axis=1) + produced
    part: BoolArray = np.isfinite(energy) & (energy > 0)
    return part


def whole_groups(context: StageContext, quarters: Quarters) -> tuple[IntArray, list[Group]]:
    """
    Put each building that produces or consumes into at most one group, perimeter by perimeter.

    Parameters
    ----------
    context : StageContext
        Project and build folder.
    quarters : Quarters
        Supply and demand.

    Returns
    -------
    unit : ndarray of int64, shape (buildings,)
        Number of the group; -1 for none.
    groups : list of Group
        In the order of their numbers.

    Raises
    ------
    ConfigError, VectorError, CrsError
        If the perimeter needs areas that the project does not give, or gives wrongly.
    """
    sharing = context.project.sharing
    produced = annual_production(quarters)
    part = taking_part(quarters, produced)
    kind = sharing.perimeter
    if kind in ("radius", "pair_distance"):
        # Two buildings within half the distance of a third are within the distance of each other.
        reach = sharing.radius_m if kind == "radius" else sharing.max_distance_m / 2
        unit = neighbourhoods(_points(quarters.buildings), produced, part, reach)
        names = [f"{kind}-{k + 1:04d}" for k in range(unit.max(initial=-1) + 1)]
        return unit, _groups(unit, names, quarters, None)
    if kind == "building":
        several = part & (np.nan_to_num(quarters.loads.connections).sum(axis=1) >= 2)
        unit = np.where(several, np.cumsum(several) - 1, -1).astype(np.int64)
        ids = quarters.buildings["building_id"].to_numpy()[several]
        return unit, _groups(unit, [f"building-{b}" for b in ids], quarters, None)
    places = places_of(context, quarters.buildings, kind)
    area = np.where(part, places.area, -1)
    if kind == "postcode":
        return _with_neighbours(area, places, produced, quarters)
    unit, kept = _compact(area)
    names = [places.names[k] for k in kept]
    shapes = None if places.shapes is None else places.shapes[kept]
    return unit, _groups(unit, names, quarters, shapes, zone=kind == "zone")


def _groups(
    unit: IntArray,
    names: list[str],
    quarters: Quarters,
    shapes: npt.NDArray[Any] | None,
    *,
    zone: bool = False,
) -> list[Group]:
    outlines = quarters.buildings.geometry.to_numpy()
    order = np.argsort(unit, kind="stable")
    first = np.searchsorted(unit[order], np.arange(len(names) + 1))
    groups = []
    for k, name in enumerate(names):
        members = np.sort(order[first[k] : first[k + 1]])
        shape = outline(outlines[members]) if shapes is None else shapes[k]
        groups.append(Group(name, members, shape, name if zone else None))
    return groups


def outline(shapes: npt.NDArray[Any]) -> Any:  # noqa: ANN401 - a geometry
    """Return the convex hull around some buildings."""
    return shapely.convex_hull(shapely.union_all(shapes))


def _compact(area: IntArray) -> tuple[IntArray, IntArray]:
    """Give the areas that hold buildings numbers without gaps."""
    kept = np.unique(area[area >= 0])
    new = np.full(int(area.max(initial=-1)) + 2, -1, dtype=np.int64)
    new[kept] = np.arange(len(kept))
    return new[area], kept


def _with_neighbours(
    area: IntArray, places: Places, produced: FloatArray, quarters: Quarters
) -> tuple[IntArray, list[Group]]:
    """Gather postcodes: the largest producer that is free takes the free ones it touches."""
    yields = np.bincount(
        area[area >= 0], np.nan_to_num(produced)[area >= 0], minlength=len(places.names)
    )
    owner = np.full(len(places.names), -1, dtype=np.int64)
    for seed in np.argsort(-yields, kind="stable"):
        if owner[seed] < 0:
            owner[(owner < 0) & places.linked[seed]] = seed
    merged = np.where(area >= 0, owner[area], -1)
    unit, kept = _compact(merged)
    names = [f"postcode-{places.names[k]}" for k in kept]
    shapes = places.shapes
    joined = None
    if shapes is not None:
        joined = np.array([shapely.union_all(shapes[owner == k]) for k in kept], dtype=object)
    return unit, _groups(unit, names, quarters, joined)


def places_of(context: StageContext, buildings: gpd.GeoDataFrame, kind: str) -> Places:
    """
    Return the areas that the buildings lie in.

    Parameters
    ----------
    context : StageContext
        Project and build folder.
    buildings : GeoDataFrame
        As stage roofs wrote them.
    kind : str
        Perimeter; those without areas give one area that holds everything.

    Raises
    ------
    ConfigError, VectorError, CrsError
        If the perimeter needs areas that the project does not give, or gives wrongly.
    """
    project = context.project
    if kind == "zone":
        area, names = unit_numbers(buildings["zone_id"])
        shapes = read_geoparquet(context.built("policy_zones.parquet", "roofs"))
        found = shapes.set_index("zone_id").geometry.reindex(names).to_numpy()
        return Places(area, names, np.eye(len(names), dtype=bool), found)
    if kind == "sector":
        area, names = unit_numbers(buildings["area_id"])
        return Places(area, names, np.eye(len(names), dtype=bool), None)
    if kind in POLYGONS or (kind == "cabin" and project.inputs.sharing_areas is not None):
        return _in_polygons(project, buildings, kind)
    if kind == "cabin":
        return _nearest_cabin(project, buildings)
    area = np.zeros(len(buildings), dtype=np.int64)
    return Places(area, [f"{kind}-0001"], np.ones((1, 1), dtype=bool), None)


def _in_polygons(project: Project, buildings: gpd.GeoDataFrame, kind: str) -> Places:
    table = project.inputs.sharing_areas
    if table is None:
        raise ConfigError(
            "inputs.sharing_areas",
            f"none, while the perimeter is {kind}",
            "a polygon layer",
            "add [inputs.sharing_areas], or choose another perimeter in [sharing]",
        )
    path = project.resolve(table.path)
    layer = read_layer(path, table.layer)
    require_same(layer.crs, project.project.crs, str(path))
    if table.id_column not in layer:
        raise VectorError(
            str(path),
            f"no column {table.id_column}",
            f"one of: {', '.join(str(name) for name in layer.columns)}",
            "correct id_column in [inputs.sharing_areas]",
        )
    shapes = shapely.make_valid(layer.geometry.to_numpy())
    tree = shapely.STRtree(shapes)
    points = shapely.points(_points(buildings))
    row, found = tree.query(points, predicate="intersects")
    area = np.full(len(buildings), -1, dtype=np.int64)
    # Where polygons overlap, the first of the file holds the building.
    order = np.lexsort((-found, row))
    area[row[order]] = found[order]
    linked = np.eye(len(shapes), dtype=bool)
    if kind == "postcode":
        one, other = tree.query(shapes, predicate="dwithin", distance=TOUCHING_M)
        linked[one, other] = True
    return Places(area, layer[table.id_column].astype(str).to_list(), linked, shapes)


def _nearest_cabin(project: Project, buildings: gpd.GeoDataFrame) -> Places:
    table = project.inputs.cabins
    if table is None:
        raise ConfigError(
            "inputs.cabins",
            "none, while the perimeter is cabin",
            "a point layer of cabins, or their areas",
            "add [inputs.cabins] or [inputs.sharing_areas], or choose another perimeter",
        )
    path = project.resolve(table.path)
    layer = read_layer(path, table.layer)
    require_same(layer.crs, project.project.crs, str(path))
    names = layer.get(table.id_column, layer.index)
    centre = shapely.get_coordinates(shapely.centroid(layer.geometry.to_numpy()))
    _, nearest = cKDTree(centre).query(_points(buildings))
    linked = np.eye(len(centre), dtype=bool)
    return Places(nearest.astype(np.int64), [str(name) for name in names], linked, None)


def _points(buildings: gpd.GeoDataFrame) -> FloatArray:
    points = buildings.geometry.representative_point()
    return np.column_stack([points.x, points.y])


def reach_of(
    context: StageContext, quarters: Quarters, part: BoolArray, need_kwh: FloatArray
) -> Reach:
    """
    Say who may be in a proposed group with whom, and which partners are worth a look.

    Parameters
    ----------
    context : StageContext
        Its ``[sharing.finder]``.
    quarters : Quarters
        Supply and demand.
    part : ndarray of bool, shape (buildings,)
        Buildings that may be in a group.
    need_kwh : ndarray of float64, shape (buildings,)
        What each consumes beyond its own production. [kWh]
    """
    sharing, finder = context.project.sharing, context.project.sharing.finder
    places = places_of(context, quarters.buildings, finder.perimeter)
    limit = {"radius": sharing.radius_m, "pair_distance": sharing.max_distance_m}.get(
        finder.perimeter, np.inf
    )
    area = np.where(part, places.area, -1)
    points = _points(quarters.buildings)
    first, near = partners(points, (area, places.linked), need_kwh, limit, finder.partners)
    pairwise = finder.perimeter not in ("radius", "postcode")
    return Reach(points, limit, pairwise, area, places.linked, first, near)
