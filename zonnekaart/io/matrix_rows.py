"""Rows of the matrices' YAML files: read, validated, and a broken one says file and line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from zonnekaart.errors import MissingInputError, TableError

if TYPE_CHECKING:
    from pathlib import Path

Confidence = Literal["high", "medium", "low"]
DAY = r"^\d{4}-\d{2}-\d{2}$"
"""A day as it stands in a row: 2026-11-23."""

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Row(BaseModel):
    """Base of every row: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


RowT = TypeVar("RowT", bound=BaseModel)


@dataclass(frozen=True)
class Place:
    """
    Where in a file a row stands.

    Parameters
    ----------
    path : Path
        The file.
    keys : tuple of str or int
        Keys and positions that lead to the row.
    name : str
        What the row is called, such as ``SUP-04``; empty for a whole file.
    """

    path: Path
    keys: tuple[str | int, ...] = ()
    name: str = ""

    def subject(self, *field: str | int) -> str:
        """Return file, line and name of a field of the row."""
        at = f"{self.path}:{line_of(self.path, *self.keys, *field)}"
        return f"{at}: {self.name}" if self.name else at


def content_of(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    """
    Return what a YAML file holds.

    Raises
    ------
    MissingInputError
        If the file is not there.
    TableError
        If it is not YAML.
    """
    if not path.is_file():
        raise MissingInputError(
            str(path), "no such file", "a matrix file", "restore it from the package"
        )
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise TableError(
            str(path),
            f"text that is not YAML ({' '.join(str(error).split())})",
            "a YAML file",
            "check indentation and quotes at the line it names",
        ) from error


def line_of(path: Path, *keys: str | int) -> int:
    """
    Return the line of a value in a YAML file, counted from 1.

    Parameters
    ----------
    path : Path
        The file.
    *keys : str or int
        Keys and positions that lead to the value; where they end early, the last one found counts.
    """
    node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    if node is None:
        return 1
    line = node.start_mark.line
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(key)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line
        else:
            break
    return int(line) + 1


def validated(place: Place, row: object, model: type[RowT]) -> RowT:
    """
    Return a row as its model.

    Parameters
    ----------
    place : Place
        Where the row stands, for the message.
    row : object
        What the file holds there.
    model : type
        What it should be.

    Raises
    ------
    TableError
        If it breaks the schema; the message names the field.
    """
    try:
        return model.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        subject = place.subject(*first["loc"])
        found = "nothing" if first["type"] == "missing" else repr(first["input"])
        raise TableError(
            f"{subject}: {field}",
            found,
            first["msg"],
            "correct the row; docs/check.md lists the values that are allowed",
        ) from error
