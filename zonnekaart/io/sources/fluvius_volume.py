"""Fluvius 1-19: volume allocated to a municipality, month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.errors import TableError
from zonnekaart.io.sources.consumption import listed, numbers
from zonnekaart.io.sources.provider_csv import read_provider_csv, spelled

if TYPE_CHECKING:
    from pathlib import Path

MONTHS = 12
_COLUMNS = {
    "month": ("rapporteringsmaand", "Rapporteringsmaand"),
    "municipality": ("leveringsadresgemeente", "Gemeente leveringsadres"),
    "market": ("sector", "Energie"),
    "offtake_kwh": ("totaal_volume_afname", "Totaal volume afname (kWh)"),
    "injection_kwh?": ("totaal_volume_injectie", "Totaal volume injectie (kWh)"),
}


def read_fluvius_volume(path: Path, year: int, municipality: str) -> pd.DataFrame:
    """
    Read the monthly electricity volumes of one municipality.

    Parameters
    ----------
    path : Path
        CSV export of data set 1-19.
    year : int
        Calendar year; all twelve months must be there.
    municipality : str
        Name; the file writes it in capitals, here case does not count.

    Returns
    -------
    DataFrame
        ``month`` (1 to 12), ``offtake_kwh``, ``injection_kwh`` (NaN where the file has none),
        summed over the categories of access points. [kWh]

    Raises
    ------
    MissingInputError, TableError
        If the file is no such table, or lacks the municipality or a month of the year.

    Notes
    -----
    Volumes of the network: own use behind the meter is not seen.
    """
    raw = read_provider_csv(path, _COLUMNS)
    here = raw["municipality"].map(spelled).eq(spelled(municipality))
    if not here.any():
        raise TableError(
            f"{path}: leveringsadresgemeente",
            listed(sorted(raw["municipality"].unique())),
            municipality,
            "give the name as the file writes it",
        )
    electric = raw["market"].map(spelled).eq("elektriciteit")
    parts = raw["month"].str.extract(r"^(\d{4})-(\d{2})")
    wanted = here & electric & parts[0].eq(str(year))
    rows = pd.DataFrame(
        {
            "month": pd.to_numeric(parts.loc[wanted, 1]).astype(np.int64),
            "offtake_kwh": numbers(raw.loc[wanted, "offtake_kwh"], path, "totaal_volume_afname"),
            "injection_kwh": (
                numbers(raw.loc[wanted, "injection_kwh"], path, "totaal_volume_injectie")
                if "injection_kwh" in raw
                else np.nan
            ),
        }
    )
    months = rows.groupby("month", as_index=False).sum(min_count=1)
    if len(months) != MONTHS:
        raise TableError(
            f"{path}: rapporteringsmaand",
            f"{len(months)} months of {year} for {municipality}",
            "twelve months",
            "choose a year that is complete",
        )
    return months
