"""Demand that meets streets, municipality, economic sectors and areas at once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from zonnekaart.config import parse_project
from zonnekaart.errors import ConfigError, TableError, VectorError
from zonnekaart.io.sources.fluvius_nace import SECTORS
from zonnekaart.io.vector import write_layer
from zonnekaart.pipelines.checks.consumption_levels import check_levels
from zonnekaart.pipelines.checks.findings import Inspection
from zonnekaart.pipelines.checks.layers import Layer
from zonnekaart.pipelines.consumption_tables import Figures, consumption_files, read_main_table
from zonnekaart.pipelines.demand_levels import Prior, fit_levels, needs_fit
from zonnekaart.pipelines.demand_own import Own

CRS = "EPSG:31370"
STREETS = ["Kerkstr.", "Kerkstraat", "Dorpsstraat", "Dorpsstraat", "Dorpsstraat", None]
NAMES = "Verbruiksjaar;Hoofdgemeente;Energie;Richting;Straat;Aantal;Benaderend verbruik (kWh)\n"


NOBODY = Own(pd.DataFrame(columns=["building_id", "category", "consumption_kwh", "why"]))


def street_rows(**kwh):
    rows = [f"2021;ESSEN;Elektriciteit;Afname;{name};9;{value}" for name, value in kwh.items()]
    return NAMES + "\n".join(rows) + "\n"


@pytest.fixture
def place(tmp_path):
    """Six buildings in two areas, on two streets; the last is on no street."""
    boxes = [shapely.box(x, 10, x + 8, 18) for x in (0, 20, 40, 120, 140, 160)]
    frame = gpd.GeoDataFrame({"id": list("abcdef"), "street": STREETS}, geometry=boxes, crs=CRS)
    write_layer(frame, tmp_path / "buildings.gpkg", "GPKG", layer="buildings")
    areas = gpd.GeoDataFrame(
        {"area_id": ["A", "B"]},
        geometry=[shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)],
        crs=CRS,
    )
    (tmp_path / "main.csv").write_text(
        "area_id,year,category,consumption_kwh,connections\nA,2021,residential,9000,3\n"
        "B,2021,residential,6000,2\n",
        encoding="utf-8",
    )

    def project(*levels):
        raw = {
            "project": {"name": "Two streets", "crs": CRS},
            "inputs": {
                "dsm": {"path": "dsm.tif"},
                "buildings": {"path": "buildings.gpkg", "id_column": "id"},
                "weather": {"path": "weather.epw"},
                "consumption": {"path": "main.csv", "levels": list(levels)},
            },
        }
        return parse_project(raw, tmp_path / "zonnekaart.toml")

    prior = Prior(
        building_ids=list("abcdef"),
        area=np.array([0, 0, 0, 1, 1, 1]),
        homes_kwh=np.array([3000.0, 3000, 3000, 3000, 3000, 0]),
        firms_kwh=np.array([0.0, 0, 0, 0, 0, 50_000]),
        sector_share=np.full((6, len(SECTORS)), 1 / len(SECTORS)),
        totals_kwh={
            "residential": np.array([9000.0, 6000.0]),
            "non_residential": np.array([np.nan, 50_000.0]),
        },
        covered=np.ones(2),
        homes_own_kwh=np.zeros(6),
        firms_own_kwh=np.zeros(6),
    )
    return tmp_path, project, areas, prior


def fitted(place, *levels, sectors=None, extent=(0, 0, 200, 100)):
    _, project, areas, prior = place
    figures = Figures(pd.DataFrame(), sectors)
    return fit_levels(project(*levels), areas, shapely.box(*extent), figures, prior, NOBODY)


def street(**more):
    return {
        "path": "street.csv",
        "reader": "fluvius_street",
        "municipality": "Essen",
        "building_column": "street",
        "complete": True,
        **more,
    }


def test_streets_and_areas_are_both_met(place):
    (place[0] / "street.csv").write_text(street_rows(Kerkstraat=7000, Dorpsstraat=8000), "utf-8")
    fit = fitted(place, street())
    assert fit.facts["levels_agree"]
    np.testing.assert_allclose(fit.homes_kwh, [3500, 3500, 2000, 3000, 3000, 0])
    assert fit.firms_kwh[5] == pytest.approx(50_000)
    rows = fit.rows[fit.rows["level"] == "street.csv"].set_index("area_id")
    assert rows.loc["kerkstraat", ["published_kwh", "fitted_kwh", "buildings"]].tolist() == [
        7000, pytest.approx(7000), 2,
    ]  # fmt: skip


def test_streets_that_contradict_the_areas_are_reported(place):
    (place[0] / "street.csv").write_text(street_rows(Kerkstraat=7000, Dorpsstraat=9500), "utf-8")
    fit = fitted(place, street())
    assert not fit.facts["levels_agree"]
    assert fit.homes_kwh.sum() == pytest.approx(15_000)
    assert fit.facts["levels"][0]["residual_kwh"] == pytest.approx(1500)


def test_street_without_a_building_is_listed_not_lost(place):
    text = street_rows(Kerkstraat=7000, Dorpsstraat=8000, Nieuwstraat=2000)
    (place[0] / "street.csv").write_text(text, "utf-8")
    facts = fitted(place, street()).facts["levels"][0]
    assert facts["without_building"] == "Nieuwstraat"
    assert facts["without_building_kwh"] == 2000


def test_names_of_another_register_are_refused(place):
    (place[0] / "street.csv").write_text(street_rows(Rue=7000, Chaussee=8000), "utf-8")
    with pytest.raises(TableError, match=r"2 of 2 areas without a building, 100% of the energy"):
        fitted(place, street())


def test_streets_that_may_go_on_outside_the_data_bind_nothing(place):
    (place[0] / "street.csv").write_text(street_rows(Kerkstraat=7000, Dorpsstraat=8000), "utf-8")
    fit = fitted(place, street(complete=False))
    np.testing.assert_allclose(fit.homes_kwh, [3000, 3000, 3000, 3000, 3000, 0])
    rows = fit.rows[fit.rows["level"] == "street.csv"]
    assert set(rows["why_not"]) == {"not wholly inside the data"}
    assert rows["published_kwh"].sum() == 15_000


def test_polygons_bind_where_the_data_hold_them(place):
    folder = place[0]
    blocks = gpd.GeoDataFrame(
        {"block": ["west", "east"]},
        geometry=[shapely.box(0, 0, 50, 50), shapely.box(110, 0, 400, 50)],
        crs=CRS,
    )
    write_layer(blocks, folder / "blocks.gpkg", "GPKG", layer="blocks")
    (folder / "blocks.csv").write_text(
        "area_id,year,category,consumption_kwh,connections\nwest,2021,residential,6600,3\n"
        "east,2021,residential,5000,2\n",
        encoding="utf-8",
    )
    level = {"path": "blocks.csv", "areas": {"path": "blocks.gpkg", "id_column": "block"}}
    fit = fitted(place, level)
    rows = fit.rows[fit.rows["level"] == "blocks.csv"].set_index("area_id")
    assert rows["binds"].to_dict() == {"west": True, "east": False}
    # West holds the three homes of area A, which has 9 000: they contradict, and the area wins.
    assert fit.homes_kwh[:3].sum() == pytest.approx(9000)
    assert rows.loc["west", "residual_kwh"] == pytest.approx(-2400)


def test_whole_municipality_fills_an_area_without_figure(place):
    (place[0] / "volume.csv").write_text(
        "rapporteringsmaand;leveringsadresgemeente;sector;totaal_volume_afname\n"
        + "".join(f"2021-{m:02d};ESSEN;Elektriciteit;6000\n" for m in range(1, 13)),
        encoding="utf-8",
    )
    level = {
        "path": "volume.csv",
        "reader": "fluvius_volume",
        "year": 2021,
        "municipality": "Essen",
        "complete": True,
    }
    _, project, areas, prior = place
    prior.firms_kwh[0] = 4000.0  # in area A, whose other use is not published
    fit = fit_levels(
        project(level), areas, shapely.box(0, 0, 200, 100), Figures(pd.DataFrame()), prior, NOBODY
    )
    assert fit.firms_kwh[0] == pytest.approx(72_000 - 15_000 - 50_000)
    with pytest.raises(ConfigError, match="no municipality"):
        fitted(place, {**level, "municipality": None})


def test_economic_sectors_choose_among_buildings(place):
    _, _, _, prior = place
    prior.firms_kwh[4] = 50_000.0
    prior.sector_share[4] = np.eye(len(SECTORS))[SECTORS.index("agriculture")]
    sectors = pd.DataFrame(
        [("B", s, {"agriculture": 20_000.0, "industry": 30_000.0}.get(s, 0.0)) for s in SECTORS],
        columns=["area_id", "sector", "consumption_kwh"],
    )
    fit = fitted(place, sectors=sectors)
    assert fit.firms_kwh[4:].sum() == pytest.approx(50_000)
    # All industry lies in f; of farming, e was expected to hold 50 000 of 58 333.
    assert fit.firms_kwh[4] == pytest.approx(20_000 * 6 / 7)
    assert fit.agriculture_kwh[5] == pytest.approx(20_000 / 7)


def test_unknown_column_is_said(place):
    (place[0] / "street.csv").write_text(street_rows(Kerkstraat=7000), "utf-8")
    with pytest.raises(VectorError, match="no column straat"):
        fitted(place, street(building_column="straat"))


def test_a_table_without_more_levels_needs_no_fit(place):
    _, project, _, _ = place
    assert not needs_fit(project(), Figures(pd.DataFrame()), NOBODY)
    assert needs_fit(project(street()), Figures(pd.DataFrame()), NOBODY)
    assert [path.name for path in consumption_files(project(street()))] == [
        "street.csv",
        "buildings.gpkg",
    ]


@pytest.mark.shared
def test_essen_by_economic_sector_and_wijk(place, shared_data):
    folder = shared_data / "flanders-fluvius-statsec"
    project = place[1]()
    consumption = {
        "path": folder / "fluvius_statsec_by_nace_sector_2020.csv.gz",
        "reader": "fluvius_nace",
        "year": 2020,
        "area_map": {
            "path": folder / "statsec2019_to_wijk_ggw72024.csv",
            "from_column": "statsec2019",
            "to_column": "ggw72024",
        },
    }
    raw = project.model_dump()
    raw["inputs"]["consumption"] = consumption
    figures = read_main_table(
        parse_project(raw, place[0] / "zonnekaart.toml"), [f"11016A{k}" for k in range(7)]
    )
    rows = figures.rows.set_index(["area_id", "category"])["consumption_kwh"]
    firms = figures.sectors.groupby("area_id")["consumption_kwh"].sum()
    for area, kwh in firms.items():
        assert kwh == pytest.approx(rows[(area, "non_residential")], rel=1e-12)
    # README of the data: 8.69 GWh in 2021; a year earlier it was 8.62.
    assert rows[("11016A0", "residential")] == pytest.approx(8.62e6, rel=1e-3)


def findings(place, text, **changes):
    folder, project, _, _ = place
    (folder / "street.csv").write_text(text, encoding="utf-8")
    frame = gpd.GeoDataFrame({"street": STREETS}, geometry=[shapely.Point(0, 0)] * 6, crs=CRS)
    layer = Layer(Inspection("inputs.buildings", "buildings.gpkg"), frame)
    raw = project(street(**changes)).model_dump()
    raw["inputs"]["consumption"]["year"] = 2021
    (inspection,) = check_levels(parse_project(raw, folder / "zonnekaart.toml"), layer)
    return [(f.severity, f.code) for f in inspection.findings]


def test_check_finds_nothing_wrong_with_streets_that_match(place):
    assert findings(place, street_rows(Kerkstraat=7000, Dorpsstraat=8000), year=2021) == []


def test_check_tells_years_names_and_tables_that_bind_nothing(place):
    good = street_rows(Kerkstraat=7000, Dorpsstraat=8000)
    assert findings(place, good.replace("2021", "2020"), year=2020) == [
        ("error", "consumption.level_year")
    ]
    assert findings(place, good, complete=False) == [("warning", "consumption.level_idle")]
    few = street_rows(Kerkstraat=7000, Dorpsstraat=8000, Nieuwstraat=900)
    assert findings(place, few) == [("warning", "consumption.level_names")]
    many = street_rows(Kerkstraat=7000, Rue=8000)
    assert findings(place, many) == [("error", "consumption.level_names")]
    assert findings(place, good, municipality="Brecht") == [("error", "table.unusable")]
