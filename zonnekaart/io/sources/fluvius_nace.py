"""Fluvius 1_06a and 1_06b: electricity per statistical sector and economic sector (NACE)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.errors import TableError
from zonnekaart.io.sources.consumption import listed, numbers, require_plausible
from zonnekaart.io.sources.provider_csv import of_year, read_provider_csv, spelled

if TYPE_CHECKING:
    from pathlib import Path

SECTORS = ("industry", "services", "agriculture", "transport", "energy", "unspecified")
"""Economic sectors of users that are not homes; `unspecified` has no known NACE code."""
HOMES, STREET_LIGHTS, SUPPRESSED = "homes", "street_lights", "suppressed"
AREA, REST, NOWHERE = "area", "rest", "nowhere"
"""Where a row lies: in an area; in those areas of a municipality that are too small to be shown;
somewhere in a municipality that the provider could not tell."""

_COLUMNS = {
    "market": ("Markt", "Energie"),
    "direction": ("Richting",),
    "area_id": ("Statistische Sector",),
    "sector": ("Sector", "NACE sector"),
    "role": ("Rol Contact",),
    "connections": ("Aantal", "Aantal Toegangspunten"),
    "consumption_kwh": ("Benaderend Verbruik (kWh)",),
    "year?": ("Verbruiksjaar", "Jaar"),
}
_OURS = {
    "huishoudens": HOMES,
    "industrie": "industry",
    "tertiairesector": "services",
    "landbouwbosbouwenvisserij": "agriculture",
    "transport": "transport",
    "energiesector": "energy",
    "emptyonbekend": "unspecified",
    "onbekend": "unspecified",
    "": "unspecified",
    "openbareverlichting": STREET_LIGHTS,
    "rest": SUPPRESSED,
}


def read_fluvius_nace(path: Path, year: int | None) -> pd.DataFrame:
    """
    Read offtake per statistical sector and economic sector.

    Parameters
    ----------
    path : Path
        CSV export of data set 1_06a or 1_06b, plain or gzipped.
    year : int or None
        Year to keep where the file has a column for it; else the year the file is said to be of.

    Returns
    -------
    DataFrame
        ``area_id, place, category, sector, consumption_kwh, connections, missing_members``; one
        row per area, category and sector. `place` is `AREA`, `REST` (``…REST``: area_id is the NIS
        code) or `NOWHERE` (``…zzzz``). The sector `SUPPRESSED` holds together what is too small to
        be shown by sector. A sum without any known member is NaN.

    Raises
    ------
    MissingInputError, TableError
        If the file is no such table, names an unknown economic sector, lacks the year, or its
        level shows another unit than kWh.

    Notes
    -----
    Offtake from the network only: what a home uses of its own panels is not in it. Street lights
    are connections but no buildings; they keep a sector of their own.
    """
    raw = read_provider_csv(path, _COLUMNS)
    electric = raw["market"].map(spelled).eq("elektriciteit")
    taken = raw["direction"].map(spelled).eq("afname")
    raw = of_year(raw[electric & taken], path, year)
    code = raw["area_id"].str.upper()
    sector = raw["sector"].map(spelled).map(_OURS)
    if sector.isna().any():
        raise TableError(
            f"{path}: Sector",
            listed(sorted(raw.loc[sector.isna(), "sector"].unique())),
            "the economic sectors of data set 1_06",
            "take the file at sector level (1_06b), or report the new name",
        )
    rest, nowhere = code.str.endswith("REST"), code.str.endswith("ZZZZ")
    person = raw["role"].map(spelled).eq("persoon")
    home = sector.eq(HOMES) | (sector.eq(SUPPRESSED) & person)
    rows = pd.DataFrame(
        {
            "area_id": code.where(~rest & ~nowhere, code.str[:5]),
            "place": np.select([rest, nowhere], [REST, NOWHERE], AREA),
            "category": np.where(home, "residential", "non_residential"),
            "sector": sector,
            "consumption_kwh": numbers(raw["consumption_kwh"], path, "Benaderend Verbruik (kWh)"),
            "connections": numbers(raw["connections"], path, "Aantal"),
        }
    )
    rows["missing_members"] = rows["consumption_kwh"].isna().astype(np.int64)
    keys = ["area_id", "place", "category", "sector"]
    summed = rows.groupby(keys, as_index=False).sum(min_count=1)
    require_plausible(summed[summed["sector"] == HOMES], str(path))
    return summed


def category_totals(rows: pd.DataFrame, year: int | None = None) -> pd.DataFrame:
    """
    Sum economic sectors to the two categories of `consumption.read_consumption`.

    Parameters
    ----------
    rows : DataFrame
        From `read_fluvius_nace`; only rows that lie in an area are summed.
    year : int, optional
        Written into the column ``year``.

    Returns
    -------
    DataFrame
        ``area_id, year, category, consumption_kwh, connections, missing_members``, street lights
        left out.
    """
    inside = rows[(rows["place"] == AREA) & (rows["sector"] != STREET_LIGHTS)]
    figures = ["consumption_kwh", "connections", "missing_members"]
    totals = inside.groupby(["area_id", "category"], as_index=False)[figures].sum(min_count=1)
    return totals.assign(year=pd.array([year] * len(totals), dtype="Int64"))
