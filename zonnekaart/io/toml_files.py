"""TOML files against a schema: what is wrong is told with its line."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from zonnekaart.errors import ConfigError, MissingInputError

if TYPE_CHECKING:
    from pathlib import Path

Schema = TypeVar("Schema", bound=BaseModel)
Place = tuple[str | int, ...]

_MOST_CHARACTERS = 80

_TABLE = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\"-]+)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\"-]+)\s*=")
_AT_LINE = re.compile(r"at line (\d+)")
_MULTILINE = ('"""', "'''")


def read_toml(path: Path, schema: type[Schema], hint: str) -> Schema:
    """
    Read a TOML file and check it.

    Parameters
    ----------
    path : Path
        The file.
    schema : type of BaseModel
        What it must follow.
    hint : str
        Where its keys are explained.

    Raises
    ------
    MissingInputError
        If there is no such file.
    ConfigError
        If it is no TOML or does not follow the schema; the subject names file and line.
    """
    if not path.is_file():
        raise MissingInputError(str(path), "no such file", "a TOML file", hint)
    text = path.read_text(encoding="utf-8")
    try:
        return schema.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = _AT_LINE.search(str(error))
        at = int(line[1]) if line else len(text.splitlines())
        raise ConfigError(f"{path}, line {at}", str(error), "a TOML file", hint) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = tuple(first["loc"])
        raise ConfigError(
            f"{path}, line {line_of(text, place)}",
            f"{_dotted(place)} = {_short(first['input'])}"
            if first["type"] != "missing"
            else f"no {_dotted(place)}",
            first["msg"],
            hint,
        ) from error


def line_of(text: str, place: Place) -> int:
    r"""
    Return the line on which a value of a TOML file stands, or that of the table it belongs in.

    Parameters
    ----------
    text : str
        Content of the file.
    place : tuple of str and int
        Keys, and numbers in arrays of tables from 0.

    Examples
    --------
    >>> line_of('a = 1\n[[step]]\nnl = "x"\n[[step]]\nnl = "y"', ("step", 1, "nl"))
    5
    """
    lines = _lines(text)
    for length in range(len(place), 0, -1):
        if place[:length] in lines:
            return lines[place[:length]]
    return 1


def _lines(text: str) -> dict[Place, int]:
    """Return the line of every table and key."""
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        skipped, inside = inside, inside ^ (sum(line.count(m) for m in _MULTILINE) % 2 == 1)
        if skipped:
            continue
        heading, key = _TABLE.match(line), _KEY.match(line)
        if heading and not key:
            names = [part.strip('" ') for part in heading[2].split(".")]
            table = _resolved(names, counts, new=heading[1] == "[[")
            found[table] = number
            found.setdefault(table[:-1], number)
        elif key:
            found[(*table, key[1].strip('"'))] = number
    return found


def _resolved(names: list[str], counts: dict[Place, int], *, new: bool) -> Place:
    """Return the place of a table: each array on the way stands for its latest element."""
    place: Place = ()
    for depth, name in enumerate(names):
        place = (*place, name)
        if new and depth == len(names) - 1:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place


def _dotted(place: Place) -> str:
    return ".".join(str(part) for part in place) or "the file"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"
