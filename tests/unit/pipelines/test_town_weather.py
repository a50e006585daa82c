from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pvlib
import pytest

from zonnekaart.pipelines.town.weather import MONTHLY_GHI_KWH_M2, Place, write_weather

if TYPE_CHECKING:
    from pathlib import Path

PLACE = Place("Proefdorp", 51.09, 4.88, 18.0)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, dict[str, object]]:
    """Read the file back with pvlib, which knows nothing of how it was made."""
    path = tmp_path_factory.mktemp("weather") / "year.epw"
    write_weather(path, PLACE, seed=3)
    table, header = pvlib.iotools.read_epw(path)
    return table, header


def test_header_says_where_and_that_it_is_illustrative(tmp_path: Path) -> None:
    path = tmp_path / "year.epw"
    write_weather(path, PLACE, seed=3)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("LOCATION,Proefdorp (illustratief),")
    assert "illustratief" in lines[5]
    assert len(lines) == 8 + 365 * 24
    assert {line.count(",") for line in lines[8:]} == {34}


def test_hours_are_complete_and_in_order(year: tuple[pd.DataFrame, dict[str, object]]) -> None:
    table, header = year
    assert header["latitude"] == pytest.approx(51.09)
    assert header["TZ"] == 1.0
    assert len(table) == 365 * 24
    assert (np.diff(table.index.asi8) == np.diff(table.index.asi8)[0]).all()


def test_months_have_the_sums_of_the_climate(
    year: tuple[pd.DataFrame, dict[str, object]],
) -> None:
    table, _ = year
    sums = table.groupby(table["month"])["ghi"].sum() / 1000.0
    np.testing.assert_allclose(sums, MONTHLY_GHI_KWH_M2, rtol=0.01)
    assert table["ghi"].sum() / 1000.0 == pytest.approx(1050.0, rel=0.005)


def test_beam_and_diffuse_close_to_the_global(
    year: tuple[pd.DataFrame, dict[str, object]],
) -> None:
    table, _ = year
    middles = table.index + pd.Timedelta(minutes=30)
    sun = pvlib.solarposition.get_solarposition(middles, PLACE.latitude_deg, PLACE.longitude_deg)
    cosine = np.clip(np.cos(np.deg2rad(sun["zenith"].to_numpy())), 0.0, None)
    closed = table["dhi"] + table["dni"] * cosine
    assert np.abs(closed - table["ghi"]).max() < 2.0
    assert (table[["ghi", "dni", "dhi"]] >= 0.0).all(axis=None)
    assert table.loc[sun["elevation"].to_numpy() < -6.0, "ghi"].max() == 0.0
    assert table["dni"].max() < 1050.0


def test_summers_are_warm_and_air_is_never_drier_than_possible(
    year: tuple[pd.DataFrame, dict[str, object]],
) -> None:
    table, _ = year
    monthly = table.groupby(table["month"])["temp_air"].mean()
    assert 8.0 < table["temp_air"].mean() < 13.5
    assert monthly[7] > monthly[4] > monthly[1]
    assert (table["temp_dew"] <= table["temp_air"]).all()
    assert 2.5 < table["wind_speed"].mean() < 5.0


def test_same_seed_same_file_other_seed_other_file(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_weather(tmp_path / name, PLACE, seed)
    first = (tmp_path / "a").read_bytes()
    assert first == (tmp_path / "b").read_bytes()
    assert first != (tmp_path / "c").read_bytes()
