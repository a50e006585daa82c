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
from zonnekaart.pipelines.irradiation import Job, compute
from zonnekaart.pipelines.masks import footprint_mask
from zonnekaart.pipelines.skies import WeatherFile

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
    workers: int,
    scheduler: str | None,
    overwrite: bool,
) -> None:
    """Sum the light of a year and of each month on every cell's slope [kWh/m2]."""
    refuse_overwriting(out, overwrite=overwrite)
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


def sky_path(irradiation: Path) -> Path:
    """Return where the sky tables of an irradiation raster stand: beside it, ending in .sky.npz."""
    return irradiation.with_suffix(".sky.npz")


def refuse_overwriting(out: Path, *, overwrite: bool) -> None:
    """Stop before anything is written over."""
    if out.exists() and not overwrite:
        raise ConfigError(
            "--out", f"{out}, which exists", "a new file", "add --overwrite to replace it"
        )
