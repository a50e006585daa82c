"""Distribution cabins: points with a rated power."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from zonnekaart.pipelines.checks.findings import Inspection, first_few, share
from zonnekaart.pipelines.checks.layers import Layer, LayerRules, inspect_layer, labels

if TYPE_CHECKING:
    from zonnekaart.config import Project
    from zonnekaart.pipelines.checks.place import Place

_LEAST_KVA, _MOST_KVA = 10.0, 5000.0
"""Rated power of distribution transformers: 25 to 2 500 kVA are sold; the margin is ours. [kVA]"""

_NEAR_M = 2000.0


def check_cabins(project: Project, place: Place) -> Inspection | None:
    """
    Look at the cabins when the project names them.

    Parameters
    ----------
    project : Project
        The project file.
    place : Place
        The project CRS and the lattice of the heights.
    """
    table = project.inputs.cabins
    if table is None:
        return None
    rated = table.rated_kva_column
    columns = (("rated_kva_column", rated),) if rated else ()
    rules = LayerRules("inputs.cabins", "points", table.id_column, columns)
    layer = inspect_layer(project.resolve(table.path), table.layer, rules, place)
    if layer.frame is not None and rated is not None and rated in layer.frame:
        _check_power(layer, table.id_column, rated)
    if layer.comparable and place.box is not None:
        _check_near(layer, place)
    return layer.inspection


def _check_power(layer: Layer, id_column: str, column: str) -> None:
    frame = layer.frame
    if frame is None:
        return
    power = pd.to_numeric(frame[column], errors="coerce")
    names = labels(frame, id_column)
    text = power.isna() & frame[column].notna()
    wrong = (power < _LEAST_KVA) | (power > _MOST_KVA)
    layer.inspection.facts["rated_kva"] = float(power[power.notna()].sum())
    layer.inspection.facts["rated_kva_known_share"] = float(power.notna().mean())
    if text.any():
        layer.inspection.error(
            "cabins.power",
            f"{column} that is not a number at {first_few(names[text])}",
            "a number in kVA, or empty when unknown",
            "correct the cells",
        )
    if wrong.any():
        shown = [f"{n}: {p:g}" for n, p in zip(names[wrong], power[wrong], strict=True)]
        layer.inspection.error(
            "cabins.power",
            f"{column} outside the range of transformers at {first_few(shown)}",
            f"{_LEAST_KVA:g} to {_MOST_KVA:g} kVA",
            "give the column in kVA (1 MVA = 1000 kVA); leave unknown ones empty, not 0",
        )


def _check_near(layer: Layer, place: Place) -> None:
    if place.box is None or layer.frame is None:
        return
    west, south, east, north = place.box.bounds
    centres = shapely.centroid(layer.geometry)
    x, y = shapely.get_x(centres), shapely.get_y(centres)
    beside = np.maximum(np.maximum(west - x, x - east), np.maximum(south - y, y - north))
    outside, far = beside > 0.0, beside > _NEAR_M
    known = np.isfinite(x) & np.isfinite(y)
    layer.inspection.facts["outside"] = int(np.count_nonzero(outside & known))
    if known.any() and outside[known].all():
        layer.inspection.error(
            "cabins.outside",
            "no cabin inside the surface model",
            "cabins where the heights are",
            "choose the cabins of this place, or correct their coordinates",
        )
    elif (far & known).any():
        n = int(np.count_nonzero(far & known))
        layer.inspection.info(
            "cabins.far",
            f"{n} cabins ({share(n, int(known.sum()))}) more than {_NEAR_M / 1000:g} km away",
            "cabins of this place",
            "they are left out",
        )
