"""Consumption tables: what is unknown, what is wrong, and what the message says."""

import numpy as np
import pytest

from zonnekaart.errors import MissingInputError, TableError
from zonnekaart.io.sources.consumption import read_consumption, require_areas

HEAD = "area_id,year,category,consumption_kwh,connections\n"


@pytest.fixture
def table(tmp_path):
    def write(rows, head=HEAD):
        path = tmp_path / "consumption.csv"
        path.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
        return path

    return write


def test_reads_figures(table):
    frame = read_consumption(table(["A,2021,residential,350000,100", "A,2021,non_residential,5,"]))
    assert frame["consumption_kwh"].tolist() == [350_000, 5]
    assert frame["connections"].iloc[0] == 100
    assert np.isnan(frame["connections"].iloc[1])


@pytest.mark.parametrize("mark", ["", "-99999", "-99999.0", "REST", "rest", "< 5", "<5"])
def test_marks_for_unknown_are_not_zero(table, mark):
    frame = read_consumption(table([f"A,2021,residential,{mark},{mark}"]))
    assert frame[["consumption_kwh", "connections"]].isna().all(axis=None)


def test_zero_stays_zero(table):
    assert read_consumption(table(["A,2021,residential,0,0"]))["consumption_kwh"].iloc[0] == 0


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["A,2021,residential,1 000,3"], "line 2: found '1 000'"),
        (["A,2021,residential,3500,1", "B,2021,residential,-5,3"], "line 3: found '-5'"),
        (["A,2021,homes,1,3"], "residential or non_residential"),
        (["A,2021,residential,3500,1", "A,2021,residential,3500,1"], "more than one row"),
        (["A,2021,residential,350,100"], "look like MWh"),
        (["A,2021,residential,350000000,100"], "look like Wh"),
        (["A,2020,residential,3500,1", "A,2021,residential,3500,1"], "expected one year"),
    ],
)
def test_wrong_tables_say_what_is_wrong(table, rows, says):
    with pytest.raises(TableError, match=says):
        read_consumption(table(rows))


def test_year_is_chosen_or_said_to_be_absent(table):
    path = table(["A,2020,residential,3500,1", "A,2021,residential,4500,1"])
    assert read_consumption(path, 2021)["consumption_kwh"].tolist() == [4500]
    with pytest.raises(TableError, match="found 2020, 2021; expected 2019"):
        read_consumption(path, 2019)


def test_missing_column_and_file(table, tmp_path):
    with pytest.raises(TableError, match="no column connections"):
        read_consumption(table([], "area_id,year,category,consumption_kwh\n"))
    with pytest.raises(MissingInputError):
        read_consumption(tmp_path / "absent.csv")


def test_semicolons_are_reported(table):
    with pytest.raises(TableError, match="check the separator"):
        read_consumption(table(["A;2021;residential;1;1"], HEAD.replace(",", ";")))


def test_text_in_another_encoding_is_reported(tmp_path):
    path = tmp_path / "latin.csv"
    path.write_bytes((HEAD + "Liège,2021,residential,1,1\n").encode("latin-1"))
    with pytest.raises(TableError, match="UTF-8"):
        read_consumption(path)


def test_areas_of_another_code_year_are_listed(table):
    frame = read_consumption(table(["A,2021,residential,3500,1", "Q9,2021,residential,3500,1"]))
    with pytest.raises(TableError, match=r"1 areas that the layer of areas lacks: Q9"):
        require_areas(frame, ["A", "B"], "x")


def test_total_of_all_areas_needs_no_polygon(table):
    frame = read_consumption(table(["A,2021,residential,3500,1", "*,2021,residential,9000,2"]))
    require_areas(frame, ["A"], "x")
