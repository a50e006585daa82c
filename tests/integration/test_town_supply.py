"""Installed panels and sites of the embedded town, against what was put in."""

from __future__ import annotations

import json

import duckdb
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def buildings(town_build):
    return gpd.read_parquet(town_build.build / "buildings.parquet").set_index("building_id")


@pytest.fixture(scope="module")
def truth(town_build):
    return pd.read_csv(town_build.folder / "truth" / "demand.csv").set_index("building_id")


def test_panels_per_sector_sum_to_what_stands_there(town_build, buildings, truth):
    table = pd.read_csv(town_build.folder / "existing_pv.csv")
    known = table[table["installed_kwp"].notna()]
    assert len(known) > 5
    home = truth["use"].isin(("residential", "apartments"))
    category = home.map({True: "residential", False: "non_residential"})
    for row in known.itertuples():
        members = truth.index[(truth["area_id"] == row.area_id) & (category == row.category)]
        # What no roof could carry is in the manifest; here all of it fits.
        assert buildings.loc[members, "existing_kwp"].sum() == pytest.approx(
            row.installed_kwp, abs=0.01
        )
    facts = json.loads((town_build.build / "manifests" / "roofs.json").read_text("utf-8"))["facts"]
    assert facts["existing_pv"]["residual_kwp"] == pytest.approx(0.0, abs=0.05)


def test_what_the_register_knows_is_kept_and_the_rest_is_marked(town_build, buildings):
    register = gpd.read_file(town_build.folder / "buildings.gpkg").set_index("building_id")
    known = register.index[register["existing_kwp"].notna()]
    assert (
        buildings.loc[known, "existing_kwp"].tolist()
        == register.loc[known, "existing_kwp"].tolist()
    )
    guess = buildings["flags"].map(lambda flags: "existing_estimated" in list(flags))
    assert not guess[known].any()
    assert guess.sum() > 5
    some = buildings[guess]
    assert (some["existing_low_kwp"] <= some["existing_kwp"]).all()
    assert (some["existing_kwp"] <= some["existing_high_kwp"]).all()


def test_zone_intervals_hold_the_truth_nearly_always(town_build, buildings, truth):
    zones = gpd.read_parquet(town_build.build / "zones.parquet").set_index("zone_id")
    figures = pd.DataFrame(list(zones["indicators"]), index=zones.index)
    there = truth["existing_kwp"].groupby(buildings["zone_id"].reindex(truth.index)).sum()
    sure = figures.index[figures["existing_kwp"].notna()]
    inside = [
        figures.loc[zone, "existing_low_kwp"] - 0.1
        <= there[zone]
        <= figures.loc[zone, "existing_high_kwp"] + 0.1
        for zone in sure
        if buildings.loc[buildings["zone_id"] == zone, "existing_kwp"].notna().all()
    ]
    assert len(inside) > 5
    assert np.mean(inside) >= 0.8


def test_the_square_counts_in_its_zone_beside_the_roofs(town_build, buildings):
    sites = gpd.read_parquet(town_build.build / "supply_sites.parquet")
    drawn = gpd.read_file(town_build.folder / "parkings.gpkg")
    square = sites.iloc[0]
    taken = buildings.intersection(drawn.geometry.iloc[0]).area.sum()
    assert square["site_area_m2"] == pytest.approx(drawn.area.iloc[0] - taken, rel=0.01)
    # Trees stand on it, in life and in the heights.
    assert 0.0 < square["obstructed_share"] < 0.5
    zones = gpd.read_parquet(town_build.build / "zones.parquet").set_index("zone_id")
    figures = pd.DataFrame(list(zones["indicators"]), index=zones.index)
    assert figures.loc[square["zone_id"], "site_capacity_kwp"] == pytest.approx(
        square["capacity_kwp"]
    )
    assert figures["site_yield_kwh"].sum() == pytest.approx(square["annual_yield_kwh"])
    assert (figures["site_yield_kwh"] == 0.0).sum() == len(figures) - 1
    roofs = buildings.groupby("zone_id")["capacity_kwp"].sum()
    assert figures.loc[square["zone_id"], "capacity_kwp"] == pytest.approx(roofs[square["zone_id"]])


def test_estimates_per_building_are_not_published(town_build, buildings):
    published = json.loads((town_build.build / "published.json").read_text("utf-8"))
    assert "supply_sites" in {layer["id"] for layer in published["layers"]}
    total = published["totals"]["existing_kwp"]
    assert total == pytest.approx(buildings["existing_kwp"].sum())
    with duckdb.connect(str(town_build.build / "warehouse.duckdb"), read_only=True) as base:
        rows = base.sql("SELECT building_id, existing_kwp, additional_kwp FROM buildings").df()
        assert base.sql("SELECT count(*) FROM supply_sites").fetchone() == (1,)
    rows = rows.set_index("building_id")
    guess = buildings["flags"].map(lambda flags: "existing_estimated" in list(flags))
    assert rows.loc[buildings.index[guess]].isna().all().all()
