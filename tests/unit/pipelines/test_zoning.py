"""The stage on a made-up town of seven zones whose classes are known by hand."""

from __future__ import annotations

import dataclasses
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely

from zonnekaart.config import parse_project
from zonnekaart.errors import NotBuiltError, RulesError, VectorError
from zonnekaart.io.vector import read_parquet, write_geoparquet, write_layer, write_parquet
from zonnekaart.pipelines.runs import StageContext, run_stage
from zonnekaart.pipelines.zoning import COLUMN_TYPES, OUTPUT, STAGE, rule_file
from zonnekaart.quantities import INDICATORS, ZONE_CLASSES

CRS = "EPSG:31370"
HOMES = 20
SOURCE = {"path": "absent.file"}
COLUMNS = [
    "zone_id", "name", "kind", "zone_class", "confidence", "class_probabilities", "indicators",
    "bottlenecks", "opportunities", "flips", "gaps", "actions", "sentence", "published",
    "privacy_note", "geometry",
]  # fmt: skip

# zone: capacity per home kWp, consumption per home kWh, own and pooled self-consumption, heritage
TOWN = {
    "own": (4.0, 6000.0, 0.62, 0.66, "none"),
    "share": (6.0, 6000.0, 0.34, 0.48, "none"),
    "surplus": (25.0, 3500.0, 0.10, 0.13, "none"),
    "demand": (1.0, 8000.0, 0.95, 0.99, "none"),
    "check": (6.0, 6000.0, 0.34, 0.48, "protected"),
    "blank": (6.0, np.nan, np.nan, np.nan, "none"),
    "tiny": (6.0, 6000.0, 0.34, 0.48, "none"),
}
EXPECTED = {
    "own": "eigen_gebruik",
    "share": "delen",
    "surplus": "overschot",
    "demand": "vraag",
    "check": "toets",
    "blank": "onbekend",
    "tiny": "onbekend",
}


def homes_of(zone: str) -> int:
    return 6 if zone == "tiny" else HOMES


def area_of(zone: str) -> str:
    """The tiny zone lies in the area whose total is not published."""
    return "A-blank" if zone == "tiny" else f"A-{zone}"


@pytest.fixture
def frames():
    rows, zones, balance = [], [], []
    for column, (zone, (kwp, kwh, own, pooled, heritage)) in enumerate(TOWN.items()):
        west = column * 200.0
        zones.append((zone, f"Zone {zone}", "cell", shapely.box(west, 0, west + 200, 200)))
        n = homes_of(zone)
        for home in range(n):
            x, y = west + 5 + 9 * home, 20.0
            rows.append(
                {
                    "building_id": f"{zone}-{home}", "zone_id": zone, "area_id": area_of(zone),
                    "geometry": shapely.box(x, y, x + 8, y + 10), "use": "residential",
                    "dwellings": 1, "footprint_area_m2": 80.0, "floor_area_m2": 150.0,
                    "height_m": 8.0, "roof_area_m2": 100.0, "capacity_kwp": kwp,
                    "existing_kwp": 0.2, "additional_kwp": kwp - 0.2,
                    "annual_yield_kwh": 900 * kwp, "annual_yield_low_kwh": 800 * kwp,
                    "annual_yield_high_kwh": 1000 * kwp, "survey_mismatch": False, "flags": [],
                    "heritage": heritage, "owner": "private", "consumption_kwh": kwh,
                }
            )  # fmt: skip
        made, used = 900 * kwp * n, kwh * n
        peak = 0.8 * kwp * n
        balance.append(
            {
                "unit": "zone", "unit_id": zone, "annual_yield_kwh": made,
                "consumption_kwh": used, "self_consumption": own,
                "self_sufficiency": own * made / used, "self_consumption_pooled": pooled,
                "self_sufficiency_pooled": pooled * made / used,
                "surplus_kwh": made * (1 - own), "residual_kwh": used - made * own,
                "peak_injection_kw": peak - 0.3 * n if np.isfinite(used) else np.nan,
                "peak_offtake_kw": 1.2 * n, "pv_peak_kw": peak,
                "min_load_sunny_kw": 0.25 * n if np.isfinite(used) else np.nan,
            }
        )  # fmt: skip
    buildings = gpd.GeoDataFrame(rows, crs=CRS)
    demand = pd.DataFrame(
        {
            "building_id": buildings["building_id"], "zone_id": buildings["zone_id"],
            "area_id": buildings["area_id"], "consumption_kwh": buildings["consumption_kwh"],
            "consumption_low_kwh": 0.8 * buildings["consumption_kwh"],
            "level_low_kwh": buildings["consumption_kwh"],
            "level_high_kwh": buildings["consumption_kwh"],
            "consumption_high_kwh": 1.2 * buildings["consumption_kwh"],
            "residential_kwh": buildings["consumption_kwh"], "non_residential_kwh": 0.0,
            "profile": "h25", "connections": 1.0, "status": "measured",
            "residential_connections": 1.0, "non_residential_connections": 0.0,
            "flags": [[] for _ in range(len(buildings))],
        }
    )  # fmt: skip
    totals = demand.groupby("area_id")["consumption_kwh"].agg(lambda v: v.sum(skipna=False))
    areas = pd.DataFrame(
        {
            "area_id": totals.index, "category": "residential", "published_kwh": totals.to_numpy(),
            "connections": demand.groupby("area_id").size().to_numpy(), "covered_share": 1.0,
            "covered_share_low": 1.0, "covered_share_high": 1.0,
            "total_kwh": totals.to_numpy(), "total_low_kwh": totals.to_numpy(),
            "total_high_kwh": totals.to_numpy(),
            "spread_kwh": totals.to_numpy(), "residual_kwh": 0.0, "status": "measured",
        }
    )  # fmt: skip
    return {
        "policy_zones": gpd.GeoDataFrame(
            zones, columns=["zone_id", "name", "kind", "geometry"], crs=CRS
        ),
        "buildings": buildings.drop(columns="consumption_kwh"),
        "roof_planes": pd.DataFrame(
            {
                "building_id": buildings["building_id"],
                "plane_id": buildings["building_id"] + "-0",
                "roof_area_m2": 100.0,
                "usable_area_m2": 60.0,
                "annual_irradiation_kwh_m2": 980.0,
            }
        ),
        "demand": demand,
        "demand_areas": areas,
        "balance": pd.DataFrame(balance),
    }


def project_in(folder, **tables):
    inputs = {"dsm": SOURCE, "buildings": SOURCE, "weather": SOURCE}
    raw = {
        "project": {"name": "Hand", "crs": CRS},
        "inputs": inputs | tables.pop("inputs", {}),
        "privacy": {"k": 10, "dominance": 0.8},
        **tables,
    }  # fmt: skip
    return parse_project(raw, folder / "zonnekaart.toml")


def build(frames, folder, **tables):
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        if isinstance(frame, gpd.GeoDataFrame):
            write_geoparquet(frame, folder / f"{name}.parquet")
        else:
            write_parquet(frame, folder / f"{name}.parquet")
    context = StageContext(project_in(folder, **tables), folder)
    facts = STAGE.work(context)
    return gpd.read_parquet(folder / OUTPUT).set_index("zone_id", drop=False), facts


def test_each_zone_gets_the_class_known_by_hand(frames, tmp_path):
    zones, facts = build(frames, tmp_path)
    assert zones["zone_class"].to_dict() == EXPECTED
    assert facts["zones"] == 7
    assert facts["classes"]["onbekend"] == 2


def test_columns_and_nested_types_are_the_contract(frames, tmp_path):
    zones, _ = build(frames, tmp_path)
    assert list(zones.columns) == COLUMNS
    schema = pq.read_schema(tmp_path / OUTPUT)
    for name, arrow_type in COLUMN_TYPES.items():
        assert schema.field(name).type == arrow_type, name
    assert set(zones.iloc[0]["indicators"]) == set(INDICATORS)
    assert set(zones.iloc[0]["class_probabilities"]) == set(ZONE_CLASSES)


def test_a_zone_with_few_connections_shows_nothing_of_its_demand(frames, tmp_path):
    zones, facts = build(frames, tmp_path)
    tiny = zones.loc["tiny"]
    assert not tiny["published"]
    assert "10 aansluitingen" in tiny["privacy_note"]
    for name in ("consumption_kwh", "self_consumption", "pv_headroom_kw", "yield_demand_ratio"):
        assert tiny["indicators"][name] is None
    assert tiny["indicators"]["annual_yield_kwh"] == pytest.approx(6 * 6.0 * 900)
    told = [*tiny["bottlenecks"], *tiny["opportunities"], *tiny["flips"]]
    assert all(row["indicator"] in ("used_share", "mean_irradiation_kwh_m2") for row in told)
    assert facts["suppressed"]["few"] == 1


def test_sliders_get_the_room_under_each_rule_set_and_nothing_of_hidden_zones(frames, tmp_path):
    zones, _ = build(frames, tmp_path)
    levers = read_parquet(tmp_path / "zone_levers.parquet")
    assert list(dict.fromkeys(levers["rule_set"])) == ["default", "ambitieus", "voorzichtig"]
    room = levers.pivot(index="zone_id", columns="rule_set", values="pv_headroom_kw")
    shown = zones["published"]
    own = zones["indicators"].map(lambda row: row["pv_headroom_kw"])
    np.testing.assert_allclose(room["default"], own.reindex(room.index).astype(float))
    open_ = room[shown.reindex(room.index).to_numpy(dtype=bool)]
    assert (open_["voorzichtig"] <= open_["default"]).all()
    assert (open_["default"] <= open_["ambitieus"]).all()
    hidden = levers[~levers["zone_id"].map(shown).to_numpy(dtype=bool)]
    assert len(hidden) > 0
    assert hidden[["pv_headroom_kw", "min_load_sunny_kw"]].isna().all(axis=None)


def test_the_neighbour_in_the_same_area_is_kept_back_so_that_subtraction_fails(frames, tmp_path):
    # With "tiny" in the area of "share", that area's public total minus "share" would be "tiny".
    plain, _ = build(frames, tmp_path / "plain")
    assert plain.loc["share", "published"]
    demand, areas = frames["demand"], frames["demand_areas"]
    demand.loc[demand["zone_id"] == "tiny", "area_id"] = "A-share"
    areas.loc[areas["area_id"] == "A-share", "published_kwh"] += 6 * 6000.0
    zones, facts = build(frames, tmp_path / "shared")
    assert facts["suppressed"]["secondary"] == 1
    assert not zones.loc["share", "published"]
    assert "af te leiden" in zones.loc["share", "privacy_note"]
    assert zones.loc["share", "zone_class"] == "onbekend"
    assert zones.loc["share", "indicators"]["consumption_kwh"] is None


def test_indicators_are_the_sums_by_hand(frames, tmp_path):
    zones, _ = build(frames, tmp_path)
    own = zones.loc["own", "indicators"]
    assert own["capacity_kwp"] == pytest.approx(80.0)
    assert own["existing_kwp"] == pytest.approx(4.0)
    assert own["used_share"] == pytest.approx(0.05)
    assert own["buildings"] == own["dwellings"] == own["connections"] == 20
    assert own["annual_yield_low_kwh"] == pytest.approx(64_000)
    assert own["consumption_kwh"] == pytest.approx(120_000)
    # Errors of spreading cancel: half-width 1 200 kWh per home in quadrature.
    assert own["consumption_high_kwh"] == pytest.approx(120_000 + 1200 * np.sqrt(20))
    assert own["usable_share"] == pytest.approx(0.6)
    assert own["sharing_gain"] == pytest.approx(0.04)
    assert own["surplus_share"] == pytest.approx(0.34)
    assert own["pv_headroom_low_kw"] < own["pv_headroom_kw"] < own["pv_headroom_high_kw"]
    assert own["headroom_ratio"] == pytest.approx(58.0 / own["pv_headroom_kw"])


def test_probabilities_add_up_and_confidence_is_that_of_the_class(frames, tmp_path):
    zones, _ = build(frames, tmp_path)
    for zone in zones.itertuples():
        assert sum(zone.class_probabilities.values()) == pytest.approx(1.0)
        assert zone.confidence == pytest.approx(zone.class_probabilities[zone.zone_class])
    assert zones.loc["demand", "confidence"] == 1.0


def test_every_zone_says_what_is_missing_and_what_to_do(frames, tmp_path):
    zones, _ = build(frames, tmp_path)
    assert zones.loc["surplus", "gaps"][0] == "MIS-01"
    assert zones.loc["surplus", "actions"][0] == "rec06"
    assert zones.loc["check", "actions"][0] == "rec15"
    assert "MIS-08" in zones.loc["blank", "gaps"]
    for zone in zones.itertuples():
        for text in zone.sentence.values():
            assert text
            assert "{" not in text
            assert "–" not in text


def test_the_result_does_not_depend_on_the_order_of_buildings_or_zones(frames, tmp_path):
    first, _ = build(frames, tmp_path / "a")
    for name in ("buildings", "demand", "policy_zones", "balance"):
        frames[name] = frames[name].iloc[::-1].reset_index(drop=True)
    second, _ = build(frames, tmp_path / "b")
    for zone in first.index:
        one, two = first.loc[zone], second.loc[zone]
        assert one["zone_class"] == two["zone_class"]
        assert one["confidence"] == two["confidence"]
        assert one["indicators"] == two["indicators"]


def test_cabins_of_the_operator_narrow_the_range(frames, tmp_path):
    cabins = gpd.GeoDataFrame(
        {"cabin_id": ["c1"], "kva": [400.0]}, geometry=[shapely.Point(100, 100)], crs=CRS
    )
    tmp_path.joinpath("in").mkdir()
    write_layer(cabins, tmp_path / "in" / "cabins.gpkg", "GPKG", layer="cabins")
    wide, _ = build(frames, tmp_path / "wide")
    table = {"path": str(tmp_path / "in" / "cabins.gpkg"), "rated_kva_column": "kva"}
    narrow, facts = build(frames, tmp_path / "narrow", inputs={"cabins": table})

    def width(zones):
        own = zones.loc["own", "indicators"]
        return own["pv_headroom_high_kw"] / own["pv_headroom_low_kw"]

    assert width(narrow) < width(wide)
    assert facts["zones_with_operator_cabins"] == 7
    assert "MIS-01" not in narrow.loc["own", "gaps"][:1]


def test_ratings_in_mva_are_refused(frames, tmp_path):
    cabins = gpd.GeoDataFrame({"kva": [0.4]}, geometry=[shapely.Point(100, 100)], crs=CRS)
    write_layer(cabins, tmp_path / "cabins.gpkg", "GPKG", layer="cabins")
    table = {"path": str(tmp_path / "cabins.gpkg"), "rated_kva_column": "kva"}
    with pytest.raises(VectorError, match="MVA"):
        build(frames, tmp_path / "b", inputs={"cabins": table})


def test_stage_without_earlier_stages_says_which_to_run(tmp_path):
    with pytest.raises(NotBuiltError, match="run stage roofs first"):
        run_stage(STAGE, StageContext(project_in(tmp_path), tmp_path))


def test_stage_is_skipped_when_nothing_changed_and_runs_for_other_rules(frames, tmp_path):
    build(frames, tmp_path)
    context = StageContext(project_in(tmp_path), tmp_path)
    assert run_stage(STAGE, context).status == "done"
    assert run_stage(STAGE, context).status == "unchanged"
    other = project_in(tmp_path, zoning={"rules": "voorzichtig"})
    assert run_stage(STAGE, dataclasses.replace(context, project=other)).status == "done"
    manifest = json.loads((tmp_path / "manifests" / "zoning.json").read_text())
    assert manifest["facts"]["rule_set"]["id"] == "voorzichtig"


def test_a_faulty_rule_file_leaves_the_earlier_result(frames, tmp_path):
    build(frames, tmp_path)
    before = (tmp_path / OUTPUT).read_bytes()
    (tmp_path / "own.toml").write_text('id = "own"\nbased_on = "default"\nthresholds = {x = 1.0}\n')
    with pytest.raises(RulesError, match="thresholds"):
        build(frames, tmp_path, zoning={"rules": "own.toml"})
    assert (tmp_path / OUTPUT).read_bytes() == before


@pytest.mark.parametrize("preset", ["default", "voorzichtig", "ambitieus"])
def test_presets_are_read_by_name(tmp_path, preset):
    rules = rule_file(project_in(tmp_path, zoning={"rules": preset}))
    assert rules.rule_set.id == preset
    assert len(rules.rule_set.rules) >= 12


def test_without_draws_the_confidence_is_not_known(frames, tmp_path):
    zones, _ = build(frames, tmp_path, zoning={"draws": 0})
    assert zones["confidence"].isna().all()
    assert zones["zone_class"].to_dict() == EXPECTED
