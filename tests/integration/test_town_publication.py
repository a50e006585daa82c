"""What leaves the build folder of the embedded town: all that may, and nothing hidden."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from zonnekaart.io.publishable import LAYERS
from zonnekaart.io.published import PublishedProject, ZoneDetail, ZoneRow
from zonnekaart.pipelines.export import export_layer
from zonnekaart.pipelines.runs import StageContext

SUPPLY = {
    "annual_yield_kwh",
    "annual_yield_low_kwh",
    "annual_yield_high_kwh",
    "capacity_kwp",
    "existing_kwp",
    "existing_low_kwp",
    "existing_high_kwp",
    "existing_annual_yield_kwh",
    "additional_kwp",
    "used_share",
    "roof_area_m2",
    "usable_share",
    "mean_irradiation_kwh_m2",
    "buildings",
    "dwellings",
    "connections",
    "apartment_share",
    "heritage_share",
    "survey_mismatch_share",
    "site_capacity_kwp",
    "site_yield_kwh",
    "site_yield_low_kwh",
    "site_yield_high_kwh",
    "public_roof_share",
    "social_housing_share",
    "vme_share",
    "asbestos_share",
    "old_roof_share",
    "obliged_public_capacity_kwp",
    "median_income_eur",
    "protected_customers_share",
    "energy_poverty_share",
}
"""All that may be known of a zone whose demand is hidden: roofs and stock, nothing about use."""
ABOUT_DEMAND = (
    "consumption",
    "demand",
    "residential",
    "profile",
    "surplus",
    "residual",
    "self_",
    "offtake",
    "injection",
    "load",
    "status",
    "headroom",
    "connections",
)
"""Parts of column names that no layer of buildings or roofs may carry."""


@pytest.fixture(scope="module")
def hidden(town):
    """Zones whose demand may not be shown; the town has some on purpose."""
    names = town.zones.index[~town.zones["published"].astype(bool)]
    assert 1 <= len(names) < len(town.zones)
    return list(names)


@pytest.fixture(scope="module")
def exports(town, town_build, tmp_path_factory):
    """Every layer as the export command writes it to GeoParquet."""
    folder = tmp_path_factory.mktemp("exports")
    context = StageContext(project=town_build.project, build=town.build)
    frames = {}
    for layer in LAYERS:
        export_layer(context, layer, "parquet", folder / f"{layer}.parquet")
        frames[layer] = gpd.read_parquet(folder / f"{layer}.parquet")
    return frames


# ---- privacy ----


def numbers_in(value):
    """All numbers in a nested JSON value."""
    if isinstance(value, dict):
        return [n for item in value.values() for n in numbers_in(item)]
    if isinstance(value, list):
        return [n for item in value for n in numbers_in(item)]
    return [float(value)] if isinstance(value, int | float) else []


def test_a_hidden_zone_tells_roofs_and_stock_only(town, hidden):
    figures = town.figures.loc[hidden]
    told = set(figures.columns[figures.notna().any()])
    assert told <= SUPPLY
    for zone in hidden:
        row = town.zones.loc[zone]
        assert row["privacy_note"]
        assert row["zone_class"] in {"onbekend", "toets"}
        for column in ("bottlenecks", "opportunities", "flips"):
            assert {record["indicator"] for record in row[column]} <= SUPPLY


def test_the_warehouse_says_no_more_of_a_hidden_zone(town, hidden):
    rows = town.warehouse("SELECT * EXCLUDE (geometry) FROM zones").set_index("zone_id")
    figures = rows.loc[hidden, [c for c in rows if c in town.figures]]
    assert set(figures.columns[figures.notna().any()]) <= SUPPLY
    panels = town.warehouse("SELECT * FROM zone_details").set_index("zone_id")["detail"]
    for zone in hidden:
        panel = ZoneDetail.model_validate_json(panels[zone])
        assert not panel.published
        assert panel.privacy_note is not None
        known = {name for name, item in panel.indicators.items() if item.value is not None}
        assert known <= SUPPLY
        for day in (panel.typical_days.june, panel.typical_days.december):
            assert set(day.demand_kw) == {None}
            assert None not in day.supply_kw
        assert set(panel.monthly.consumption_kwh) == {None}
        assert None not in panel.monthly.yield_kwh
    row_texts = town.warehouse("SELECT row FROM zone_rows")["row"]
    for row in map(ZoneRow.model_validate_json, row_texts):
        if row.zone_id in hidden:
            given = (row.consumption_kwh, row.self_consumption, row.headroom_ratio)
            assert given == (None, None, None)
            assert (row.self_consumption_pooled, row.self_sufficiency) == (None, None)


def test_the_copy_for_downloads_says_no_more_of_a_hidden_zone(town, hidden):
    copy = gpd.read_parquet(town.build / "serving" / "zones.parquet").set_index("zone_id")
    figures = copy.loc[hidden, [c for c in copy if c in town.figures]]
    assert set(figures.columns[figures.notna().any()]) <= SUPPLY
    assert set(copy["privacy_note"].notna()[hidden]) == {True}


def test_tiles_and_exports_say_no_more_of_a_hidden_zone(town, hidden, tiles, exports):
    words = {"zone_id", "name", "zone_class", "confidence", "published"}
    for rows in tiles["zones"].values():
        for row in rows:
            if row["zone_id"] in hidden:
                assert set(row) <= SUPPLY | words
    frame = exports["zones"].set_index("zone_id").loc[hidden]
    figures = frame[[c for c in frame if c in town.figures]]
    assert set(figures.columns[figures.notna().any()]) <= SUPPLY
    groups = exports["sharing_groups"]
    shared = groups[groups["zone_id"].isin(hidden)]
    assert len(shared) == len(hidden)
    assert shared.filter(regex="_kwh|self_").isna().all(axis=None)


@pytest.mark.parametrize("layer", ["buildings", "roof_planes"])
def test_layers_of_buildings_know_nothing_of_demand(town, tiles, exports, layer):
    columns = set(exports[layer].columns)
    columns |= {key for rows in tiles[layer].values() for row in rows for key in row}
    columns |= set(town.warehouse(f"DESCRIBE {layer}")["column_name"])
    assert len(columns) > 10
    assert [c for c in sorted(columns) if any(part in c for part in ABOUT_DEMAND)] == []


def test_internal_tables_are_not_in_the_warehouse(town):
    query = "SELECT table_name FROM information_schema.tables"
    tables = set(town.warehouse(query)["table_name"])
    assert tables == {
        "zones",
        "buildings",
        "roof_planes",
        "supply_sites",
        "zone_rows",
        "zone_details",
        "documents",
        "places",
    }


@pytest.fixture(scope="module")
def secrets(town):
    """Figures of single buildings, by value: whoever publishes one publishes it to the last bit."""
    using = town.demand["consumption_kwh"] > 0.0
    rows = pd.concat([town.demand[using], town.balance("building").loc[using.index[using]]])
    rows["zone_id"] = town.buildings["zone_id"].reindex(rows.index).to_numpy()
    columns = [c for c in rows if c.endswith(("_kwh", "_kw")) and "yield" not in c]
    columns = [c for c in columns if pd.api.types.is_numeric_dtype(rows[c])]
    columns += ["self_consumption", "self_sufficiency"]
    long = rows.melt("zone_id", columns, value_name="figure").dropna(subset=["figure"])
    return long[(long["figure"] > 0.0) & (long["figure"] != 1.0)]


def published_numbers(town):
    """Every number in what the server and the catalogue hand out."""
    texts = [*town.warehouse("SELECT detail AS t FROM zone_details")["t"]]
    texts += [*town.warehouse("SELECT row AS t FROM zone_rows")["t"]]
    texts += [(town.build / n).read_text("utf-8") for n in ("published.json", "catalog.jsonld")]
    found = {n for text in texts for n in numbers_in(json.loads(text))}
    for layer in ("zones", "buildings", "roof_planes"):
        frame = town.warehouse(f"FROM {layer} SELECT * EXCLUDE (geometry)")
        found |= set(frame.select_dtypes("number").to_numpy().ravel().tolist())
    return found


def users(town):
    """Buildings with demand per zone."""
    using = town.demand[town.demand["consumption_kwh"] > 0.0]
    return using.groupby("zone_id").size()


def test_no_figure_of_a_single_building_is_published(town, secrets):
    several = users(town)[lambda n: n > 1].index
    inside = secrets[secrets["zone_id"].isin(several)]
    assert len(inside) > 2000
    assert set(inside["figure"]) & published_numbers(town) == set()


def test_no_zone_shows_the_demand_of_one_building(town, secrets):
    """A zone may be one block of flats: enough connections, and yet the building's own figure."""
    single = users(town)[lambda n: n == 1].index
    inside = secrets[secrets["zone_id"].isin(single)]
    assert set(inside["figure"]) & published_numbers(town) == set()


def test_subtraction_from_a_public_area_gives_no_hidden_zone(town, hidden):
    """A reader has the operator's totals and the shown zones; what remains must be many."""
    rows = town.areas.groupby("area_id")["published_kwh"]
    public = rows.sum()[rows.count() == 2]
    zone = town.demand["zone_id"]
    area = town.policy_zones["area_id"]
    attacked = 0
    for area_id, total in public.items():
        inside = area.index[area == area_id]
        kept = [z for z in inside if z in hidden]
        shown = town.figures["consumption_kwh"][[z for z in inside if z not in hidden]]
        here = town.demand[zone.isin(kept)]
        # The operator counts what passed the meters; own use of panels a reader has to guess.
        own = town.demand.filter(like="own_use_kwh")[zone.isin(inside)].sum().sum()
        assert total + own - shown.sum() == pytest.approx(here["consumption_kwh"].sum(), abs=1e-3)
        if not kept:
            continue
        attacked += 1
        assert len(kept) > 1
        assert here["connections"].sum() >= 10
        homes = here["residential_kwh"] / np.maximum(here["residential_connections"], 1.0)
        largest = max(homes.max(), here["non_residential_kwh"].max())
        assert largest <= 0.8 * here["consumption_kwh"].sum()
    assert attacked >= 1


def test_every_shown_zone_meets_the_rule_by_itself(town, hidden):
    for zone, here in town.demand.groupby("zone_id"):
        if zone in hidden:
            continue
        assert here["connections"].sum() >= 10
        homes = here["residential_kwh"] / np.maximum(here["residential_connections"], 1.0)
        largest = max(homes.max(), here["non_residential_kwh"].max())
        assert largest <= 0.8 * here["consumption_kwh"].sum()


def test_the_total_of_the_project_leaves_hidden_zones_out(town, hidden):
    shown = town.figures.drop(index=hidden)
    totals = town.published["totals"]
    assert totals["zones_with_demand"] == len(shown)
    assert totals["consumption_kwh"]["value"] == pytest.approx(shown["consumption_kwh"].sum())
    own = (shown["self_consumption"] * shown["annual_yield_kwh"]).sum()
    assert totals["self_consumption"] == pytest.approx(own / shown["annual_yield_kwh"].sum())


# ---- published.json ----


def test_published_json_follows_its_schema_and_equals_the_tables(town):
    text = (town.build / "published.json").read_bytes()
    project = PublishedProject.model_validate_json(text)
    totals = project.totals
    sums = town.buildings[["annual_yield_kwh", "capacity_kwp", "existing_kwp"]].sum()
    assert totals.annual_yield_kwh.value == pytest.approx(sums["annual_yield_kwh"])
    assert totals.capacity_kwp == pytest.approx(sums["capacity_kwp"])
    assert totals.existing_kwp == pytest.approx(sums["existing_kwp"])
    counts = (totals.zones, totals.buildings, totals.roof_planes)
    assert counts == (len(town.zones), len(town.buildings), len(town.planes))
    assert project.illustrative
    assert project.disclaimer
    classes = {c.id: c for c in project.classes}
    by_class = town.zones.groupby("zone_class").size()
    assert {name: c.zones for name, c in classes.items() if c.zones} == by_class.to_dict()
    known = town.figures["annual_yield_kwh"].groupby(town.zones["zone_class"]).sum()
    for name, total in known.items():
        assert classes[name].annual_yield_kwh == pytest.approx(total)
    west, south, east, north = town.zones.to_crs("EPSG:4326").total_bounds
    assert project.bounds_lonlat == pytest.approx((west, south, east, north), abs=1e-5)


def test_every_zone_has_a_row_and_a_panel_with_its_figures(town):
    rows = town.warehouse("SELECT row FROM zone_rows ORDER BY position")["row"]
    found = [ZoneRow.model_validate_json(row) for row in rows]
    assert {row.zone_id for row in found} == set(town.zones.index)
    yields = [row.annual_yield_kwh for row in found]
    assert yields == sorted(yields, reverse=True)
    details = town.warehouse("SELECT * FROM zone_details").set_index("zone_id")["detail"]
    for zone, text in details.items():
        panel = ZoneDetail.model_validate_json(text)
        for name, item in panel.indicators.items():
            expected = town.figures.loc[zone, name]
            assert (item.value is None) == np.isnan(expected)
            assert item.value is None or item.value == expected
        for record in (*panel.bottlenecks, *panel.opportunities):
            assert all((record.reason.nl, record.reason.fr, record.reason.en))
        assert all((panel.sentence.nl, panel.sentence.fr, panel.sentence.en))


def test_strongest_reasons_are_reasons_of_their_zones(town):
    for kind, column in (
        ("top_opportunities", "opportunities"),
        ("top_bottlenecks", "bottlenecks"),
    ):
        assert town.published[kind]
        for item in town.published[kind]:
            records = town.zones.loc[item["zone_id"], column]
            assert item["rule_id"] in {record["rule_id"] for record in records}
