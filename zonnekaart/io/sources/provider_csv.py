"""CSV files of providers: separator, byte order mark and spelling of headings differ by edition."""

from __future__ import annotations

import csv
import gzip
import unicodedata
from typing import TYPE_CHECKING

import pandas as pd

from zonnekaart.errors import MissingInputError, TableError
from zonnekaart.io.sources.consumption import listed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SEPARATORS = ";,\t"


def read_provider_csv(path: Path, columns: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """
    Read the columns of a provider's table under our names, as text.

    Parameters
    ----------
    path : Path
        CSV, plain or gzipped, UTF-8 with or without byte order mark; the separator is the one of
        ``;``, ``,`` and tab that occurs most in the heading.
    columns : mapping of str to tuple of str
        Our name to the headings it may have. Case, accents, spaces and punctuation do not count,
        so that labels ("Benaderend Verbruik (kWh)") and field names (``benaderend_verbruik_kwh``)
        are the same. Our names that end in ``?`` may be absent.

    Returns
    -------
    DataFrame
        Text without spaces around it; index = line number in the file.

    Raises
    ------
    MissingInputError, TableError
        If the file is absent, is no such text, or lacks a column.
    """
    if not path.is_file():
        raise MissingInputError(
            str(path), "no such file", "a table", "check the path in the project file"
        )
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as stream:
            heading = stream.readline()
            separator = max(_SEPARATORS, key=heading.count)
            stream.seek(0)
            frame = pd.read_csv(stream, sep=separator, dtype=str, keep_default_na=False)
    except (
        OSError,
        UnicodeDecodeError,
        pd.errors.ParserError,
        pd.errors.EmptyDataError,
        csv.Error,
    ) as error:
        raise TableError(
            str(path),
            f"a file that cannot be read ({error})",
            "a CSV file, UTF-8",
            "download it again, or save it as CSV UTF-8",
        ) from error
    found = {spelled(str(name)): name for name in frame.columns}
    chosen = {}
    for ours, spellings in columns.items():
        name = next((found[s] for s in map(spelled, spellings) if s in found), None)
        if name is not None:
            chosen[ours.removesuffix("?")] = frame[name].str.strip()
        elif not ours.endswith("?"):
            raise TableError(
                str(path),
                f"no column {spellings[0]}; there are {listed(frame.columns)}",
                f"one of: {', '.join(spellings)}",
                "take the CSV export of the data set as it is",
            )
    out = pd.DataFrame(chosen)
    out.index = pd.RangeIndex(2, len(out) + 2)
    return out


def of_year(table: pd.DataFrame, path: Path, year: int | None) -> pd.DataFrame:
    """
    Keep one year of a table that may have a column ``year``.

    Raises
    ------
    TableError
        If the year is absent, or none is chosen of several.
    """
    if "year" not in table or table.empty:
        return table
    years = sorted(table["year"].unique())
    if year is None and len(years) == 1:
        return table
    kept = table[table["year"] == str(year)]
    if kept.empty:
        raise TableError(
            f"{path}: year",
            listed(years),
            "one year" if year is None else str(year),
            "set year beside the path in the project file",
        )
    return kept


def spelled(name: str) -> str:
    """
    Return a name without case, accents, spaces and punctuation.

    Examples
    --------
    >>> spelled("Benaderend Verbruik (kWh)"), spelled("geïnstalleerd_vermogen")
    ('benaderendverbruikkwh', 'geinstalleerdvermogen')
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum() and letter.isascii())
