"""Height rasters: whole, in metres, on one lattice, and with roofs where the footprints are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from zonnekaart.errors import CrsError, MissingInputError, RasterError
from zonnekaart.geo.heights import AS_IT_IS, Corrections
from zonnekaart.io.raster import HeightReader
from zonnekaart.pipelines.checks.findings import Inspection, share
from zonnekaart.pipelines.checks.flaws import tell_flaws
from zonnekaart.pipelines.checks.place import Place, check_crs
from zonnekaart.pipelines.checks.position import check_offset, measure_offset
from zonnekaart.pipelines.checks.relief import check_relief, check_terrain_relief, measure_relief
from zonnekaart.pipelines.checks.scan import HeightScan, scan_heights

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.config import Project
    from zonnekaart.geo.geobox import GeoBox
    from zonnekaart.pipelines.checks.layers import Layer

COARSE_CELL_M, TOO_COARSE_CELL_M = 2.0, 5.0
MUCH_NODATA = 0.05
BELOW_M = 0.5
BELOW_SHARE, BELOW_ERROR_SHARE = 0.01, 0.2
OPEN_M = 1.5
"""Half of the open ground lies within noise of the terrain; datums differ by more. [m]"""
_OPEN_QUANTILE = 0.05
_LATTICE = 200


def open_lattice(
    path: Path, inspection: Inspection, corrections: Corrections = AS_IT_IS
) -> GeoBox | None:
    """Return where a raster lies, or None with a finding when it cannot be opened."""
    try:
        with HeightReader(path, corrections) as reader:
            return reader.geobox
    except (MissingInputError, RasterError, CrsError) as error:
        inspection.caught(error)
        return None


def check_heights(project: Project, place: Place, buildings: Layer) -> list[Inspection]:
    """
    Look at the surface model and, when there is one, the terrain model.

    Parameters
    ----------
    project : Project
        The project file.
    place : Place
        The project CRS and the lattice of the surface model.
    buildings : Layer
        The footprints; used only when they can be compared.
    """
    surface_file, terrain_file = project.inputs.dsm, project.inputs.dtm
    if surface_file is None:
        return []
    path = project.resolve(surface_file.path)
    dsm = Inspection("inputs.dsm", str(path))
    found = [dsm]
    box = open_lattice(path, dsm, surface_file.corrections)
    usable = box is not None and check_crs(box.crs, box.bounds, place, dsm)
    centres = centres_of(buildings)
    points = np.concatenate([centres, _lattice(box) if box is not None else np.empty((0, 2))])
    surface = _scan(path, points, surface_file.corrections, dsm) if box is not None else None
    relief = None
    if surface is not None:
        check_raster(surface, dsm)
        _check_roofs(surface.at_points[: len(centres)], centres, surface.box, dsm)
        if usable and len(centres):
            relief = measure_relief(path, buildings, surface.box, surface_file.corrections)
            check_relief(relief, dsm)
            if relief.unit == "m":
                offset = measure_offset(path, buildings, surface.box, surface_file.corrections)
                check_offset(offset, project.inputs.buildings.shift_m, buildings.inspection)
        if relief is None or relief.unit == "m":
            tell_flaws(surface.flaws, surface_file.corrections, dsm)
    if terrain_file is not None:
        dtm = Inspection("inputs.dtm", str(project.resolve(terrain_file.path)))
        found.append(dtm)
        terrain = _open_terrain(project, points, place, dtm)
        if terrain is not None and surface is not None:
            check_pair(surface, terrain, len(centres), dtm)
            if relief is not None:
                under = measure_relief(
                    project.resolve(terrain_file.path),
                    buildings,
                    terrain.box,
                    terrain_file.corrections,
                )
                check_terrain_relief(relief, under, terrain, dtm)
    return found


def _open_terrain(
    project: Project, points: npt.NDArray[np.float64], place: Place, dtm: Inspection
) -> HeightScan | None:
    table = project.inputs.dtm
    if table is None:
        return None
    path = project.resolve(table.path)
    box = open_lattice(path, dtm, table.corrections)
    if box is None:
        return None
    usable = check_crs(box.crs, box.bounds, place, dtm)
    terrain = _scan(path, points, table.corrections, dtm)
    if terrain is not None:
        check_raster(terrain, dtm)
        tell_flaws(terrain.flaws, table.corrections, dtm)
    return terrain if usable else None


def centres_of(buildings: Layer) -> npt.NDArray[np.float64]:
    """Return one point inside each whole footprint, shape (buildings, 2)."""
    if not buildings.comparable:
        return np.empty((0, 2))
    shapes = buildings.geometry
    whole = shapes[shapely.is_valid(shapes) & ~shapely.is_empty(shapes)]
    return shapely.get_coordinates(shapely.point_on_surface(whole))


def _lattice(box: GeoBox) -> npt.NDArray[np.float64]:
    """Return centres of a regular selection of cells, shape (points, 2)."""
    rows = np.unique(np.linspace(0, box.rows - 1, _LATTICE).astype(int))
    cols = np.unique(np.linspace(0, box.cols - 1, _LATTICE).astype(int))
    x, y = np.meshgrid(box.west + (cols + 0.5) * box.cell_m, box.north - (rows + 0.5) * box.cell_m)
    return np.column_stack([x.ravel(), y.ravel()])


def _scan(
    path: Path,
    points: npt.NDArray[np.float64],
    corrections: Corrections,
    inspection: Inspection,
) -> HeightScan | None:
    try:
        return scan_heights(path, points, corrections)
    except RasterError as error:
        inspection.caught(error)
        return None


def check_raster(scan: HeightScan, inspection: Inspection) -> None:
    """Note what is wrong with one raster by itself, and its figures."""
    box = scan.box
    inspection.facts.update(
        rows=box.rows,
        cols=box.cols,
        cell_m=box.cell_m,
        bounds=[round(v, 3) for v in box.bounds],
        nodata_share=scan.nodata / scan.cells,
        cells_filled=scan.filled,
        cells_replaced=scan.replaced,
    )
    if scan.codes:
        inspection.error(
            "heights.undeclared_nodata",
            f"{scan.codes} cells ({share(scan.codes, scan.cells)}) of {scan.code_value:g}, "
            "which the file does not declare as nodata",
            "nodata declared in the file",
            f"declare it: gdal_edit.py -a_nodata {scan.code_value:g} FILE",
        )
    if scan.sample.size == 0:
        inspection.error(
            "heights.nothing", "no cell with a height", "heights", "see whether the clip missed"
        )
        return
    low, middle, high = (float(v) for v in np.quantile(scan.sample, [0.001, 0.5, 0.999]))
    inspection.facts.update(low_m=low, median_m=middle, high_m=high)
    if scan.nodata > MUCH_NODATA * scan.cells:
        inspection.warning(
            "heights.nodata",
            f"no height in {share(scan.nodata, scan.cells)} of the cells",
            f"under {100 * MUCH_NODATA:g} %",
            "clip to the part with heights, or fill small holes: gdal_fillnodata.py IN OUT",
        )
    _check_cell_size(box.cell_m, inspection)


def _check_cell_size(cell_m: float, inspection: Inspection) -> None:
    found = f"cells of {cell_m:g} m"
    hint = "take the finest model there is (Flanders: DHMV II, 1 m); resampling adds nothing"
    if cell_m > TOO_COARSE_CELL_M:
        inspection.error(
            "heights.cell_size", found, f"at most {TOO_COARSE_CELL_M:g} m, better 1 m", hint
        )
    elif cell_m > COARSE_CELL_M:
        inspection.warning("heights.cell_size", found, f"at most {COARSE_CELL_M:g} m", hint)


def _check_roofs(
    heights: npt.NDArray[np.float32],
    centres: npt.NDArray[np.float64],
    box: GeoBox,
    inspection: Inspection,
) -> None:
    """Count the footprints inside the raster that have no height under them."""
    west, south, east, north = box.bounds
    x, y = centres[:, 0], centres[:, 1]
    inside = (x > west) & (x < east) & (y > south) & (y < north)
    total = int(inside.sum())
    if not total:
        return
    missing = int(np.count_nonzero(np.isnan(heights[inside])))
    inspection.facts["buildings_without_height"] = missing
    if missing > 0.5 * total:
        add = inspection.error
    elif missing:
        add = inspection.warning
    else:
        return
    add(
        "heights.no_height",
        f"{missing} of {total} footprints ({share(missing, total)}) on cells without a height",
        "heights under the footprints",
        "fill or replace the height sheet; these buildings get no yield, which is not zero",
    )


def check_pair(
    surface: HeightScan, terrain: HeightScan, buildings: int, inspection: Inspection
) -> None:
    """Compare the lattices, and which of the two is the higher one."""
    if not same_lattice(surface.box, terrain.box):
        west, south, east, north = surface.box.bounds
        inspection.error(
            "heights.misaligned",
            _lattice_text(terrain.box),
            f"the lattice of the surface model: {_lattice_text(surface.box)}",
            f"gdalwarp -te {west:g} {south:g} {east:g} {north:g} "
            f"-tr {surface.box.cell_m:g} {surface.box.cell_m:g} -r bilinear IN OUT",
        )
    difference = surface.at_points - terrain.at_points
    lattice = difference[buildings:]
    known = int(np.count_nonzero(np.isfinite(lattice)))
    below = int(np.count_nonzero(lattice < -BELOW_M))
    inspection.facts["surface_below_terrain_share"] = below / known if known else None
    if not known:
        return
    open_ground = float(np.nanquantile(lattice, _OPEN_QUANTILE))
    inspection.facts["open_ground_m"] = open_ground
    if open_ground > OPEN_M:
        inspection.warning(
            "heights.datum",
            f"a surface at least {open_ground:.1f} m above the terrain in "
            f"{100 * (1 - _OPEN_QUANTILE):g} % of the cells",
            "open ground at the height of the terrain",
            "see whether the two are in different height datums (TAW and NAP differ by 2.3 m) or "
            "one of them is in another unit; in closed forest nothing is wrong",
        )
    if below <= BELOW_SHARE * known:
        return
    add = inspection.error if below > BELOW_ERROR_SHARE * known else inspection.warning
    add(
        "heights.below_terrain",
        f"the surface lies more than {BELOW_M:g} m below the terrain in {share(below, known)} "
        "of the cells",
        f"at most {100 * BELOW_SHARE:g} %",
        "see whether dsm and dtm are swapped, shifted, or in different height datums",
    )


def same_lattice(left: GeoBox, right: GeoBox) -> bool:
    """Tell whether two rasters have the same cells, within a thousandth of one."""
    slack = 1e-3 * left.cell_m
    return (left.rows, left.cols) == (right.rows, right.cols) and bool(
        np.allclose(left.bounds, right.bounds, rtol=0.0, atol=slack)
    )


def _lattice_text(box: GeoBox) -> str:
    return (
        f"{box.rows} x {box.cols} cells of {box.cell_m:g} m from x {box.west:.10g}, "
        f"y {box.north:.10g}"
    )
