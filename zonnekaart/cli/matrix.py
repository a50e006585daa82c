"""``matrix``: the data matrix and the experience matrix."""

from __future__ import annotations

from pathlib import Path

import click

from zonnekaart.cli import options
from zonnekaart.cli.console import emit, emit_json, emit_table, say
from zonnekaart.cli.irradiation import refuse_overwriting
from zonnekaart.cli.run import build_folder
from zonnekaart.config import load_project
from zonnekaart.errors import CheckFailed, ConfigError
from zonnekaart.io.letters import write_letter
from zonnekaart.io.matrix import load_matrix
from zonnekaart.io.services.addresses import AddressBook
from zonnekaart.pipelines import (
    experience_export,
    matrix,
    matrix_check,
    matrix_export,
    matrix_letters,
)


@click.group("matrix")
def matrix_command() -> None:
    """Look at sources of supply and demand, what is missing, and what others learned."""


@matrix_command.command("build")
@options.project_argument
@options.build_option
@options.json_option
def build_command(project_file: Path, build: Path | None, as_json: bool) -> None:
    """Measure how far the sources of PROJECT.toml cover it; writes matrix.json."""
    project = load_project(project_file)
    folder = build_folder(project, build)
    content = matrix.build(project, folder)
    if as_json:
        emit_json(content)
    else:
        emit(str(folder / "matrix.json"))


@matrix_command.command("check")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option(
    "--online", is_flag=True, help="Also ask every address whether it still answers (slow)."
)
def check_command(folder: Path | None, *, online: bool) -> None:
    """Check the tables in FOLDER, or ours: schema, double ids, references to nothing, age."""
    found = matrix_check.check(folder)
    if online:
        found += matrix_check.check_addresses(load_matrix(folder), AddressBook().trouble)
    errors = [f for f in found if f.severity == "error"]
    emit_table(
        ["severity", "place", "found", "expected", "hint"],
        [[f.severity, f.file, f.found, f.expected, f.hint] for f in found],
    )
    if errors:
        facts = [
            {"file": f.file, "found": f.found, "expected": f.expected, "hint": f.hint}
            for f in errors
        ]
        name = str(folder or "data/matrix")
        raise CheckFailed(name, facts, name)
    say("the matrices hold together")


@matrix_command.command("letter")
@options.project_argument
@click.option("--source", required=True, help="Id in the data matrix, such as MIS-01 or SUP-04.")
@options.out_file_option
@options.build_option
@click.option("--language", type=click.Choice(["nl", "fr", "en"]), default="nl", show_default=True)
@options.overwrite_option
def letter_command(
    project_file: Path,
    source: str,
    out: Path,
    build: Path | None,
    language: str,
    *,
    overwrite: bool,
) -> None:
    """Write a letter (.docx or .md) that asks the holder of a source for it."""
    if out.suffix.lower() not in matrix_letters.LETTER_ENDINGS:
        raise ConfigError("--out", str(out), "a file .docx or .md", "name the file so")
    refuse_overwriting(out, overwrite=overwrite)
    project = load_project(project_file)
    folder = build_folder(project, build)
    write_letter(out, matrix_letters.request_letter(project, folder, source, language))
    emit(str(out))


@matrix_command.command("export")
@click.option(
    "--format",
    "kind",
    required=True,
    type=click.Choice(["xlsx", "csv", "md", "html", "jsonld"]),
    help="What to write.",
)
@options.out_file_option
@click.option(
    "--project",
    "project_file",
    type=click.Path(path_type=Path),
    default=None,
    help="Project file; adds what was measured there.",
)
@options.build_option
@click.option("--language", type=click.Choice(["nl", "fr", "en"]), default="nl", show_default=True)
@options.overwrite_option
def export_command(
    kind: str,
    out: Path,
    project_file: Path | None,
    build: Path | None,
    language: str,
    overwrite: bool,
) -> None:
    """Write the matrix; with --project also what was measured there."""
    refuse_overwriting(out, overwrite=overwrite)
    if project_file is None:
        content = load_matrix().model_dump(mode="json")
    else:
        project = load_project(project_file)
        content = matrix.build(project, build_folder(project, build))
    matrix_export.export(content, kind, out, language=language)
    emit(str(out))


@matrix_command.command("experience")
@click.option(
    "--format",
    "kind",
    required=True,
    type=click.Choice(experience_export.FORMATS),
    help="What to write.",
)
@options.out_file_option
@click.option("--language", type=click.Choice(["nl", "fr", "en"]), default="nl", show_default=True)
@options.overwrite_option
def experience_command(kind: str, out: Path, language: str, *, overwrite: bool) -> None:
    """Write the experience matrix: needs, where the tool serves them, rules, actions, examples."""
    refuse_overwriting(out, overwrite=overwrite)
    experience_export.export(load_matrix(), kind, out, language)
    emit(str(out))
