"""The shapes of Fluvius' open data sets: by economic sector, by street, by municipality."""

import gzip

import numpy as np
import pytest

from zonnekaart.errors import MissingInputError, TableError
from zonnekaart.io.sources.fluvius import read_fluvius_sector
from zonnekaart.io.sources.fluvius_nace import category_totals, read_fluvius_nace
from zonnekaart.io.sources.fluvius_street import read_fluvius_street, street_key
from zonnekaart.io.sources.fluvius_volume import read_fluvius_volume
from zonnekaart.io.sources.provider_csv import read_provider_csv, spelled

_NACE_HEAD = (
    "Markt,Richting,Statistische Sector,Gemeente,Sector,Provincie,Rol Contact,Aantal,"
    "Benaderend Verbruik (kWh)\n"
)
_STREET_HEAD = (
    "Verbruiksjaar;Regio;Hoofdgemeente;Energie;Richting;Straat;Aantal Toegangspunten;"
    "Benaderend verbruik (kWh)\n"
)
NACE = f"""{_NACE_HEAD}\
Elektriciteit,Afname,11016A000,ESSEN,HUISHOUDENS,ANTWERPEN,Persoon,500,1900000.5
Elektriciteit,Afname,11016A000,ESSEN,INDUSTRIE,ANTWERPEN,Bedrijf,8,10000000
Elektriciteit,Afname,11016A000,ESSEN,TERTIAIRE SECTOR,ANTWERPEN,Bedrijf,100,1700000
Elektriciteit,Injectie,11016A000,ESSEN,HUISHOUDENS,ANTWERPEN,Persoon,9,5000
Gas,Afname,11016A000,ESSEN,HUISHOUDENS,ANTWERPEN,Persoon,300,5000000
Elektriciteit,Afname,11016A010,ESSEN,REST,ANTWERPEN,Bedrijf,7,1027507.74
Elektriciteit,Afname,11016A010,ESSEN,REST,ANTWERPEN,Persoon,4,9000
Elektriciteit,Afname,11016A010,ESSEN,Openbare verlichting,ANTWERPEN,Bedrijf,3,40000
Elektriciteit,Afname,11016REST,ESSEN,REST,ANTWERPEN,Bedrijf,15,860887.82
Elektriciteit,Afname,11016zzzz,ESSEN,TERTIAIRE SECTOR,ANTWERPEN,Bedrijf,9,198876.0
"""
STREET = f"""{_STREET_HEAD}\
2020;Antwerpen;ESSEN;Elektriciteit;Afname;St.-Jansstraat;20;80000
2021;Antwerpen;ESSEN;Elektriciteit;Afname;St.-Jansstraat;21;84000.5
2021;Antwerpen;ESSEN;Elektriciteit;Injectie;St.-Jansstraat;3;900
2021;Antwerpen;ESSEN;Aardgas;Afname;St.-Jansstraat;15;200000
2021;Antwerpen;ESSEN;Elektriciteit;Afname;Sint-Jansstraat;2;
2021;Antwerpen;KALMTHOUT;Elektriciteit;Afname;Dorpsstraat;40;160000
"""


@pytest.fixture
def write(tmp_path):
    def _write(text, name="table.csv", encoding="utf-8"):
        path = tmp_path / name
        data = text.encode(encoding)
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return _write


@pytest.mark.parametrize(
    ("name", "encoding", "change"),
    [
        ("t.csv", "utf-8", ("", "")),
        ("t.csv.gz", "utf-8", ("", "")),
        ("t.csv", "utf-8-sig", (",", ";")),
        ("t.csv", "utf-8", ("Benaderend Verbruik (kWh)", "benaderend_verbruik_kwh")),
    ],
)
def test_economic_sectors_in_every_edition(write, name, encoding, change):
    text = NACE.replace(*change) if change[0] else NACE
    rows = read_fluvius_nace(write(text, name, encoding), 2020).set_index(
        ["area_id", "place", "category", "sector"]
    )
    home = rows.loc[("11016A000", "area", "residential", "homes")]
    assert home["consumption_kwh"] == 1_900_000.5
    assert home["connections"] == 500
    assert rows.loc[("11016", "rest", "non_residential", "suppressed"), "connections"] == 15
    assert rows.loc[("11016", "nowhere", "non_residential", "services"), "connections"] == 9


def test_gas_and_injection_are_no_offtake_of_electricity(write):
    rows = read_fluvius_nace(write(NACE), 2020)
    assert rows["consumption_kwh"].sum() == pytest.approx(15_736_272.06)


def test_categories_leave_street_lights_and_unlocated_rows_out(write):
    totals = category_totals(read_fluvius_nace(write(NACE), 2020), 2020).set_index(
        ["area_id", "category"]
    )["consumption_kwh"]
    assert totals[("11016A000", "non_residential")] == 11_700_000
    assert totals[("11016A010", "non_residential")] == 1_027_507.74
    assert totals[("11016A010", "residential")] == 9000
    assert set(totals.index.get_level_values(0)) == {"11016A000", "11016A010"}


def test_unknown_economic_sector_is_named(write):
    with pytest.raises(TableError, match="RUIMTEVAART"):
        read_fluvius_nace(write(NACE.replace("INDUSTRIE", "RUIMTEVAART")), 2020)


def test_megawatthours_are_refused(write):
    with pytest.raises(TableError, match="look like MWh"):
        read_fluvius_nace(write(NACE.replace("1900000.5", "1900.5")), 2020)


def test_streets_of_one_municipality_and_year_by_one_spelling(write):
    streets = read_fluvius_street(write(STREET), 2021, "Essen")
    assert streets["area_id"].tolist() == ["sintjansstraat"]
    assert streets["consumption_kwh"].tolist() == [84000.5]
    assert streets["connections"].tolist() == [23]
    assert streets["missing_members"].tolist() == [1]


@pytest.mark.parametrize(
    ("year", "municipality", "says"),
    [(2019, "ESSEN", "found 2020, 2021"), (2021, "Brecht", "ESSEN, KALMTHOUT")],
)
def test_absent_year_or_municipality_is_said(write, year, municipality, says):
    with pytest.raises(TableError, match=says):
        read_fluvius_street(write(STREET), year, municipality)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("St.-Jansstraat", "Sint-Jansstraat"),
        ("O.L.V.-straat", "Onze-Lieve-Vrouwstraat"),
        ("Dr. Paul Janssenlaan", "Doctor Paul Janssenlaan"),
        ("KERKSTR.", "Kerkstraat"),
        ("Kerkstraat (Wildert)", "kerkstraat"),
        ("Maréchal-Fochlaan", "Marechal Fochlaan"),
    ],
)
def test_registers_spell_streets_differently(one, other):
    assert street_key(one) == street_key(other)


def volume(months, municipality="ESSEN"):
    head = "rapporteringsmaand;leveringsadresgemeente;sector;totaal_volume_afname\n"
    rows = [f"2021-{m:02d};{municipality};Elektriciteit;{1000 * m}" for m in months for _ in "ab"]
    return head + "\n".join([*rows, f"2021-01;{municipality};Gas;77"]) + "\n"


def test_monthly_volumes_sum_over_kinds_of_access_points(write):
    months = read_fluvius_volume(write(volume(range(1, 13))), 2021, "essen")
    assert months["offtake_kwh"].tolist() == [2000 * m for m in range(1, 13)]
    assert np.isnan(months["injection_kwh"]).all()


def test_a_year_with_eleven_months_is_no_year(write):
    with pytest.raises(TableError, match="11 months of 2021"):
        read_fluvius_volume(write(volume(range(1, 12))), 2021, "ESSEN")


def test_absent_file_and_absent_column_are_said(write, tmp_path):
    with pytest.raises(MissingInputError, match="no such file"):
        read_provider_csv(tmp_path / "none.csv", {"a": ("A",)})
    with pytest.raises(TableError, match="no column Straat"):
        read_fluvius_street(write(STREET.replace("Straat;", "Weg;")), 2021, "ESSEN")


def test_text_in_another_encoding_is_refused(write):
    with pytest.raises(TableError, match="UTF-8"):
        read_fluvius_street(write(STREET.replace("Jans", "Jéan"), encoding="cp1252"), 2021, "ESSEN")


def test_spelling_keeps_letters_and_digits_only():
    assert spelled("Wärme (kWh) 1_03") == "warmekwh103"


@pytest.mark.shared
def test_flanders_by_economic_sector_sums_to_the_table_of_the_provinces(shared_data):
    folder = shared_data / "flanders-fluvius-statsec"
    rows = read_fluvius_nace(folder / "fluvius_statsec_by_nace_sector_2020.csv.gz", 2020)
    table = read_fluvius_sector(
        folder / "fluvius_consumption_per_statsec_2018_2021.csv", 2020, "geoitem"
    )
    homes = rows.loc[rows["sector"] == "homes", "consumption_kwh"].sum()
    published = table.loc[table["category"] == "residential", "consumption_kwh"].sum()
    assert homes == pytest.approx(published, rel=5e-5)
