"""Masks for the irradiation of chosen cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.errors import VectorError
from zonnekaart.geo.crs import require_same
from zonnekaart.geo.heights import AS_IT_IS, Corrections
from zonnekaart.geo.roofs import shifted
from zonnekaart.io.burning import cell_owners
from zonnekaart.io.raster import BandInfo, HeightReader, cog_writer
from zonnekaart.io.vector import read_layer

if TYPE_CHECKING:
    from pathlib import Path

_WINDOW = 2048


def footprint_mask(
    dsm: Path,
    buildings: Path,
    folder: Path,
    layer: str | None = None,
    shift_m: tuple[float, float] = (0.0, 0.0),
    corrections: Corrections = AS_IT_IS,
) -> Path:
    """
    Write a raster on the cells of `dsm` that is 1 inside footprints and unknown outside.

    Parameters
    ----------
    dsm : Path
        Height raster that gives the lattice.
    buildings : Path
        Footprints in the same CRS.
    folder : Path
        Where to write.
    layer : str, optional
        Name of the layer, needed when the file holds several.
    shift_m : tuple of float
        East and north: moves the footprints onto the heights. [m]
    corrections : Corrections
        What is stated about the numbers in `dsm`.

    Raises
    ------
    CrsError, VectorError
        If the CRS differs, or no footprint lies on the raster.
    """
    frame = read_layer(buildings, layer)
    out = folder / "mask.tif"
    with HeightReader(dsm, corrections) as reader:
        box = reader.geobox
    require_same(frame.crs, box.crs, str(buildings))
    frame = frame.set_geometry(shifted(frame.geometry.to_numpy(), shift_m), crs=frame.crs)
    inside = 0
    with cog_writer(out, box, [BandInfo("mask", "1")]) as writer:
        for row in range(0, box.rows, _WINDOW):
            for col in range(0, box.cols, _WINDOW):
                part = box.crop(
                    row, col, min(_WINDOW, box.rows - row), min(_WINDOW, box.cols - col)
                )
                near = frame.cx[part.west : part.east, part.south : part.north]
                roofs = cell_owners(list(near.geometry), part) >= 0
                inside += int(roofs.sum())
                values = np.where(roofs, np.float32(1.0), np.float32(np.nan))
                writer.write(values[np.newaxis], row, col)
    if not inside:
        raise VectorError(
            str(buildings), "no footprint on the raster", "footprints on it", "check both extents"
        )
    return out
