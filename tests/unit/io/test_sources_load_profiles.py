"""Profiles from files: the right clock, whole years, and what the message says when not."""

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

from zonnekaart.energy.profiles import quarter_hours
from zonnekaart.errors import MissingInputError, TableError
from zonnekaart.io.sources.load_profiles import read_profile_csv, read_synergrid

CLOCK = quarter_hours(2023)
UTC = pd.DatetimeIndex(CLOCK.start_utc).tz_localize("UTC")
SHAPE = 1.0 + np.arange(len(CLOCK)) % 96


def csv(path, time, values, name="home"):
    pd.DataFrame({"time": time, name: values}).to_csv(path, index=False)
    return path


def workbook(path, times, values, head="CET", column="FLUVIUS ANTWERPEN"):
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["RLP0N 2023"])
    sheet.append([head, "Year", column])
    for time, value in zip(times, values, strict=True):
        sheet.append([time, 2023, float(value)])
    book.save(path)
    return path


@pytest.mark.parametrize("zone", ["UTC", "Europe/Brussels"])
def test_csv_in_utc_and_with_offsets_is_the_same_profile(tmp_path, zone):
    text = [t.isoformat() for t in UTC.tz_convert(zone)]
    found = read_profile_csv(csv(tmp_path / "p.csv", text, SHAPE), "home", CLOCK)
    np.testing.assert_allclose(found, SHAPE / SHAPE.sum(), rtol=1e-12)


def test_csv_without_offsets_is_refused(tmp_path):
    text = UTC.tz_convert("Europe/Brussels").strftime("%Y-%m-%dT%H:%M")
    with pytest.raises(TableError, match="a time with its offset"):
        read_profile_csv(csv(tmp_path / "p.csv", text, SHAPE), "home", CLOCK)


@pytest.mark.parametrize("steps", [35_036, 35_044])
def test_years_of_the_wrong_length_are_refused(tmp_path, steps):
    # Four quarter-hours too few (the hour repeated in October written once), or four too many.
    time = UTC.delete(range(28_800, 28_804)) if steps < 35_040 else UTC.append(UTC[:4])
    values = np.ones(len(time))
    assert len(time) == steps
    says = "4 missing" if steps < 35_040 else "4 times that occur twice"
    with pytest.raises(TableError, match=says):
        read_profile_csv(
            csv(tmp_path / "p.csv", [t.isoformat() for t in time], values), "home", CLOCK
        )


def test_unknown_value_is_not_zero(tmp_path):
    values = SHAPE.copy()
    values[77] = np.nan
    path = csv(tmp_path / "p.csv", [t.isoformat() for t in UTC], values)
    with pytest.raises(TableError, match="1 missing"):
        read_profile_csv(path, "home", CLOCK)


def test_other_year_is_said(tmp_path):
    path = csv(tmp_path / "p.csv", [t.isoformat() for t in UTC], SHAPE)
    with pytest.raises(TableError, match=r"demand\.profile_year"):
        read_profile_csv(path, "home", quarter_hours(2022))


@pytest.mark.parametrize("kind", ["fixed", "clock", "utc"])
def test_workbook_on_each_clock(tmp_path, kind):
    times = {
        "fixed": (UTC + pd.Timedelta(hours=1)).tz_localize(None),
        "clock": UTC.tz_convert("Europe/Brussels").tz_localize(None),
        "utc": UTC.tz_localize(None),
    }[kind].to_pydatetime()
    path = workbook(tmp_path / "r.xlsx", times, SHAPE, "UTC" if kind == "utc" else "CET")
    found = read_synergrid(path, "FLUVIUS ANTWERPEN", CLOCK)
    np.testing.assert_allclose(found, SHAPE / SHAPE.sum(), rtol=1e-12)


def test_workbook_with_day_numbers(tmp_path):
    days = (UTC.tz_localize(None) + pd.Timedelta(hours=1) - pd.Timestamp("1899-12-30")) / (
        pd.Timedelta(days=1)
    )
    path = workbook(tmp_path / "r.xlsx", np.asarray(days, dtype=float), SHAPE)
    found = read_synergrid(path, "FLUVIUS ANTWERPEN", CLOCK)
    np.testing.assert_allclose(found, SHAPE / SHAPE.sum(), rtol=1e-12)


def test_workbook_says_which_columns_it_has(tmp_path):
    path = workbook(tmp_path / "r.xlsx", UTC[:4].tz_localize(None).to_pydatetime(), SHAPE[:4])
    with pytest.raises(TableError, match="FLUVIUS ANTWERPEN"):
        read_synergrid(path, "IVEKA", CLOCK)


def test_other_workbooks_are_refused(tmp_path):
    with pytest.raises(MissingInputError):
        read_synergrid(tmp_path / "none.xlsx", "X", CLOCK)
    (tmp_path / "r.xlsb").write_bytes(b"PK")
    with pytest.raises(TableError, match="save it as XLSX"):
        read_synergrid(tmp_path / "r.xlsb", "X", CLOCK)
    (tmp_path / "r.xlsx").write_bytes(b"no workbook")
    with pytest.raises(TableError, match="cannot be read"):
        read_synergrid(tmp_path / "r.xlsx", "X", CLOCK)
    book = Workbook()
    book.active.append(["nothing"])
    book.save(tmp_path / "empty.xlsx")
    with pytest.raises(TableError, match="no row that holds UTC or CET"):
        read_synergrid(tmp_path / "empty.xlsx", "X", CLOCK)
