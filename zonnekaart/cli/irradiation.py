"""``irradiation``: from a height raster and a weather file to a raster of 13 bands."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import click

from zonnekaart.cli import options
from zonnekaart.cli.console import TerminalProgress, emit_json, say
from zonnekaart.errors import ConfigError
from zonnekaart.io.sources.weather_options import Reader, WeatherOptions
from zonnekaart.pipelines.irradiation import compute
from zonnekaart.pipelines.irradiation_job import Job
from zonnekaart.pipelines.masks import footprint_mask
from zonnekaart.pipelines.skies import WeatherFile
from zonnekaart.pipelines.vegetation import Vegetation, no_ground

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("irradiation")
@click.option("--dsm", required=True, type=_FILE, help="Surface heights in metres (GeoTIFF).")
@click.option(
    "--weather",
    "weathers",
    required=True,
    multiple=True,
    type=_FILE,
    help="Weather year (EPW, PVGIS, CSV or monthly means). Again for further years: the result "
    "gets bands annual_low and annual_high; the first one is the central year.",
)
@click.option(
    "--weather-reader",
    type=click.Choice(get_args(Reader)),
    default="auto",
    show_default=True,
    help="Format of all weather files.",
)
@options.out_file_option
@click.option("--dtm", type=_FILE, default=None, help="Ground heights on the same cells.")
@click.option("--buildings", type=_FILE, default=None, help="Footprints: only these are evaluated.")
@click.option("--directions", type=click.IntRange(8, 360), default=64, show_default=True)
@click.option("--radius", type=click.FloatRange(1, 5000), default=500.0, show_default=True)
@click.option("--albedo", type=click.FloatRange(0, 1), default=0.2, show_default=True)
@click.option(
    "--period",
    "periods",
    multiple=True,
    metavar="MM-DD[:MM-DD]",
    help="Days that get a band of their own, such as 06-21 or 11-01:02-28.",
)
@click.option(
    "--vegetation",
    type=_FILE,
    default=None,
    help="Crown heights above the ground on the same cells: trees let part of the light through. "
    "Needs --dtm.",
)
@click.option(
    "--derive-vegetation",
    is_flag=True,
    help="Take all that stands outside footprints for trees (estimate). Needs --dtm, --buildings.",
)
@click.option(
    "--trees",
    type=click.Choice(["deciduous", "evergreen", "mixed"]),
    default="deciduous",
    show_default=True,
    help="How much light crowns let through in each month.",
)
@options.workers_option
@click.option("--scheduler", metavar="ADDRESS", default=None, help="Dask scheduler.")
@options.overwrite_option
def irradiation_command(
    dsm: Path,
    weathers: tuple[Path, ...],
    weather_reader: Reader,
    out: Path,
    dtm: Path | None,
    buildings: Path | None,
    directions: int,
    radius: float,
    albedo: float,
    periods: tuple[str, ...],
    vegetation: Path | None,
    derive_vegetation: bool,
    trees: str,
    workers: int,
    scheduler: str | None,
    overwrite: bool,
) -> None:
    """Sum the light of a year and of each month on every cell's slope [kWh/m2]."""
    refuse_overwriting(out, overwrite=overwrite)
    canopy = _canopy(vegetation, dtm, trees, derive=derive_vegetation)
    progress = TerminalProgress()
    reading = WeatherOptions(reader=weather_reader)
    with TemporaryDirectory() as folder:
        try:
            mask = footprint_mask(dsm, buildings, Path(folder)) if buildings else None
            facts = compute(
                Job(
                    dsm=dsm,
                    weather=weathers[0],
                    weather_options=reading,
                    other_weather=tuple(WeatherFile(path, reading) for path in weathers[1:]),
                    periods=periods,
                    out=out,
                    dtm=dtm,
                    mask=mask,
                    vegetation=canopy,
                    roofs=mask,
                    sky=sky_path(out),
                    directions=directions,
                    radius_m=radius,
                    albedo=albedo,
                    workers=workers,
                    scheduler=scheduler,
                ),
                progress,
            )
        finally:
            progress.stop()
    emit_json(facts)
    say(f"wrote {out} and {sky_path(out).name} beside it")


def _canopy(path: Path | None, dtm: Path | None, trees: str, *, derive: bool) -> Vegetation | None:
    """Return the trees that the options name, or None."""
    if path is None and not derive:
        return None
    if path is not None and derive:
        raise ConfigError(
            "--derive-vegetation", f"--vegetation {path} as well", "one of the two", "leave one out"
        )
    if dtm is None:
        raise no_ground("--vegetation" if path else "--derive-vegetation", "--dtm")
    return Vegetation(path=path, ground=dtm, crown=trees)


def sky_path(irradiation: Path) -> Path:
    """Return where the sky tables of an irradiation raster stand: beside it, ending in .sky.npz."""
    return irradiation.with_suffix(".sky.npz")


def refuse_overwriting(out: Path, *, overwrite: bool) -> None:
    """Stop before anything is written over."""
    if out.exists() and not overwrite:
        raise ConfigError(
            "--out", f"{out}, which exists", "a new file", "add --overwrite to replace it"
        )
