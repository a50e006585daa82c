"""Laser points (LAS, LAZ) to heights on a lattice, in chunks. The door to laspy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import laspy
import numpy as np
from laspy.errors import LaspyException

from zonnekaart.errors import CrsError, MissingInputError, RasterError
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.io.raster import BandInfo, cog_writer

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

Kind = Literal["dsm", "dtm"]
"""Surface (what the laser meets first) or bare ground."""

GROUND_CLASS = 2
NOISE_CLASSES = (7, 18)
"""ASPRS classes: ground, low noise, high noise."""
_CHUNK_POINTS = 2_000_000
_MOST_CELLS = 250_000_000


@dataclass(frozen=True)
class CloudFacts:
    """
    What was found in one file of points.

    Parameters
    ----------
    points, used, noise : int
        Points in all, those that gave heights, and those left out as noise or withheld.
    per_cell : float
        Used points per cell that has any. [-]
    """

    points: int
    used: int
    noise: int
    per_cell: float


def rasterise_points(
    source: Path, out: Path, kind: Kind, cell_m: float, crs: str | None = None
) -> CloudFacts:
    """
    Write the highest first return (dsm) or the mean ground point (dtm) of each cell as a GeoTIFF.

    Parameters
    ----------
    source : Path
        LAS or LAZ, heights in metres.
    out : Path
        GeoTIFF on cells whose edges are multiples of `cell_m`; cells without a point are unknown.
    kind : {"dsm", "dtm"}
        Which surface.
    cell_m : float
        Cell size. [m]
    crs : str, optional
        System to use when the file names none.

    Raises
    ------
    MissingInputError, RasterError, CrsError
        If it is not there, broken, without CRS, or without a single point of the kind.
    """
    if not source.is_file():
        raise MissingInputError(str(source), "no such file", "a LAS or LAZ file", "check the path")
    try:
        with laspy.open(source) as reader:
            box = _lattice(reader.header, source, cell_m, crs)
            grid = _Grid(box, kind)
            for chunk in reader.chunk_iterator(_CHUNK_POINTS):
                grid.add(chunk)
            announced = int(reader.header.point_count)
    except (LaspyException, ValueError, EOFError, RuntimeError) as error:
        if isinstance(error, (RasterError, CrsError)):
            raise
        raise RasterError(
            str(source),
            f"points that cannot be read in full ({str(error).splitlines()[0]})",
            "a whole LAS or LAZ file",
            "download it again and compare its size",
        ) from error
    if grid.points < announced:
        raise RasterError(
            str(source),
            f"{grid.points} points",
            f"the {announced} that its header announces",
            "download it again and compare its size",
        )
    if not grid.used:
        raise RasterError(
            str(source),
            f"{grid.points} points, none of class ground" if kind == "dtm" else "no usable point",
            "classified ground points (class 2)" if kind == "dtm" else "first returns",
            "take a classified file, or the DTM of the same flight",
        )
    values = grid.heights()
    with cog_writer(out, box, [BandInfo("height", "m")]) as writer:
        writer.write(values[np.newaxis], 0, 0)
    filled = int(np.isfinite(values).sum())
    return CloudFacts(grid.points, grid.used, grid.noise, grid.used / filled)


def _lattice(header: Any, source: Path, cell_m: float, crs: str | None) -> GeoBox:  # noqa: ANN401 - laspy has no types
    found = header.parse_crs()
    if found is None and crs is None:
        raise CrsError(
            str(source),
            "no coordinate reference system",
            "a projected CRS in metres",
            "say it when you know it: --crs EPSG:31370",
        )
    west = math.floor(header.mins[0] / cell_m) * cell_m
    north = math.ceil(header.maxs[1] / cell_m) * cell_m
    cols = max(1, math.ceil((header.maxs[0] - west) / cell_m + 1e-9))
    rows = max(1, math.ceil((north - header.mins[1]) / cell_m + 1e-9))
    if rows * cols > _MOST_CELLS:
        raise RasterError(
            str(source),
            f"{rows} x {cols} cells of {cell_m:g} m",
            f"at most {_MOST_CELLS / 1e6:g} million cells per file",
            "take larger cells (--cell), or split the file into tiles",
        )
    return GeoBox(rows, cols, cell_m, west, north, found.to_wkt() if found else str(crs))


class _Grid:
    """Gathers points per cell."""

    def __init__(self, box: GeoBox, kind: Kind) -> None:
        self.box, self.kind = box, kind
        self.points = self.used = self.noise = 0
        start = -np.inf if kind == "dsm" else 0.0
        self._values = np.full(box.rows * box.cols, start, dtype=np.float32)
        self._counts = np.zeros(0 if kind == "dsm" else self._values.size, dtype=np.uint32)

    def add(self, chunk: Any) -> None:  # noqa: ANN401 - laspy has no types
        """Take one chunk of points in."""
        classes = np.asarray(chunk.classification)
        noise = np.isin(classes, NOISE_CLASSES) | np.asarray(chunk.withheld, dtype=np.bool_)
        wanted = ~noise & (
            np.asarray(chunk.return_number) <= 1 if self.kind == "dsm" else classes == GROUND_CLASS
        )
        self.points += classes.size
        self.noise += int(noise.sum())
        self.used += int(wanted.sum())
        cell, z = self._cells(chunk, wanted)
        if self.kind == "dsm":
            np.maximum.at(self._values, cell, z)
        else:
            np.add.at(self._values, cell, z)
            np.add.at(self._counts, cell, 1)

    def _cells(
        self,
        chunk: Any,  # noqa: ANN401 - laspy has no types
        wanted: npt.NDArray[np.bool_],
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        box = self.box
        x, y = np.asarray(chunk.x)[wanted], np.asarray(chunk.y)[wanted]
        col = np.clip(np.floor((x - box.west) / box.cell_m), 0, box.cols - 1).astype(np.int64)
        row = np.clip(np.floor((box.north - y) / box.cell_m), 0, box.rows - 1).astype(np.int64)
        return row * box.cols + col, np.asarray(chunk.z)[wanted].astype(np.float32)

    def heights(self) -> npt.NDArray[np.float32]:
        """Return the heights, shape (rows, cols); NaN where no point fell. [m]."""
        if self.kind == "dsm":
            flat = np.where(np.isfinite(self._values), self._values, np.float32(np.nan))
        else:
            seen = self._counts > 0
            flat = np.full_like(self._values, np.nan)
            flat[seen] = self._values[seen] / self._counts[seen]
        return flat.reshape(self.box.rows, self.box.cols)
