"""``sharing``: the rule sets, the proposed groups and the sheets of apartment buildings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click

from zonnekaart.cli import options
from zonnekaart.cli.console import emit, emit_json, emit_table, say
from zonnekaart.cli.run import build_folder
from zonnekaart.config import load_project
from zonnekaart.errors import NotBuiltError
from zonnekaart.io.vector import read_geoparquet
from zonnekaart.pipelines.apartments import APARTMENTS, apartment_sheet
from zonnekaart.pipelines.sharing_proposals import PROPOSALS, shown_proposals
from zonnekaart.pipelines.sharing_rules_table import COLUMNS, markdown_table, rule_rows

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    import geopandas as gpd

    from zonnekaart.config import Project


@click.group("sharing")
def sharing_command() -> None:
    """Look at the rules for sharing energy and at what sharing would bring."""


@sharing_command.command("rules")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Only what holds on this day.")
@click.option("--markdown", is_flag=True, help="As a Markdown table.")
@options.json_option
def rules_command(day: dt.datetime | None, markdown: bool, as_json: bool) -> None:
    """Print who may share with whom in each region, how it settles and what it costs."""
    rows = rule_rows(day.date() if day else None)
    if as_json:
        emit_json(rows)
    elif markdown:
        click.echo(markdown_table(rows))
    else:
        shown = COLUMNS[:-2]
        emit_table(list(shown), [[row[name] for name in shown] for row in rows])


@sharing_command.command("groups")
@options.project_argument
@options.build_option
@click.option("--top", default=20, show_default=True, help="How many to print.")
@options.json_option
def groups_command(project_file: Path, build: Path | None, top: int, as_json: bool) -> None:
    """Print the proposed groups of PROJECT.toml, best first; figures of too few stay hidden."""
    project = load_project(project_file)
    rows = shown_proposals(_built(project, build, PROPOSALS), project.privacy).head(top)
    if as_json:
        emit_json(rows.astype(object).where(rows.notna(), None).to_dict("records"))
    else:
        emit_table(list(rows.columns), [[_cell(v) for v in row] for row in rows.to_numpy()])
    say(f"rules {project.sharing.rule_id}; key {project.sharing.key}; modelled, indicative")


@sharing_command.command("apartments")
@options.project_argument
@options.build_option
@click.option("--building", help="Sheet of one building; of every size class when left out.")
@click.option("--csv", "as_csv", is_flag=True, help="All apartment buildings as CSV.")
def apartments_command(
    project_file: Path, build: Path | None, building: str | None, as_csv: bool
) -> None:
    """Write the sheet of apartment buildings: roof per flat, what sharing brings, steps."""
    frame = _built(load_project(project_file), build, APARTMENTS)
    if as_csv:
        emit(frame.drop(columns="geometry").to_csv(index=False).rstrip())
    else:
        emit(apartment_sheet(frame, building))


def _cell(value: object) -> str:
    """Return a cell as text, a dash for unknown or hidden."""
    if isinstance(value, float):
        return "-" if math.isnan(value) else f"{value:g}"
    return str(value)


def _built(project: Project, build: Path | None, name: str) -> gpd.GeoDataFrame:
    path = build_folder(project, build) / name
    if not path.is_file():
        raise NotBuiltError(str(path), "zonnekaart run PROJECT.toml --stage sharing")
    return read_geoparquet(path)
