"""``prepare demand`` and ``crosswalk``: sums stay, unknown stays unknown, codes are joined."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from zonnekaart.config import share_folder
from zonnekaart.errors import CrsError, TableError, VectorError
from zonnekaart.io.mergers import codes_of, merged_into, read_mergers
from zonnekaart.io.provenance import record_path
from zonnekaart.io.sources.consumption import read_consumption
from zonnekaart.io.sources.office_tables import OfficeFormat
from zonnekaart.pipelines.preparing.crosswalk import CrosswalkJob, prepare_crosswalk, read_map
from zonnekaart.pipelines.preparing.demand import DemandJob, OfficeColumns, prepare_demand

if TYPE_CHECKING:
    from pathlib import Path

HEAD = (
    "geoitem,period,wijk,v2506_elek_res_cons,v2506_elek_res_n,v2506_elek_nietres_cons,"
    "v2506_elek_nietres_n"
)
ROWS = [
    "11016A00-,2021,A,3000000,1000,500000,40",
    "11016A01-,2021,A,1500000,400,-99999,-99999",
    "11022A00-,2021,B,900000,300,100000,9",
    "11016ONB,2021,,70000,20,0,0",
]


def fluvius(folder: Path) -> Path:
    path = folder / "fluvius.csv"
    path.write_text("\n".join([HEAD, *ROWS]) + "\n")
    return path


def rows_of(out: Path) -> pd.DataFrame:
    return read_consumption(out).set_index(["area_id", "category"])


def test_sectors_become_our_table(tmp_path: Path) -> None:
    out = tmp_path / "o.csv"
    job = DemandJob(fluvius(tmp_path), out, year=2021, nis=("11016",))
    record = prepare_demand(job)
    rows = rows_of(out)
    assert rows.loc[("11016A00-", "residential"), "consumption_kwh"] == 3_000_000
    assert np.isnan(rows.loc[("11016A01-", "non_residential"), "consumption_kwh"])
    assert {i[0] for i in rows.index} == {"11016A00-", "11016A01-"}
    assert any("70000 kWh have no place" in text for text in record.warnings)
    assert json.loads(record_path(out).read_text())["facts"]["consumption_kwh"] == 5_000_000


def test_a_sum_that_lacks_a_member_is_unknown(tmp_path: Path) -> None:
    out = tmp_path / "o.csv"
    area_map = {"11016A00-": "W1", "11016A01-": "W1", "11022A00-": "W2"}
    prepare_demand(DemandJob(fluvius(tmp_path), out, year=2021, area_map=area_map))
    rows = rows_of(out)
    assert rows.loc[("W1", "residential"), "consumption_kwh"] == 4_500_000
    assert np.isnan(rows.loc[("W1", "non_residential"), "consumption_kwh"])
    assert rows.loc[("W2", "non_residential"), "consumption_kwh"] == 100_000


def test_a_table_of_an_office(tmp_path: Path) -> None:
    path = tmp_path / "gemeente.csv"
    path.write_bytes(
        "Buurt;Jaar;Wie;Verbruik;Aansl.\nGeël;2023;gezin;1.234.567,0;400\n"
        "Geël;2023;bedrijf;< 5;\n".encode("cp1252")
    )
    out = tmp_path / "o.csv"
    names = OfficeColumns("Buurt", "Jaar", "Wie", "Verbruik", "Aansl.")
    words = (("gezin", "residential"), ("bedrijf", "non_residential"))
    written = OfficeFormat("cp1252", "comma")
    job = DemandJob(path, out, "office", columns=names, categories=words, written=written)
    prepare_demand(job)
    rows = rows_of(out)
    assert rows.loc[("Geël", "residential"), "consumption_kwh"] == 1_234_567
    assert np.isnan(rows.loc[("Geël", "non_residential"), "consumption_kwh"])


def test_an_office_that_writes_megawatt_hours_is_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("area_id,year,category,consumption_kwh,n\nA,2023,residential,1400,400\n")
    out = tmp_path / "o.csv"
    job = DemandJob(path, out, "office", columns=OfficeColumns(connections="n"))
    with pytest.raises(TableError, match="MWh"):
        prepare_demand(job)
    assert not out.exists()


@pytest.mark.parametrize(
    ("columns", "categories", "said"),
    [
        (OfficeColumns(area="Buurt"), (), "no column Buurt"),
        (OfficeColumns(), (("huis", "residential"),), "gezin.*--category"),
    ],
)
def test_words_and_columns_that_are_not_there(
    tmp_path: Path, columns: OfficeColumns, categories: tuple[tuple[str, str], ...], said: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("area_id,year,category,consumption_kwh\nA,2023,gezin,1400\n")
    job = DemandJob(path, tmp_path / "o.csv", "office", columns=columns, categories=categories)
    with pytest.raises(TableError, match=said):
        prepare_demand(job)


def layer(
    path: Path, ids: list[str], boxes: list[tuple[float, ...]], crs: str = "EPSG:31370"
) -> Path:
    frame = gpd.GeoDataFrame({"id": ids}, geometry=[shapely.box(*b) for b in boxes], crs=crs)
    frame.to_file(path, driver="GPKG")
    return path


def test_figures_of_another_edition_are_refused(tmp_path: Path) -> None:
    areas = layer(tmp_path / "a.gpkg", ["X1", "X2", "A"], [(0, 0, 1, 1)] * 3)
    job = DemandJob(
        fluvius(tmp_path), tmp_path / "o.csv", year=2021, area_column="wijk",
        areas=areas, id_column="id",
    )  # fmt: skip
    with pytest.raises(TableError, match=r"1 of 3 areas.*crosswalk"):
        prepare_demand(job)


def test_a_crosswalk_goes_by_buildings_and_names_what_was_split(tmp_path: Path) -> None:
    old = layer(
        tmp_path / "old.gpkg", ["a", "b", "c"],
        [(0, 0, 100, 100), (100, 0, 200, 100), (500, 0, 600, 100)],
    )  # fmt: skip
    new = layer(tmp_path / "new.gpkg", ["X", "Y"], [(0, 0, 160, 100), (160, 0, 300, 100)])
    built = layer(tmp_path / "built.gpkg", ["1"], [(110, 10, 130, 30)])
    out = tmp_path / "map.csv"
    record = prepare_crosswalk(CrosswalkJob(old, new, "id", "id", out))
    assert read_map(out) == {"a": "X"}
    assert any("split between new areas: b" in line for line in record.lines())
    assert any("outside the new areas: c" in line for line in record.lines())
    prepare_crosswalk(CrosswalkJob(old, new, "id", "id", out, built))
    assert read_map(out) == {"a": "X", "b": "X"}


def test_a_crosswalk_of_two_places_is_refused(tmp_path: Path) -> None:
    old = layer(tmp_path / "old.gpkg", ["a"], [(0, 0, 9, 9)])
    far = layer(tmp_path / "far.gpkg", ["X"], [(900, 0, 999, 9)])
    other = layer(tmp_path / "other.gpkg", ["X"], [(0, 0, 9, 9)], "EPSG:3812")
    with pytest.raises(VectorError, match="no area that lies in one"):
        prepare_crosswalk(CrosswalkJob(old, far, "id", "id", tmp_path / "m.csv"))
    with pytest.raises(CrsError):
        prepare_crosswalk(CrosswalkJob(old, other, "id", "id", tmp_path / "m.csv"))
    with pytest.raises(VectorError, match="no column code"):
        prepare_crosswalk(CrosswalkJob(old, far, "code", "id", tmp_path / "m.csv"))


def test_a_merged_municipality_keeps_the_figures_of_its_parts() -> None:
    mergers = read_mergers(share_folder("data") / "preparing" / "mergers.csv")
    assert len(mergers) == 28
    assert len({m.new_nis for m in mergers}) == 13
    assert codes_of("46030", mergers) == ("46030", "46003", "46013", "11056")
    assert codes_of("11016", mergers) == ("11016",)
    gone = merged_into("73006", mergers)
    assert gone is not None
    assert gone.new_name == "Bilzen-Hoeselt"
    assert merged_into("11002", mergers) is None


@pytest.mark.shared
def test_essen_from_the_table_of_flanders(tmp_path: Path, shared_data: Path) -> None:
    folder = shared_data / "flanders-fluvius-statsec"
    out = tmp_path / "o.csv"
    source = folder / "fluvius_consumption_per_statsec_2018_2021.csv"
    prepare_demand(DemandJob(source, out, year=2021, nis=("11016",)))
    raw = pd.read_csv(source)
    own = raw[raw["geoitem"].str.startswith("11016") & (raw["period"] == 2021)]
    own = own[~own["geoitem"].str.endswith(("ONB", "ZZZZ"))]["v2506_elek_res_cons"]
    expected = own[own > 0].sum()
    rows = read_consumption(out)
    homes = rows.loc[rows["category"] == "residential", "consumption_kwh"].sum()
    assert homes == pytest.approx(expected)
