"""``init``: start a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zonnekaart.cli.console import emit, say
from zonnekaart.pipelines.init import start_project

if TYPE_CHECKING:
    from zonnekaart.io.cadastre_options import Kind


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", default=None, help="Name of the place; the folder's name when left out.")
@click.option("--crs", default="EPSG:31370", show_default=True, help="Projected CRS in metres.")
@click.option(
    "--cadastre",
    type=click.Choice(["raster", "roofs", "buildings"]),
    help="Begin from an existing solar cadastre of this kind instead of heights.",
)
@click.option("--overwrite", is_flag=True, help="Replace a project file that is there.")
def init_command(
    folder: Path, name: str | None, crs: str, cadastre: Kind | None, overwrite: bool
) -> None:
    """Write a commented zonnekaart.toml and the folders for its input into DIR."""
    title = name or folder.resolve().name.replace("-", " ").title()
    path = start_project(folder, title, crs, cadastre=cadastre, overwrite=overwrite)
    emit(str(path))
    say("next: fill in the files, then: zonnekaart check " + str(path))
