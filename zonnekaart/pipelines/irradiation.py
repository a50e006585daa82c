"""Stage irradiation: heights and weather become light per cell, window by window."""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from zonnekaart.errors import ConfigError, MissingInputError
from zonnekaart.geo.crs import require_metric, require_same
from zonnekaart.geo.windows import Window, windows
from zonnekaart.io.files import replacing
from zonnekaart.io.raster import BandInfo, HeightReader, cog_writer
from zonnekaart.io.sources.weather import read_epw
from zonnekaart.pipelines.lattice import require_aligned
from zonnekaart.pipelines.masks import footprint_mask
from zonnekaart.pipelines.runs import SilentProgress, Stage
from zonnekaart.pipelines.vegetation import OPAQUE, inputs_of, parameters_of, vegetation_of
from zonnekaart.solar.horizon import HALO_MARGIN, Frame
from zonnekaart.solar.irradiation import BANDS, irradiation, seasonal_irradiation
from zonnekaart.solar.sky import Period, SkyTables, build_sky, with_years
from zonnekaart.solar.vegetation import halo_cells

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor

    import numpy.typing as npt

    from zonnekaart.config import Project
    from zonnekaart.pipelines.runs import Progress, StageContext
    from zonnekaart.pipelines.vegetation import Vegetation
    from zonnekaart.solar.weather import WeatherYear

UNIT = "kWh/m2"
MAX_WINDOW_BYTES = 1.1e9
"""What one window may take; the program itself needs about 0.3 GB beside it. [byte]"""


@dataclass(frozen=True)
class WeatherFile:
    """A weather file, and its clock minus UTC where the header is wrong. [h]."""

    path: Path
    utc_offset_hours: float | None = None


@dataclass(frozen=True)
class Job:
    """
    One calculation of irradiation, from files to a file.

    Parameters
    ----------
    dsm : Path
        Surface heights. [m]
    weather : Path
        EPW file.
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
    utc_offset_hours : float, optional
        Clock of the weather file minus UTC; its header's when None. [h]
    other_weather : tuple of WeatherFile
        Further years or sources: bands `annual_low` and `annual_high` tell the lowest and the
        highest year among them and `weather`.
    periods : tuple of str
        Days that get a band of their own, such as ``06-21`` or ``11-01:02-28``.
    vegetation : Vegetation, optional
        Trees apart from the surface; without it trees in the surface are opaque.
    roofs : Path, optional
        Raster like `mask`: cells inside footprints, which tell roofs from trees.
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
    utc_offset_hours: float | None = None
    other_weather: tuple[WeatherFile, ...] = ()
    periods: tuple[str, ...] = ()
    vegetation: Vegetation | None = None
    roofs: Path | None = None


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
    weather = read_epw(job.weather, job.utc_offset_hours)
    sky = _sky(job, weather)
    with HeightReader(job.dsm) as reader:
        geobox = reader.geobox
        require_metric(geobox.crs, str(job.dsm))
        if job.crs is not None:
            require_same(geobox.crs, job.crs, str(job.dsm))
    trees = job.vegetation
    for other in (job.dtm, job.mask, job.roofs, *(trees.files if trees else ())):
        require_aligned(other, job.dsm)
    halo = math.ceil(job.radius_m / geobox.cell_m) + HALO_MARGIN
    halo += halo_cells(geobox.cell_m) if trees else 0
    said = trees.described(weather.latitude_deg) if trees else OPAQUE
    pieces = windows(geobox, _fitting_size(job, halo), halo)
    bands = [BandInfo(name, UNIT) for name in band_names(job)]
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


def band_names(job: Job) -> tuple[str, ...]:
    """Return the names of the bands: year, months, lowest and highest year, periods."""
    interval = ("annual_low", "annual_high") if job.other_weather else ()
    return (*BANDS, *interval, *job.periods)


def _sky(job: Job, weather: WeatherYear) -> SkyTables:
    """Sum the sky of the central year, its periods, and the further years."""
    trees = job.vegetation
    shares = None if trees is None else trees.transmissivity(weather.latitude_deg)

    def summed(year: WeatherYear, periods: tuple[Period, ...] = ()) -> SkyTables:
        return build_sky(
            year, job.directions, albedo=job.albedo, periods=periods, transmissivity=shares
        )

    sky = summed(weather, tuple(Period.parsed(text) for text in job.periods))
    others = [summed(read_epw(o.path, o.utc_offset_hours)) for o in job.other_weather]
    return with_years(sky, others)


def _as_bands(values: npt.NDArray[np.float32], job: Job) -> npt.NDArray[np.float32]:
    """Turn the columns of further years into the lowest and the highest year."""
    if not job.other_weather:
        return values
    after = len(BANDS) + len(job.periods)
    years = np.concatenate([values[:1], values[after:]])
    interval = np.stack([years.min(axis=0), years.max(axis=0)])
    return np.concatenate([values[: len(BANDS)], interval, values[len(BANDS) : after]])


def compute_window(
    job: Job, sky: SkyTables, piece: Window, workers: int
) -> npt.NDArray[np.float32]:
    """Read what one window sees; return its bands, shape (bands, rows, cols). [kWh/m2]."""
    height = _read(job.dsm, piece.seen)
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
    with HeightReader(job.dsm) as reader:
        cell_m = reader.geobox.cell_m
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


def _fitting_size(job: Job, halo: int) -> int:
    """Return the window side that fits in memory, at most the one asked for."""
    size = job.window_cells
    trees = job.vegetation is not None
    while _window_bytes(size, halo, job.workers, trees=trees) > MAX_WINDOW_BYTES and size > 64:
        size //= 2
    if _window_bytes(size, halo, job.workers, trees=trees) > MAX_WINDOW_BYTES:
        raise ConfigError(
            "radius_m",
            f"{job.radius_m:g} m, that is {halo} cells on each side",
            "a radius whose cells fit in memory",
            "take a smaller radius, or coarser heights",
        )
    return size


def _window_bytes(size: int, halo: int, workers: int, *, trees: bool) -> float:
    """Estimate what one window takes: heights, slopes, tangents, sums, and strips per thread."""
    seen = (size + 2.0 * halo) ** 2
    per_seen = 40.0 if trees else 20.0
    return per_seen * seen + (220.0 + 12.0 * workers) * size**2 + workers * 8.0e3 * size


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
    """Return the calculation that a project file asks for."""
    table = project.irradiation
    return Job(
        dsm=project.resolve(project.inputs.dsm.path),
        weather=project.resolve(project.inputs.weather.path),
        out=build / "irradiation.tif",
        sky=build / "sky.npz",
        directions=table.directions,
        radius_m=table.radius_m,
        albedo=table.albedo,
        window_cells=table.window_cells,
        crs=project.project.crs,
        utc_offset_hours=project.inputs.weather.utc_offset_hours,
        other_weather=tuple(
            WeatherFile(project.resolve(other.path), other.utc_offset_hours)
            for other in project.inputs.weather.others
        ),
        periods=table.periods,
        vegetation=vegetation_of(project),
    )


def _inputs(project: Project, build: Path) -> list[Path]:
    job = job_of(project, build)
    weather = [job.weather, *(other.path for other in job.other_weather)]
    return [job.dsm, *weather, *inputs_of(project)]


def _parameters(project: Project) -> dict[str, Any]:
    return {
        **project.irradiation.model_dump(mode="json"),
        "crs": project.project.crs,
        "utc_offset_hours": project.inputs.weather.utc_offset_hours,
        "others_utc_offset_hours": [o.utc_offset_hours for o in project.inputs.weather.others],
        **parameters_of(project),
    }


def _work(context: StageContext) -> dict[str, Any]:
    job = job_of(context.project, context.build)
    job = replace(job, workers=context.workers, scheduler=context.scheduler)
    if job.vegetation is None:
        return compute(job, context.progress)
    table = context.project.inputs.buildings
    # In the build folder, where workers elsewhere look too.
    with TemporaryDirectory(prefix=".roofs-", dir=context.build) as folder:
        footprints = context.project.resolve(table.path)
        roofs = footprint_mask(job.dsm, footprints, Path(folder), table.layer)
        return compute(replace(job, roofs=roofs), context.progress)


STAGE = Stage(
    name="irradiation",
    inputs=_inputs,
    parameters=_parameters,
    outputs=("irradiation.tif", "sky.npz"),
    work=_work,
)
