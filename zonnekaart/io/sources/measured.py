"""Quarter-hours of single buildings, where a city has a mandate to use them. Internal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.errors import TableError
from zonnekaart.io.sources.consumption import listed, read_text_table
from zonnekaart.io.sources.load_profiles import on_clock, utc_times

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.energy.profiles import QuarterHours

PLAUSIBLE_KWH = (100.0, 5.0e7)
"""Yearly consumption of a building that has a meter. [kWh]"""


def read_measured(path: Path, clock: QuarterHours) -> dict[str, npt.NDArray[np.float64]]:
    """
    Read measured consumption per building.

    Parameters
    ----------
    path : Path
        CSV, UTF-8, comma: ``building_id, time, consumption_kwh``; `time` is the beginning of each
        quarter-hour in ISO 8601 with its offset. Several meters of a building are summed before.
        Consumption, not offtake: what a building uses of its own panels is in it.
    clock : QuarterHours
        Year that must be in the file for each building.

    Returns
    -------
    dict of str to ndarray of float64, shape (time,)
        Energy in each quarter-hour, by building. [kWh]

    Raises
    ------
    MissingInputError, TableError
        If the file is no such table, a building lacks part of the year, a value is below zero, or
        the year of a building shows another unit than kWh.
    """
    raw = read_text_table(path, ["building_id", "time", "consumption_kwh"])
    time = utc_times(raw["time"], str(path))
    values = pd.to_numeric(raw["consumption_kwh"], errors="coerce").to_numpy(np.float64)
    if (values < 0).any():
        first = int(np.flatnonzero(values < 0)[0])
        raise TableError(
            f"{path}: consumption_kwh, line {first + 2}",
            raw["consumption_kwh"].iloc[first],
            "a value >= 0",
            "consumption has no sign; injection is no negative consumption",
        )
    found = {}
    for building, rows in raw.groupby("building_id").indices.items():
        subject = f"{path}: building {building}"
        series = on_clock(time[rows], values[rows], clock, subject)
        _require_plausible(float(series.sum()), subject)
        found[str(building)] = series
    return found


def _require_plausible(year_kwh: float, subject: str) -> None:
    low, high = PLAUSIBLE_KWH
    if low <= year_kwh <= high:
        return
    guess = "MWh" if year_kwh < low else "Wh"
    raise TableError(
        subject,
        f"{year_kwh:.4g} in a year",
        f"{low:g} to {high:g} kWh",
        f"the figures look like {guess}; mean power in kW has to be divided by 4 to be energy",
    )


def require_buildings(measured: dict[str, object], known: set[str], subject: str) -> None:
    """
    Check that every measured building is on the map.

    Raises
    ------
    TableError
        With the buildings that are not there.
    """
    strange = sorted(set(measured) - known)
    if strange:
        raise TableError(
            subject,
            f"{len(strange)} buildings that are not on the map: {listed(strange)}",
            "ids of the footprints",
            "use the ids of id_column under [inputs.buildings]",
        )
