"""Files for a new project: named by the user, or found where fetch and prepare left them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zonnekaart.errors import ConfigError, MissingInputError
from zonnekaart.io.matrix import load_matrix
from zonnekaart.io.provenance import ENDING, read_record
from zonnekaart.io.sources.consumption import read_text_table
from zonnekaart.io.vector import layer_columns
from zonnekaart.pipelines.checks.findings import first_few

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from zonnekaart.io.matrix import Source
    from zonnekaart.pipelines.project_text import Value

_NAMES = {
    "dsm.tif": "dsm",
    "dtm.tif": "dtm",
    "buildings.gpkg": "buildings",
    "areas.gpkg": "areas",
    "consumption.csv": "consumption",
    "roads.gpkg": "roads",
    "water.gpkg": "water",
    "cabins.gpkg": "cabins",
    "parking.gpkg": "sites",
}
"""Names by which files without a record are recognised."""
_OF_CONTEXT = {name: name for name in ("areas", "roads", "water", "cabins")} | {"parking": "sites"}
_LAYERS = ("buildings", "areas", "roads", "water", "cabins", "sites")
_IDS = ("building_id", "area_id", "road_id", "water_id", "cabin_id", "site_id", "id")
_NAMED = ("areas", "roads", "sites")
_UNSTATED = "not stated"


@dataclass(frozen=True)
class FoundInput:
    """
    One file of a new project.

    Parameters
    ----------
    name : str
        Input it stands for, such as ``dsm``.
    path : Path
        The file.
    options : dict
        Options of its table, besides the path.
    source : dict, optional
        Title, licence, date and the like; None when nothing is known.
    notes : tuple of str
        What the user must still look at.
    """

    name: str
    path: Path
    options: dict[str, Value] = field(default_factory=dict)
    source: dict[str, Value] | None = None
    notes: tuple[str, ...] = ()


def files_in(folder: Path) -> tuple[dict[str, Path], list[str]]:
    """
    Return the files in a folder that a project can read, by input, and notes on the others.

    Parameters
    ----------
    folder : Path
        Where ``zonnekaart fetch`` and ``zonnekaart prepare`` wrote; folders in it are looked
        into, apart from ``build`` and hidden ones.

    Raises
    ------
    MissingInputError
        If there is no such folder, or nothing in it is recognised.
    ConfigError
        If two files stand for one input.
    """
    if not folder.is_dir():
        raise MissingInputError(
            str(folder), "no such folder", "a folder with prepared files", "correct --from"
        )
    notes: list[str] = []
    found: dict[str, list[Path]] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        inside = path.relative_to(folder).parts[:-1]
        if any(part.startswith(".") or part == "build" for part in inside):
            continue
        name = _input_of(path, notes)
        if name is not None:
            found.setdefault(name, []).append(path)
    for name, paths in found.items():
        if len(paths) > 1:
            raise ConfigError(
                str(folder),
                f"{len(paths)} files for {name}: {first_few(p.name for p in paths)}",
                "one",
                "keep one of them there, or begin without --from and name each file",
            )
    if not found:
        raise MissingInputError(
            str(folder),
            "no file that is recognised",
            f"files of zonnekaart prepare (with NAME{ENDING}), or named {', '.join(_NAMES)}",
            "prepare them first, or name each file: --dsm, --buildings, …",
        )
    taken = {name: paths[0] for name, paths in found.items()}
    return taken, [text for text in notes if text.split(":")[0] not in taken]


def _input_of(path: Path, notes: list[str]) -> str | None:
    """Return which input a file is; a file that must be prepared first gives a note instead."""
    record = read_record(path)
    if record is None:
        if path.name.endswith(ENDING):
            _note_folder(path, notes)
            return None
        return "weather" if path.suffix.lower() == ".epw" else _NAMES.get(path.name)
    options, command = record.get("options") or {}, record.get("command")
    if command == "prepare heights":
        return str(options.get("kind"))
    if command == "prepare context":
        name = _OF_CONTEXT.get(str(options.get("kind")))
        if name is None:
            notes.append(f"{options.get('kind')}: {path.name} must be filled in by hand")
        return name
    plain = {"prepare buildings": "buildings", "prepare demand": "consumption"}.get(str(command))
    if plain is None and command == "fetch":
        what = str(options.get("what"))
        if what == "weather":
            return what
        notes.append(f"{what}: {path.name} was fetched and must be prepared: zonnekaart prepare")
    return plain


def _note_folder(path: Path, notes: list[str]) -> None:
    """Note a folder of sheets that was fetched and not joined yet."""
    folder = path.with_name(path.name.removesuffix(ENDING))
    if folder.is_dir():
        notes.append(f"{folder.name}: its sheets must be joined: zonnekaart prepare heights")


def described(name: str, path: Path, matrix_id: str | None = None) -> FoundInput:
    """
    Return an input with what its file, its record and the data matrix tell of it.

    Parameters
    ----------
    name : str
        Input, such as ``buildings``.
    path : Path
        The file.
    matrix_id : str, optional
        Row of the data matrix that tells where it comes from.

    Raises
    ------
    MissingInputError, VectorError, TableError
        If the file is absent, or cannot be read.
    ConfigError
        If the data matrix has no such row.
    """
    if not path.is_file():
        raise MissingInputError(
            str(path), "no such file", f"a file for [inputs.{name}]", "correct the path"
        )
    record = read_record(path) or {}
    facts = record.get("facts") or {}
    options: dict[str, Value] = {}
    notes: list[str] = []
    if name in _LAYERS:
        options = _columns(name, path, facts, notes)
    elif name == "consumption":
        options = _table(path, notes)
    source = _source(record, _row(name, matrix_id))
    if source is None:
        notes.append(f"{name}: nobody told where it comes from: fill [inputs.{name}.source] in")
    elif not source["date"]:
        notes.append(f"{name}: fill in the date of its content under [inputs.{name}.source]")
    return FoundInput(name, path, options, source, tuple(notes))


def _columns(name: str, path: Path, facts: Mapping[str, Any], notes: list[str]) -> dict[str, Value]:
    """Return the options that name columns, as far as the layer has ours or those of prepare."""
    there = layer_columns(path)
    options: dict[str, Value] = {}
    if name == "sites":
        options["kind"] = "parking"
    known = next((column for column in _IDS if column in there), None)
    if known is None:
        notes.append(f"{name}: no column of ids was recognised: set id_column")
    else:
        options["id_column"] = known
    if name in _NAMED and "name" in there:
        options["name_column"] = "name"
    if name == "cabins" and "rated_kva" in there:
        options["rated_kva_column"] = "rated_kva"
    if name == "buildings":
        told = {"use": facts.get("use_known", 1), "dwellings": facts.get("dwellings_known", 1)}
        told["construction_year"] = told["use"] or told["dwellings"]
        for column, count in told.items():
            if column in there and count:
                options[f"{column}_column"] = column
        if facts.get("derived"):
            options["derived"] = True
    return options


def _table(path: Path, notes: list[str]) -> dict[str, Value]:
    """Return the options of a consumption table: its year when it holds one."""
    years = sorted(set(read_text_table(path, ("area_id", "year"))["year"]))
    if len(years) == 1 and years[0].isdigit():
        return {"year": int(years[0])}
    notes.append(f"consumption: several years ({first_few(years)}): set year")
    return {}


def _row(name: str, matrix_id: str | None) -> Source | None:
    row = None if matrix_id is None else load_matrix().source(matrix_id)
    if matrix_id is not None and row is None:
        raise ConfigError(
            f"--source {name}",
            matrix_id,
            "an id of the data matrix, such as SUP-04",
            "list them with: zonnekaart matrix export --format csv --out matrix.csv",
        )
    return row


def _source(record: Mapping[str, Any], row: Source | None) -> dict[str, Value] | None:
    """Return what the record of a file, and else the row of the matrix, tell of its source."""
    origins = [s for s in record.get("sources") or () if s.get("title") or s.get("maker")]
    origin = origins[0] if origins else {}
    row = row or load_matrix().source(str(origin.get("matrix_id") or ""))
    if not origin and row is None:
        return None
    options, facts = record.get("options") or {}, record.get("facts") or {}
    title = origin.get("title") or origin.get("maker") or (row.name if row else "")
    year = options.get("year") or (row.classes.observed_year if row else None)
    limits = origin.get("limits") or (row.quality_limitations if row else "")
    if facts.get("derived"):
        title = f"Footprints derived from: {title}"
        limits = "; ".join(record.get("warnings") or ()) or limits
    known: dict[str, Value] = {
        "title": title,
        "licence": origin.get("licence") or (row.licence if row else _UNSTATED),
        "date": str(year or ""),
        "attribution": origin.get("attribution") or (row.owner if row else ""),
    }
    if row is not None:
        known["matrix_id"] = row.id
    return known | {"limits": limits}
