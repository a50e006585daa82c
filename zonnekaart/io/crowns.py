"""What tree crowns let through per type and month, from ``data/vegetation.toml``."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from zonnekaart.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

MONTHS = 12


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Factor(_Table):
    value: float = Field(ge=0.0, le=1.0)
    low: float = Field(ge=0.0, le=1.0)
    high: float = Field(ge=0.0, le=1.0)
    sources: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> _Factor:
        if not self.low <= self.value <= self.high:
            raise ValueError("low, value and high are not in this order")
        return self


class _Crown(_Table):
    in_leaf: _Factor
    leafless: _Factor
    leaf_share: tuple[float, ...] = Field(min_length=MONTHS, max_length=MONTHS)
    leaf_source: str = Field(min_length=1)


class _Source(_Table):
    text: str = Field(min_length=1)
    checked: Literal["source", "other", "no"]


class _Meta(_Table):
    id: str
    version: str


class _Crowns(_Table):
    meta: _Meta
    types: dict[str, _Crown]
    sources: dict[str, _Source]

    @model_validator(mode="after")
    def _sources_known(self) -> _Crowns:
        named = {s for c in self.types.values() for f in (c.in_leaf, c.leafless) for s in f.sources}
        if named - set(self.sources):
            raise ValueError(f"no source {', '.join(sorted(named - set(self.sources)))}")
        return self


def crown_transmissivity(
    path: Path, crown: str, latitude_deg: float, bound: Literal["low", "value", "high"] = "value"
) -> tuple[float, ...]:
    """
    Return the share of light that passes crowns of a type, per month.

    Parameters
    ----------
    path : Path
        ``vegetation.toml``.
    crown : str
        Name of a type of trees.
    latitude_deg : float
        South of the equator the seasons shift by six months. [degree]
    bound : {"low", "value", "high"}
        Which of the three figures of the sources.

    Returns
    -------
    tuple of float, shape (12,)
        January to December. [-]

    Raises
    ------
    ConfigError
        If the file is not right, or has no such type.
    """
    try:
        crowns = _Crowns.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(
            str(path), str(error).splitlines()[0], "types of trees", "restore the file"
        ) from error
    if crown not in crowns.types:
        raise ConfigError(
            f"{path}: types", crown, f"one of: {', '.join(crowns.types)}", "correct the name"
        )
    kind = crowns.types[crown]
    leafless, in_leaf = getattr(kind.leafless, bound), getattr(kind.in_leaf, bound)
    months = [leafless + leaves * (in_leaf - leafless) for leaves in kind.leaf_share]
    shift = MONTHS // 2 if latitude_deg < 0.0 else 0
    return tuple(round(share, 6) for share in (*months[shift:], *months[:shift]))
