"""Production of one building or roof plane in quarter-hours, from what a run left."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.energy.production import production_series, sky_year
from zonnekaart.energy.profiles import quarter_hours
from zonnekaart.errors import ConfigError, TableError
from zonnekaart.io.files import write_text
from zonnekaart.io.sources.weather import read_weather
from zonnekaart.io.vector import read_parquet, write_parquet
from zonnekaart.pipelines.quarters import PLANE_COLUMNS, lay_out_planes, sky_series

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zonnekaart.pipelines.runs import StageContext

FORMATS = (".csv", ".parquet")


@dataclass(frozen=True)
class Profile:
    """
    A year of quarter-hours.

    Parameters
    ----------
    frame : DataFrame
        ``interval_start_utc`` (timezone-aware, beginning of each quarter-hour) and
        ``production_kwh`` (AC energy in it).
    unit : str
        Building or plane it speaks of.
    weather : str
        Station and kind of the weather year whose days were laid on the calendar.
    """

    frame: pd.DataFrame
    unit: str
    weather: str

    @property
    def annual_kwh(self) -> float:
        """Sum over the year. [kWh]."""
        return float(self.frame["production_kwh"].sum())

    def csv(self) -> str:
        """Return comma-separated text; times as ISO 8601 with a Z."""
        text: str = self.frame.to_csv(
            index=False, date_format="%Y-%m-%dT%H:%M:%SZ", float_format="%.6f"
        )
        return text


def production_profile(context: StageContext, building: str, plane: str | None = None) -> Profile:
    """
    Return the production of a building or of one of its planes.

    Parameters
    ----------
    context : StageContext
        Project and build folder.
    building : str
        A ``building_id``.
    plane : str, optional
        A ``plane_id`` of that building; the whole building when not given.

    Raises
    ------
    NotBuiltError
        If stage roofs has not run.
    ConfigError
        If there is no such building or plane.
    TableError
        If the supply is not known, because the heights do not show the building.

    Notes
    -----
    The shape follows the mean horizon of each plane and a module's temperature; it is scaled to
    ``annual_yield_kwh``, so that the year sums to the figure of the map.
    """
    project = context.project
    buildings = read_parquet(
        context.built("buildings.parquet", "roofs"), columns=["building_id", "annual_yield_kwh"]
    )
    known = buildings.set_index("building_id")["annual_yield_kwh"]
    _require("--building", building, known.index.to_list())
    roofs = read_parquet(
        context.built("roof_planes.parquet", "roofs"), columns=[*PLANE_COLUMNS, "plane_id"]
    )
    roofs = roofs[roofs["building_id"] == building]
    annual = float(known[building])
    if plane is not None:
        _require("--plane", plane, roofs["plane_id"].to_list())
        roofs = roofs[roofs["plane_id"] == plane]
        annual = float(roofs["annual_yield_kwh"].iloc[0])
    if np.isnan(annual):
        raise TableError(
            plane or building,
            "a supply that is not known",
            "a yield per year",
            "its flags in buildings.parquet say why: no height, or built after the survey",
        )
    given = project.inputs.weather
    weather = read_weather(project.resolve(given.path), given.options)
    planes = lay_out_planes(roofs, pd.Series([building]))
    clock = quarter_hours(project.demand.profile_year)
    sky = sky_year(sky_series(weather, clock, planes.tan_horizon.shape[1]))
    frame = pd.DataFrame(
        {
            "interval_start_utc": pd.to_datetime(clock.start_utc, utc=True),
            "production_kwh": production_series(sky, planes, 0),
        }
    )
    return Profile(frame, plane or building, weather.name)


def write_profile(profile: Profile, out: Path) -> None:
    """
    Write a profile as CSV or Parquet, by the ending of `out`.

    Raises
    ------
    ConfigError
        If the ending is neither.
    """
    if out.suffix == ".csv":
        write_text(out, profile.csv())
    elif out.suffix == ".parquet":
        write_parquet(profile.frame, out, {"unit": profile.unit, "weather": profile.weather})
    else:
        raise ConfigError(
            "--out", out.suffix or "no ending", " or ".join(FORMATS), "end the name in one of them"
        )


def _require(option: str, name: str, known: Sequence[str]) -> None:
    """Refuse a name that is not known, and name those that look like it."""
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=3) or list(known[:3])
    raise ConfigError(
        option,
        repr(name),
        f"one of {len(known)} ids, such as {', '.join(near)}" if near else "an id; there are none",
        "ids stand in buildings.parquet and roof_planes.parquet, and in the panel of the map",
    )
