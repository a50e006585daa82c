"""Whether footprints lie on the buildings that the heights show, or beside them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely

from zonnekaart.geo.alignment import Offset, edge_correlation, footprint_offset
from zonnekaart.io.burning import cell_owners
from zonnekaart.io.raster import HeightReader

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.geo.geobox import GeoBox
    from zonnekaart.geo.heights import Corrections
    from zonnekaart.pipelines.checks.findings import Inspection
    from zonnekaart.pipelines.checks.layers import Layer

MUCH_M, TOO_MUCH_M = 1.0, 3.0
"""One cell is the noise of a register; with three, a roof takes cells of its neighbour. [m]"""

MOST_ERROR_M = 0.5
LEAST_PROMINENCE = 5.0
"""Unrelated footprints reach 4: the highest of some hundred random correlations. [-]"""

REACH_M = 10.0
_LEAST_FOOTPRINTS = 20
_SMALLEST, _LARGEST = 128, 512
_MOST_PARTS = 40


def measure_offset(
    path: Path, buildings: Layer, box: GeoBox, corrections: Corrections
) -> Offset | None:
    """
    Estimate the vector that moves the footprints onto the buildings in the heights.

    Parameters
    ----------
    path : Path
        Surface heights.
    buildings : Layer
        The footprints.
    box : GeoBox
        Lattice of the heights.
    corrections : Corrections
        What the project states about the heights.

    Returns
    -------
    Offset or None
        From the parts of the raster with most footprints; None with fewer than 20 of them.
    """
    shapes = buildings.geometry
    shapes = shapes[shapely.is_valid(shapes) & ~shapely.is_empty(shapes)]
    shapes = shapely.force_2d(shapes)
    inside = shapely.intersects(shapes, shapely.box(*box.bounds))
    shapes = shapes[inside]
    if len(shapes) < _LEAST_FOOTPRINTS:
        return None
    reach = math.ceil(REACH_M / box.cell_m)
    tree = shapely.STRtree(shapes)
    surfaces = []
    with HeightReader(path, corrections) as reader:
        for part, row, col in _parts(shapes, box):
            near = tree.query(shapely.box(*part.bounds))
            covered = cell_owners(list(shapes[near]), part) >= 0
            height = reader.read(row, col, part.rows, part.cols)
            surfaces.append(edge_correlation(height, covered, reach))
    return footprint_offset(np.array(surfaces), box.cell_m)


def _parts(shapes: npt.NDArray[np.object_], box: GeoBox) -> list[tuple[GeoBox, int, int]]:
    """Return the parts of the raster with most footprints, with their first row and column."""
    size = int(np.clip(min(box.rows, box.cols) // 4, _SMALLEST, _LARGEST))
    middles = shapely.get_coordinates(shapely.centroid(shapes))
    rows = np.clip((box.north - middles[:, 1]) / box.cell_m, 0, box.rows - 1).astype(int) // size
    cols = np.clip((middles[:, 0] - box.west) / box.cell_m, 0, box.cols - 1).astype(int) // size
    across = -(-box.cols // size)
    number, count = np.unique(rows * across + cols, return_counts=True)
    fullest = np.sort(number[np.argsort(-count, kind="stable")][:_MOST_PARTS])
    found = []
    for row, col in ((int(n) // across * size, int(n) % across * size) for n in fullest):
        rows_here, cols_here = min(size, box.rows - row), min(size, box.cols - col)
        found.append((box.crop(row, col, rows_here, cols_here), row, col))
    return found


def check_offset(
    offset: Offset | None, stated: tuple[float, float], inspection: Inspection
) -> None:
    """
    Note footprints that lie beside the buildings.

    Parameters
    ----------
    offset : Offset or None
        From `measure_offset`; with the shift that the project states already applied.
    stated : tuple of float
        That shift. [m]
    inspection : Inspection
        Of the footprints.
    """
    if offset is None or math.isnan(offset.east_m):
        return
    sure = offset.error_m <= MOST_ERROR_M and offset.prominence >= LEAST_PROMINENCE
    inspection.facts.update(
        offset_east_m=round(offset.east_m, 2),
        offset_north_m=round(offset.north_m, 2),
        offset_error_m=round(offset.error_m, 2) if math.isfinite(offset.error_m) else None,
        offset_sure=sure,
    )
    if not sure or offset.distance_m <= MUCH_M:
        return
    east, north = stated[0] + offset.east_m, stated[1] + offset.north_m
    add = inspection.error if offset.distance_m > TOO_MUCH_M else inspection.warning
    add(
        "buildings.offset",
        f"roofs that lie {_side(offset.east_m, 'east', 'west')} and "
        f"{_side(offset.north_m, 'north', 'south')} of their footprints "
        f"(+/- {offset.error_m:.1f} m)",
        f"footprints within {MUCH_M:g} m of the roofs in the heights",
        "see which of the two is right (another CRS or transformation, a register drawn on older "
        f"photographs); when it is the heights, state shift_m = [{east:.1f}, {north:.1f}] in "
        "[inputs.buildings]",
    )


def _side(value: float, positive: str, negative: str) -> str:
    return f"{abs(value):.1f} m {positive if value >= 0 else negative}"
