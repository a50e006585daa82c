"""Tables for people: XLSX with a units row and a metadata sheet, CSV, Markdown. No formulas."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import xlsxwriter

from zonnekaart.io.files import replacing, write_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MOST_WIDTH, _LEAST_WIDTH = 42, 10
_LINE_POINTS, _MOST_POINTS = 15.0, 405.0
_WIDE_LETTERS = 1.1
"""Lines break at words, so that text takes a little more room than its letters."""
_NAME_LENGTH = 31
_UNITS_ROW = 1
_A4 = 9
_A3 = 8
_CELL = {"text_wrap": True, "valign": "top"}
_HEAT_FILLS = {"good": "#d6e8f5", "fair": "#fbf1d3", "poor": "#f6cdb0"}
"""Blue, cream, orange: apart for every kind of colour vision, and in grey print."""


@dataclass(frozen=True)
class Column:
    """
    One column of a table.

    Parameters
    ----------
    name : str
        Key in the rows and text in the first line.
    unit : str
        Unit, or the values that may occur; second line of a sheet.
    """

    name: str
    unit: str = ""


@dataclass(frozen=True)
class Sheet:
    """
    One table.

    Parameters
    ----------
    name : str
        Name of the sheet.
    columns : sequence of Column
        In order.
    rows : sequence of mapping
        Values by column name; missing, None and NaN are empty cells, which is not 0.
    heats : sequence of mapping
        Per row: column name → ``good``, ``fair`` or ``poor``, for the colour of a cell in XLSX.
        The cell's text says the same in words.
    """

    name: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, object]]
    heats: Sequence[Mapping[str, str]] = ()


def cell_text(value: object) -> str:
    """
    Return a value as text of one cell; unknown is empty.

    Examples
    --------
    >>> cell_text(["a", "b"]), cell_text(None), cell_text(True)
    ('a; b', '', 'yes')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return "; ".join(cell_text(part) for part in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {cell_text(part)}" for key, part in value.items())
    return str(value)


def guarded(text: str) -> str:
    """
    Return text that a spreadsheet does not take for a formula.

    Examples
    --------
    >>> guarded("=HYPERLINK(1)"), guarded("plain")
    ("'=HYPERLINK(1)", 'plain')
    """
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def write_xlsx(path: Path, sheets: Sequence[Sheet], metadata: Mapping[str, str]) -> None:
    """
    Write tables into one workbook, atomically: names, units, then rows; metadata comes last.

    Parameters
    ----------
    path : Path
        The workbook.
    sheets : sequence of Sheet
        In order.
    metadata : mapping of str
        What the ``metadata`` sheet says: sources, dates, limits.
    """
    meta = Sheet(
        "metadata",
        [Column("key"), Column("value")],
        [{"key": key, "value": value} for key, value in metadata.items()],
    )
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    with (
        replacing(path) as temporary,
        xlsxwriter.Workbook(temporary, options) as book,
    ):
        for sheet in [*sheets, meta]:
            _fill(book, sheet)


def _fill(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name[:_NAME_LENGTH])
    head = book.add_format({"bold": True, "bottom": 1})
    unit = book.add_format({**_CELL, "italic": True, "font_color": "#6b655b"})
    wrap = book.add_format(_CELL)
    fills = {
        heat: book.add_format({**_CELL, "bg_color": fill}) for heat, fill in _HEAT_FILLS.items()
    }
    page.set_landscape()
    page.set_paper(_A3)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, _UNITS_ROW)
    widths = [_width(sheet, column) for column in sheet.columns]
    page.set_row(_UNITS_ROW, _height([column.unit for column in sheet.columns], widths))
    for at, column in enumerate(sheet.columns):
        page.write_string(0, at, column.name, head)
        if column.unit:
            page.write_string(_UNITS_ROW, at, column.unit, unit)
        page.set_column(at, at, widths[at])
    for number, row in enumerate(sheet.rows):
        heats = sheet.heats[number] if sheet.heats else {}
        cells = [cell_text(row.get(column.name)) for column in sheet.columns]
        page.set_row(number + _UNITS_ROW + 1, _height(cells, widths))
        for at, column in enumerate(sheet.columns):
            look = fills.get(heats.get(column.name, ""), wrap)
            _write(page, (number + _UNITS_ROW + 1, at), row.get(column.name), look)
    page.freeze_panes(_UNITS_ROW + 1, 1)
    # On paper: names and units on every sheet, the first column on every page beside it.
    page.set_landscape()
    page.set_paper(_A4)
    page.repeat_rows(0, _UNITS_ROW)
    page.repeat_columns(0)
    page.set_footer("&L&A&RPage &P of &N")
    if sheet.rows:
        page.autofilter(_UNITS_ROW, 0, _UNITS_ROW + len(sheet.rows), len(sheet.columns) - 1)


def _width(sheet: Sheet, column: Column) -> int:
    """Return how wide a column is, in characters."""
    cells = (len(cell_text(row.get(column.name))) for row in sheet.rows)
    return min(max(len(column.name) + 2, *cells, _LEAST_WIDTH), _MOST_WIDTH)


def _height(cells: Sequence[str], widths: Sequence[int]) -> float:
    """Return how high a row is in points: not every program fits rows to wrapped text."""
    pairs = zip(cells, widths, strict=True)
    lines = max(math.ceil(len(text) * _WIDE_LETTERS / width) for text, width in pairs)
    return min(max(lines, 1) * _LINE_POINTS, _MOST_POINTS)


def _write(
    page: xlsxwriter.worksheet.Worksheet,
    place: tuple[int, int],
    value: object,
    look: xlsxwriter.format.Format,
) -> None:
    """Write one cell: a number as a number, all else as text that is no formula."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if math.isfinite(value):
            page.write_number(*place, value, look)
    elif text := cell_text(value):
        page.write_string(*place, text, look)


def write_csv(path: Path, sheet: Sheet) -> None:
    """Write one table as CSV (UTF-8, comma), atomically; no cell reads as a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([column.name for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_csv_cell(row.get(column.name)) for column in sheet.columns])
    write_text(path, stream.getvalue())


def _csv_cell(value: object) -> str:
    text = cell_text(value)
    return text if isinstance(value, (int, float)) else guarded(text)


def markdown(sheet: Sheet) -> str:
    """Return one table as Markdown."""
    lines = [
        f"## {sheet.name}",
        "",
        "| " + " | ".join(column.name for column in sheet.columns) + " |",
        "|" + " --- |" * len(sheet.columns),
    ]
    for row in sheet.rows:
        cells = [cell_text(row.get(c.name)).replace("|", "\\|") for c in sheet.columns]
        lines.append("| " + " | ".join(" ".join(cell.split()) for cell in cells) + " |")
    return "\n".join(lines) + "\n"
