"""Statistical areas, policy zones and the layers of the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from zonnekaart.pipelines.checks.findings import Inspection, counted, first_few
from zonnekaart.pipelines.checks.layers import Layer, LayerRules, inspect_layer, labels
from zonnekaart.pipelines.checks.overlaps import overlaps

if TYPE_CHECKING:
    from zonnekaart.config import Project, ZonesInput
    from zonnekaart.pipelines.checks.place import Place

SLIVER_SHARE = 0.01
"""Shared area over the smaller area, up to which an overlap counts as a drawing inaccuracy."""

SLIVER_WIDTH_M = 5.0
"""Mean width of a drawing inaccuracy: narrower than a house, so no building falls in both. [m]"""

_LEAST_M2 = 1.0


def check_areas(project: Project, place: Place) -> Layer | None:
    """
    Look at the areas that consumption figures speak of; None when the project names none.

    Parameters
    ----------
    project : Project
        The project file.
    place : Place
        The project CRS and the lattice of the heights.
    """
    table = project.inputs.areas
    if table is None:
        return None
    if table is None:
        return Layer(
            Inspection("inputs.areas", "none given: the extent of the heights is one area")
        )
    layer = _inspect(project, table, "inputs.areas", place)
    if layer.frame is None:
        return layer
    _check_overlaps(layer, table.id_column)
    if layer.comparable and place.box is not None:
        _check_cover(layer, place)
    return layer


def check_background(project: Project, place: Place) -> list[Inspection]:
    """Look at water, roads and addresses, which are only drawn or found; ids may repeat."""
    found = []
    inputs = project.inputs
    for name in ("water", "roads", "addresses"):
        table: ZonesInput | None = getattr(inputs, name)
        if table is not None:
            rules = LayerRules(f"inputs.{name}", "any", None)
            path = project.resolve(table.path)
            found.append(inspect_layer(path, table.layer, rules, place).inspection)
    return found


def _inspect(project: Project, table: ZonesInput, name: str, place: Place) -> Layer:
    columns = (("name_column", table.name_column),) if table.name_column else ()
    rules = LayerRules(name, "polygons", table.id_column, columns)
    return inspect_layer(project.resolve(table.path), table.layer, rules, place)


def _check_overlaps(layer: Layer, id_column: str) -> None:
    """Raise overlaps that could hold a building to errors; report slivers as a warning."""
    pairs = overlaps(layer.geometry, _LEAST_M2)
    sliver = (pairs.share <= SLIVER_SHARE) & (pairs.width_m <= SLIVER_WIDTH_M)
    names = labels(layer.frame, id_column).to_numpy()
    shown = [
        f"{names[a]} and {names[b]} share {area:.0f} m2"
        for a, b, area in zip(pairs.first, pairs.second, pairs.area_m2, strict=True)
    ]
    wrong = [text for text, narrow in zip(shown, sliver, strict=True) if not narrow]
    if wrong:
        layer.inspection.error(
            "areas.overlap",
            f"{counted(len(wrong), 'pair')} of areas with an overlap: {first_few(wrong)}",
            "areas that only touch",
            "cut the overlap out of one of the two (QGIS: Difference), "
            "or keep one edition of the boundaries",
        )
    narrow_ones = [text for text, narrow in zip(shown, sliver, strict=True) if narrow]
    if narrow_ones:
        layer.inspection.warning(
            "areas.sliver",
            f"{counted(len(narrow_ones), 'narrow overlap')} along boundaries, together "
            f"{float(pairs.area_m2[sliver].sum()):.0f} m2: {first_few(narrow_ones, 3)}",
            "areas that only touch",
            "nothing is needed: a building goes to the area that holds most of it",
        )


def _check_cover(layer: Layer, place: Place) -> None:
    """Compare the areas with the extent of the heights."""
    box = place.box
    if box is None or layer.frame is None:
        return
    usable = layer.geometry[shapely.is_valid(layer.geometry)]
    whole = float(shapely.area(usable).sum())
    inside = shapely.area(shapely.intersection(usable, shapely.box(*box.bounds)))
    covered = float(inside.sum())
    layer.inspection.facts["area_m2"] = round(whole, 1)
    layer.inspection.facts["covered_share"] = covered / whole if whole else 0.0
    untouched = int(np.count_nonzero(inside <= 0.0))
    if covered <= 0.0:
        layer.inspection.error(
            "areas.outside",
            "no area inside the surface model",
            "areas where the heights are",
            "choose the areas of this place, or the heights of that place",
        )
    elif covered < 0.999 * whole:
        layer.inspection.info(
            "areas.partial",
            f"heights for {100 * covered / whole:.0f} % of the areas; {untouched} areas have none",
            "heights everywhere",
            "add neighbouring height sheets; until then totals of these areas are partial",
        )
