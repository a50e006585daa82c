"""``rules``: check a rule file, list its rules, write the document of all rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from zonnekaart.cli import options
from zonnekaart.cli.console import emit, emit_json, emit_table, say
from zonnekaart.config import share_folder
from zonnekaart.io.rules import read_rules
from zonnekaart.pipelines.rules_document import presets, rule_rows, rules_markdown
from zonnekaart.quantities import LANGUAGES

if TYPE_CHECKING:
    from zonnekaart.io.rules import RuleFile
    from zonnekaart.quantities import Language

_COLUMNS = ["id", "kind", "condition", "severity", "sentence"]
_rules_argument = click.argument("name", metavar="[NAME|FILE.toml]", required=False)
_language_option = click.option(
    "--language", type=click.Choice(LANGUAGES), default="nl", show_default=True
)


@click.group("rules")
def rules_command() -> None:
    """Look at the rules of zoning: what fires, from which threshold, and where that comes from."""


@rules_command.command("check")
@click.argument("name", metavar="NAME|FILE.toml")
def check_command(name: str) -> None:
    """Check a rule file; a fault is told with its line."""
    found = _read(name)
    kinds = [rule.kind for rule in found.rule_set.rules]
    say(
        f"{found.rule_set.id} {found.rule_set.version}: sound; "
        f"{kinds.count('bottleneck')} bottlenecks, {kinds.count('opportunity')} opportunities, "
        f"{len(found.rule_set.class_rules)} class steps"
    )


@rules_command.command("list")
@_rules_argument
@_language_option
@options.json_option
def list_command(name: str | None, language: str, as_json: bool) -> None:
    """List class steps and rules of one rule set; the standard one when none is named."""
    rows = rule_rows(_read(name or "default"), cast("Language", language))
    if as_json:
        emit_json([dict(zip(_COLUMNS, row, strict=True)) for row in rows])
    else:
        emit_table(_COLUMNS, rows)


@rules_command.command("doc")
@_rules_argument
@_language_option
def doc_command(name: str | None, language: str) -> None:
    """Write the document of all rules to stdout: of one file, or of the presets side by side."""
    sets = presets() if name is None else [_read(name)]
    emit(rules_markdown(sets, cast("Language", language)))


def _read(name: str) -> RuleFile:
    return read_rules(name, Path.cwd(), share_folder("data") / "rules")
