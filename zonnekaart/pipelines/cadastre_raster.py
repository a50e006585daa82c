"""The irradiation raster of a cadastre, brought to the contract of ``irradiation.tif``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from zonnekaart.errors import RasterError
from zonnekaart.geo.crs import require_metric, require_same
from zonnekaart.geo.windows import windows
from zonnekaart.io.bands import raster_lattice, read_window
from zonnekaart.io.cadastre_options import MONTHS, PER_M2_KWH
from zonnekaart.io.raster import BandInfo, cog_writer
from zonnekaart.solar.irradiation import BANDS

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.config import Project
    from zonnekaart.io.cadastre_options import CadastreOptions
    from zonnekaart.pipelines.runs import Progress

UNIT = "kWh/m2"


@dataclass(frozen=True)
class RasterJob:
    """
    One raster of a cadastre to bring to the contract of ``irradiation.tif``.

    Parameters
    ----------
    source, out : Path
        What is given, and what is written.
    options : CadastreOptions
        Unit, bands, code for unknown.
    crs : str
        The project's.
    window_cells : int
        Side of a window. [cells]
    """

    source: Path
    out: Path
    options: CadastreOptions
    crs: str
    window_cells: int = 2048


def bands_of(path: Path, count: int, options: CadastreOptions) -> tuple[list[int], bool]:
    """
    Return which bands make the year and the months, and whether the year is their sum.

    Parameters
    ----------
    path : Path
        For the message.
    count : int
        Bands of the file.
    options : CadastreOptions
        May name the band of the year.

    Raises
    ------
    RasterError
        If the number of bands does not say what they are.

    Examples
    --------
    >>> from pathlib import Path
    >>> from zonnekaart.io.cadastre_options import CadastreOptions
    >>> bands_of(Path("x.tif"), 1, CadastreOptions(kind="raster"))
    ([1], False)
    """
    if options.annual_band is not None:
        if options.annual_band > count:
            raise RasterError(
                str(path),
                f"annual_band = {options.annual_band}, in a file of {count} bands",
                f"a number from 1 to {count}",
                "correct annual_band in [inputs.cadastre]",
            )
        return [options.annual_band], False
    if count in {1, MONTHS, MONTHS + 1}:
        return list(range(1, count + 1)), count == MONTHS
    raise RasterError(
        str(path),
        f"{count} bands",
        "1 band (year), 12 (months), 13 (year and months), or annual_band = N",
        "say in [inputs.cadastre] which band is the year: annual_band = N",
    )


def normalise(job: RasterJob, progress: Progress) -> dict[str, Any]:
    """
    Write a cadastre's raster as ``irradiation.tif``: kWh/m2, year first, unknown as NaN.

    Parameters
    ----------
    job : RasterJob
        From where to where.
    progress : Progress
        Told of every window.

    Returns
    -------
    dict
        Facts for the manifest.

    Raises
    ------
    MissingInputError, RasterError, CrsError
        If the raster is absent, unreadable, of unclear bands, or in another CRS.

    Notes
    -----
    The cells stay where they are. With ``surface = "horizontal_projection"`` the values stay per
    m2 in plan: cells carry no tilt. The roofs stage divides them where it knows the tilt.
    """
    geobox, count = raster_lattice(job.source)
    require_metric(geobox.crs, str(job.source))
    require_same(geobox.crs, job.crs, str(job.source))
    chosen, summed = bands_of(job.source, count, job.options)
    names = BANDS if len(chosen) >= MONTHS else BANDS[:1]
    factor = np.float32(PER_M2_KWH[job.options.irradiation_unit])
    pieces = windows(geobox, job.window_cells, 0)
    tags = {"made_by": "an existing cadastre", "surface": job.options.surface}
    total, cells = 0.0, 0
    progress.start("irradiation", len(pieces))
    with cog_writer(job.out, geobox, [BandInfo(name, UNIT) for name in names], tags) as writer:
        for piece in pieces:
            window = (piece.row, piece.col, piece.rows, piece.cols)
            values = np.stack(
                [read_window(job.source, b, window, job.options.nodata_value) for b in chosen]
            )
            if summed:
                values = np.concatenate([values.sum(axis=0, keepdims=True), values])
            values *= factor
            writer.write(values, piece.row, piece.col)
            known = np.isfinite(values[0])
            cells += int(known.sum())
            total += float(values[0][known].sum(dtype=np.float64))
            progress.advance()
    return {
        "from_cadastre": job.options.kind,
        "surface": job.options.surface,
        "cells": geobox.rows * geobox.cols,
        "known_cells": cells,
        "mean_annual_kwh_m2": round(total / cells, 1) if cells else None,
        "months_known": len(names) > 1,
    }


def light_of_cadastre(project: Project, out: Path, progress: Progress) -> dict[str, Any]:
    """
    Write the raster of a project's cadastre, or say why there is none.

    Parameters
    ----------
    project : Project
        With a cadastre.
    out : Path
        ``irradiation.tif``.
    progress : Progress
        Told of every window, or of the reason.

    Returns
    -------
    dict
        Facts for the manifest; ``skipped`` when the cadastre has no cells.
    """
    cadastre = project.inputs.cadastre
    if cadastre is None or cadastre.kind != "raster":
        kind = "nothing" if cadastre is None else cadastre.kind
        reason = f"no raster: the cadastre gives {kind}, not cells"
        progress.note(f"irradiation: {reason}")
        return {"skipped": reason}
    path = project.resolve(cadastre.path)
    window_cells = project.irradiation.window_cells
    return normalise(RasterJob(path, out, cadastre, project.project.crs, window_cells), progress)
