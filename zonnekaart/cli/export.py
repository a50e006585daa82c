"""``export``: a published layer as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zonnekaart.cli import options
from zonnekaart.cli.console import emit_json
from zonnekaart.cli.run import build_folder
from zonnekaart.config import load_project
from zonnekaart.io.publishable import LAYERS
from zonnekaart.pipelines.export import FORMATS, RASTER_FORMAT, RASTERS, export_layer
from zonnekaart.pipelines.runs import StageContext

if TYPE_CHECKING:
    from pathlib import Path


@click.command("export")
@options.project_argument
@click.option("--layer", required=True, help=f"One of: {', '.join((*LAYERS, *RASTERS))}.")
@click.option(
    "--format",
    "kind",
    required=True,
    help=f"One of: {', '.join(FORMATS)}; {RASTER_FORMAT} (COG) for rasters.",
)
@click.option("--crs", default=None, help="Such as EPSG:3812; the project's when left out.")
@options.out_file_option
@options.build_option
@options.overwrite_option
def export_command(
    project_file: Path,
    layer: str,
    kind: str,
    crs: str | None,
    out: Path,
    build: Path | None,
    overwrite: bool,
) -> None:
    """Write a published layer of PROJECT.toml; figures that must stay hidden stay out."""
    project = load_project(project_file)
    context = StageContext(project=project, build=build_folder(project, build))
    emit_json(export_layer(context, layer, kind, out, overwrite=overwrite, crs=crs))
