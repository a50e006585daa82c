"""One calculation of irradiation: which files, which parameters, and what fits in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zonnekaart.errors import ConfigError
from zonnekaart.geo.heights import AS_IT_IS, Corrections
from zonnekaart.pipelines.skies import AS_FOUND, WeatherFile, other_weather
from zonnekaart.pipelines.vegetation import vegetation_of
from zonnekaart.solar.irradiation import BANDS

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.config import Project
    from zonnekaart.io.sources.weather_options import WeatherOptions
    from zonnekaart.pipelines.vegetation import Vegetation

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
    weather_options: WeatherOptions = AS_FOUND
    other_weather: tuple[WeatherFile, ...] = ()
    periods: tuple[str, ...] = ()
    corrections: Corrections = AS_IT_IS
    vegetation: Vegetation | None = None
    roofs: Path | None = None


def band_names(job: Job, *, others: bool) -> tuple[str, ...]:
    """Return the names of the bands: year, months, lowest and highest of several years, periods."""
    interval = ("annual_low", "annual_high") if others else ()
    return (*BANDS, *interval, *job.periods)


def fitting_size(job: Job, halo: int) -> int:
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
        vegetation=vegetation_of(project),
    )
