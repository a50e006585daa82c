"""Tables of offices: what is read when it is stated, and what is refused when it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from zonnekaart.errors import MissingInputError, TableError
from zonnekaart.io.sources.office_tables import OfficeFormat, office_numbers, read_office_table

if TYPE_CHECKING:
    from pathlib import Path


def column(*values: str) -> pd.Series:
    return pd.Series(values, index=range(2, len(values) + 2))


@pytest.mark.parametrize(
    ("decimal", "text", "value"),
    [
        ("point", "1234.5", 1234.5),
        ("point", "1,234.5", 1234.5),
        ("comma", "1234,5", 1234.5),
        ("comma", "1.234,5", 1234.5),
        ("comma", "1 234 567", 1234567.0),
        ("comma", "12.345", 12345.0),
        ("comma", "12\u202f345,6", 12345.6),
    ],
)
def test_numbers_as_stated(decimal: str, text: str, value: float) -> None:
    assert office_numbers(column(text, "7"), decimal, "t").tolist() == [value, 7.0]  # type: ignore[arg-type]


def test_marks_for_unknown_are_not_zero() -> None:
    found = office_numbers(column("", "-99999", "< 5", "REST", "0"), "point", "t")
    assert found.iloc[:4].isna().all()
    assert found.iloc[4] == 0.0


@pytest.mark.parametrize(
    ("decimal", "values", "said"),
    [
        ("point", ("1234,5", "7,25"), "line 2.*--decimal comma"),
        ("comma", ("1234.5", "7.25"), "--decimal point"),
        ("point", ("1.234", "12.345"), "thousands.*--decimal comma"),
        ("point", ("7", "12 kWh"), "line 3.*units"),
        ("point", ("7", "-3"), "line 3.*0 or more"),
        ("point", ("7", "2024-03-01 00:00:00"), "Excel"),
        ("comma", ("7", "3-mrt"), "Excel"),
        ("comma", ("7", "mei/24"), "Excel"),
    ],
)
def test_what_could_be_something_else_is_refused(
    decimal: str, values: tuple[str, ...], said: str
) -> None:
    with pytest.raises(TableError, match=said):
        office_numbers(column(*values), decimal, "t")  # type: ignore[arg-type]


def test_windows_text_is_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("naam;kWh\nEssen;1\nGeëlse straat;2\n".encode("cp1252"))
    with pytest.raises(TableError, match=r"line 3.*--encoding cp1252"):
        read_office_table(path, OfficeFormat())
    frame = read_office_table(path, OfficeFormat("cp1252"))
    assert frame["naam"].tolist() == ["Essen", "Geëlse straat"]
    assert frame.index.tolist() == [2, 3]


def test_a_workbook_and_its_sheets(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"a": [1]}).to_excel(book, sheet_name="uitleg", index=False)
        pd.DataFrame({"b": ["1.234,5", None], "c": ["x", "y"]}).to_excel(
            book, sheet_name="data", index=False
        )
    frame = read_office_table(path, OfficeFormat(sheet="data"))
    assert frame["b"].tolist() == ["1.234,5", ""]
    with pytest.raises(TableError, match=r"uitleg, data|uitleg"):
        read_office_table(path, OfficeFormat(sheet="cijfers"))


def test_what_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("<html>")
    (tmp_path / "b.csv").write_text("a,b\n")
    for name, said in (("a.xlsx", "no workbook"), ("b.csv", "no row")):
        with pytest.raises(TableError, match=said):
            read_office_table(tmp_path / name, OfficeFormat())
    with pytest.raises(MissingInputError):
        read_office_table(tmp_path / "no.csv", OfficeFormat())
    with pytest.raises(TableError, match="utf-8 or cp1252"):
        read_office_table(tmp_path / "b.csv", OfficeFormat("klingon"))


def test_numbers_stay_in_their_lines() -> None:
    found = office_numbers(column("5", "", "7"), "point", "t")
    assert found.index.tolist() == [2, 3, 4]
    np.testing.assert_array_equal(found.to_numpy(), [5.0, np.nan, 7.0])
