"""What a shared kWh is worth and what makes a group hard to start: dated, sourced TOML files."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from zonnekaart.io.sharing_tables import read_table

if TYPE_CHECKING:
    from pathlib import Path

HINT = "compare with the file of the project"

Range = tuple[float, float]
Day = dt.date
FactorId = Literal[
    "each_meter", "many_owners", "legal_person", "grid_study", "heritage", "owner_unknown"
]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PriceHead(_Table):
    """``[prices]``: whose prices."""

    region: str
    to_verify: list[str] = []


class OwnerPrices(_Table):
    """``[[owners]]``: prices of one kind of owner, each from low to high. [EUR/kWh]."""

    owner: Literal["household", "firm", "public"]
    energy_component_eur_kwh: Range
    injection_eur_kwh: Range
    gain_eur_kwh: Range
    observed_from: Day
    observed_to: Day
    source: str = Field(pattern=r"^https?://")
    more_sources: list[str] = []
    confidence: Literal["high", "medium", "low"]
    note: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for name in ("energy_component_eur_kwh", "injection_eur_kwh", "gain_eur_kwh"):
            low, high = getattr(self, name)
            if not low <= high:
                raise ValueError(f"{name} runs from high to low")
        most = self.energy_component_eur_kwh[1] - self.injection_eur_kwh[0]
        if self.gain_eur_kwh[1] > most:
            raise ValueError("gain_eur_kwh is more than energy at its dearest less injection")
        if self.observed_to < self.observed_from:
            raise ValueError("observed_to lies before observed_from")
        return self


class SharingCosts(_Table):
    """``[costs]``: what taking part costs in a year."""

    operator_eur_meter_year: float = Field(ge=0)
    source: str = Field(pattern=r"^https?://")
    confidence: Literal["high", "medium", "low"]


class SharingPrices(_Table):
    """Prices of one region."""

    prices: PriceHead
    owners: list[OwnerPrices] = Field(min_length=1)
    costs: SharingCosts

    def of(self, owner: str) -> OwnerPrices | None:
        """Return the prices of one kind of owner, None when not known."""
        return next((p for p in self.owners if p.owner == owner), None)


class Factor(_Table):
    """``[[factors]]``: one thing that makes a group harder to start. [-]."""

    id: FactorId
    factor: float = Field(gt=0, le=1)
    matrix_id: str


class Basis(_Table):
    """``[basis]``: where the factors come from."""

    kind: Literal["own assumption", "measured"]
    note: str


class Doability(_Table):
    """All factors."""

    factors: list[Factor]
    basis: Basis

    def factor(self, name: FactorId) -> float:
        """Return a factor, 1 when the file leaves it out."""
        return next((f.factor for f in self.factors if f.id == name), 1.0)

    def reason(self, name: FactorId) -> str:
        """Return the row of the experience matrix behind a factor."""
        return next((f.matrix_id for f in self.factors if f.id == name), "")


def read_sharing_prices(folder: Path, region: str) -> SharingPrices | None:
    """
    Read the prices of a region.

    Parameters
    ----------
    folder : Path
        Folder with one file per region.
    region : str
        Such as ``BE-VLG``.

    Returns
    -------
    SharingPrices or None
        None where no prices are known: then no money is shown.

    Raises
    ------
    RulesError
        If the file does not follow the schema.
    """
    path = folder / f"{region.lower()}.toml"
    return read_table(path, SharingPrices, HINT) if path.is_file() else None


def read_doability(path: Path) -> Doability:
    """
    Read the factors of doability.

    Raises
    ------
    RulesError
        If the file does not follow the schema.
    """
    return read_table(path, Doability, HINT)
