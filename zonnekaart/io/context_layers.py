"""Kinds of context layers and how the layers of known makers are read, as data."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zonnekaart.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

Kind = Literal[
    "roads", "water", "parking", "parks", "land_use", "cabins", "parcels", "heritage", "areas"
]
Shape = Literal["point", "line", "polygon"]


class ContextLayer(BaseModel):
    """
    How a maker's layer becomes one of a kind.

    Parameters
    ----------
    kind : str
        What it is in a project.
    shapes : list of {"point", "line", "polygon"}
        Shapes that are kept.
    needs : list of str
        Columns by which the maker is recognised, without regard to case.
    column, values : str, list of str
        Rows that count; no column means all.
    id_column, name_column : str
        Columns that name a feature; empty when there is none.
    maker, licence, attribution, source : str
        What goes into the record.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kind: Kind
    shapes: list[Shape] = Field(min_length=1)
    needs: list[str]
    maker: str
    column: str
    values: list[str]
    id_column: str
    name_column: str
    licence: str
    attribution: str
    source: str = Field(min_length=1)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    layers: list[ContextLayer] = Field(min_length=1)


@lru_cache(maxsize=4)
def read_context_layers(path: Path) -> tuple[ContextLayer, ...]:
    """
    Read the file of context layers.

    Raises
    ------
    ConfigError
        If it does not follow the layout.
    """
    try:
        return tuple(_File.model_validate(tomllib.loads(path.read_text("utf-8"))).layers)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(
            str(path),
            str(error).replace("\n", " "),
            "context layers",
            "compare with data/preparing/context.toml",
        ) from error


def layer_of(kind: str, columns: list[str], known: tuple[ContextLayer, ...]) -> ContextLayer | None:
    """Return the first maker of a kind all of whose columns are there; None without any."""
    found = {column.lower() for column in columns}
    for layer in known:
        if layer.kind == kind and all(name.lower() in found for name in layer.needs):
            return layer
    return None
