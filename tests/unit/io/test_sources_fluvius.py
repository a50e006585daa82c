"""Fluvius per sector: provider's names end here; unknown members are counted, never zero."""

import numpy as np
import pandas as pd
import pytest

from zonnekaart.errors import TableError
from zonnekaart.io.sources.consumption import require_areas
from zonnekaart.io.sources.fluvius import read_fluvius_sector, without_unlocated
from zonnekaart.io.sources.fluvius_nace import read_fluvius_nace
from zonnekaart.io.vector import read_layer

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
    raw = pd.read_csv(path)
    marked = (raw["v2506_elek_res_cons"] == -99999).sum()
    absent = ((raw["v2506_elek_res_cons"] == 0) & (raw["v2506_elek_res_n"] == 0)).sum()
    # The folder's README: 2 972 rows of -99999.
    assert marked == 2972
    assert hidden == marked + absent


@pytest.mark.shared
def test_sectors_with_nobody_have_no_row_in_the_table_by_economic_sector(shared_data):
    """What the provinces write as 0 is what Fluvius left out."""
    folder = shared_data / "flanders-fluvius-statsec"
    raw = pd.read_csv(folder / "fluvius_consumption_per_statsec_2018_2021.csv")
    raw = raw[raw["period"] == 2020]
    by_sector = read_fluvius_nace(folder / "fluvius_statsec_by_nace_sector_2020.csv.gz", 2020)
    for category, name in (("residential", "res"), ("non_residential", "nietres")):
        users, kwh = raw[f"v2506_elek_{name}_n"], raw[f"v2506_elek_{name}_cons"]
        absent = set(raw.loc[(users == 0) & (kwh == 0), "geoitem"])
        rows = by_sector[(by_sector["category"] == category) & (by_sector["place"] == "area")]
        assert len(absent) > 100
        assert not absent & set(rows["area_id"])


@pytest.mark.shared
def test_sectors_of_gent_are_of_another_code_year(shared_data):
    """The table has the codes of 2019, the map those of 2024: refused, never joined in part."""
    folder = shared_data / "flanders-fluvius-statsec"
    table = read_fluvius_sector(
        folder / "fluvius_consumption_per_statsec_2018_2021.csv", 2021, "geoitem"
    )
    gent = table[table["area_id"].str.startswith("44021")]
    on_map = read_layer(folder / "gent_statsec.geojson")
    column = next(c for c in on_map if on_map[c].astype(str).str.startswith("44021").mean() > 0.9)
    codes = set(on_map[column].astype(str))
    assert len(codes & set(gent["area_id"])) == 93
    with pytest.raises(TableError, match="areas that the layer of areas lacks") as raised:
        require_areas(gent, codes, "consumption.csv")
    assert "same code year" in raised.value.hint


def test_zero_for_nobody_is_unknown_and_zero_for_somebody_is_zero(tmp_path):
    path = tmp_path / "t.csv"
    fields = "v2506_elek_res_cons,v2506_elek_res_n,v2506_elek_nietres_cons,v2506_elek_nietres_n"
    path.write_text(
        f"geoitem,period,{fields}\n11016A000,2021,0,0,5000,2\n11016A010,2021,3500,1,0,3\n",
        encoding="utf-8",
    )
    rows = read_fluvius_sector(path, 2021, "geoitem").set_index(["area_id", "category"])
    assert np.isnan(rows.loc[("11016A000", "residential"), "consumption_kwh"])
    assert rows.loc[("11016A000", "residential"), "missing_members"] == 1
    assert rows.loc[("11016A010", "non_residential"), "consumption_kwh"] == 0
