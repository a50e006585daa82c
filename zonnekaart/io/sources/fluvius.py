"""Fluvius open data: electricity per statistical sector, summed to the areas of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.io.sources.consumption import checked, numbers, read_text_table

if TYPE_CHECKING:
    from pathlib import Path

LICENCE = "Fluvius open data"
ATTRIBUTION = "Fluvius; name the date of last update when shown"

_CATEGORIES = {
    "residential": ("v2506_elek_res_cons", "v2506_elek_res_n"),
    "non_residential": ("v2506_elek_nietres_cons", "v2506_elek_nietres_n"),
}
_YEAR = "period"
_SECTOR = "geoitem"
_NOT_LOCATED = "ONB"


def read_fluvius_sector(path: Path, year: int | None, area_column: str) -> pd.DataFrame:
    """
    Read electricity offtake per statistical sector and sum it over areas.

    Parameters
    ----------
    path : Path
        CSV with the columns of the province's Fluvius tables (``v2506_elek_…``, ``period``).
    year : int or None
        Year to keep; may be None when the table holds one.
    area_column : str
        Column that names the area of each sector; ``geoitem`` keeps the sectors themselves.

    Returns
    -------
    DataFrame
        The columns of `consumption.read_consumption`. ``missing_members`` counts the sectors whose
        figure is unknown: the sum of the others is then a lower bound. An area of which no sector
        is known is NaN. Sectors that cannot be located (``…ONB``, ``…ZZZZ``) are rows of their own.

    Raises
    ------
    MissingInputError, TableError
        As `consumption.read_consumption`.

    Notes
    -----
    0 kWh for 0 connections is a sector without a row at Fluvius: nobody, or too few to be shown. Of
    10 233 sectors, 545 have such a 0 for homes in 2020; the same year's table by economic sector
    has no row for homes there. It is therefore unknown here, not zero.

    The figures are offtake from the network: what a home with panels uses of its own production is
    not in them. Residential injection is zero in nearly all rows and says nothing of installed PV.
    """
    fields = [c for pair in _CATEGORIES.values() for c in pair]
    raw = read_text_table(path, [_SECTOR, _YEAR, area_column, *fields])
    years = numbers(raw[_YEAR], path, _YEAR).astype("Int64")
    parts = []
    for category, (energy, count) in _CATEGORIES.items():
        kwh, users = numbers(raw[energy], path, energy), numbers(raw[count], path, count)
        # The provinces write 0 for sectors that Fluvius left out, users and all.
        absent = (kwh == 0) & (users == 0)
        sectors = pd.DataFrame(
            {
                "area_id": raw[area_column].str.strip(),
                "year": years,
                "consumption_kwh": kwh.mask(absent),
                "connections": users.mask(absent),
            }
        )
        parts.append(_summed(sectors, category))
    return checked(pd.concat(parts, ignore_index=True), path, year)


def _summed(sectors: pd.DataFrame, category: str) -> pd.DataFrame:
    """Sum sectors to areas; a sum without any known member is unknown, not zero."""
    missing = sectors["consumption_kwh"].isna().astype(np.int64)
    groups = sectors.assign(missing_members=missing).groupby(["area_id", "year"], as_index=False)
    summed = groups.sum(min_count=1)
    summed.insert(2, "category", category)
    return summed


def without_unlocated(frame: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """
    Take out what Fluvius could not locate.

    Returns
    -------
    frame : DataFrame
        The located rows.
    unlocated_kwh : float
        Known consumption of the rows taken out. [kWh]
    """
    text = frame["area_id"]
    unlocated = text.str.endswith(_NOT_LOCATED) | text.str.endswith("ZZZZ") | (text == "")
    return frame[~unlocated], float(frame.loc[unlocated, "consumption_kwh"].sum())
