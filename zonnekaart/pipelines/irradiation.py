"""Stage irradiation: heights and weather become light per cell, window by window."""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from zonnekaart.errors import ConfigError, MissingInputError, RasterError
from zonnekaart.geo.crs import require_metric, require_same
from zonnekaart.geo.heights import AS_IT_IS, Corrections
from zonnekaart.geo.windows import Window, windows
from zonnekaart.io.files import replacing
from zonnekaart.io.raster import BandInfo, HeightReader, cog_writer
from zonnekaart.io.sources.weather import read_weather_years
from zonnekaart.pipelines.cadastre_raster import light_of_cadastre
from zonnekaart.pipelines.runs import SilentProgress, Stage
from zonnekaart.pipelines.skies import AS_FOUND, WeatherFile, other_weather, project_sky
from zonnekaart.solar.horizon import HALO_MARGIN, Frame
from zonnekaart.solar.irradiation import BANDS, irradiation
from zonnekaart.solar.sky import Period, SkyTables, build_sky, with_years

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.config import Project
    from zonnekaart.geo.geobox import GeoBox
    from zonnekaart.io.sources.weather_options import WeatherOptions
    from zonnekaart.pipelines.runs import Progress, StageContext
    from zonnekaart.solar.weather import WeatherYear

UNIT = "kWh/m2"
RASTER, SKY = "irradiation.tif", "sky.npz"
MAX_WINDOW_BYTES = 1.1e9
"""What one window may take; the program itself needs about 0.3 GB beside it. [byte]"""


@dataclass(frozen=True)
class Job:
    """
    One calculation of irradiation, from files to a file.

    Parameters
    ----------
    dsm : Path
        Surface heights. [m]
    weather : Path
        Weather file in any format that `read_weather_years` knows. When it holds several years,
        the others count as `other_weather`.
    out : Path
        COG with 13 bands.
    dtm : Path, optional
        Ground heights on the same lattice; fills the surface's gaps where it is known. [m]
    mask : Path, optional
        Raster on the same lattice; cells that are not 0 and not nodata are evaluated.
    sky : Path, optional
        Where the sky tables are kept.
    directions : int
        Azimuth sectors.
    radius_m : float
        How far obstacles are looked for. [m]
    albedo : float
        Reflectance of the ground. [-]
    window_cells : int
        Side of a window; made smaller when it would not fit in memory. [cells]
    workers : int
        Threads here, or windows at once on a scheduler.
    scheduler : str, optional
        Address of a dask scheduler.
    crs : str, optional
        CRS that the heights must have.
    weather_options : WeatherOptions
        What the reader of `weather` is told.
    other_weather : tuple of WeatherFile
        Further years or sources: bands `annual_low` and `annual_high` tell the lowest and the
        highest year among them and `weather`.
    periods : tuple of str
        Days that get a band of their own, such as ``06-21`` or ``11-01:02-28``.
    corrections : Corrections
        What is stated about the numbers in `dsm`.
    """

    dsm: Path
    weather: Path
    out: Path
    dtm: Path | None = None
    mask: Path | None = None
    sky: Path | None = None
    directions: int = 64
    radius_m: float = 500.0
    albedo: float = 0.2
    window_cells: int = 2048
    workers: int = 1
    scheduler: str | None = None
    crs: str | None = None
    weather_options: WeatherOptions = AS_FOUND
    other_weather: tuple[WeatherFile, ...] = ()
    periods: tuple[str, ...] = ()
    corrections: Corrections = AS_IT_IS


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
    for raster in (job.dtm, job.mask):
        _require_aligned(raster, job.dsm, job.corrections)
    halo = math.ceil(job.radius_m / geobox.cell_m) + HALO_MARGIN
    pieces = windows(geobox, _fitting_size(job, halo), halo)
    bands = [BandInfo(name, UNIT) for name in band_names(job, others=bool(others))]
    tags = {"weather": sky.name, "directions": str(job.directions), "radius_m": f"{job.radius_m:g}"}
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
        "windows": len(pieces),
        "halo_cells": halo,
    }


def band_names(job: Job, *, others: bool) -> tuple[str, ...]:
    """Return the names of the bands: year, months, lowest and highest of several years, periods."""
    interval = ("annual_low", "annual_high") if others else ()
    return (*BANDS, *interval, *job.periods)


def _sky(job: Job, weather: WeatherYear, others: Sequence[WeatherYear]) -> SkyTables:
    """Sum the sky of the central year, its periods, and the further years."""
    periods = [Period.parsed(text) for text in job.periods]
    sky = build_sky(weather, job.directions, albedo=job.albedo, periods=periods)
    return with_years(sky, [build_sky(y, job.directions, albedo=job.albedo) for y in others])


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
    mask = None
    if job.mask is not None:
        raw = _read(job.mask, (piece.row, piece.col, piece.rows, piece.cols))
        mask = ~np.isnan(raw) & (raw != 0.0)
    frame = Frame(
        piece.halo,
        piece.halo,
        piece.rows,
        piece.cols,
        piece.lattice_row,
        piece.lattice_col,
        workers,
    )
    return _as_bands(irradiation(height, cell_m, sky, job.radius_m, mask, frame), job)


def _read(path: Path, part: tuple[int, int, int, int]) -> npt.NDArray[np.float32]:
    with HeightReader(path) as reader:
        return reader.read(*part)


def _require_aligned(path: Path | None, dsm: Path, corrections: Corrections) -> None:
    """Raise unless a raster has the cells of the surface heights."""
    if path is None:
        return
    with HeightReader(dsm, corrections) as reader, HeightReader(path) as other:
        require_same(other.geobox.crs, reader.geobox.crs, str(path))
        expected, found = reader.geobox, other.geobox
    if replace(found, crs=expected.crs) != expected:
        raise RasterError(
            str(path),
            _describe(found),
            _describe(expected),
            f"warp it onto the cells of {dsm.name}",
        )


def _describe(box: GeoBox) -> str:
    return f"{box.rows} x {box.cols} cells of {box.cell_m:g} m from {box.west:g}, {box.north:g}"


def _fitting_size(job: Job, halo: int) -> int:
    """Return the window side that fits in memory, at most the one asked for."""
    size = job.window_cells
    while _window_bytes(size, halo, job.workers) > MAX_WINDOW_BYTES and size > 64:
        size //= 2
    if _window_bytes(size, halo, job.workers) > MAX_WINDOW_BYTES:
        raise ConfigError(
            "radius_m",
            f"{job.radius_m:g} m, that is {halo} cells on each side",
            "a radius whose cells fit in memory",
            "take a smaller radius, or coarser heights",
        )
    return size


def _window_bytes(size: int, halo: int, workers: int) -> float:
    """Estimate what one window takes: heights, slopes, tangents, sums, and strips per thread."""
    seen = (size + 2.0 * halo) ** 2
    return 20.0 * seen + (220.0 + 12.0 * workers) * size**2 + workers * 8.0e3 * size


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


def job_of(project: Project, build: Path) -> Job:
    """
    Return the calculation that a project file asks for.

    Raises
    ------
    ConfigError
        If the project has no heights.
    """
    table, dsm = project.irradiation, project.inputs.dsm
    if dsm is None:
        raise ConfigError(
            str(project.path), "no [inputs.dsm]", "heights", "irradiation is computed from heights"
        )
    return Job(
        dsm=project.resolve(dsm.path),
        weather=project.resolve(project.inputs.weather.path),
        out=build / RASTER,
        sky=build / SKY,
        directions=table.directions,
        radius_m=table.radius_m,
        albedo=table.albedo,
        window_cells=table.window_cells,
        crs=project.project.crs,
        weather_options=project.inputs.weather.options,
        other_weather=other_weather(project),
        periods=table.periods,
        corrections=dsm.corrections,
    )


def _from_cadastre(context: StageContext) -> dict[str, Any]:
    """Take the light of a cadastre; the sky still says what racks and the best plane get."""
    project, dsm = context.project, context.project.inputs.dsm
    sky, facts = project_sky(project)
    cadastre = project.inputs.cadastre
    if dsm is not None and cadastre is not None:
        raster, heights = project.resolve(cadastre.path), project.resolve(dsm.path)
        _require_aligned(raster, heights, dsm.corrections)
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
    }


def _left_out(project: Project) -> tuple[str, ...]:
    cadastre = project.inputs.cadastre
    return () if cadastre is None or cadastre.kind == "raster" else (RASTER,)


def _work(context: StageContext) -> dict[str, Any]:
    if context.project.inputs.cadastre is not None:
        return _from_cadastre(context)
    job = job_of(context.project, context.build)
    job = replace(job, workers=context.workers, scheduler=context.scheduler)
    return compute(job, context.progress)


STAGE = Stage(
    name="irradiation",
    inputs=_inputs,
    parameters=_parameters,
    outputs=(RASTER, SKY),
    work=_work,
    left_out=_left_out,
)
