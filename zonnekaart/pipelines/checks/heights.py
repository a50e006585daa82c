"""Height rasters: whole, in metres, on one lattice, and with roofs where the footprints are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from zonnekaart.errors import CrsError, MissingInputError, RasterError
from zonnekaart.io.raster import HeightReader
from zonnekaart.pipelines.checks.findings import Inspection, share
from zonnekaart.pipelines.checks.place import Place, check_crs
from zonnekaart.pipelines.checks.scan import HeightScan, scan_heights

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.config import Project
    from zonnekaart.geo.geobox import GeoBox
    from zonnekaart.pipelines.checks.layers import Layer

MOST_MEDIAN_HEIGHT_M = 100.0
"""No district has half its buildings higher than this; a shed of 1 m in centimetres is. [m]"""

MOST_GROUND_DIFFERENCE_M = 50.0
"""Terrain model against the low cells around buildings; datums differ by 2.3 m here. [m]"""

COARSE_CELL_M, TOO_COARSE_CELL_M = 2.0, 5.0
LOW_ROOF_M = 1.5
MUCH_NODATA = 0.05
BELOW_M = 0.5
BELOW_SHARE, BELOW_ERROR_SHARE = 0.01, 0.2
_LATTICE = 200
_LOCAL_BUILDINGS = 300
_AROUND_M = 15.0
_LOW_QUANTILE = 0.1


@dataclass(frozen=True)
class _Relief:
    """Heights around sampled buildings from the surface model alone, shape (buildings,). [m]."""

    roof: npt.NDArray[np.float32]
    ground: npt.NDArray[np.float32]


def open_lattice(path: Path, inspection: Inspection) -> GeoBox | None:
    """Return where a raster lies, or None with a finding when it cannot be opened."""
    try:
        with HeightReader(path) as reader:
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
    inputs = project.inputs
    dsm = Inspection("inputs.dsm", str(project.resolve(inputs.dsm.path)))
    found = [dsm]
    dtm = None
    if inputs.dtm is not None:
        dtm = Inspection("inputs.dtm", str(project.resolve(inputs.dtm.path)))
        found.append(dtm)
    box = open_lattice(project.resolve(inputs.dsm.path), dsm)
    usable = box is not None and check_crs(box.crs, box.bounds, place, dsm)
    centres = centres_of(buildings)
    lattice = _lattice(box) if box is not None else np.empty((0, 2))
    points = np.concatenate([centres, lattice])
    surface = _scan(project.resolve(inputs.dsm.path), points, dsm) if box is not None else None
    if surface is not None:
        _check_raster(surface, dsm)
        _check_roofs(surface.at_points[: len(centres)], centres, surface.box, dsm)
    relief = None
    if surface is not None and usable and len(centres):
        relief = _relief(project.resolve(inputs.dsm.path), buildings, surface.box)
        _check_unit(relief, dsm)
    if inputs.dtm is not None and dtm is not None:
        terrain = _open_terrain(project.resolve(inputs.dtm.path), points, place, dtm)
        if terrain is not None and surface is not None:
            _check_pair(surface, terrain, len(centres), dtm)
            if relief is not None:
                _check_terrain_unit(relief, terrain, dtm)
    return found


def _open_terrain(
    path: Path, points: npt.NDArray[np.float64], place: Place, dtm: Inspection
) -> HeightScan | None:
    box = open_lattice(path, dtm)
    if box is None:
        return None
    usable = check_crs(box.crs, box.bounds, place, dtm)
    terrain = _scan(path, points, dtm)
    if terrain is not None:
        _check_raster(terrain, dtm)
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


def _scan(path: Path, points: npt.NDArray[np.float64], inspection: Inspection) -> HeightScan | None:
    try:
        return scan_heights(path, points)
    except RasterError as error:
        inspection.caught(error)
        return None


def _check_raster(scan: HeightScan, inspection: Inspection) -> None:
    """Note what is wrong with one raster by itself, and its figures."""
    box = scan.box
    inspection.facts.update(
        rows=box.rows,
        cols=box.cols,
        cell_m=box.cell_m,
        bounds=[round(v, 3) for v in box.bounds],
        nodata_share=scan.nodata / scan.cells,
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


def _relief(path: Path, buildings: Layer, box: GeoBox) -> _Relief:
    """Measure roof and ground around some buildings in the surface model alone."""
    shapes = buildings.geometry
    shapes = shapes[shapely.is_valid(shapes) & ~shapely.is_empty(shapes)]
    chosen = shapes[np.unique(np.linspace(0, len(shapes) - 1, _LOCAL_BUILDINGS).astype(int))]
    around = max(_AROUND_M, 3 * box.cell_m)
    roof, ground = [], []
    with HeightReader(path) as reader:
        for shape in chosen:
            west, south, east, north = shapely.bounds(shape)
            row = int((box.north - north - around) // box.cell_m)
            col = int((west - around - box.west) // box.cell_m)
            rows = int((north - south + 2 * around) / box.cell_m) + 1
            cols = int((east - west + 2 * around) / box.cell_m) + 1
            block = reader.read(row, col, rows, cols)
            x = box.west + (col + np.arange(cols) + 0.5) * box.cell_m
            y = box.north - (row + np.arange(rows) + 0.5) * box.cell_m
            inside = shapely.contains_xy(shape, *np.meshgrid(x, y)) & np.isfinite(block)
            outside = ~inside & np.isfinite(block)
            if inside.any() and outside.any():
                roof.append(np.median(block[inside]))
                ground.append(np.quantile(block[outside], _LOW_QUANTILE))
    return _Relief(np.array(roof, dtype=np.float32), np.array(ground, dtype=np.float32))


def unit_of(height: float) -> str:
    """
    Return the unit in which a building would have this height.

    Examples
    --------
    >>> unit_of(740.0), unit_of(7400.0)
    ('centimetres', 'millimetres')
    """
    return "millimetres" if height > 20 * MOST_MEDIAN_HEIGHT_M else "centimetres"


def _check_unit(relief: _Relief, inspection: Inspection) -> None:
    if not relief.roof.size:
        return
    height = float(np.median(relief.roof - relief.ground))
    low = int(np.count_nonzero(relief.roof - relief.ground < LOW_ROOF_M))
    inspection.facts["median_building_height_m"] = height
    if height > MOST_MEDIAN_HEIGHT_M:
        factor = 0.001 if unit_of(height) == "millimetres" else 0.01
        inspection.error(
            "heights.unit",
            f"buildings that stand {height:.0f} above the ground (median): {unit_of(height)}?",
            f"heights in metres, with buildings under {MOST_MEDIAN_HEIGHT_M:g} m (median)",
            f'convert to metres: gdal_calc.py -A IN --calc="A*{factor:g}" --type=Float32 '
            "--outfile=OUT",
        )
    elif 2 * low > relief.roof.size:
        inspection.error(
            "heights.no_roofs",
            f"no roof at {share(low, relief.roof.size)} of the footprints "
            f"(less than {LOW_ROOF_M:g} m above the ground; median {height:.1f} m)",
            "a surface model, with roofs where the footprints are",
            "see whether a terrain model was given as dsm, or the footprints are shifted",
        )
    elif low:
        inspection.info(
            "heights.low_roofs",
            f"{share(low, relief.roof.size)} of {relief.roof.size} sampled footprints stand less "
            f"than {LOW_ROOF_M:g} m above the ground",
            "roofs where the footprints are",
            "these are newer than the heights, or gone; they are flagged, not computed as zero",
        )


def _check_pair(
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
    if not known or below <= BELOW_SHARE * known:
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


def _check_terrain_unit(relief: _Relief, terrain: HeightScan, inspection: Inspection) -> None:
    """Compare the terrain with the low cells around buildings."""
    if not relief.ground.size or not terrain.sample.size:
        return
    ground, level = float(np.median(relief.ground)), float(np.median(terrain.sample))
    height = float(np.median(relief.roof - relief.ground))
    if height > MOST_MEDIAN_HEIGHT_M and abs(level - ground) < 0.5 * abs(ground):
        inspection.error(
            "heights.unit",
            f"a terrain at {level:.0f}, like the surface model that is not in metres",
            "heights in metres",
            'convert both to metres: gdal_calc.py -A IN --calc="A*0.01" --type=Float32 '
            "--outfile=OUT",
        )
    elif height <= MOST_MEDIAN_HEIGHT_M and abs(level - ground) > MOST_GROUND_DIFFERENCE_M:
        inspection.error(
            "heights.terrain",
            f"a terrain at {level:.1f} (median) where the surface has its ground at {ground:.1f}",
            f"a terrain within {MOST_GROUND_DIFFERENCE_M:g} m of that",
            "see whether the terrain model is in centimetres, or of another place or datum",
        )
