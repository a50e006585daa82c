"""``sharing``: the rule sets, the proposed groups and the sheets of apartment buildings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zonnekaart.cli import options
from zonnekaart.cli.console import emit_json, emit_table
from zonnekaart.pipelines.sharing_rules_table import COLUMNS, markdown_table, rule_rows

if TYPE_CHECKING:
    import datetime as dt


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
