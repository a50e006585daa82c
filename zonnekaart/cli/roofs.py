"""``roofs``: planes with capacity and yield, from files without a project."""

from __future__ import annotations

from pathlib import Path

import click

from zonnekaart.cli import options
from zonnekaart.cli.console import emit_json, say
from zonnekaart.cli.irradiation import refuse_overwriting
from zonnekaart.pipelines.cadastre_files import write_cadastre_roofs
from zonnekaart.pipelines.roofs import write_roofs

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("roofs")
@click.option("--dsm", type=_FILE, help="Surface heights in metres (GeoTIFF).")
@click.option("--buildings", required=True, type=_FILE, help="Footprints in the same CRS.")
@click.option("--irradiation", type=_FILE, help="Raster of the irradiation command.")
@click.option(
    "--cadastre",
    type=_FILE,
    help="An existing cadastre instead of heights: a GeoTIFF, or a TOML file with the options of "
    "[inputs.cadastre] and the path of its layer.",
)
@click.option("--weather", type=_FILE, help="Weather year (EPW); needed with --cadastre.")
@options.out_file_option
@click.option("--preset", default="zonnekaart", show_default=True, help="Name in data/presets.")
@options.overwrite_option
def roofs_command(
    dsm: Path | None,
    buildings: Path,
    irradiation: Path | None,
    cadastre: Path | None,
    weather: Path | None,
    out: Path,
    preset: str,
    overwrite: bool,
) -> None:
    """Find the planes of every roof and what they can yield; writes GeoParquet."""
    refuse_overwriting(out, overwrite=overwrite)
    if cadastre is not None and weather is not None and dsm is None and irradiation is None:
        emit_json(write_cadastre_roofs(cadastre, buildings, weather, out, preset))
    elif dsm is not None and irradiation is not None and cadastre is None:
        emit_json(write_roofs(dsm, buildings, irradiation, out, preset))
    else:
        raise click.UsageError("give --dsm and --irradiation, or --cadastre and --weather")
    say(f"wrote {out}")
