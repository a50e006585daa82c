"""Makers of building layers: how they are recognised, and what their columns mean."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from zonnekaart.errors import ConfigError
from zonnekaart.geo.buildings import USES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Maker(BaseModel):
    """
    One maker of building layers.

    Parameters
    ----------
    id, title : str
        Short name, and the name people know.
    needs : list of str
        Columns by which its layers are recognised.
    id_column : str
        Column that names a building; empty when there is none.
    use_column, year_column, dwellings_column, height_column : str
        Columns with what else is known; empty when there is none.
    uses : dict of str to str
        The maker's words for a use, and ours.
    licence, attribution, matrix_id, limits, source : str
        What goes into the record and the data matrix.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: str = Field(min_length=1)
    title: str = Field(min_length=1)
    needs: list[str] = Field(min_length=1)
    id_column: str
    use_column: str
    uses: dict[str, str]
    year_column: str
    dwellings_column: str
    height_column: str
    licence: str
    attribution: str
    matrix_id: str
    limits: str
    source: str = Field(min_length=1)

    @field_validator("uses")
    @classmethod
    def _known_uses(cls, value: dict[str, str]) -> dict[str, str]:
        wrong = sorted(set(value.values()) - set(USES))
        if wrong:
            raise ValueError(f"use {wrong[0]!r} is none of {', '.join(USES)}")
        return value


class _MakersFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    makers: list[Maker] = Field(min_length=1)


@lru_cache(maxsize=4)
def read_makers(path: Path) -> tuple[Maker, ...]:
    """
    Read the file of makers.

    Raises
    ------
    ConfigError
        If it does not follow the layout.
    """
    try:
        return tuple(_MakersFile.model_validate(tomllib.loads(path.read_text("utf-8"))).makers)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(
            str(path),
            str(error).replace("\n", " "),
            "makers of building layers",
            "compare with the entries in data/preparing/buildings.toml",
        ) from error


def maker_of(columns: Iterable[str], makers: Iterable[Maker]) -> Maker | None:
    """Return the first maker all of whose columns are there; None when there is none."""
    found = {column.lower() for column in columns}
    for maker in makers:
        if all(name.lower() in found for name in maker.needs):
            return maker
    return None


def column_named(columns: Iterable[str], name: str) -> str | None:
    """Return the column of that name without regard to case; None when there is none."""
    return next((column for column in columns if name and column.lower() == name.lower()), None)
