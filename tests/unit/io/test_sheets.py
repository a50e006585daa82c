"""Tables for people: read back with another library, no formulas, unknown stays empty."""

from __future__ import annotations

import csv

import openpyxl
import pytest

from zonnekaart.io.sheets import Column, Sheet, markdown, write_csv, write_xlsx

EVIL = ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", '=HYPERLINK("http://x")', "https://x.org"]


@pytest.fixture
def sheet():
    columns = [Column("name", "text"), Column("kwh", "kWh"), Column("tags")]
    rows = [{"name": text, "kwh": 1.5, "tags": ["a", "b"]} for text in EVIL]
    rows += [{"name": "unknown", "kwh": float("nan")}, {"name": "zero", "kwh": 0.0}]
    return Sheet("zones", columns, rows)


def test_xlsx_reads_back_with_units_and_metadata(tmp_path, sheet):
    write_xlsx(tmp_path / "t.xlsx", [sheet], {"source": "=evil()", "date": "2026"})
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == ["zones", "metadata"]
    page = book["zones"]
    assert [cell.value for cell in page[1]] == ["name", "kwh", "tags"]
    assert [cell.value for cell in page[2]] == ["text", "kWh", None]
    assert [page.cell(3 + i, 1).value for i in range(len(EVIL))] == EVIL
    assert page.cell(3, 2).value == 1.5
    assert page.cell(3, 3).value == "a; b"
    assert book["metadata"]["B3"].value == "=evil()"


def test_xlsx_holds_no_formula_and_no_link(tmp_path, sheet):
    write_xlsx(tmp_path / "t.xlsx", [sheet], {"source": "=evil()"})
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    kinds = {cell.data_type for page in book for row in page for cell in row}
    assert "f" not in kinds
    assert not any(cell.hyperlink for page in book for row in page for cell in row)


def test_unknown_is_empty_and_zero_is_zero(tmp_path, sheet):
    write_xlsx(tmp_path / "t.xlsx", [sheet], {})
    page = openpyxl.load_workbook(tmp_path / "t.xlsx")["zones"]
    assert page.cell(3 + len(EVIL), 2).value is None
    assert page.cell(4 + len(EVIL), 2).value == 0


def test_csv_guards_what_a_spreadsheet_would_run(tmp_path, sheet):
    write_csv(tmp_path / "t.csv", sheet)
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["name"] for row in rows[:5]] == ["'" + text for text in EVIL[:5]]
    assert rows[5]["name"] == "https://x.org"
    assert rows[-2]["kwh"] == ""
    assert rows[-1]["kwh"] == "0.0"


def test_markdown_keeps_pipes_inside_cells():
    text = markdown(Sheet("t", [Column("a")], [{"a": "x | y\nz"}]))
    assert text.splitlines()[-1] == "| x \\| y z |"
