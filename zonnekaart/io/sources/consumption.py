"""Consumption per area: our own table, and the checks that every provider's table passes."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.errors import MissingInputError, TableError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

COLUMNS = ("area_id", "year", "category", "consumption_kwh", "connections")
CATEGORIES = ("residential", "non_residential")
ALL_AREAS = "*"
"""Area id of a row that holds the total of all areas in the table."""
UNKNOWN = frozenset({"", "-99999", "-99999.0", "-99999.00", "rest", "< 5", "<5"})
PLAUSIBLE_KWH_PER_CONNECTION = (200.0, 30_000.0)


def read_consumption(path: Path, year: int | None = None) -> pd.DataFrame:
    """
    Read a consumption table of our own layout.

    Parameters
    ----------
    path : Path
        CSV, UTF-8, comma; columns ``area_id, year, category, consumption_kwh, connections``. An
        ``area_id`` of ``*`` is the total of all areas.
    year : int, optional
        Year to keep; may be left out when the table holds one year.

    Returns
    -------
    DataFrame
        The same columns and ``missing_members`` (0), one row per area and category; NaN is unknown.

    Raises
    ------
    MissingInputError, TableError
        If the file is absent, a column is missing, a value is not a number, a row occurs twice, the
        year is absent, or the level of consumption shows another unit than kWh.
    """
    raw = read_text_table(path, COLUMNS)
    frame = pd.DataFrame(
        {
            "area_id": raw["area_id"].str.strip(),
            "year": numbers(raw["year"], path, "year").astype("Int64"),
            "category": raw["category"].str.strip(),
            "consumption_kwh": numbers(raw["consumption_kwh"], path, "consumption_kwh"),
            "connections": numbers(raw["connections"], path, "connections"),
            "missing_members": 0,
        }
    )
    wrong = sorted(set(frame["category"]) - set(CATEGORIES))
    if wrong:
        raise TableError(
            f"{path}: category", listed(wrong), " or ".join(CATEGORIES), "rename the categories"
        )
    return checked(frame, path, year)


def read_text_table(path: Path, columns: Iterable[str], separator: str = ",") -> pd.DataFrame:
    """
    Read a CSV as text, with all the columns named.

    Raises
    ------
    MissingInputError, TableError
        If the file is absent, is not UTF-8 text, or lacks a column.
    """
    if not path.is_file():
        raise MissingInputError(
            str(path), "no such file", "a table as CSV", "check the path in the project file"
        )
    try:
        frame = pd.read_csv(
            path, dtype=str, keep_default_na=False, encoding="utf-8-sig", sep=separator
        )
    except (
        UnicodeDecodeError,
        pd.errors.ParserError,
        pd.errors.EmptyDataError,
        csv.Error,
    ) as error:
        raise TableError(
            str(path),
            f"a file that cannot be read ({error})",
            f"a CSV file, UTF-8, with {separator!r} between columns",
            "save it again as CSV UTF-8",
        ) from error
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        raise TableError(
            str(path),
            f"no column {listed(missing)}; there are {listed(frame.columns)}",
            f"the columns {listed(columns)}",
            f"check the separator ({separator!r}) and the names in the first line",
        )
    return frame


def numbers(values: pd.Series[str], path: Path, column: str) -> pd.Series[float]:
    """
    Turn text into numbers; every known mark for an unknown value becomes NaN.

    Raises
    ------
    TableError
        If a value is other text, or is below zero.
    """
    text = values.str.strip()
    unknown = text.str.lower().isin(UNKNOWN)
    parsed = pd.to_numeric(text.where(~unknown), errors="coerce").astype(float)
    strange = parsed.isna() & ~unknown
    if strange.any() or (parsed < 0).any():
        first = int(np.flatnonzero(strange | (parsed < 0))[0])
        raise TableError(
            f"{path}: {column}, line {first + 2}",
            repr(values.iloc[first]),
            "a number >= 0, or an empty cell when unknown",
            "remove thousands separators and units; suppressed values may be -99999, REST or < 5",
        )
    return parsed


def checked(frame: pd.DataFrame, path: Path, year: int | None) -> pd.DataFrame:
    """
    Keep one year and check that the table can be what it says.

    Raises
    ------
    TableError
        If the year is absent or not chosen, an area and category occur twice, or the level of
        consumption shows another unit than kWh.
    """
    kept = _one_year(frame, path, year)
    twice = kept.duplicated(["area_id", "category"], keep=False)
    if twice.any():
        pairs = kept.loc[twice, ["area_id", "category"]].drop_duplicates()
        raise TableError(
            str(path),
            f"more than one row for {listed(pairs.agg(' '.join, axis=1))}",
            "one row per area, category and year",
            "remove the copies, or sum them when they are parts",
        )
    require_plausible(kept, str(path))
    return kept.reset_index(drop=True)


def _one_year(frame: pd.DataFrame, path: Path, year: int | None) -> pd.DataFrame:
    years = sorted(int(y) for y in frame["year"].dropna().unique())
    if year is None and len(years) == 1:
        return frame
    if year is None or year not in years:
        raise TableError(
            f"{path}: year",
            listed(years),
            "one year" if year is None else str(year),
            "set inputs.consumption.year to a year of the table",
        )
    return frame[frame["year"] == year]


def require_plausible(frame: pd.DataFrame, subject: str) -> None:
    """
    Compare the consumption per residential connection with what homes use.

    Raises
    ------
    TableError
        If the median lies far outside what a home uses, as it does with MWh or Wh.
    """
    homes = frame[(frame["category"] == "residential") & (frame["connections"] > 0)]
    each = (homes["consumption_kwh"] / homes["connections"]).dropna()
    if each.empty:
        return
    median = float(each.median())
    low, high = PLAUSIBLE_KWH_PER_CONNECTION
    if low <= median <= high:
        return
    guess = "MWh" if median < low else "Wh"
    raise TableError(
        f"{subject}: consumption_kwh",
        f"a median of {median:.3g} per residential connection",
        f"{low:.0f} to {high:.0f} kWh",
        f"the figures look like {guess}, or connections are of other areas; give kWh per year",
    )


def require_areas(frame: pd.DataFrame, areas: Iterable[str], subject: str) -> None:
    """
    Check that every area of a table exists in the layer of areas.

    Raises
    ------
    TableError
        With the areas that are not there.
    """
    unknown = sorted(set(frame["area_id"]) - set(areas) - {ALL_AREAS})
    if unknown:
        raise TableError(
            subject,
            f"{len(unknown)} areas that the layer of areas lacks: {listed(unknown)}",
            "area ids of the layer in inputs.areas",
            "use the same code year for both, and check id_column",
        )


def listed(values: Iterable[object], most: int = 8) -> str:
    """Return values as a short list for a message."""
    texts = [str(v) for v in values]
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
