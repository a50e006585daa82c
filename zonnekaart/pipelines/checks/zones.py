"""Policy zones that are given as polygons, and holes between polygons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from zonnekaart.errors import ConfigError
from zonnekaart.geo.land import holes
from zonnekaart.pipelines.checks.areas import check_overlaps
from zonnekaart.pipelines.checks.findings import Inspection, counted, first_few
from zonnekaart.pipelines.checks.layers import Layer, LayerRules, inspect_layer, labels
from zonnekaart.pipelines.zone_overrides import require_sound_overrides
from zonnekaart.pipelines.zone_units import given_zones, require_unit

if TYPE_CHECKING:
    from zonnekaart.config import Project
    from zonnekaart.pipelines.checks.place import Place


def check_zones(project: Project, place: Place, buildings: Layer) -> list[Inspection]:
    """
    Look at the polygons that a project takes as policy zones, if it does.

    Parameters
    ----------
    project : Project
        Its ``[zones] unit``.
    place : Place
        The project CRS and the lattice of the heights.
    buildings : Layer
        Footprints that were looked at.
    """
    try:
        require_unit(project)
    except ConfigError as error:
        inspection = Inspection("zones", str(project.path))
        inspection.caught(error, "zones.layer")
        return [inspection]
    given = given_zones(project)
    if given is None:
        return []
    key, table = given
    columns = (("name_column", table.name_column),) if table.name_column else ()
    rules = LayerRules(f"inputs.{key}", "polygons", table.id_column, columns)
    layer = inspect_layer(project.resolve(table.path), table.layer, rules, place)
    if layer.frame is not None:
        check_overlaps(layer, table.id_column)
        check_holes(layer, buildings, project.inputs.buildings.id_column)
    return [layer.inspection]


def check_overrides(project: Project) -> list[Inspection]:
    """Look at what is set by hand, as far as that can be judged before there are zones."""
    try:
        require_sound_overrides(project)
    except ConfigError as error:
        inspection = Inspection("zoning", str(project.path))
        inspection.caught(error, "zoning.override")
        return [inspection]
    return []


def check_holes(layer: Layer, buildings: Layer, id_column: str | None) -> None:
    """
    Raise holes in which buildings stand to errors; report others as a warning.

    Parameters
    ----------
    layer : Layer
        Areas or zones.
    buildings : Layer
        Footprints that were looked at; None of them when they cannot be compared.
    id_column : str, optional
        What footprints are called.
    """
    usable = layer.geometry[shapely.is_valid(layer.geometry)]
    found = holes(usable) if len(usable) else np.empty(0, dtype=object)
    if len(found) == 0:
        return
    inside = _standing_in(found, buildings, id_column)
    for hole, names in zip(found, inside, strict=True):
        if names:
            layer.inspection.error(
                "areas.hole",
                f"a hole of {hole.area:.0f} m2 with {counted(len(names), 'building')}: "
                f"{first_few(names)}",
                "no hole where buildings stand",
                "draw the hole as an area, or leave these buildings out of the footprints",
            )
    empty = [hole.area for hole, names in zip(found, inside, strict=True) if not names]
    if empty:
        layer.inspection.warning(
            "areas.empty_hole",
            f"{counted(len(empty), 'hole')} without buildings, together {sum(empty):.0f} m2",
            "areas without holes",
            "nothing is needed: no building is left out",
        )


def _standing_in(found: np.ndarray, buildings: Layer, id_column: str | None) -> list[list[str]]:
    """Return the names of the buildings in each hole."""
    inside: list[list[str]] = [[] for _ in found]
    if buildings.frame is None or not buildings.comparable:
        return inside
    shapes = buildings.geometry
    valid = np.flatnonzero(shapely.is_valid(shapes) & ~shapely.is_empty(shapes))
    names = labels(buildings.frame, id_column).to_numpy()[valid]
    points = shapely.point_on_surface(shapes[valid])
    for building, hole in zip(
        *shapely.STRtree(found).query(points, predicate="intersects"), strict=True
    ):
        inside[hole].append(str(names[building]))
    return inside
