"""``demo``: the embedded town through all stages, then the map."""

from __future__ import annotations

import os
from pathlib import Path

import click

from zonnekaart.cli import options
from zonnekaart.cli.console import TerminalProgress, emit_table, say
from zonnekaart.cli.serve import serve_builds
from zonnekaart.config import load_project, share_folder
from zonnekaart.errors import ConfigError
from zonnekaart.pipelines import registry
from zonnekaart.pipelines.runs import StageContext
from zonnekaart.pipelines.town import build_town


@click.command("demo")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("zonnekaart-demo"),
    show_default=True,
    help="Folder for the town and its results.",
)
@options.port_option
@click.option("--no-serve", is_flag=True, help="Stop after building.")
def demo_command(out: Path, port: int, no_serve: bool) -> None:
    """Build the embedded town, run every stage on it, and serve its map."""
    _require_own_folder(out)
    say(f"making the embedded town in {out}")
    project = load_project(build_town(out.resolve()))
    progress = TerminalProgress()
    context = StageContext(
        project=project,
        build=registry.default_build(project),
        workers=os.cpu_count() or 1,
        progress=progress,
    )
    try:
        outcomes = registry.run_project(context)
    finally:
        progress.stop()
    emit_table(
        ["stage", "status", "seconds"], [[o.name, o.status, f"{o.seconds:.1f}"] for o in outcomes]
    )
    if not no_serve:
        serve_builds({project.slug: context.build}, "127.0.0.1", port)


def _require_own_folder(out: Path) -> None:
    """Refuse a folder that holds another project: the town would be written over it."""
    there, town = out / "zonnekaart.toml", share_folder("data") / "town" / "zonnekaart.toml"
    if there.is_file() and _first_line(there) != _first_line(town):
        raise ConfigError(
            "--out",
            f"{there}, which is not the embedded town's",
            "a folder without another project",
            "choose another folder",
        )


def _first_line(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.readline()
