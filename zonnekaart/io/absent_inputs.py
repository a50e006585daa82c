"""What a project goes without when an optional input is absent (data/matrix/inputs.yaml)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from zonnekaart.errors import TableError
from zonnekaart.io.matrix import matrix_folder
from zonnekaart.io.matrix_rows import Place, Row, Text, content_of, validated

if TYPE_CHECKING:
    from pathlib import Path

FILE = "inputs.yaml"


class Cost(Row):
    """One sentence per language."""

    nl: Text
    fr: Text
    en: Text


class OptionalInput(Row):
    """
    One optional input and what its absence costs.

    Parameters
    ----------
    input, unless, when : str, list of str
        Places in the project file: what is absent, what may stand for it, what must be given.
    effect : {"unknown", "weaker"}
        Figures stay empty, or something stands in and the range is wider.
    gap : str, optional
        Kind of thinness of the rule file.
    indicators : list of str
        Indicators of zones that it touches.
    sources : list of str
        Rows of the data matrix where it can be got.
    cost : Cost
        What the user goes without.
    """

    input: str = Field(pattern=r"^inputs\.[a-z_.]+$")
    unless: list[str]
    when: list[str]
    effect: Literal["unknown", "weaker"]
    gap: str | None
    indicators: list[str]
    sources: list[str]
    cost: Cost


def read_optional_inputs() -> tuple[OptionalInput, ...]:
    """
    Return the optional inputs, the most costly first.

    Raises
    ------
    MissingInputError, TableError
        If the file is absent, or a row breaks the schema.
    """
    return _read(matrix_folder() / FILE)


@lru_cache(maxsize=2)
def _read(path: Path) -> tuple[OptionalInput, ...]:
    content = content_of(path)
    if not isinstance(content, dict) or not isinstance(content.get("inputs"), list):
        raise TableError(str(path), "no list 'inputs'", "a list of inputs", "begin it with inputs:")
    return tuple(
        validated(Place(path, ("inputs", number)), row, OptionalInput)
        for number, row in enumerate(content["inputs"])
    )
