"""``profile``: production of one roof in quarter-hours."""

from __future__ import annotations

from pathlib import Path

import click

from zonnekaart.cli import options
from zonnekaart.cli.console import emit, say
from zonnekaart.cli.irradiation import refuse_overwriting
from zonnekaart.cli.run import build_folder
from zonnekaart.config import load_project
from zonnekaart.pipelines.profile import production_profile, write_profile
from zonnekaart.pipelines.runs import StageContext


@click.command("profile")
@options.project_argument
@click.option("--building", required=True, help="Identifier of the building.")
@click.option("--plane", default=None, help="Identifier of one of its roof planes.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="File to write, .csv or .parquet; CSV to stdout when left out.",
)
@options.build_option
@options.overwrite_option
def profile_command(
    project_file: Path,
    building: str,
    plane: str | None,
    out: Path | None,
    build: Path | None,
    overwrite: bool,
) -> None:
    """Write the production of a roof of PROJECT.toml for every quarter-hour of a year, in UTC."""
    if out is not None:
        refuse_overwriting(out, overwrite=overwrite)
    project = load_project(project_file)
    context = StageContext(project=project, build=build_folder(project, build))
    profile = production_profile(context, building, plane)
    if out is None:
        emit(profile.csv())
    else:
        write_profile(profile, out)
        say(f"wrote {out}")
    say(f"{profile.unit}: {profile.annual_kwh:.0f} kWh in {len(profile.frame)} quarter-hours")
    say(f"weather {profile.weather}; preset {project.roofs.preset}; full potential, indicative")
