"""Numbers with a range and a source, kept in TOML files: read and validated the same way."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from zonnekaart.errors import MissingInputError, TableError

if TYPE_CHECKING:
    from pathlib import Path


class SourcedTable(BaseModel):
    """Base of every table: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=SourcedTable)


class Ranged(SourcedTable):
    """A number with its range and where it comes from."""

    value: float = Field(ge=0.0)
    low: float = Field(ge=0.0)
    high: float = Field(ge=0.0)
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Ranged:
        if not self.low <= self.value <= self.high:
            raise ValueError("low <= value <= high")
        return self


class Meta(SourcedTable):
    """``[meta]``: which edition."""

    id: str
    version: str
    title: str


def read_sourced(path: Path, model: type[Model]) -> Model:
    """
    Read and validate a TOML file.

    Raises
    ------
    MissingInputError, TableError
        If the file is absent, is not TOML, or lacks a number or its source.
    """
    if not path.is_file():
        raise MissingInputError(
            str(path), "no such file", "a table of numbers with sources", "restore the data folder"
        )
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        found = f"text that is not TOML ({error})"
        raise TableError(str(path), found, "a TOML file", "check quotes and brackets") from error
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise TableError(
            f"{path}: {where}", repr(problem.get("input")), problem["msg"], "correct the value"
        ) from error
