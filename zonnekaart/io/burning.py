"""Polygons onto cells: which footprint holds a cell's centre. Uses the door to rasterio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from rasterio.features import rasterize
from rasterio.features import shapes as outlines_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from shapely.geometry.base import BaseGeometry

    from zonnekaart.geo.geobox import GeoBox


def cell_owners(
    geometries: Sequence[BaseGeometry], geobox: GeoBox, numbers: Sequence[int] | None = None
) -> npt.NDArray[np.int32]:
    """
    Return for each cell the polygon that holds its centre.

    Parameters
    ----------
    geometries : sequence of polygons
        In the CRS of `geobox`; where two overlap, the earlier one gets the cell.
    geobox : GeoBox
        The cells.
    numbers : sequence of int, optional
        What to write for each polygon; its position when left out.

    Returns
    -------
    ndarray of int32, shape (rows, cols)
        Number of the polygon; -1 outside all.
    """
    written = range(len(geometries)) if numbers is None else numbers
    # The later shape overwrites, so the first one comes last.
    shapes = [
        (geometry, number)
        for geometry, number in zip(geometries, written, strict=True)
        if not geometry.is_empty
    ][::-1]
    if not shapes:
        return np.full((geobox.rows, geobox.cols), -1, dtype=np.int32)
    burned: npt.NDArray[np.int32] = rasterize(
        shapes,
        out_shape=(geobox.rows, geobox.cols),
        transform=rasterio.Affine(*geobox.transform),
        fill=-1,
        dtype="int32",
    )
    return burned


def cell_outlines(
    labels: npt.NDArray[np.int32], geobox: GeoBox
) -> list[tuple[int, dict[str, Any]]]:
    """
    Return the outline of each group of equal cells along the cells' edges.

    Parameters
    ----------
    labels : ndarray of int32, shape (rows, cols)
        Number of the group; 0 is none.
    geobox : GeoBox
        Where the cells lie.

    Returns
    -------
    list of (int, dict)
        Number and GeoJSON polygon; cells that touch by a corner only are apart.
    """
    found = outlines_of(labels, mask=labels > 0, transform=rasterio.Affine(*geobox.transform))
    return [(int(number), outline) for outline, number in found]
