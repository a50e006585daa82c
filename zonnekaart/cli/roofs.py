"""``roofs``: planes with capacity and yield, from files without a project."""

from __future__ import annotations

from pathlib import Path

import click

from zonnekaart.cli import options
from zonnekaart.cli.console import emit_json, say
from zonnekaart.cli.irradiation import refuse_overwriting
from zonnekaart.pipelines.roofs import write_roofs

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("roofs")
@click.option("--dsm", required=True, type=_FILE, help="Surface heights in metres (GeoTIFF).")
@click.option("--buildings", required=True, type=_FILE, help="Footprints in the same CRS.")
@click.option("--irradiation", required=True, type=_FILE, help="Raster of the irradiation command.")
@options.out_file_option
@click.option("--preset", default="zonnekaart", show_default=True, help="Name in data/presets.")
@options.overwrite_option
def roofs_command(
    dsm: Path, buildings: Path, irradiation: Path, out: Path, preset: str, overwrite: bool
) -> None:
    """Find the planes of every roof and what they can yield; writes GeoParquet."""
    refuse_overwriting(out, overwrite=overwrite)
    emit_json(write_roofs(dsm, buildings, irradiation, out, preset))
    say(f"wrote {out}")
