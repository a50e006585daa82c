"""Weights that spread consumption over buildings: a TOML file with sources."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from zonnekaart.energy.own_use import OwnUseCurve
from zonnekaart.errors import MissingInputError, TableError
from zonnekaart.io.sources.fluvius_nace import SECTORS

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

Basis = Literal["measured", "published", "own assumption"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Sourced(_Table):
    source: str = Field(min_length=1)
    basis: Basis


class Meta(_Table):
    """``[meta]``: which weights."""

    id: str
    version: str
    region: str
    title: str


class Residential(_Sourced):
    """Electricity of one dwelling. [kWh]."""

    kwh_per_dwelling: float = Field(gt=0)


class AreaPerDwelling(_Sourced):
    """Floor area that stands for one dwelling. [m2]."""

    residential: float = Field(gt=0)
    apartments: float = Field(gt=0)
    unknown: float = Field(gt=0)


class NonResidential(_Sourced):
    """Electricity per floor area and use. [kWh/m2]."""

    residential: float = Field(ge=0)
    apartments: float = Field(ge=0)
    commercial: float = Field(ge=0)
    industry: float = Field(ge=0)
    school: float = Field(ge=0)
    public: float = Field(ge=0)
    church: float = Field(ge=0)
    annex: float = Field(ge=0)
    unknown: float = Field(ge=0)


class UnknownUse(_Sourced):
    """How a footprint of unknown use is judged by its size."""

    annex_below_m2: float = Field(ge=0)
    firm_above_m2: float = Field(gt=0)
    firm_kwh_per_m2: float = Field(ge=0)


class Uncertainty(_Sourced):
    """How far users are from the expected figure, and half-widths without a total. [-]."""

    residential_log_sd: float = Field(ge=0, le=2)
    non_residential_log_sd: float = Field(ge=0, le=2)
    estimated: float = Field(ge=0, lt=1)
    missing_member: float = Field(ge=0, lt=1)


class Variation(_Sourced):
    """Relative standard deviation of one connection's load around its profile. [-]."""

    residential: float = Field(ge=0, le=4)
    non_residential: float = Field(ge=0, le=4)


class OwnUse(_Sourced):
    """Self-consumption of homes and firms by production over consumption. [-]."""

    ratio: tuple[float, ...] = Field(min_length=2)
    homes: tuple[float, ...]
    firms: tuple[float, ...]

    @model_validator(mode="after")
    def _of_one_length(self) -> Self:
        rising = all(a < b for a, b in pairwise(self.ratio)) and self.ratio[0] > 0.0
        if not rising or {len(self.homes), len(self.firms)} != {len(self.ratio)}:
            raise ValueError("ratio must rise from above 0, with one share of homes and firms each")
        used = [
            [r * s for r, s in zip(self.ratio, shares, strict=True)]
            for shares in (self.homes, self.firms)
        ]
        if any(a > b for line in used for a, b in pairwise(line)) or max(map(max, used)) > 1.0:
            raise ValueError("own use (ratio times share) must rise and stay below consumption")
        return self

    def curve(self, category: str) -> OwnUseCurve:
        """Return the curve of homes (``residential``) or of other users."""
        shares = self.homes if category == "residential" else self.firms
        return OwnUseCurve(np.array(self.ratio), np.array(shares))


class SectorShares(_Sourced):
    """How the non-residential use of a building divides over economic sectors, per use. [-]."""

    least: float = Field(gt=0, le=0.1, description="smallest share: any sector may be anywhere")
    residential: dict[str, float]
    apartments: dict[str, float]
    commercial: dict[str, float]
    industry: dict[str, float]
    school: dict[str, float]
    public: dict[str, float]
    church: dict[str, float]
    annex: dict[str, float]
    unknown: dict[str, float]

    @field_validator("*")
    @classmethod
    def _known(cls, value: object) -> object:
        strange = sorted(set(value) - set(SECTORS)) if isinstance(value, dict) else []
        if strange:
            raise ValueError(f"unknown sectors {strange}; one of {', '.join(SECTORS)}")
        return value


class DemandWeights(_Table):
    """All weights of one region."""

    meta: Meta
    residential: Residential
    m2_per_dwelling: AreaPerDwelling
    non_residential_kwh_per_m2: NonResidential
    unknown_use: UnknownUse
    uncertainty: Uncertainty
    variation: Variation
    own_use: OwnUse
    sectors: SectorShares

    def sector_shares(self, use: npt.NDArray[np.str_]) -> npt.NDArray[np.float64]:
        """
        Return how each building's non-residential use divides over economic sectors.

        Parameters
        ----------
        use : ndarray of str, shape (buildings,)
            One of our uses.

        Returns
        -------
        ndarray of float64, shape (buildings, sectors)
            Rows sum to 1, columns in the order of `SECTORS`. [-]
        """
        known = self.sectors.model_dump(exclude={"source", "basis", "least"})
        table = {
            name: np.array([max(shares.get(s, 0.0), self.sectors.least) for s in SECTORS])
            for name, shares in known.items()
        }
        shares = np.array([table[u] for u in use]).reshape(len(use), len(SECTORS))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def read_demand_weights(path: Path) -> DemandWeights:
    """
    Read the weights of a region.

    Raises
    ------
    MissingInputError
        If the file is absent.
    TableError
        If it does not follow the schema, a source included.
    """
    if not path.is_file():
        raise MissingInputError(
            str(path), "no such file", "weights for demand", "choose a file in data/demand"
        )
    try:
        return DemandWeights.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise TableError(
            f"{path.name}: {'.'.join(str(p) for p in first['loc'])}",
            repr(first["input"]),
            first["msg"],
            "compare with data/demand/flanders.toml",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TableError(
            path.name,
            f"text that is not TOML ({error})",
            "a TOML file",
            "check quotes and brackets",
        ) from error
