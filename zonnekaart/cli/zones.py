"""``zones``: the zones of a project as a table in the terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from zonnekaart.cartography.numbers import percent_text, quantity_text
from zonnekaart.cli import options
from zonnekaart.cli.console import emit_json, emit_table, say
from zonnekaart.cli.run import build_folder
from zonnekaart.config import load_project
from zonnekaart.errors import NotBuiltError
from zonnekaart.io.vector import read_geoparquet
from zonnekaart.pipelines.publishing.frames import plain

if TYPE_CHECKING:
    from pathlib import Path

_COLUMNS = ("annual_yield_kwh", "consumption_kwh", "self_consumption", "self_sufficiency")


@click.command("zones")
@options.project_argument
@options.build_option
@click.option("--advised", is_flag=True, help="Neighbouring zones of one class as one.")
@options.json_option
def zones_command(project_file: Path, build: Path | None, advised: bool, as_json: bool) -> None:
    """Print the zones of PROJECT.toml: class, confidence, figures, and the rules that fired."""
    project = load_project(project_file)
    name = "advised_zones.parquet" if advised else "zones.parquet"
    path = build_folder(project, build) / name
    if not path.is_file():
        raise NotBuiltError(str(path), "zonnekaart run PROJECT.toml")
    records = read_geoparquet(path).drop(columns="geometry").to_dict("records")
    if advised:
        _print_advised(records, as_json=as_json)
    else:
        _print_zones([_row(record) for record in records], as_json=as_json)
    say(f"preset {project.roofs.preset}; rules {project.zoning.rules}; indicative")


def _print_zones(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        emit_json(rows)
    else:
        emit_table(
            ["zone", "name", "class", "sure", "yield", "use", "own", "why"],
            [_cells(r) for r in rows],
        )


def _print_advised(records: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        emit_json([plain(record) for record in records])
    else:
        emit_table(
            ["area", "name", "class", "sure", "zones", "yield", "use", "of", "why"],
            [_advised_cells(record) for record in records],
        )


def _class_cell(row: dict[str, Any]) -> str:
    """Return the class; where something was set by hand, with the class that was computed."""
    if not row["overrides"]:
        return str(row["zone_class"])
    return f"{row['zone_class']} (by hand; computed {row['computed_class']})"


def _advised_cells(record: dict[str, Any]) -> list[str]:
    """Return one advised zone; a reason stands with the number of zones that have it."""
    why = [f"+{r['rule_id']} {r['zones']}/{r['of']}" for r in record["shared_opportunities"]]
    why += [f"-{r['rule_id']} {r['zones']}/{r['of']}" for r in record["shared_bottlenecks"]]
    return [
        record["advised_id"],
        record["name"],
        record["zone_class"],
        percent_text(record["confidence"], "en"),
        f"{record['zones']:.0f}",
        quantity_text(record["annual_yield_kwh"], "kWh", "en"),
        quantity_text(record["consumption_kwh"], "kWh", "en"),
        f"{record['zones_with_demand']:.0f}",
        ", ".join(why) or "-",
    ]


def _row(record: dict[str, Any]) -> dict[str, Any]:
    """Return the published figures of a zone; unknown is null."""
    indicators = record["indicators"]
    return {
        "zone_id": record["zone_id"],
        "name": record["name"],
        "zone_class": record["zone_class"],
        "computed_class": record["computed_class"],
        "overrides": [plain(dict(override)) for override in record["overrides"]],
        "confidence": record["confidence"],
        **{name: _known(indicators.get(name)) for name in _COLUMNS},
        "opportunities": [r["rule_id"] for r in record["opportunities"]],
        "bottlenecks": [r["rule_id"] for r in record["bottlenecks"]],
    }


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def _cells(row: dict[str, Any]) -> list[str]:
    unknown = math.nan
    energy = [
        quantity_text(row[n] if row[n] is not None else unknown, "kWh", "en") for n in _COLUMNS[:2]
    ]
    own = percent_text(
        row["self_consumption"] if row["self_consumption"] is not None else unknown, "en"
    )
    why = ", ".join([f"+{r}" for r in row["opportunities"]] + [f"-{r}" for r in row["bottlenecks"]])
    return [
        row["zone_id"],
        row["name"],
        _class_cell(row),
        percent_text(row["confidence"], "en"),
        *energy,
        own,
        why or "-",
    ]
