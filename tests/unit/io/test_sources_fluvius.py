"""Fluvius per sector: provider's names end here; unknown members are counted, never zero."""

import numpy as np
import pytest

from zonnekaart.errors import TableError
from zonnekaart.io.sources.fluvius import read_fluvius_sector, without_unlocated

HEAD = (
    "geoitem,wijk,period,v2506_elek_nietres_cons,v2506_elek_res_cons,"
    "v2506_elek_nietres_n,v2506_elek_res_n\n"
)


@pytest.fixture
def sectors(tmp_path):
    path = tmp_path / "sectors.csv"
    rows = [
        "S1,W1,2021,10000,35000,2,10",
        "S2,W1,2021,-99999,70000,-99999,20",
        "S3,W2,2021,,-99999,,-99999",
        "S4,WONB,2021,500,7000,1,2",
        "S1,W1,2020,1,30000,1,10",
    ]
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def row(frame, area, category):
    return frame[(frame["area_id"] == area) & (frame["category"] == category)].iloc[0]


def test_sectors_are_summed_to_areas(sectors):
    frame = read_fluvius_sector(sectors, 2021, "wijk")
    home = row(frame, "W1", "residential")
    assert (home["consumption_kwh"], home["connections"]) == (105_000, 30)
    assert home["missing_members"] == 0


def test_missing_member_leaves_a_lower_bound(sectors):
    firm = row(read_fluvius_sector(sectors, 2021, "wijk"), "W1", "non_residential")
    assert (firm["consumption_kwh"], firm["missing_members"]) == (10_000, 1)


def test_area_without_any_known_sector_is_unknown(sectors):
    home = row(read_fluvius_sector(sectors, 2021, "wijk"), "W2", "residential")
    assert np.isnan(home["consumption_kwh"])


def test_unlocated_is_taken_out_and_counted(sectors):
    frame, kwh = without_unlocated(read_fluvius_sector(sectors, 2021, "wijk"))
    assert set(frame["area_id"]) == {"W1", "W2"}
    assert kwh == 7500


def test_absent_year_and_column(sectors):
    with pytest.raises(TableError, match="expected 2015"):
        read_fluvius_sector(sectors, 2015, "wijk")
    with pytest.raises(TableError, match="no column statsec"):
        read_fluvius_sector(sectors, 2021, "statsec")


@pytest.mark.shared
def test_essen_of_2021(shared_data):
    path = shared_data / "essen-be-dhmv" / "essen_fluvius_statsec_2018_2021.csv"
    frame, unlocated = without_unlocated(read_fluvius_sector(path, 2021, "ggw72024"))
    home = row(frame, "11016A0", "residential")
    # The folder's README: 8.69 GWh over 2 616 connections.
    assert home["consumption_kwh"] == pytest.approx(8.69e6, rel=1e-3)
    assert home["connections"] == 2616
    assert unlocated == pytest.approx(214_000.5)


@pytest.mark.shared
def test_flanders_counts_every_suppressed_sector(shared_data):
    path = shared_data / "flanders-fluvius-statsec/fluvius_consumption_per_statsec_2018_2021.csv"
    frames = [read_fluvius_sector(path, year, "geoitem") for year in range(2018, 2022)]
    hidden = sum(f.loc[f["category"] == "residential", "missing_members"].sum() for f in frames)
    # The folder's README: 2 972 rows of -99999.
    assert hidden == 2972
