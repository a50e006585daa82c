"""``compare``: two scenarios or rule sets of a project, zone by zone."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import click

from zonnekaart.cartography.numbers import quantity_text
from zonnekaart.cli import options
from zonnekaart.cli.console import emit, emit_json, emit_table, say
from zonnekaart.cli.run import build_folder
from zonnekaart.config import load_project
from zonnekaart.pipelines.compare import Comparison, class_label, compare

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.quantities import Language

_CHANGE_COLUMNS = (
    "zone_id",
    "name",
    "class_from",
    "class_to",
    "confidence_from",
    "confidence_to",
    "step_id",
    "indicator",
    "value_from",
    "value_to",
    "threshold_from",
    "threshold_to",
    "why",
)
_KWH_PER_GWH = 1e6


@click.command("compare")
@options.project_argument
@click.option("--from", "before", required=True, metavar="CASE", help="Scenario, rule set or both.")
@click.option(
    "--to", "after", required=True, metavar="CASE", help="Such as elektrisch/voorzichtig."
)
@options.build_option
@options.json_option
@click.option("--csv", "as_csv", is_flag=True, help="Write the zones that change as CSV to stdout.")
def compare_command(
    project_file: Path, before: str, after: str, build: Path | None, as_json: bool, as_csv: bool
) -> None:
    """
    Tell which zones of PROJECT.toml change class between two cases, and why.

    A case is a scenario (elektrisch), a rule set (voorzichtig), or both
    (elektrisch/voorzichtig); vandaag is the map without a scenario.
    """
    if as_json and as_csv:
        raise click.UsageError("choose --json or --csv")
    project = load_project(project_file)
    found = compare(project, build_folder(project, build), before, after)
    language = project.project.language
    if as_json:
        emit_json(
            {
                "from": found.before.name,
                "to": found.after.name,
                "zones": found.zones,
                "changed": len(found.changes),
                "sentence": dict(found.sentence),
                "classes": found.classes,
                "sums": found.sums,
                "changes": found.changes,
            }
        )
    elif as_csv:
        emit(_csv(found))
    else:
        _tables(found, language)
    say(f"{found.before.name} -> {found.after.name}: {found.sentence[language]}")


def _csv(found: Comparison) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, _CHANGE_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(found.changes)
    return text.getvalue()


def _tables(found: Comparison, language: Language) -> None:
    emit_table(
        ["class", "zones", "zones", "yield", "yield"],
        [
            [
                class_label(row["zone_class"], language),
                str(row["zones_from"]),
                str(row["zones_to"]),
                *(
                    quantity_text(row[f"annual_yield_gwh_{side}"] * _KWH_PER_GWH, "kWh", language)
                    for side in ("from", "to")
                ),
            ]
            for row in found.classes
        ],
    )
    if found.changes:
        emit("")
        emit_table(
            ["zone", "name", "from", "to", "why"],
            [
                [
                    str(row["zone_id"]),
                    str(row["name"]),
                    class_label(row["class_from"], language),
                    class_label(row["class_to"], language),
                    row["why"],
                ]
                for row in found.changes
            ],
        )
