"""Distribution cabins and their areas: rated power, headroom, place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from zonnekaart.pipelines.cabins import LEAST_KVA, MOST_KVA
from zonnekaart.pipelines.checks.areas import check_overlaps
from zonnekaart.pipelines.checks.findings import Inspection, first_few, share
from zonnekaart.pipelines.checks.layers import Layer, LayerRules, inspect_layer, labels

if TYPE_CHECKING:
    from zonnekaart.config import CabinsInput, Project
    from zonnekaart.pipelines.checks.place import Place

_NEAR_M = 2000.0


def check_cabins(project: Project, place: Place) -> list[Inspection]:
    """
    Look at cabins and their areas, where the project names them.

    Parameters
    ----------
    project : Project
        The project file.
    place : Place
        The project CRS, and where heights or footprints are.
    """
    inputs = project.inputs
    found = []
    for name, table, kind in (
        ("inputs.cabins", inputs.cabins, "points"),
        ("inputs.cabin_areas", inputs.cabin_areas, "polygons"),
    ):
        if table is not None:
            found.append(_inspect(project, table, (name, kind), place))
    return found


def _inspect(
    project: Project, table: CabinsInput, what: tuple[str, str], place: Place
) -> Inspection:
    named = {"rated_kva_column": table.rated_kva_column}
    named["headroom_kw_column"] = table.headroom_kw_column
    columns = tuple((key, column) for key, column in named.items() if column is not None)
    rules = LayerRules(what[0], what[1], table.id_column, columns)
    layer = inspect_layer(project.resolve(table.path), table.layer, rules, place)
    for column, check in (
        (table.rated_kva_column, _check_power),
        (table.headroom_kw_column, _check_headroom),
    ):
        if layer.frame is not None and column is not None and column in layer.frame:
            check(layer, table.id_column, column)
    if layer.frame is not None and what[1] == "polygons":
        check_overlaps(layer, table.id_column)
    if layer.comparable:
        _check_near(layer, place)
    return layer.inspection


def _check_power(layer: Layer, id_column: str, column: str) -> None:
    frame = layer.frame
    if frame is None:
        return
    power = pd.to_numeric(frame[column], errors="coerce")
    names = labels(frame, id_column)
    text = power.isna() & frame[column].notna()
    wrong = (power < LEAST_KVA) | (power > MOST_KVA)
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
            f"{LEAST_KVA:g} to {MOST_KVA:g} kVA",
            "give the column in kVA (1 MVA = 1000 kVA); leave unknown ones empty, not 0",
        )


def _check_headroom(layer: Layer, id_column: str, column: str) -> None:
    frame = layer.frame
    if frame is None:
        return
    room = pd.to_numeric(frame[column], errors="coerce")
    names = labels(frame, id_column)
    layer.inspection.facts["headroom_known_share"] = float(room.notna().mean())
    text = room.isna() & frame[column].notna()
    for wrong, found in ((text, "that is not a number"), (room < 0, "below zero")):
        if wrong.any():
            shown = [
                f"{n}: {v}" for n, v in zip(names[wrong], frame.loc[wrong, column], strict=True)
            ]
            layer.inspection.error(
                "cabins.headroom",
                f"{column} {found} at {first_few(shown)}",
                "kW, 0 or more, or empty when unknown",
                "write 0 where a cabin is full; offers that count may have made it negative",
            )


def _check_near(layer: Layer, place: Place) -> None:
    extent = place.extent
    if extent is None or layer.frame is None:
        return
    west, south, east, north = extent
    left, below, right, above = shapely.bounds(layer.geometry).T
    beside = np.maximum.reduce([west - right, left - east, south - above, below - north])
    outside, far = beside > 0.0, beside > _NEAR_M
    known = np.isfinite(beside)
    layer.inspection.facts["outside"] = int(np.count_nonzero(outside & known))
    if known.any() and outside[known].all():
        layer.inspection.error(
            "cabins.outside",
            "no cabin inside the project's area",
            "cabins where the buildings are",
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
