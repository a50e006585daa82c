"""Vegetation: crowns on the lattice of the heights, above a terrain, and trees only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.errors import RasterError
from zonnekaart.pipelines.checks.findings import Inspection, share
from zonnekaart.pipelines.checks.heights import centres_of, open_lattice, same_lattice
from zonnekaart.pipelines.checks.place import Place, check_crs
from zonnekaart.pipelines.checks.scan import scan_heights
from zonnekaart.pipelines.vegetation import BESIDE_CADASTRE

if TYPE_CHECKING:
    from zonnekaart.config import Project, VegetationInput
    from zonnekaart.pipelines.checks.layers import Layer
    from zonnekaart.pipelines.checks.scan import HeightScan

MANY_COVERED, MOST_COVERED = 0.2, 0.5
"""Share of footprints under crowns from which the raster is suspected, or refused. [-]"""
HIGHEST_TREE_M = 60.0
"""The highest trees of Europe; crowns above the datum are higher than this on most ground. [m]"""


def check_vegetation(project: Project, place: Place, buildings: Layer) -> Inspection | None:
    """
    Look at the crowns; None when there is no vegetation input.

    Parameters
    ----------
    project : Project
        The project file.
    place : Place
        The project CRS and the lattice of the surface model.
    buildings : Layer
        The footprints; used only when they can be compared.
    """
    table = project.inputs.vegetation
    if table is None:
        return None
    origin = table.path if table.path is not None else "derived"
    inspection = Inspection("inputs.vegetation", str(origin))
    if project.inputs.cadastre is not None:
        inspection.error("vegetation.cadastre", *BESIDE_CADASTRE)
    if project.inputs.dtm is None:
        inspection.error(
            "vegetation.ground",
            "no [inputs.dtm]",
            "a terrain model: crowns end at the ground",
            "add [inputs.dtm], or leave [inputs.vegetation] out",
        )
    if table.path is None:
        inspection.info(
            "vegetation.derived",
            "trees derived from the heights",
            "a raster of crown heights",
            "sheds and buildings without a footprint count as trees; figures are estimates",
        )
        return inspection
    path = project.resolve(table.path)
    box = open_lattice(path, inspection)
    if box is None:
        return inspection
    check_crs(box.crs, box.bounds, place, inspection)
    if place.box is not None and not same_lattice(place.box, box):
        inspection.error(
            "heights.misaligned",
            f"{box.rows} x {box.cols} cells of {box.cell_m:g} m",
            f"the {place.box.rows} x {place.box.cols} cells of the surface model",
            f"warp it onto them: gdalwarp -tr {place.box.cell_m:g} {place.box.cell_m:g} "
            "-te WEST SOUTH EAST NORTH IN OUT",
        )
    try:
        scan = scan_heights(path, centres_of(buildings), zero_counts=True)
    except RasterError as error:
        inspection.caught(error)
        return inspection
    _check_crowns(scan, table, inspection)
    return inspection


def _check_crowns(scan: HeightScan, table: VegetationInput, inspection: Inspection) -> None:
    """See whether heights above the ground are those of trees, and not of buildings too."""
    if scan.codes and scan.code_value > 0.0:
        inspection.error(
            "heights.undeclared_nodata",
            f"{share(scan.codes, scan.cells)} of the cells {scan.code_value:g}, "
            "which the file does not declare as nodata",
            "nodata declared in the file: such cells would be the highest trees",
            f"declare it: gdal_edit.py -a_nodata {scan.code_value:g} FILE",
        )
    crowns = scan.sample[scan.sample >= table.min_height_m]
    inspection.facts["crown_share"] = crowns.size / scan.sample.size if scan.sample.size else 0.0
    if table.kind != "canopy_height":
        return
    high = float(np.quantile(crowns, 0.99)) if crowns.size else 0.0
    if high > HIGHEST_TREE_M:
        inspection.error(
            "vegetation.unit",
            f"crowns of {high:.0f} m",
            f"trees up to {HIGHEST_TREE_M:g} m above the ground",
            'convert to metres, or say kind = "canopy_top" for heights above the datum',
        )
        return
    covered, known = int((scan.at_points >= table.min_height_m).sum()), scan.at_points.size
    if covered <= MANY_COVERED * known:
        return
    add = inspection.error if covered > MOST_COVERED * known else inspection.warning
    add(
        "vegetation.buildings",
        f"crowns over {share(covered, known)} of the footprints",
        f"at most {100 * MANY_COVERED:g} %: trees only, no buildings",
        "take buildings out of the raster, or use derive = true",
    )
