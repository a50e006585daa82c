"""``economics``: what new panels cost and bring, per zone and owner type."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from zonnekaart.cli import options
from zonnekaart.cli.console import emit_json, emit_table, say
from zonnekaart.cli.run import build_folder
from zonnekaart.config import load_project, share_folder
from zonnekaart.errors import NotBuiltError
from zonnekaart.io.economics import read_tariffs
from zonnekaart.io.vector import read_parquet
from zonnekaart.pipelines.economics import FOLDER, OUTPUT

if TYPE_CHECKING:
    from pathlib import Path

_SHOWN = ("zone_id", "owner_type", "sizing", "buildings", "capacity_kwp")


@click.command("economics")
@options.project_argument
@options.build_option
@click.option("--with-reasons", is_flag=True, help="Also print groups without figures, and why.")
@options.json_option
def economics_command(
    project_file: Path, build: Path | None, with_reasons: bool, as_json: bool
) -> None:
    """Print investment, benefit and payback per zone and owner type of PROJECT.toml; indicative."""
    project = load_project(project_file)
    path = build_folder(project, build) / OUTPUT
    if not path.is_file():
        raise NotBuiltError(str(path), "zonnekaart run PROJECT.toml --stage economics")
    frame = read_parquet(path)
    if as_json:
        emit_json([_plain(row) for row in frame.to_dict("records")])
    else:
        shown = frame if with_reasons else frame[frame["reason"].isna()]
        emit_table(
            [*_SHOWN, "used on site", "investment", "a year", "payback", "tariff of", "why not"],
            [_cells(row) for row in shown.to_dict("records")],
        )
    tariffs = read_tariffs(share_folder("data") / FOLDER, project.project.region)
    dated = "none for this region" if tariffs is None else f"{tariffs.region}, {tariffs.date}"
    say(f"tariffs {dated}; modelled, indicative: no advice to invest")


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """Return a row with null for what is not known."""
    lists = {"tariff_ids": [str(v) for v in row["tariff_ids"]]}
    return {k: None if _unknown(v) else v for k, v in row.items() if k != "tariff_ids"} | lists


def _unknown(value: object) -> bool:
    """Tell whether a cell is empty; a missing text may read as NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def _cells(row: dict[Any, Any]) -> list[str]:
    def number(name: str) -> str:
        return "-" if _unknown(row[name]) else f"{row[name]:,.4g}"

    def range_of(stem: str, unit: str) -> str:
        if _unknown(row[f"{stem}_{unit}"]):
            return "-"
        low, middle, high = (number(f"{stem}{end}_{unit}") for end in ("_low", "", "_high"))
        return f"{middle} ({low} to {high})"

    return [
        row["zone_id"],
        row["owner_type"],
        row["sizing"],
        str(row["buildings"]),
        number("capacity_kwp"),
        number("saved_kwh"),
        number("investment_eur"),
        range_of("yearly_benefit", "eur"),
        range_of("payback", "years"),
        "-" if _unknown(row["tariff_from"]) else row["tariff_from"],
        "-" if _unknown(row["reason"]) else row["reason"],
    ]
