"""Rows of the matrices' YAML files: read, validated, and a broken one says where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from zonnekaart.errors import MissingInputError, TableError

if TYPE_CHECKING:
    from pathlib import Path

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Row(BaseModel):
    """Base of every row: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


RowT = TypeVar("RowT", bound=BaseModel)


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


def validated(subject: str, row: object, model: type[RowT]) -> RowT:
    """
    Return a row as its model.

    Parameters
    ----------
    subject : str
        File and row, for the message.
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
        found = "nothing" if first["type"] == "missing" else repr(first["input"])
        raise TableError(
            f"{subject}: {field}",
            found,
            first["msg"],
            "correct the row; docs/check.md lists the values that are allowed",
        ) from error
