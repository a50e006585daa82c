"""Storyboards of mock-ups: TOML files in ``data/storyboards``, checked on reading."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zonnekaart.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

Language = Literal["nl", "fr", "en"]


class Text(BaseModel):
    """One text in the three languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    nl: str
    fr: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the text in one language."""
        text: str = getattr(self, language)
        return text


class Annotation(BaseModel):
    """A remark on the map, hung on a zone that the result decides."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    target: Literal["top_opportunity", "top_bottleneck", "largest_yield", "least_certain"]
    text: Text


class Storyboard(BaseModel):
    """What a mock-up tells, to whom, with which layers."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern=r"^[a-z0-9-]+$")
    version: str
    persona: Text
    title: Text
    question: Text
    steps: list[Text] = Field(min_length=1)
    layers: list[Literal["zones", "buildings"]] = Field(min_length=1)
    annotations: list[Annotation] = []


def storyboard_names(folder: Path) -> list[str]:
    """Return the storyboards in a folder."""
    return sorted(p.stem for p in folder.glob("*.toml"))


def read_storyboard(folder: Path, name: str) -> Storyboard:
    """
    Read one storyboard by its name.

    Raises
    ------
    ConfigError
        If there is none of that name, or it does not follow the schema.
    """
    names = storyboard_names(folder)
    if name not in names:
        raise ConfigError(
            "--storyboard", repr(name), f"one of: {', '.join(names)}", "correct the name"
        )
    path = folder / f"{name}.toml"
    try:
        return Storyboard.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            str(path), str(error).splitlines()[0], "a storyboard", "see docs/mockups.md"
        ) from error
