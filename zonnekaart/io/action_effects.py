"""What actions could bring and how easily they are done: a dated, sourced TOML file."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from zonnekaart.io.sharing_tables import read_table

if TYPE_CHECKING:
    from pathlib import Path

_HINT = "compare with data/actions/effects.toml of the package"
Day = dt.date


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SpanTable(_Table):
    """Low, central and high value of one assumption."""

    low: float = Field(ge=0.0)
    central: float = Field(ge=0.0)
    high: float = Field(ge=0.0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.central <= self.high:
            raise ValueError("low, central and high do not rise")
        return self


class ScoreTable(_Table):
    """``[score]``: weights of the two parts of a score. [-]."""

    votes: float = Field(ge=0.0, le=1.0)
    effect: float = Field(ge=0.0, le=1.0)
    source: str = Field(min_length=10)


class EmissionTable(_Table):
    """``[[co2]]``: emission that a kWh of solar power avoids. [kg/kWh]."""

    regions: tuple[str, ...] = Field(min_length=1)
    kg_kwh: SpanTable
    observed_from: Day
    observed_to: Day
    source: str = Field(min_length=10)


class ActionTable(_Table):
    """``[[actions]]``: what one recommendation works on, how much of it, how easily."""

    id: str = Field(pattern=r"^rec\d\d$")
    energy: Literal["untapped", "sharing", "flats", "surplus", "residual", "heritage", "none"]
    kind: Literal["made", "moved"] | None = None
    share: SpanTable | None = None
    doability: float = Field(ge=0.0, le=1.0)
    reason: str = Field(min_length=10)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.energy == "none" and (self.kind is not None or self.share is not None):
            raise ValueError("kind and share are for actions with energy")
        if self.energy != "none" and (self.kind is None or self.share is None):
            raise ValueError("energy without kind or share")
        if self.share is not None and self.share.high > 1.0:
            raise ValueError("a share above 1")
        return self


class ActionEffectsFile(_Table):
    """The whole file."""

    schema_version: Literal[1]
    version: str
    date: Day
    score: ScoreTable
    co2: list[EmissionTable]
    actions: list[ActionTable]

    @model_validator(mode="after")
    def _once(self) -> Self:
        ids = [action.id for action in self.actions]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"{twice[0]} stands twice")
        return self

    def emission(self, region: str) -> SpanTable | None:
        """Return what a kWh avoids in a region; None where no figure is known."""
        return next((e.kg_kwh for e in self.co2 if region in e.regions), None)


def read_action_effects(path: Path) -> ActionEffectsFile:
    """
    Read what actions could bring.

    Parameters
    ----------
    path : Path
        ``data/actions/effects.toml``.

    Raises
    ------
    RulesError
        If the file does not follow the schema.
    """
    return read_table(path, ActionEffectsFile, _HINT)
