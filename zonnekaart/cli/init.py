"""``init``: start a project."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from zonnekaart.cli.console import emit, say
from zonnekaart.io.cadastre_options import Kind
from zonnekaart.pipelines.found_inputs import described, files_in
from zonnekaart.pipelines.init import Place, next_steps, start_project, still_missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from zonnekaart.pipelines.found_inputs import FoundInput

_FILE = click.Path(path_type=Path)
_FILES = {
    "dsm": "Surface heights.",
    "dtm": "Bare ground.",
    "buildings": "Footprints.",
    "areas": "Areas that the consumption speaks of.",
    "consumption": "Consumption table, as zonnekaart prepare demand writes it.",
    "weather": "Weather year: EPW, PVGIS, CSV.",
    "roads": "Streets.",
    "water": "Water.",
    "cabins": "Distribution cabins.",
    "parking": "Car parks.",
}
_INPUT_OF = {"parking": "sites"}
_CRS, _REGION, _LANGUAGES = "EPSG:31370", "BE-VLG", ("nl", "fr", "en")


def _file_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one option per file it can take."""
    for name, text in reversed(_FILES.items()):
        command = click.option(f"--{name}", f"file_{name}", type=_FILE, help=text)(command)
    return command


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", default=None, help="Name of the place; the folder's name when left out.")
@click.option("--crs", default=None, help=f"Projected CRS in metres; {_CRS} when left out.")
@click.option("--nis", default=None, help="Code of the municipality, such as 11016.")
@click.option("--region", default=None, help=f"BE-VLG, BE-WAL, BE-BRU, NL; {_REGION} if left out.")
@click.option("--language", type=click.Choice(_LANGUAGES), help="Of the map; nl when left out.")
@click.option(
    "--from",
    "source_folder",
    type=_FILE,
    help="Take what zonnekaart fetch and prepare left in this folder.",
)
@_file_options
@click.option(
    "--cadastre",
    type=click.Choice(get_args(Kind)),
    help="Begin from an existing solar cadastre of this kind instead of heights.",
)
@click.option("--cadastre-file", type=_FILE, help="The file of that cadastre.")
@click.option(
    "--source",
    "matrix_ids",
    multiple=True,
    metavar="INPUT=ID",
    help="Row of the data matrix that tells where a file comes from, such as dsm=SUP-04.",
)
@click.option("--overwrite", is_flag=True, help="Replace a project file that is there.")
def init_command(folder: Path, overwrite: bool, cadastre: Kind | None, **options: Any) -> None:  # noqa: ANN401 - click's own
    """
    Write a commented zonnekaart.toml and the folders for its input into DIR.

    On a terminal what is missing is asked. Files that are given are filled in, with their source
    as the records beside them tell it; nothing is computed.
    """
    title = folder.resolve().name.replace("-", " ").title()
    if options["name"] is None and on_terminal():
        _ask(options, title)
    taken, notes = _taken(options)
    if cadastre is not None:
        taken.pop("dsm", None)
        taken.pop("dtm", None)
        if options["cadastre_file"] is not None:
            taken["cadastre"] = options["cadastre_file"]
    elif options["cadastre_file"] is not None:
        raise click.UsageError("--cadastre-file needs --cadastre raster, roofs or buildings")
    rows = _rows(options["matrix_ids"], taken)
    inputs: list[FoundInput] = [described(n, path, rows.get(n)) for n, path in taken.items()]
    path = start_project(
        folder,
        options["name"] or title,
        options["crs"] or _CRS,
        cadastre=cadastre,
        overwrite=overwrite,
        place=Place(options["region"], options["language"], options["nis"]),
        inputs=inputs,
    )
    emit(str(path))
    for text in [*notes, *(note for found in inputs for note in found.notes)]:
        say(f"note: {text}")
    for line in next_steps(path, still_missing(inputs, cadastre), options["nis"]):
        say(line)


def on_terminal() -> bool:
    """Tell whether somebody can answer a question."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask(options: dict[str, Any], title: str) -> None:
    """Ask for what was not given; an empty answer leaves it out."""
    options["name"] = click.prompt("Name of the place", default=title, err=True)
    questions = {
        "nis": ("NIS code of the municipality (empty: none)", ""),
        "crs": ("Projected CRS in metres", _CRS),
        "region": ("Region: BE-VLG, BE-WAL, BE-BRU or NL", _REGION),
        "language": ("Language of the map: nl, fr or en", _LANGUAGES[0]),
    }
    for key, (question, default) in questions.items():
        if options[key] is None:
            kind = click.Choice(_LANGUAGES) if key == "language" else str
            answer = click.prompt(
                question, default=default, type=kind, show_default=bool(default), err=True
            )
            options[key] = answer or None
    if options["source_folder"] is None and not any(options[f"file_{n}"] for n in _FILES):
        answer = click.prompt(
            "Folder with fetched or prepared files (empty: none yet)",
            default="",
            show_default=False,
            err=True,
        )
        options["source_folder"] = Path(answer) if answer else None


def _taken(options: dict[str, Any]) -> tuple[dict[str, Path], list[str]]:
    """Return the files by input: those of the folder, and over them those that were named."""
    folder = options["source_folder"]
    taken, notes = ({}, []) if folder is None else files_in(folder)
    for name in _FILES:
        if options[f"file_{name}"] is not None:
            taken[_INPUT_OF.get(name, name)] = options[f"file_{name}"]
    return taken, notes


def _rows(given: tuple[str, ...], taken: dict[str, Path]) -> dict[str, str]:
    """Return the rows of the matrix by input."""
    rows = {}
    for text in given:
        name, _, row = text.partition("=")
        name = _INPUT_OF.get(name, name)
        if not row or name not in taken:
            raise click.BadParameter(
                f"{text!r}: INPUT=ID, for one of {', '.join(taken) or 'the files that are given'}",
                param_hint="--source",
            )
        rows[name] = row
    return rows
