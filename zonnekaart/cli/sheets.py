"""``sheets``: one page per zone, for a meeting or a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

import click

from zonnekaart.cli import options
from zonnekaart.cli.console import emit
from zonnekaart.cli.run import build_folder
from zonnekaart.config import load_project
from zonnekaart.io.themes import read_theme
from zonnekaart.pipelines.runs import StageContext
from zonnekaart.pipelines.zonesheets.make import SheetOrder, make_sheets

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.io.storyboards import Language


@click.command("sheets")
@options.project_argument
@options.out_folder_option
@click.option(
    "--format",
    "kind",
    type=click.Choice(["pdf", "html"]),
    default="pdf",
    show_default=True,
    help="PDF needs Chromium.",
)
@click.option("--zone", "zones", multiple=True, help="Id of a zone; all zones when left out.")
@click.option("--language", type=click.Choice(["nl", "fr", "en"]), default=None)
@options.theme_option
@options.build_option
@options.overwrite_option
def sheets_command(
    project_file: Path,
    out: Path,
    kind: str,
    zones: tuple[str, ...],
    language: str | None,
    theme: Path | None,
    build: Path | None,
    overwrite: bool,
) -> None:
    """Write a sheet per zone of PROJECT.toml: map, reasons, curves, actions, sources."""
    project = load_project(project_file)
    context = StageContext(project=project, build=build_folder(project, build))
    order = SheetOrder(
        kind=cast("Literal['html', 'pdf']", kind),
        language=cast("Language", language or project.project.language),
        zones=zones,
        theme=None if theme is None else read_theme(theme),
        overwrite=overwrite,
    )
    for path in make_sheets(context, order, out):
        emit(str(path))
