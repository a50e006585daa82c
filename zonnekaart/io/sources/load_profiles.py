"""Load profiles from files: Synergrid's RLP0N and SLP tables, and a plain CSV of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from zonnekaart.energy.profiles import LOCAL_ZONE, normalised
from zonnekaart.errors import MissingInputError, TableError
from zonnekaart.io.sources.consumption import listed, read_text_table

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.energy.profiles import QuarterHours

SYNERGRID_TITLE = "Synergrid RLP0N / SLP"
ATTRIBUTION = "Synergrid, https://www.synergrid.be"
_TIME_HEADS = ("UTC", "CET")
_MOST_HEADING_ROWS = 40
_STEP = pd.Timedelta(minutes=15)
_EXCEL_DAY_ZERO = pd.Timestamp("1899-12-30")


def read_profile_csv(path: Path, column: str, clock: QuarterHours) -> npt.NDArray[np.float64]:
    """
    Read one profile of our own layout.

    Parameters
    ----------
    path : Path
        CSV, UTF-8, comma; ``time`` is the beginning of each quarter-hour in ISO 8601 with its
        offset (``2024-01-01T00:00+01:00`` or ``…Z``), further columns are profiles.
    column : str
        The profile; energy or mean power, any unit.
    clock : QuarterHours
        Year that must be in the file.

    Returns
    -------
    ndarray of float64, shape (time,)
        Sums to 1. [kWh/kWh]

    Raises
    ------
    MissingInputError, TableError
        If the file or column is absent, a time has no offset, or a quarter-hour of the year is
        missing, occurs twice, or has no value >= 0.
    """
    raw = read_text_table(path, ["time", column])
    values = pd.to_numeric(raw[column], errors="coerce").to_numpy(np.float64)
    series = on_clock(utc_times(raw["time"], str(path)), values, clock, f"{path}: {column}")
    return normalised(series, clock, f"{path}: {column}")


def utc_times(text: pd.Series[str], subject: str) -> pd.DatetimeIndex:
    """
    Return times in UTC; a time without offset is refused, as nothing tells which clock it is of.

    Raises
    ------
    TableError
        If a time has no offset or is none.
    """
    naive = ~text.str.contains(r"(?:Z|[+-]\d{2}:?\d{2})$", regex=True)
    if naive.any():
        raise TableError(
            f"{subject}: time, line {int(np.flatnonzero(naive)[0]) + 2}",
            repr(text[naive].iloc[0]),
            "a time with its offset, such as 2024-03-31T03:00+02:00",
            "write UTC (…Z): then the two days of the clock change need no thought",
        )
    time = pd.to_datetime(text, utc=True, errors="coerce")
    if time.isna().any():
        raise TableError(
            f"{subject}: time, line {int(np.flatnonzero(time.isna())[0]) + 2}",
            repr(text[time.isna()].iloc[0]),
            "a date and time in ISO 8601",
            "correct the line",
        )
    return pd.DatetimeIndex(time)


def read_synergrid(path: Path, column: str, clock: QuarterHours) -> npt.NDArray[np.float64]:
    """
    Read one profile of a Synergrid workbook.

    Parameters
    ----------
    path : Path
        XLSX, such as "RLP0N 2024 Electricity all DSOs"; a row with ``UTC`` or ``CET`` in one of
        its cells begins the table.
    column : str
        Heading of the profile, such as the network operator's name.
    clock : QuarterHours
        Year that must be in the file.

    Returns
    -------
    ndarray of float64, shape (time,)
        Sums to 1. [kWh/kWh]

    Raises
    ------
    MissingInputError, TableError
        If the workbook cannot be read, lacks the column, or does not hold the year.

    Notes
    -----
    A column ``CET`` whose steps never jump is UTC+1 all year; one that jumps in March and repeats
    in October follows the clock. The layout is known from programs that read these files, not from
    a file at hand.
    """
    table = _workbook(path)
    place = next(
        (
            (row, head)
            for row in range(min(_MOST_HEADING_ROWS, len(table)))
            for head in _TIME_HEADS
            if (table.iloc[row].astype(str).str.strip() == head).any()
        ),
        None,
    )
    if place is None:
        raise TableError(
            str(path),
            "no row that holds UTC or CET",
            "a table of quarter-hours",
            "take the sheet with the profiles as the first one of the workbook",
        )
    row, head = place
    names = [str(name).strip() for name in table.iloc[row]]
    if column not in names:
        raise TableError(
            f"{path}: heading",
            listed(n for n in names if n not in {"nan", "None", ""}),
            column,
            "name a column of the file in the project",
        )
    body = table.iloc[row + 1 :].dropna(subset=[table.columns[names.index(head)]])
    stamps = _stamps(body[table.columns[names.index(head)]], f"{path}: {head}")
    values = pd.to_numeric(body[table.columns[names.index(column)]], errors="coerce")
    utc = _utc(stamps, head, str(path))
    series = on_clock(utc, values.to_numpy(np.float64), clock, f"{path}: {column}")
    return normalised(series, clock, f"{path}: {column}")


def _workbook(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise MissingInputError(
            str(path), "no such file", "a workbook", "check the path in the project file"
        )
    if path.suffix.lower() != ".xlsx":
        raise TableError(
            str(path),
            f"a file that ends in {path.suffix}",
            "an XLSX workbook",
            "open it in a spreadsheet program and save it as XLSX",
        )
    try:
        return pd.read_excel(path, header=None, engine="openpyxl")
    except (ValueError, KeyError, OSError, BadZipFile) as error:
        raise TableError(
            str(path),
            f"a workbook that cannot be read ({error})",
            "an XLSX workbook",
            "download it again",
        ) from error


def _stamps(cells: pd.Series, subject: str) -> pd.DatetimeIndex:
    """Return date cells and Excel's day numbers as times on the minute."""
    days = pd.to_numeric(cells, errors="coerce")
    if days.notna().all():
        times = _EXCEL_DAY_ZERO + pd.to_timedelta(days.astype(float), unit="D")
    else:
        times = pd.to_datetime(cells, errors="coerce")
    if times.isna().any():
        raise TableError(subject, "cells that are no times", "dates", "check the column of times")
    return pd.DatetimeIndex(times).round("min")


def _utc(stamps: pd.DatetimeIndex, head: str, subject: str) -> pd.DatetimeIndex:
    even = bool((stamps[1:] - stamps[:-1] == _STEP).all())
    if head == "UTC":
        return stamps.tz_localize("UTC")
    if even:
        return (stamps - pd.Timedelta(hours=1)).tz_localize("UTC")
    try:
        return stamps.tz_localize(LOCAL_ZONE, ambiguous="infer").tz_convert("UTC")
    except ValueError as error:
        raise TableError(
            subject,
            f"times that follow no clock ({error})",
            "quarter-hours of UTC+1, or of the clock with 92 and 100 on the days it changes",
            "compare the rows of the last Sundays of March and October",
        ) from error


def on_clock(
    utc: pd.DatetimeIndex, values: npt.NDArray[np.float64], clock: QuarterHours, subject: str
) -> npt.NDArray[np.float64]:
    """
    Pick the quarter-hours of a local year, each once.

    Raises
    ------
    TableError
        If one is missing, unknown, or there twice.
    """
    if utc.has_duplicates:
        raise TableError(
            subject,
            f"{int(utc.duplicated().sum())} times that occur twice",
            "each quarter-hour once",
            "the hour that the clock repeats in October needs its offset",
        )
    wanted = pd.DatetimeIndex(clock.start_utc).tz_localize("UTC")
    series = pd.Series(values, index=utc).reindex(wanted)
    if series.isna().any():
        inside = (utc >= wanted[0]) & (utc <= wanted[-1])
        raise TableError(
            subject,
            f"{int(inside.sum())} quarter-hours of {clock.year}, {int(series.isna().sum())} missing"
            f" or unknown, the first at {series.index[series.isna()][0]:%Y-%m-%d %H:%M} UTC",
            f"{len(clock)} with a value",
            "set demand.profile_year to the year of the file; local times without the clock change "
            "give 35 036 or 35 044 steps",
        )
    return np.asarray(series, dtype=np.float64)
