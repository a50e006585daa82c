"""Tariffs of solar panels per owner type: dated, sourced TOML files, one per region."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal, Self, get_args

from pydantic import Field, model_validator

from zonnekaart.io.ranges import Ranged, SourcedTable, read_sourced

if TYPE_CHECKING:
    from pathlib import Path

Day = dt.date
OwnerType = Literal["home", "flat", "tenant", "firm", "school", "public"]
OWNER_TYPES: tuple[OwnerType, ...] = get_args(OwnerType)


class Tariff(SourcedTable):
    """``[[tariffs]]``: prices of one or several owner types, up to a size."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    owner_types: list[OwnerType] = Field(min_length=1)
    up_to_kwp: float = Field(gt=0.0)
    vat: Literal["included", "excluded"]
    grid_fee_avoided: bool
    valid_from: Day
    valid_to: Day | None = None
    confidence: Literal["high", "medium", "low"]
    note: str = ""
    subsidy_eur_kwp: float = Field(ge=0.0)
    subsidy_source: str = Field(min_length=1)
    investment_eur_kwp: Ranged
    avoided_eur_kwh: Ranged
    injection_eur_kwh: Ranged
    upkeep_eur_kwp_year: Ranged
    inverter_after_years: int | None = Field(default=None, ge=1)
    inverter_eur_kwp: Ranged | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.inverter_after_years is None) != (self.inverter_eur_kwp is None):
            raise ValueError("inverter_after_years and inverter_eur_kwp go together")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        if self.injection_eur_kwh.high > self.avoided_eur_kwh.value:
            raise ValueError("injection_eur_kwh pays more than offtake costs")
        return self


class Without(SourcedTable):
    """``[[without]]``: an owner type that gets no figure, and why."""

    owner_type: OwnerType
    nl: str = Field(min_length=1)
    fr: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Tariffs(SourcedTable):
    """All tariffs of a region."""

    region: str
    date: str
    to_verify: tuple[str, ...] = ()
    discount_rate: Ranged
    lifetime_years: Ranged
    degradation: Ranged
    tariffs: list[Tariff]
    without: tuple[Without, ...] = ()

    @model_validator(mode="after")
    def _no_doubles(self) -> Self:
        sizes = [(o, t.up_to_kwp) for t in self.tariffs for o in t.owner_types]
        if len(set(sizes)) < len(sizes):
            raise ValueError("two tariffs of one owner type end at the same size")
        both = {o for o, _ in sizes} & {w.owner_type for w in self.without}
        if both:
            raise ValueError(f"{sorted(both)}: a tariff, and a reason why there is none")
        return self

    def bands(self, owner_type: str) -> list[Tariff]:
        """Return the tariffs of an owner type, smallest size first."""
        own = [t for t in self.tariffs if owner_type in t.owner_types]
        return sorted(own, key=lambda t: t.up_to_kwp)


def tariffs_path(folder: Path, region: str) -> Path:
    """Return where the tariffs of a region stand, whether there are any or not."""
    return folder / f"{region.lower()}.toml"


def read_tariffs(folder: Path, region: str) -> Tariffs | None:
    """
    Read the tariffs of a region.

    Parameters
    ----------
    folder : Path
        Folder with one file per region.
    region : str
        Such as ``BE-VLG``.

    Returns
    -------
    Tariffs or None
        None where none are known: then no money is shown.

    Raises
    ------
    TableError
        If the file does not follow the schema.
    """
    path = tariffs_path(folder, region)
    return read_sourced(path, Tariffs) if path.is_file() else None
