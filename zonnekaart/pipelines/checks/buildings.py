"""Building footprints: identity, position, copies, and the columns that the project names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zonnekaart.geo.roofs import shifted
from zonnekaart.pipelines.checks.findings import counted, first_few, share
from zonnekaart.pipelines.checks.layers import Layer, LayerRules, inspect_layer, labels
from zonnekaart.pipelines.checks.overlaps import overlaps
from zonnekaart.pipelines.checks.place import swapped

if TYPE_CHECKING:
    import numpy.typing as npt

    from zonnekaart.config import BuildingsInput, Project
    from zonnekaart.pipelines.checks.findings import Inspection
    from zonnekaart.pipelines.checks.place import Place

SAME_SHARE = 0.9
"""Shared area over the larger of two footprints, from which they are one building twice."""

CROSSING_SHARE = 0.1
"""Shared area over the smaller of two footprints, from which a roof is counted twice in part."""

MOSTLY_OUTSIDE = 0.5
"""Share of footprints outside the heights, from which the two inputs do not belong together."""

_LEAST_M2, _TINY_M2, _HUGE_M2 = 1.0, 4.0, 200_000.0
_MOST_KWP_PER_M2 = 0.35
"""Installed power per m2 of footprint that no module reaches today (about 0.23); margin ours."""


def check_buildings(project: Project, place: Place) -> Layer:
    """
    Look at the footprints.

    Parameters
    ----------
    project : Project
        The project file.
    place : Place
        The project CRS and the lattice of the heights.
    """
    table = project.inputs.buildings
    rules = LayerRules("inputs.buildings", "polygons", table.id_column, _named_columns(table))
    layer = inspect_layer(project.resolve(table.path), table.layer, rules, place)
    if layer.frame is None:
        return layer
    if table.shift_m != (0.0, 0.0):
        layer.frame = layer.frame.set_geometry(
            gpd.GeoSeries(
                shifted(layer.geometry, table.shift_m), layer.frame.index, crs=layer.frame.crs
            )
        )
    area = shapely.area(layer.geometry)
    layer.inspection.facts["footprint_area_m2"] = round(float(np.nansum(area)), 1)
    names = labels(layer.frame, table.id_column)
    _check_sizes(layer.inspection, names, area)
    _check_parts(layer, names)
    _check_copies(layer, names)
    _check_attributes(layer, table, names, area)
    _check_age(layer, table, project.roofs.survey_year)
    if layer.comparable and place.box is not None:
        _check_position(layer, place, names)
    return layer


def _named_columns(table: BuildingsInput) -> tuple[tuple[str, str], ...]:
    keys = [k for k in type(table).model_fields if k.endswith("_column") and k != "id_column"]
    return tuple((k, getattr(table, k)) for k in keys if getattr(table, k) is not None)


def _check_sizes(inspection: Inspection, names: pd.Series, area: np.ndarray) -> None:
    tiny = (area < _TINY_M2) & (area > 0.0)
    if tiny.any():
        inspection.info(
            "buildings.tiny",
            f"{counted(int(tiny.sum()), 'footprint')} under {_TINY_M2:g} m2: "
            f"{first_few(names[tiny], 3)}",
            "roofs that can carry a module",
            "they stay in the map and get no capacity",
        )
    huge = area > _HUGE_M2
    if huge.any():
        inspection.warning(
            "buildings.huge",
            f"{counted(int(huge.sum()), 'footprint')} over {_HUGE_M2 / 1e4:g} ha: "
            f"{first_few(names[huge], 3)}",
            "single buildings",
            "see whether a street block or a whole site was drawn as one building",
        )


def _check_parts(layer: Layer, names: pd.Series) -> None:
    """Count parts, courtyards and third dimensions: all are taken as they are, or flattened."""
    parts = shapely.get_num_geometries(layer.geometry) > 1
    layer.inspection.facts.update(
        in_parts=int(parts.sum()),
        with_courtyard=int((_courtyards(layer.geometry) > 0).sum()),
        three_dimensional=int(shapely.has_z(layer.geometry).sum()),
    )
    if parts.any():
        layer.inspection.info(
            "buildings.parts",
            f"{counted(int(parts.sum()), 'footprint')} of several parts: "
            f"{first_few(names[parts], 3)}",
            "one building, one polygon",
            "they stay one building; split them when the parts have users of their own",
        )


def _courtyards(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
    """Return the number of inner rings of each geometry, shape (features,)."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    rings = np.maximum(shapely.get_num_interior_rings(parts), 0)
    return np.bincount(owner, weights=rings, minlength=len(shapes)).astype(np.int64)


def _check_age(layer: Layer, table: BuildingsInput, survey_year: int | None) -> None:
    """Count the footprints built after the heights were flown."""
    frame, column = layer.frame, table.construction_year_column
    if frame is None or survey_year is None or column is None or column not in frame:
        return
    newer = int((pd.to_numeric(frame[column], errors="coerce") > survey_year).sum())
    layer.inspection.facts["newer_than_heights"] = newer
    if newer:
        layer.inspection.info(
            "buildings.newer",
            f"{counted(newer, 'footprint')} built after {survey_year}, when the heights were flown",
            "buildings that the heights show",
            "they are flagged and get no yield, which is not zero; ask for newer heights",
        )


def _check_copies(layer: Layer, names: pd.Series) -> None:
    pairs = overlaps(layer.geometry, _LEAST_M2)
    label = names.to_numpy()
    same = pairs.union_share >= SAME_SHARE
    crossing = ~same & (pairs.share >= CROSSING_SHARE)
    if same.any():
        shown = [f"{label[a]} and {label[b]}" for a, b in _pairs(pairs.first, pairs.second, same)]
        layer.inspection.error(
            "buildings.copy",
            f"{counted(len(shown), 'pair')} of footprints of one and the same building: "
            f"{first_few(shown)}",
            "every building once, so that no roof counts twice",
            "delete one of each pair (QGIS: Delete duplicate geometries)",
        )
    if crossing.any():
        shown = [
            f"{label[a]} and {label[b]}" for a, b in _pairs(pairs.first, pairs.second, crossing)
        ]
        layer.inspection.warning(
            "buildings.crossing",
            f"{counted(len(shown), 'pair')} of footprints with an overlap, together "
            f"{float(pairs.area_m2[crossing].sum()):.0f} m2: {first_few(shown, 3)}",
            "footprints that only touch",
            "each height cell goes to one of the two; cut the overlap for exact roofs",
        )


def _pairs(first: np.ndarray, second: np.ndarray, chosen: np.ndarray) -> list[tuple[int, int]]:
    return list(zip(first[chosen].tolist(), second[chosen].tolist(), strict=True))


def _check_position(layer: Layer, place: Place, names: pd.Series) -> None:
    if place.box is None:
        return
    west, south, east, north = place.box.bounds
    boxes = shapely.bounds(layer.geometry)
    known = np.isfinite(boxes).all(axis=1)
    outside = known & (
        (boxes[:, 2] <= west)
        | (boxes[:, 0] >= east)
        | (boxes[:, 3] <= south)
        | (boxes[:, 1] >= north)
    )
    inside = known & (
        (boxes[:, 0] >= west)
        & (boxes[:, 2] <= east)
        & (boxes[:, 1] >= south)
        & (boxes[:, 3] <= north)
    )
    cut = known & ~outside & ~inside
    count, total = int(outside.sum()), int(known.sum())
    layer.inspection.facts["outside"] = count
    layer.inspection.facts["covered_share"] = 1.0 - count / total if total else 0.0
    what = f"{count} of {total} footprints ({share(count, total)}) outside the surface model"
    turned = shapely.box(*swapped(tuple(layer.inspection.facts["bounds"])))
    fix = (
        "x and y are swapped: ogr2ogr -swapxy OUT IN"
        if shapely.intersects(turned, shapely.box(west, south, east, north))
        else "choose the heights of this place; of a larger place, clip the footprints: "
        f"ogr2ogr -clipsrc {west:.0f} {south:.0f} {east:.0f} {north:.0f} OUT IN"
    )
    extent = f"footprints inside x {west:.0f} to {east:.0f}, y {south:.0f} to {north:.0f}"
    if total and count >= MOSTLY_OUTSIDE * total:
        layer.inspection.error(
            "buildings.outside",
            what,
            extent,
            fix,
        )
    elif count:
        layer.inspection.warning(
            "buildings.outside_some",
            f"{what}: {first_few(names[outside], 3)}",
            extent,
            "add neighbouring height sheets; these buildings get no yield, which is not zero",
        )
    if cut.any():
        layer.inspection.warning(
            "buildings.cut",
            f"{counted(int(cut.sum()), 'footprint')} cut by the edge of the surface model",
            extent,
            "only the part inside is computed; add the neighbouring sheet",
        )


def _check_attributes(
    layer: Layer, table: BuildingsInput, names: pd.Series, area: np.ndarray
) -> None:
    frame = layer.frame
    if frame is None:
        return
    numbers: dict[str, pd.Series] = {}
    for key in ("dwellings", "floor_area", "existing_kwp", "construction_year"):
        column = getattr(table, f"{key}_column")
        if column is not None and column in frame:
            numbers[key] = _numeric(layer.inspection, frame[column], column, names)
    if "existing_kwp" in numbers:
        _check_existing(layer.inspection, numbers["existing_kwp"], area)
    if "dwellings" in numbers:
        layer.inspection.facts["dwellings"] = float(numbers["dwellings"].sum())


def _numeric(inspection: Inspection, column: pd.Series, name: str, names: pd.Series) -> pd.Series:
    """Return a column as numbers; note text and negative values."""
    values = pd.to_numeric(column, errors="coerce").astype("float64")
    bad = (values.isna() & column.notna()) | (values < 0.0)
    if bad.any():
        inspection.error(
            "buildings.number",
            f"{int(bad.sum())} values of {name} that are text or negative: {first_few(names[bad])}",
            "numbers from 0, or empty when unknown",
            "correct the cells; write unknown as empty, not as a code such as -99999",
        )
    return values


def _check_existing(inspection: Inspection, existing: pd.Series, area: np.ndarray) -> None:
    """Find installed power in W or kVA by comparing it with the footprint."""
    values = existing.to_numpy()
    inspection.facts["existing_kwp"] = float(np.nansum(values))
    present = (values > 0.0) & (area > 0.0)
    if not present.any():
        return
    per_m2 = float(np.median(values[present] / area[present]))
    if per_m2 > _MOST_KWP_PER_M2:
        inspection.error(
            "buildings.existing_unit",
            f"installed power of {per_m2:.3g} kWp per m2 of footprint (median)",
            f"at most {_MOST_KWP_PER_M2:g} kWp per m2",
            "give the column in kWp (1 kWp = 1000 Wp)",
        )
