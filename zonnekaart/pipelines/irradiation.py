"""Stage irradiation: heights and weather become light per cell, window by window."""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from zonnekaart.errors import MissingInputError
from zonnekaart.geo.crs import require_metric, require_same
from zonnekaart.geo.windows import Window, windows
from zonnekaart.io.files import replacing
from zonnekaart.io.raster import BandInfo, HeightReader, cog_writer
from zonnekaart.io.sources.weather import read_weather_years
from zonnekaart.pipelines.cadastre_raster import light_of_cadastre
from zonnekaart.pipelines.irradiation_job import RASTER, SKY, Job, band_names, fitting_size, job_of
from zonnekaart.pipelines.lattice import require_aligned
from zonnekaart.pipelines.masks import footprint_mask
from zonnekaart.pipelines.runs import SilentProgress, Stage
from zonnekaart.pipelines.skies import other_weather, project_sky
from zonnekaart.pipelines.vegetation import OPAQUE, inputs_of, parameters_of
from zonnekaart.solar.horizon import HALO_MARGIN, Frame
from zonnekaart.solar.irradiation import BANDS, irradiation, seasonal_irradiation
from zonnekaart.solar.sky import Period, SkyTables, build_sky, with_years
from zonnekaart.solar.vegetation import halo_cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor

    import numpy.typing as npt

    from zonnekaart.config import Project
    from zonnekaart.pipelines.runs import Progress, StageContext
    from zonnekaart.solar.weather import WeatherYear

UNIT = "kWh/m2"


def load_sky(path: Path) -> SkyTables:
    """Read the sky tables that the stage wrote."""
    with np.load(path) as arrays:
        return SkyTables.from_arrays(arrays)


def save_sky(path: Path, sky: SkyTables) -> None:
    """Write sky tables atomically."""
    with replacing(path) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(stream, **sky.arrays())


def compute(job: Job, progress: Progress | None = None) -> dict[str, Any]:
    """
    Compute irradiation from files to a file.

    Parameters
    ----------
    job : Job
        Inputs, output and parameters.
    progress : Progress, optional
        Told once per window.

    Returns
    -------
    dict
        Facts for a manifest: cells, windows, horizontal and mean irradiation.

    Raises
    ------
    MissingInputError, RasterError, CrsError, WeatherError, ConfigError
        If an input is missing, wrong or does not fit the others.
    """
    progress = SilentProgress() if progress is None else progress
    weather, *others = read_weather_years(job.weather, job.weather_options)
    for other in job.other_weather:
        others.extend(read_weather_years(other.path, other.options))
    sky = _sky(job, weather, others)
    with HeightReader(job.dsm, job.corrections) as reader:
        geobox = reader.geobox
        require_metric(geobox.crs, str(job.dsm))
        if job.crs is not None:
            require_same(geobox.crs, job.crs, str(job.dsm))
    for raster in (job.dtm, job.mask, job.roofs):
        require_aligned(raster, job.dsm, job.corrections)
    trees = job.vegetation
    if trees is not None:
        trees.require_aligned(job.dsm, job.corrections)
    halo = math.ceil(job.radius_m / geobox.cell_m) + HALO_MARGIN
    halo += halo_cells(geobox.cell_m) if trees else 0
    said = trees.described(weather.latitude_deg) if trees else OPAQUE
    pieces = windows(geobox, fitting_size(job, halo), halo)
    bands = [BandInfo(name, UNIT) for name in band_names(job, others=bool(others))]
    tags = {"weather": sky.name, "directions": str(job.directions), "radius_m": f"{job.radius_m:g}"}
    tags["trees"] = said
    total, cells = 0.0, 0
    progress.start("irradiation", len(pieces))
    with _runner(job) as run, cog_writer(job.out, geobox, bands, tags) as writer:
        for piece, values in run(job, sky, pieces):
            writer.write(values, piece.row, piece.col)
            known = np.isfinite(values[0])
            cells += int(known.sum())
            total += float(values[0][known].sum(dtype=np.float64))
            progress.advance()
    if job.sky is not None:
        save_sky(job.sky, sky)
    return {
        "weather": sky.name,
        "weather_years": 1 + len(others),
        "weather_assumptions": list(weather.assumptions),
        "weather_ghi_kwh_m2": round(weather.annual_ghi_kwh_m2, 1),
        "horizontal_kwh_m2": round(float(sky.horizontal_kwh_m2.sum()), 1),
        "directions": job.directions,
        "cells": geobox.rows * geobox.cols,
        "evaluated_cells": cells,
        "mean_annual_kwh_m2": round(total / cells, 1) if cells else None,
        "trees": said,
        "windows": len(pieces),
        "halo_cells": halo,
    }


def _sky(job: Job, weather: WeatherYear, others: Sequence[WeatherYear]) -> SkyTables:
    """Sum the sky of the central year, its periods, and the further years."""
    trees = job.vegetation
    shares = None if trees is None else trees.transmissivity(weather.latitude_deg)

    def summed(year: WeatherYear, periods: tuple[Period, ...] = ()) -> SkyTables:
        return build_sky(
            year, job.directions, albedo=job.albedo, periods=periods, transmissivity=shares
        )

    sky = summed(weather, tuple(Period.parsed(text) for text in job.periods))
    return with_years(sky, [summed(year) for year in others])


def _as_bands(values: npt.NDArray[np.float32], job: Job) -> npt.NDArray[np.float32]:
    """Turn the columns of further years into the lowest and the highest year."""
    after = len(BANDS) + len(job.periods)
    if values.shape[0] == after:
        return values
    years = np.concatenate([values[:1], values[after:]])
    interval = np.stack([years.min(axis=0), years.max(axis=0)])
    return np.concatenate([values[: len(BANDS)], interval, values[len(BANDS) : after]])


def compute_window(
    job: Job, sky: SkyTables, piece: Window, workers: int
) -> npt.NDArray[np.float32]:
    """Read what one window sees; return its bands, shape (bands, rows, cols). [kWh/m2]."""
    with HeightReader(job.dsm, job.corrections) as reader:
        cell_m = reader.geobox.cell_m
        height = reader.read(*piece.seen)
    if job.dtm is not None:
        ground = _read(job.dtm, piece.seen)
        height = np.where(np.isnan(height), ground, height)
    mask = _chosen(job.mask, (piece.row, piece.col, piece.rows, piece.cols))
    frame = Frame(
        piece.halo,
        piece.halo,
        piece.rows,
        piece.cols,
        piece.lattice_row,
        piece.lattice_col,
        workers,
    )
    if job.vegetation is None:
        return _as_bands(irradiation(height, cell_m, sky, job.radius_m, mask, frame), job)
    layers = job.vegetation.layers(height, piece.seen, _chosen(job.roofs, piece.seen))
    del height
    return _as_bands(seasonal_irradiation(layers, cell_m, sky, job.radius_m, mask, frame), job)


def _chosen(path: Path | None, part: tuple[int, int, int, int]) -> npt.NDArray[np.bool_] | None:
    """Return the cells of a mask that are not 0 and not unknown; None without a mask."""
    if path is None:
        return None
    raw = _read(path, part)
    return np.asarray(~np.isnan(raw) & (raw != 0.0))


def _read(path: Path, part: tuple[int, int, int, int]) -> npt.NDArray[np.float32]:
    with HeightReader(path) as reader:
        return reader.read(*part)


@contextmanager
def _runner(job: Job) -> Iterator[Any]:
    """Give what computes windows: here with threads, or on a dask scheduler."""
    if job.scheduler is None:
        yield _run_here
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingInputError(
            "--scheduler",
            "no distributed on this machine",
            "the extra 'regions'",
            "install it: pip install 'zonnekaart[regions]'",
        ) from error
    with Client(job.scheduler) as client, client.get_executor() as executor:  # type: ignore[no-untyped-call]  # distributed has no types

        def run(
            job: Job, sky: SkyTables, pieces: list[Window]
        ) -> Iterator[tuple[Window, npt.NDArray[np.float32]]]:
            return _run_ahead(executor, job, sky, pieces)

        yield run


def _run_here(
    job: Job, sky: SkyTables, pieces: list[Window]
) -> Iterator[tuple[Window, npt.NDArray[np.float32]]]:
    """Compute one window after the other, each with all threads."""
    for piece in pieces:
        yield piece, compute_window(job, sky, piece, job.workers)


def _run_ahead(
    executor: Executor, job: Job, sky: SkyTables, pieces: list[Window]
) -> Iterator[tuple[Window, npt.NDArray[np.float32]]]:
    """Compute windows elsewhere, a few ahead of the one that is written."""
    ahead = max(2, job.workers)
    waiting = [executor.submit(compute_window, job, sky, p, 1) for p in pieces[:ahead]]
    for number, piece in enumerate(pieces):
        values = waiting.pop(0).result()
        if number + ahead < len(pieces):
            waiting.append(executor.submit(compute_window, job, sky, pieces[number + ahead], 1))
        yield piece, values


def _from_cadastre(context: StageContext) -> dict[str, Any]:
    """Take the light of a cadastre; the sky still says what racks and the best plane get."""
    project, dsm = context.project, context.project.inputs.dsm
    sky, facts = project_sky(project)
    cadastre = project.inputs.cadastre
    if dsm is not None and cadastre is not None:
        raster, heights = project.resolve(cadastre.path), project.resolve(dsm.path)
        require_aligned(raster, heights, dsm.corrections)
    facts |= light_of_cadastre(project, context.build / RASTER, context.progress)
    save_sky(context.build / SKY, sky)
    return facts


def _inputs(project: Project, build: Path) -> list[Path]:
    del build
    inputs = project.inputs
    cadastre = inputs.cadastre
    given = [inputs.dsm, cadastre if cadastre is None or cadastre.kind == "raster" else None]
    return [
        *(project.resolve(table.path) for table in given if table is not None),
        project.resolve(inputs.weather.path),
        *(other.path for other in other_weather(project)),
        *inputs_of(project),
    ]


def _parameters(project: Project) -> dict[str, Any]:
    cadastre, dsm = project.inputs.cadastre, project.inputs.dsm
    return {
        **project.irradiation.model_dump(mode="json"),
        "crs": project.project.crs,
        "heights": None if dsm is None else asdict(dsm.corrections),
        "weather": project.inputs.weather.reading,
        "other_weather": [other.reading for other in project.inputs.weather.others],
        "cadastre": None if cadastre is None else cadastre.model_dump(exclude={"path", "source"}),
        **parameters_of(project),
    }


def _left_out(project: Project) -> tuple[str, ...]:
    cadastre = project.inputs.cadastre
    return () if cadastre is None or cadastre.kind == "raster" else (RASTER,)


def _work(context: StageContext) -> dict[str, Any]:
    if context.project.inputs.cadastre is not None:
        return _from_cadastre(context)
    job = job_of(context.project, context.build)
    job = replace(job, workers=context.workers, scheduler=context.scheduler)
    if job.vegetation is None:
        return compute(job, context.progress)
    table = context.project.inputs.buildings
    # In the build folder, where workers elsewhere look too.
    with TemporaryDirectory(prefix=".roofs-", dir=context.build) as folder:
        footprints = context.project.resolve(table.path)
        roofs = footprint_mask(
            job.dsm, footprints, Path(folder), table.layer, table.shift_m, job.corrections
        )
        return compute(replace(job, roofs=roofs), context.progress)


STAGE = Stage(
    name="irradiation",
    inputs=_inputs,
    parameters=_parameters,
    outputs=(RASTER, SKY),
    work=_work,
    left_out=_left_out,
)
