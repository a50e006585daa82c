"""Tables as offices keep them: other encodings, decimal commas, thousands points, Excel's dates."""

from __future__ import annotations

import csv
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from zonnekaart.errors import MissingInputError, TableError
from zonnekaart.io.sources.consumption import UNKNOWN, listed

if TYPE_CHECKING:
    from pathlib import Path

Decimal = Literal["point", "comma"]
_SEPARATORS = ";,\t|"
_THOUSANDS = {
    "point": re.compile(r"^-?\d{1,3}(,\d{3})+(\.\d+)?$"),
    "comma": re.compile(r"^-?\d{1,3}([.\u00a0\u202f ]\d{3})+(,\d+)?$"),
}
_PLAIN = {"point": re.compile(r"^-?\d+(\.\d+)?$"), "comma": re.compile(r"^-?\d+(,\d+)?$")}
_ONLY_THOUSANDS = re.compile(r"^\d{1,3}(\.\d{3})+$")
_MONTH = "(jan|feb|mrt|mar|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec)"
_DATE = re.compile(
    rf"^(\d{{4}}-\d{{2}}-\d{{2}}( 00:00:00)?|\d{{1,2}}[-/ ]{_MONTH}\.?|{_MONTH}\.?[-/ ]\d{{2,4}})$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class OfficeFormat:
    """
    What is stated about a table; nothing that changes a figure is guessed.

    Parameters
    ----------
    encoding : str
        Of a text file, such as ``utf-8`` or ``cp1252``.
    decimal : {"point", "comma"}
        Mark before decimals; the other one then parts thousands.
    sheet : str, optional
        Sheet of a workbook; the first one when left out.
    """

    encoding: str = "utf-8"
    decimal: Decimal = "point"
    sheet: str | None = None


AS_WE_WRITE = OfficeFormat()


def read_office_table(path: Path, written: OfficeFormat) -> pd.DataFrame:
    """
    Read a CSV or a workbook (XLSX) as text.

    Parameters
    ----------
    path : Path
        The file.
    written : OfficeFormat
        Encoding and sheet.

    Returns
    -------
    DataFrame
        Text; index = line number in the file.

    Raises
    ------
    MissingInputError, TableError
        If it is not there, in another encoding, no table, or only a heading.
    """
    if not path.is_file():
        raise MissingInputError(str(path), "no such file", "a table", "check the path")
    frame = _workbook(path, written) if path.suffix.lower() == ".xlsx" else _text(path, written)
    frame.columns = [str(c).strip() for c in frame.columns]
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    if frame.empty:
        raise TableError(str(path), "a heading and no row", "rows", "see whether a filter is on")
    return frame.map(lambda cell: cell.strip())


def _workbook(path: Path, written: OfficeFormat) -> pd.DataFrame:
    try:
        book = pd.ExcelFile(path, engine="openpyxl")
    except (zipfile.BadZipFile, ValueError, KeyError, OSError) as error:
        raise TableError(
            str(path), f"no workbook ({error})", "XLSX", "save it again from Excel as XLSX"
        ) from error
    with book:
        names = [str(n) for n in book.sheet_names]
        sheet = written.sheet or names[0]
        if sheet not in names:
            raise TableError(f"{path}: {sheet}", "no such sheet", listed(names), "give --sheet")
        return pd.read_excel(book, sheet_name=sheet, dtype=str, keep_default_na=False)


def _text(path: Path, written: OfficeFormat) -> pd.DataFrame:
    encoding = "utf-8-sig" if written.encoding.lower() in {"utf-8", "utf8"} else written.encoding
    try:
        with path.open(encoding=encoding, newline="") as stream:
            heading = stream.readline()
            separator = max(_SEPARATORS, key=heading.count)
            stream.seek(0)
            return pd.read_csv(stream, sep=separator, dtype=str, keep_default_na=False)
    except LookupError as error:
        raise TableError(
            "--encoding", written.encoding, "utf-8 or cp1252", "correct the name"
        ) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise TableError(
            f"{path}: line {line}",
            f"a byte that is no {written.encoding}",
            "text in that encoding",
            "Windows programs often write cp1252: give --encoding cp1252",
        ) from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        raise TableError(
            str(path), f"a file that is no table ({error})", "CSV", "save it again as CSV UTF-8"
        ) from error


def office_numbers(values: pd.Series[str], decimal: Decimal, subject: str) -> pd.Series[float]:
    """
    Turn text into numbers; marks for unknown become NaN.

    Parameters
    ----------
    values : Series of str
        Index = line number.
    decimal : {"point", "comma"}
        Mark before decimals.
    subject : str
        File and column, for messages.

    Raises
    ------
    TableError
        If a cell is a date, is written with the other mark, or is no number; and when every number
        could as well be thousands, and nobody says which.

    Examples
    --------
    >>> office_numbers(pd.Series(["1.234,5", "7", "< 5"]), "comma", "t").tolist()
    [1234.5, 7.0, nan]
    """
    unknown = values.str.lower().isin(UNKNOWN)
    known = values[~unknown]
    _refuse_dates(known, subject)
    whole = known.str.match(_PLAIN[decimal]) | known.str.match(_THOUSANDS[decimal])
    if not whole.all():
        _refuse(known[~whole], decimal, subject)
    if decimal == "point" and len(known) and known.str.match(_ONLY_THOUSANDS).all():
        raise TableError(
            f"{subject}, line {known.index[0]}",
            repr(known.iloc[0]),
            "a number of which it is clear what the point means",
            "all numbers have three digits after the point: thousands? give --decimal comma",
        )
    kept, dropped = (".", ",") if decimal == "point" else (",", ".")
    text = known.str.replace(dropped, "", regex=False).str.replace(
        r"[\s\u00a0\u202f]", "", regex=True
    )
    out = pd.Series(np.nan, index=values.index)
    out[~unknown] = pd.to_numeric(text.str.replace(kept, ".", regex=False)).astype("float64")
    if (out < 0).any():
        line = out.index[int(np.flatnonzero(out < 0)[0])]
        raise TableError(f"{subject}, line {line}", f"{out[line]:g}", "0 or more", "correct it")
    return out


def _refuse_dates(known: pd.Series[str], subject: str) -> None:
    dates = known.str.match(_DATE)
    if dates.any():
        first = known[dates].index[0]
        raise TableError(
            f"{subject}, line {first}",
            f"the date {known[first]!r}",
            "a number",
            "Excel turned a number such as 3.24 into a date: format the column as text and import "
            "the original again",
        )


def _refuse(strange: pd.Series[str], decimal: Decimal, subject: str) -> None:
    other: Decimal = "comma" if decimal == "point" else "point"
    first = strange.index[0]
    fits = strange.str.match(_PLAIN[other]) | strange.str.match(_THOUSANDS[other])
    hint = (
        f"the numbers are written with a {other}: give --decimal {other}"
        if fits.all()
        else "empty the cell when it is unknown; take units and remarks out of the column"
    )
    raise TableError(
        f"{subject}, line {first}", repr(strange[first]), f"a number with a decimal {decimal}", hint
    )
