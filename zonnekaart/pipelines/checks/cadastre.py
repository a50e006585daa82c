"""An existing cadastre as input: place, units, conventions, coverage, and whose losses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from zonnekaart.errors import InputError
from zonnekaart.io.bands import raster_lattice, values_at
from zonnekaart.io.cadastre_options import MONTHS, PER_M2_KWH
from zonnekaart.io.raster import read_every_block
from zonnekaart.pipelines.cadastre_layers import given_planes, matched, numbers, read_cadastre
from zonnekaart.pipelines.cadastre_raster import bands_of
from zonnekaart.pipelines.cadastre_supply import resolved_cadastre
from zonnekaart.pipelines.checks.cadastre_figures import (
    check_azimuth,
    check_level,
    check_losses,
    check_tilt,
)
from zonnekaart.pipelines.checks.findings import Inspection, counted, first_few, share
from zonnekaart.pipelines.checks.overlaps import overlaps
from zonnekaart.pipelines.checks.place import check_crs

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    from zonnekaart.config import CadastreInput, Project
    from zonnekaart.geo.geobox import GeoBox
    from zonnekaart.pipelines.cadastre_layers import Given
    from zonnekaart.pipelines.checks.layers import Layer
    from zonnekaart.pipelines.checks.place import Place

    FloatArray = npt.NDArray[np.float64]

_MOST_POINTS = 5000
_LEAST_COVERED = 0.9
_MOST_ZEROS = 0.02
_CROSSING_SHARE, _LEAST_M2 = 0.1, 1.0
_AREA_TOLERANCE = 0.15
_CLOSED_WORDS = (
    "not stated",
    "niet vermeld",
    "unknown",
    "non-commercial",
    "noncommercial",
    "-nc",
    "all rights reserved",
    "internal",
)
"""Words in a licence that do not allow others to see what is made from the data."""


@dataclass(frozen=True)
class _Looked:
    """A cadastre that is being looked at, with the footprints it belongs to."""

    table: CadastreInput
    inspection: Inspection
    place: Place
    footprints: gpd.GeoDataFrame | None

    @property
    def northern(self) -> bool:
        """Whether the equator lies to the south."""
        return self.place.northern


def check_cadastre(project: Project, place: Place, buildings: Layer) -> list[Inspection]:
    """
    Look at the cadastre, if the project has one.

    Parameters
    ----------
    project : Project
        The project file.
    place : Place
        The project CRS.
    buildings : Layer
        The footprints; used only when they can be compared.
    """
    table = resolved_cadastre(project)
    if table is None:
        return []
    inspection = Inspection("inputs.cadastre", str(table.path))
    _check_licence(table, inspection)
    footprints = None
    if buildings.comparable and buildings.frame is not None and not buildings.inspection.failed:
        ids = buildings.frame[project.inputs.buildings.id_column].astype(str)
        footprints = buildings.frame.assign(building_id=ids)
    looked = _Looked(table, inspection, place, footprints)
    try:
        if table.kind == "raster":
            _check_raster(looked)
        else:
            _check_features(looked)
    except InputError as error:
        inspection.caught(error)
    return [inspection]


def _check_licence(table: CadastreInput, inspection: Inspection) -> None:
    licence = "" if table.source is None else table.source.licence.strip().lower()
    if not licence or any(word in licence for word in _CLOSED_WORDS):
        inspection.warning(
            "cadastre.licence",
            f"licence {licence or 'not given'!r}",
            "a licence that lets you publish what you make from it",
            "ask the maker of the cadastre before you show its roofs to others",
        )


def _check_raster(looked: _Looked) -> None:
    table, inspection = looked.table, looked.inspection
    box, count = raster_lattice(table.path)
    inspection.facts.update(rows=box.rows, cols=box.cols, cell_m=box.cell_m, bands=count)
    _check_cells(looked, box)
    bands, summed = bands_of(table.path, count, table)
    read_every_block(table.path)
    if not check_crs(box.crs, box.bounds, looked.place, inspection) or looked.footprints is None:
        return
    spots = shapely.get_coordinates(shapely.point_on_surface(looked.footprints.geometry.array))
    spots = spots[:: max(1, len(spots) // _MOST_POINTS)]
    used = bands[: MONTHS if summed else 1]
    found = sum(values_at(table.path, band, spots, table.nodata_value) for band in used)
    light = np.asarray(found) * PER_M2_KWH[table.irradiation_unit]
    known = light[~np.isnan(light)]
    covered = len(known) / len(light) if len(light) else 0.0
    inspection.facts["footprints_covered"] = round(covered, 3)
    _check_covered(covered, inspection)
    zeros = float(np.mean(known <= 0.0)) if len(known) else 0.0
    if zeros > _MOST_ZEROS:
        inspection.warning(
            "cadastre.zeros",
            f"0 or less on {share(zeros, 1.0)} of the footprints",
            "unknown cells marked as nodata: no roof gets nothing in a year",
            "if 0 means unknown, set nodata_value = 0 in [inputs.cadastre]",
        )
    check_level(known[known > 0.0], inspection)


def _check_cells(looked: _Looked, box: GeoBox) -> None:
    """Beside heights a raster must have their cells."""
    heights = looked.place.box
    if heights is not None and replace(box, crs=heights.crs) != heights:
        looked.inspection.error(
            "cadastre.cells",
            f"{box.rows} x {box.cols} cells of {box.cell_m:g} m from {box.west:g}, {box.north:g}",
            f"the cells of the heights: {heights.rows} x {heights.cols} of {heights.cell_m:g} m "
            f"from {heights.west:g}, {heights.north:g}",
            "warp it onto them: gdalwarp -tr ... -te ... -r average, or leave the heights out",
        )


def _check_covered(covered: float, inspection: Inspection) -> None:
    if covered == 0.0:
        inspection.error(
            "cadastre.coverage",
            "no footprint with a value",
            "a cadastre of the place of the footprints",
            "compare both in QGIS",
        )
    elif covered < _LEAST_COVERED:
        inspection.warning(
            "cadastre.coverage",
            f"{share(covered, 1.0)} of the footprints in the cadastre",
            f"at least {share(_LEAST_COVERED, 1.0)}",
            "supply of the others stays unknown; absent = 'no_potential' if they were left out "
            "because they are unfit",
        )


def _check_features(looked: _Looked) -> None:
    table, inspection = looked.table, looked.inspection
    frame = read_cadastre(table.path, table, looked.place.crs)
    inspection.facts["features"] = len(frame)
    _check_numbers(looked, frame)
    if "geometry" in frame:
        west, south, east, north = (float(v) for v in frame.total_bounds)
        bounds = (west, south, east, north)
        if not check_crs(frame.crs, bounds, looked.place, inspection):
            return
    check_tilt(numbers(frame, table.tilt_column), inspection)
    if looked.footprints is None:
        return
    owner = matched(frame, table, looked.footprints)
    _check_matched(owner, len(looked.footprints), inspection)
    if table.kind == "roofs":
        _check_overlaps(frame, inspection)
    given = given_planes(table.path, table, looked.footprints)
    light = given.irradiation[:, 0]
    if table.irradiation_column is not None:
        check_level(light[light > 0.0], inspection)
    check_azimuth(given.tilt_deg, given.azimuth_deg, light, inspection, northern=looked.northern)
    _check_area(table, given, inspection)
    check_losses(table, given, inspection)
    _note_totals(given, inspection)


def _check_numbers(looked: _Looked, frame: gpd.GeoDataFrame) -> None:
    """Note columns in which values are missing, no numbers, or below nothing."""
    table, inspection = looked.table, looked.inspection
    for key, name in table.named_columns.items():
        if key in {"building_id_column", "class_column"}:
            continue
        values = numbers(frame, name)
        missing = int(np.isnan(values).sum())
        if missing == len(values):
            inspection.error(
                "cadastre.numbers",
                f"no number in column {name}",
                "numbers, with a point for decimals",
                f"correct {key}, or convert the column",
            )
        elif missing:
            inspection.info(
                "cadastre.missing",
                f"{counted(missing, 'feature')} without a number in {name}",
                "a number in every row",
                "what is missing counts as unknown",
            )
        if key not in {"azimuth_column", "tilt_column"} and (values < 0.0).any():
            inspection.error(
                "cadastre.negative",
                f"{counted(int((values < 0.0).sum()), 'value')} below 0 in {name}",
                "0 or more; unknown left empty",
                "empty the codes for unknown, such as -9999",
            )


def _check_matched(owner: npt.NDArray[np.int64], buildings: int, inspection: Inspection) -> None:
    lost = np.flatnonzero(owner < 0)
    covered = len(np.unique(owner[owner >= 0])) / buildings if buildings else 0.0
    inspection.facts.update(unmatched=len(lost), footprints_covered=round(covered, 3))
    _check_covered(covered, inspection)
    if len(lost):
        inspection.warning(
            "cadastre.unmatched",
            f"{counted(len(lost), 'feature')} of no building: row {first_few(lost + 1)}",
            "features that lie on a footprint, or whose id one has",
            "they are left out of all sums; complete the footprints, or correct the ids",
        )


def _check_overlaps(frame: gpd.GeoDataFrame, inspection: Inspection) -> None:
    pairs = overlaps(np.asarray(frame.geometry.array, dtype=object), _LEAST_M2)
    twice = pairs.share >= _CROSSING_SHARE
    if twice.any():
        rows = [f"{a + 1} and {b + 1}" for a, b in zip(pairs.first, pairs.second, strict=True)]
        inspection.warning(
            "cadastre.overlap",
            f"{counted(int(twice.sum()), 'pair')} of roof planes over each other, together "
            f"{float(pairs.area_m2[twice].sum()):.0f} m2: "
            f"row {first_few(np.array(rows, dtype=object)[twice], 3)}",
            "planes that only touch, so that no roof counts twice",
            "delete copies; planes of different storeys may stay",
        )


def _check_area(table: CadastreInput, given: Given, inspection: Inspection) -> None:
    """Compare given areas with the polygons: plan and slope are easily mixed up."""
    if table.area_column is None or table.kind != "roofs" or table.tilt_column is None:
        return
    plan = shapely.area(given.outline)
    expected = plan / np.cos(np.radians(given.tilt_deg))
    steep = (given.tilt_deg > 20.0) & (expected > 0.0)
    if not steep.any():
        return
    ratio = float(np.nanmedian(given.roof_area_m2[steep] / expected[steep]))
    inspection.facts["area_over_polygon"] = round(ratio, 3)
    if abs(ratio - 1.0) > _AREA_TOLERANCE:
        inspection.warning(
            "cadastre.area",
            f"areas of {table.area_column}, read as {table.area_kind}, that are {ratio:.2f} times "
            "what polygon and tilt give",
            f"within {share(_AREA_TOLERANCE, 1.0)} of them",
            "see whether area_kind is right: plan or sloped; or the area is that of the panels",
        )


def _note_totals(given: Given, inspection: Inspection) -> None:
    inspection.facts.update(
        roof_area_m2=float(np.nansum(given.roof_area_m2)),
        given_kwh=float(np.nansum(given.yield_kwh)),
        given_kwp=float(np.nansum(given.capacity_kwp)),
    )
