"""Footprints from the difference of surface and ground, window by window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import shape

from zonnekaart.errors import RasterError
from zonnekaart.geo.footprints import stable_ids
from zonnekaart.geo.standing import standing_buildings
from zonnekaart.io.burning import cell_outlines
from zonnekaart.io.raster import HeightReader
from zonnekaart.pipelines.checks.heights import same_lattice

if TYPE_CHECKING:
    from pathlib import Path

_WINDOW, _HALO = 2048, 256
"""A building is taken from the window that holds its middle; larger ones than the halo are cut."""


def derived_footprints(dsm: Path, dtm: Path, least_area_m2: float) -> gpd.GeoDataFrame:
    """
    Return outlines of what stands smooth above the ground, one cell finer than the heights.

    Parameters
    ----------
    dsm, dtm : Path
        Heights on one lattice. [m]
    least_area_m2 : float
        Smaller ones are left out. [m2]

    Returns
    -------
    GeoDataFrame
        ``building_id`` and polygon.

    Raises
    ------
    RasterError
        If the two lie on different cells.
    """
    found: list[shapely.Geometry] = []
    with HeightReader(dsm) as surface, HeightReader(dtm) as ground:
        box = surface.geobox
        if not same_lattice(box, ground.geobox):
            raise RasterError(
                str(dtm),
                "other cells than the surface",
                f"the cells of {dsm.name}",
                "prepare both with the same --bounds or --area",
            )
        for row in range(0, box.rows, _WINDOW):
            for col in range(0, box.cols, _WINDOW):
                rows, cols = min(_WINDOW, box.rows - row), min(_WINDOW, box.cols - col)
                wide = (row - _HALO, col - _HALO, rows + 2 * _HALO, cols + 2 * _HALO)
                labels = standing_buildings(
                    surface.read(*wide), ground.read(*wide), box.cell_m, least_area_m2
                )
                inner = shapely.box(*box.crop(row, col, rows, cols).bounds)
                outlines = (shape(o) for _, o in cell_outlines(labels, box.crop(*wide)))
                found += [s for s in outlines if inner.covers(shapely.point_on_surface(s))]
    smooth = shapely.simplify(np.array(found, dtype=object), box.cell_m * 0.75)
    kept = smooth[shapely.area(smooth) >= least_area_m2]
    ids = stable_ids(kept, "d") if len(kept) else []
    return gpd.GeoDataFrame({"building_id": ids}, geometry=kept, crs=box.crs)
