"""Duties to place panels: dated, sourced TOML files, one per region."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from zonnekaart.geo.buildings import OWNERS
from zonnekaart.io.ranges import SourcedTable, read_sourced

if TYPE_CHECKING:
    from pathlib import Path

Day = dt.date
Confidence = Literal["high", "medium", "low", "verify"]


class DutyTitle(SourcedTable):
    """Name of a duty per language."""

    nl: str = Field(min_length=1)
    fr: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Threshold(SourcedTable):
    """Offtake of a connection point from which the duty holds. [kWh/year]."""

    start: Day = Field(alias="from")
    kwh_year: float = Field(gt=0.0)
    confidence: Confidence


class Step(SourcedTable):
    """Power asked per m2 of horizontal roof. [Wp/m2]."""

    start: Day = Field(alias="from")
    wp_per_m2: float = Field(gt=0.0, le=250.0)


class Duty(SourcedTable):
    """One ``[[duties]]``."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    owners: list[str]
    homes: bool
    year_counted_from: int
    source: str = Field(pattern=r"^https?://")
    more_sources: tuple[str, ...] = ()
    confidence: Confidence
    note: str = ""
    thresholds: list[Threshold] = Field(min_length=1)
    steps: list[Step] = Field(min_length=1)
    title: DutyTitle

    @model_validator(mode="after")
    def _sound(self) -> Self:
        strange = sorted(set(self.owners) - set(OWNERS))
        if strange:
            raise ValueError(f"owners {strange}: none of {', '.join(OWNERS)}")
        for name in ("thresholds", "steps"):
            days = [row.start for row in getattr(self, name)]
            if days != sorted(set(days)):
                raise ValueError(f"{name} are not in the order of their days")
        return self

    def on(self, day: Day) -> tuple[float, float] | None:
        """
        Return threshold and power asked on a day; None before the duty holds. [kWh/year, Wp/m2].

        Parameters
        ----------
        day : date
            The last threshold and the last step that began by then count.
        """
        limits = [row.kwh_year for row in self.thresholds if row.start <= day]
        asked = [row.wp_per_m2 for row in self.steps if row.start <= day]
        return (limits[-1], asked[-1]) if limits and asked else None


class Duties(SourcedTable):
    """All duties of a region."""

    region: str
    date: str
    to_verify: tuple[str, ...] = ()
    duties: list[Duty]


def duties_path(folder: Path, region: str) -> Path:
    """Return where the duties of a region stand, whether there are any or not."""
    return folder / f"{region.lower()}.toml"


def read_duties(folder: Path, region: str) -> Duties | None:
    """
    Read the duties of a region.

    Parameters
    ----------
    folder : Path
        Folder with one file per region.
    region : str
        Such as ``BE-VLG``.

    Returns
    -------
    Duties or None
        None where none are written down, which does not say that there are none.

    Raises
    ------
    TableError
        If the file does not follow the schema.
    """
    path = duties_path(folder, region)
    return read_sourced(path, Duties) if path.is_file() else None
