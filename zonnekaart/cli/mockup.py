"""``mockup``: an offline mock-up from a storyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from zonnekaart.cli import options
from zonnekaart.cli.console import emit
from zonnekaart.cli.irradiation import refuse_overwriting
from zonnekaart.cli.run import build_folder
from zonnekaart.config import load_project
from zonnekaart.pipelines.mockups import make_mockup
from zonnekaart.pipelines.stills import make_still

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.io.storyboards import Language


@click.command("mockup")
@options.project_argument
@click.option("--storyboard", required=True, help="Name of a storyboard in data/storyboards.")
@options.out_folder_option
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(["html", "pdf", "png"]),
    default=("html",),
    show_default=True,
    help="What to write; may be given more than once. PDF and PNG need Chromium.",
)
@click.option("--language", type=click.Choice(["nl", "fr", "en"]), default=None)
@options.build_option
@options.overwrite_option
def mockup_command(
    project_file: Path,
    storyboard: str,
    out: Path,
    formats: tuple[str, ...],
    language: str | None,
    build: Path | None,
    overwrite: bool,
) -> None:
    """Make a mock-up of PROJECT.toml that works without internet."""
    project = load_project(project_file)
    chosen = cast("Language", language or project.project.language)
    for kind in {*formats, "html"}:
        refuse_overwriting(out / f"{storyboard}-{chosen}.{kind}", overwrite=overwrite)
    page = make_mockup(build_folder(project, build), storyboard, out, chosen)
    emit(str(page))
    for kind in sorted(set(formats) - {"html"}):
        emit(str(make_still(page, page.with_suffix(f".{kind}"))))
