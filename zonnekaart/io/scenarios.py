"""Scenarios as data: how many have panels, heat pumps, cars and batteries, with sources."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zonnekaart.errors import ConfigError, MissingInputError

if TYPE_CHECKING:
    import numpy.typing as npt

SCHEMA = 1
Basis = Literal["measured", "published", "own assumption"]
_HOURS = 24


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Sourced(_Table):
    source: str = Field(min_length=1)
    basis: Basis


class Texts(_Table):
    """A text in the three languages."""

    nl: str = Field(min_length=1)
    fr: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Head(_Table):
    """``[scenario]``: what it is called."""

    id: str = Field(pattern=r"^[a-z0-9_-]+$")
    schema_version: int = Field(ge=SCHEMA, le=SCHEMA)
    version: str
    year: int = Field(ge=2000, le=2100)
    title: Texts
    note: Texts
    rules: str | None = Field(
        default=None, min_length=1, description="rule set it is zoned with; the project's if none"
    )


class Panels(_Sourced):
    """Share of the power that fits on roofs that stands there. [-]."""

    adoption: float = Field(ge=0.0, le=1.0)


class Efficiency(_Sourced):
    """Share of today's use that is saved. [-]."""

    residential: float = Field(ge=-1.0, le=1.0)
    non_residential: float = Field(ge=-1.0, le=1.0)


class HeatPumps(_Sourced):
    """Air-source heat pumps in dwellings."""

    share_of_dwellings: float = Field(ge=0.0, le=1.0)
    kwh_per_dwelling: float = Field(gt=0.0, description="electricity of a year [kWh]")
    base_c: float = Field(description="no heating on days warmer than this [degC]")
    hot_water_share: float = Field(ge=0.0, le=1.0)
    spread_of_one: float = Field(ge=0.0, le=4.0)


class Cars(_Sourced):
    """Electric cars charged at home."""

    cars_per_dwelling: float = Field(ge=0.0, le=3.0)
    share_electric: float = Field(ge=0.0, le=1.0)
    kwh_per_car: float = Field(gt=0.0, description="charged at home in a year [kWh]")
    working_day: tuple[float, ...] = Field(min_length=_HOURS, max_length=_HOURS)
    weekend: tuple[float, ...] = Field(min_length=_HOURS, max_length=_HOURS)
    spread_of_one: float = Field(ge=0.0, le=4.0)

    def hours(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return the weights of the hours of a working day and of the weekend."""
        return np.array(self.working_day), np.array(self.weekend)


class Batteries(_Sourced):
    """Batteries of those who have panels, behind their meter or one for each zone."""

    place: Literal["building", "zone"] = "building"
    share_of_owners: float = Field(ge=0.0, le=1.0)
    kwh_per_kwp: float = Field(ge=0.0, le=20.0)
    kw_per_kwh: float = Field(gt=0.0, le=4.0)
    efficiency: float = Field(gt=0.0, le=1.0)


class Grid(_Sourced):
    """What becomes of the cabins: a factor on their rating. [-]."""

    headroom_factor: float = Field(gt=0.0, le=10.0)


class Scenario(_Table):
    """A whole scenario file."""

    scenario: Head
    panels: Panels
    efficiency: Efficiency
    heat_pumps: HeatPumps
    cars: Cars
    batteries: Batteries
    grid: Grid | None = None

    @property
    def headroom_factor(self) -> float:
        """Factor on the rating of cabins; 1 when the file says nothing of them. [-]."""
        return 1.0 if self.grid is None else self.grid.headroom_factor


def read_scenario(name: str, folder: Path) -> Scenario:
    """
    Read a scenario by its name.

    Parameters
    ----------
    name : str
        File name without ``.toml``, or the path of a file of the municipality.
    folder : Path
        ``data/scenarios``.

    Raises
    ------
    MissingInputError
        If there is no such file.
    ConfigError
        If it does not follow the schema.
    """
    path = Path(name) if name.endswith(".toml") else folder / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob("*.toml")))
        raise MissingInputError(
            str(path), "no such scenario", f"one of: {known}, or a file", "correct [scenarios] ids"
        )
    try:
        return Scenario.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ConfigError(
            f"{path}: {'.'.join(str(p) for p in first['loc'])}",
            repr(first["input"]),
            first["msg"],
            "compare with a file in data/scenarios",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            str(path), f"text that is not TOML ({error})", "a TOML file", "check quotes"
        ) from error
