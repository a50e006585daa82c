"""``mockup``: offline mock-ups, stills and slides from storyboards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from zonnekaart.cli import options
from zonnekaart.cli.console import emit
from zonnekaart.cli.run import build_folder
from zonnekaart.config import load_project
from zonnekaart.io.themes import read_theme
from zonnekaart.pipelines.mockups.make import FORMATS, Order, make_mockups
from zonnekaart.pipelines.runs import StageContext
from zonnekaart.pipelines.stills import Paper

if TYPE_CHECKING:
    from zonnekaart.io.storyboards import Language
    from zonnekaart.pipelines.stills import PaperName


@click.command("mockup")
@options.project_argument
@click.option(
    "--storyboard",
    "storyboards",
    multiple=True,
    help="Name of a storyboard in data/storyboards, or a .toml file; all of ours when left out.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Folder to write; mockups/ in the build folder when left out, and served from there.",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    default=("html",),
    show_default=True,
    help="What to write; may be given more than once. pptx is one deck of all storyboards.",
)
@click.option("--language", type=click.Choice(["nl", "fr", "en"]), default=None)
@click.option(
    "--paper", type=click.Choice(["A4", "A3"]), default="A4", show_default=True, help="Of stills."
)
@options.theme_option
@options.build_option
@options.overwrite_option
def mockup_command(
    project_file: Path,
    storyboards: tuple[str, ...],
    out: Path | None,
    formats: tuple[str, ...],
    language: str | None,
    paper: str,
    theme: Path | None,
    build: Path | None,
    overwrite: bool,
) -> None:
    """Make mock-ups of PROJECT.toml that work without internet."""
    project = load_project(project_file)
    context = StageContext(project=project, build=build_folder(project, build))
    order = Order(
        storyboards=storyboards,
        formats=formats,
        language=cast("Language", language or project.project.language),
        paper=Paper(cast("PaperName", paper)),
        theme=None if theme is None else read_theme(theme),
        overwrite=overwrite,
    )
    for path in make_mockups(context, order, out or context.build / "mockups"):
        emit(str(path))
