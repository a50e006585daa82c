"""Capacity on medium voltage: readable, in the unit stated, and about this place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from zonnekaart.errors import InputError
from zonnekaart.pipelines.checks.findings import Inspection
from zonnekaart.pipelines.mv_capacity import FAR_M, read_mv_capacity

if TYPE_CHECKING:
    from zonnekaart.config import Project
    from zonnekaart.pipelines.checks.place import Place


def check_mv_capacity(project: Project, place: Place) -> list[Inspection]:
    """
    Look at every layer of capacities that the project names.

    Parameters
    ----------
    project : Project
        The project file.
    place : Place
        Where heights or footprints are.
    """
    found = []
    for number, table in enumerate(project.inputs.mv_capacity, start=1):
        name = "inputs.mv_capacity" + (f".{number}" if number > 1 else "")
        inspection = Inspection(name, str(project.resolve(table.path)))
        found.append(inspection)
        try:
            shapes, capacity_kw = read_mv_capacity(project, table)
        except InputError as error:
            inspection.caught(error)
            continue
        inspection.facts["features"] = len(shapes)
        inspection.facts["capacity_known_share"] = float((~np.isnan(capacity_kw)).mean())
        if place.extent is None:
            continue
        near = shapely.dwithin(shapes, shapely.box(*place.extent), FAR_M)
        polygons = shapely.get_dimensions(shapes) == 2
        inside = np.where(polygons, shapely.intersects(shapes, shapely.box(*place.extent)), near)
        inspection.facts["applicable"] = int(inside.sum())
        if not inside.any():
            inspection.error(
                "mv_capacity.outside",
                f"none of {len(shapes)} rows speaks of this place",
                f"polygons over the project, or substations within {FAR_M / 1000:g} km",
                "choose the rows of this place, or correct their coordinates",
            )
    return found
