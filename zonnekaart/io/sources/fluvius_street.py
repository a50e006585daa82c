"""Fluvius 1_03: electricity per street, homes and firms together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.errors import TableError
from zonnekaart.io.sources.consumption import listed, numbers
from zonnekaart.io.sources.provider_csv import of_year, read_provider_csv, spelled

if TYPE_CHECKING:
    from pathlib import Path

_COLUMNS = {
    "market": ("Energie", "Markt"),
    "direction": ("Richting",),
    "municipality": ("Hoofdgemeente", "Gemeente"),
    "street": ("Straat", "Straatnaam"),
    "connections": ("Aantal Toegangspunten", "Aantal"),
    "consumption_kwh": ("Benaderend verbruik (kWh)",),
    "year?": ("Verbruiksjaar", "Jaar"),
}
_OUR_LADY = re.compile(r"\bo\.?\s*l\.?\s*v\b\.?")
_SHORT = {
    "st": "sint",
    "str": "straat",
    "stwg": "steenweg",
    "ln": "laan",
    "pl": "plein",
    "burg": "burgemeester",
    "dr": "doctor",
}


def read_fluvius_street(path: Path, year: int | None, municipality: str) -> pd.DataFrame:
    """
    Read offtake per street of one municipality.

    Parameters
    ----------
    path : Path
        CSV export of data set 1_03.
    year : int or None
        Year to keep; may be None when the file holds one.
    municipality : str
        Name as in the file; case does not count.

    Returns
    -------
    DataFrame
        ``area_id`` (see `street_key`), ``name``, ``consumption_kwh, connections,
        missing_members``; one row per street.

    Raises
    ------
    MissingInputError, TableError
        If the file is no such table, or has no row of the municipality and year.
    """
    raw = read_provider_csv(path, _COLUMNS)
    here = raw["municipality"].map(spelled).eq(spelled(municipality))
    if not here.any():
        raise TableError(
            f"{path}: Hoofdgemeente",
            listed(sorted(raw["municipality"].unique())),
            municipality,
            "give the name as the file writes it; since 2025 merged municipalities have new names",
        )
    electric = raw["market"].map(spelled).eq("elektriciteit")
    taken = raw["direction"].map(spelled).eq("afname")
    raw = of_year(raw[here & electric & taken], path, year)
    rows = pd.DataFrame(
        {
            "area_id": raw["street"].map(street_key),
            "name": raw["street"],
            "consumption_kwh": numbers(raw["consumption_kwh"], path, "Benaderend verbruik (kWh)"),
            "connections": numbers(raw["connections"], path, "Aantal Toegangspunten"),
        }
    )
    rows["missing_members"] = rows["consumption_kwh"].isna().astype(np.int64)
    named = rows.groupby("area_id", as_index=False)["name"].first()
    figures = ["consumption_kwh", "connections", "missing_members"]
    summed = rows.groupby("area_id", as_index=False)[figures].sum(min_count=1)
    out: pd.DataFrame = named.merge(summed, on="area_id")
    return out


def street_key(name: str) -> str:
    """
    Return a street's name in the one spelling that two registers share.

    Parameters
    ----------
    name : str
        As a register writes it.

    Notes
    -----
    Case, accents, hyphens and full stops go, common abbreviations are written out, and what stands
    between brackets (often the part of the municipality) is dropped.

    Examples
    --------
    >>> street_key("St.-Jansstraat"), street_key("Burg. Dekenstr. (Wildert)")
    ('sintjansstraat', 'burgemeesterdekenstraat')
    """
    bare = re.sub(r"\(.*?\)", " ", name)
    written = _OUR_LADY.sub("onze lieve vrouw ", bare.casefold())
    words = re.split(r"[\s.\-'’/]+", written)
    whole = [_SHORT.get(word, re.sub(r"str$", "straat", word)) for word in words if word]
    return spelled("".join(whole))
