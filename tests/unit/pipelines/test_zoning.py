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

from zonnekaart.config import ZoneOverride, parse_project
from zonnekaart.errors import ConfigError, NotBuiltError, RulesError
from zonnekaart.io.vector import read_parquet, write_geoparquet, write_layer, write_parquet
from zonnekaart.pipelines.cabins import CabinSet, cabin_set
from zonnekaart.pipelines.grid import Sunny, building_loads, cabin_table
from zonnekaart.pipelines.runs import StageContext, run_stage
from zonnekaart.pipelines.zone_grid import CABIN_AREAS, CABIN_MEMBERS, assumptions
from zonnekaart.pipelines.zoning import COLUMN_TYPES, OUTPUT, STAGE, read_frames, rule_file
from zonnekaart.quantities import INDICATORS, ZONE_CLASSES

CRS = "EPSG:31370"
HOMES = 20
SOURCE = {"path": "absent.file"}
COLUMNS = [
    "zone_id", "name", "kind", "zone_class", "confidence", "class_probabilities", "indicators",
    "bottlenecks", "opportunities", "flips", "gaps", "gap_effects", "actions", "action_effects",
    "certainty", "certainty_text", "sentence", "computed_class", "overrides", "published",
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
    hang_on_cabins(context)
    facts = STAGE.work(context)
    return gpd.read_parquet(folder / OUTPUT).set_index("zone_id", drop=False), facts


def hang_on_cabins(context):
    """Write what stage grid would: the cabins that are given, else one for each zone."""
    project, frames = context.project, read_frames(context)
    assumed = assumptions(project, rule_file(project))
    zone = frames.zone_of(frames.buildings["zone_id"])
    zones = frames.zones
    if project.inputs.cabins is None:
        cabins = CabinSet(
            zones[["geometry"]].assign(
                cabin_id=zones["zone_id"], origin="generated",
                given_kva=np.nan, given_headroom_kw=np.nan,
            ),
            zone,
        )  # fmt: skip
    else:
        loads = building_loads(frames, assumed)
        shapes = zones.geometry.to_numpy()
        cabins = cabin_set(project, frames.buildings, loads.shared, shapes, assumed)
    balance = frames.balance.set_index("unit_id").reindex(zones["zone_id"])
    cabin_of_zone = pd.Series(cabins.member).groupby(zone).first()
    sums = balance[["pv_peak_kw", "min_load_sunny_kw"]].groupby(cabin_of_zone.to_numpy()).sum()
    sunny = Sunny(*(sums[name].to_numpy() for name in sums))
    areas, members = cabin_table(frames, cabins, sunny, assumed)
    write_geoparquet(areas, context.build / CABIN_AREAS)
    write_parquet(members, context.build / CABIN_MEMBERS)


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


def test_heritage_that_the_street_sees_is_told_apart_from_what_it_does_not_see(frames, tmp_path):
    planes = frames["roof_planes"]
    planes["capacity_kwp"] = frames["buildings"]["capacity_kwp"].to_numpy()
    before, _ = build(frames, tmp_path / "before")
    assert before.loc["check", "indicators"]["heritage_visible_share"] is None
    told = [row["rule_id"] for row in before.loc["check", "bottlenecks"]]
    assert "erfgoed-zichtbaar" not in told
    views = planes[["plane_id", "building_id"]].copy()
    views["visible_share"] = np.where(np.arange(len(views)) % 2, 1.0, 0.0)
    views["seen_from"] = "roads"
    frames["roof_visibility"] = views.iloc[::-1]
    zones, _ = build(frames, tmp_path / "after")
    check = zones.loc["check", "indicators"]
    both = check["heritage_visible_share"] + check["heritage_hidden_share"]
    assert both == pytest.approx(check["heritage_share"])
    assert check["visible_capacity_share"] == pytest.approx(0.5, abs=0.1)
    assert "erfgoed-zichtbaar" in [row["rule_id"] for row in zones.loc["check", "bottlenecks"]]
    assert "erfgoed-onzichtbaar" in [row["rule_id"] for row in zones.loc["check", "opportunities"]]
    assert zones.loc["own", "indicators"]["heritage_visible_share"] == 0.0
    views["seen_from"] = "open_ground"
    frames["roof_visibility"] = views
    zones, _ = build(frames, tmp_path / "bound")
    bound = zones.loc["check", "indicators"]
    assert bound["heritage_hidden_share"] == check["heritage_hidden_share"]
    assert bound["heritage_visible_share"] is None
    assert bound["visible_capacity_share"] is None


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
        {"cabin_id": ["c1"], "kva": [400.0]}, geometry=[shapely.Point(700, 100)], crs=CRS
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


def test_a_full_medium_voltage_grid_is_a_bottleneck_and_moves_no_class(frames, tmp_path):
    layer = gpd.GeoDataFrame({"kw": [60.0]}, geometry=[shapely.box(0, 0, 350, 200)], crs=CRS)
    write_layer(layer, tmp_path / "mv.gpkg", "GPKG", layer="mv")
    table = {"path": str(tmp_path / "mv.gpkg"), "capacity_column": "kw", "unit": "kW"}
    zones, facts = build(frames, tmp_path / "b", inputs={"mv_capacity": [table]})
    assert facts["headroom_method"] == "zonnekaart"
    told = {
        zone_id: row["value"]
        for zone_id, rows in zones["bottlenecks"].items()
        for row in rows
        if row["rule_id"] == "mv-vol"
    }
    # Both zones have the whole 60 kW: it is one capacity, and no part of it is anybody's.
    assert told == {"own": 60.0, "share": 60.0}
    assert zones["zone_class"].to_dict() == EXPECTED


def test_the_italian_bands_leave_less_room(frames, tmp_path):
    plain, _ = build(frames, tmp_path / "a")
    bands, facts = build(frames, tmp_path / "b", grid={"method": "e-distribuzione"})
    assert facts["headroom_method"] == "e-distribuzione"
    for zone in ("own", "share", "surplus"):
        one, two = plain.loc[zone, "indicators"], bands.loc[zone, "indicators"]
        assert two["pv_headroom_kw"] < one["pv_headroom_low_kw"] < one["pv_headroom_high_kw"]
        # Least load 0.25 kW of 20 homes, less 4 kWp that stand at 0.8.
        assert two["pv_headroom_kw"] == pytest.approx(20 * 0.25 - 4.0 * 0.8)


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


def test_the_map_is_one_of_the_cases_that_can_be_compared(frames, tmp_path):
    zones, _ = build(frames, tmp_path, zoning={"rules": "voorzichtig"})
    cases = pd.read_parquet(tmp_path / "zone_scenarios.parquet").set_index("zone_id")
    own = cases[(cases["scenario_id"] == "vandaag") & cases["chosen"]]
    assert set(own["rule_set"]) == {"voorzichtig"}
    assert own["zone_class"].to_dict() == zones["zone_class"].to_dict()
    assert own["confidence"].to_dict() == zones["confidence"].to_dict()
    assert own.loc["tiny", "consumption_kwh"] != own.loc["tiny", "consumption_kwh"]


def test_gains_and_effects_tell_nothing_of_a_hidden_zone(frames, tmp_path):
    zones, _ = build(frames, tmp_path)
    for effect in zones.loc["tiny", "action_effects"]:
        assert effect["gain_eur_central"] is None or np.isnan(effect["gain_eur_central"])
    told = {e["source_id"]: e["confidence_gain"] for e in zones.loc["share", "gap_effects"]}
    assert told["MIS-01"] >= 0.0
    ranking = pd.read_parquet(tmp_path / "gap_ranking.parquet")
    assert ranking["rank"].tolist() == list(range(1, len(ranking) + 1))
    assert (ranking["zones_touched"] <= len(zones)).all()


def test_effects_stand_in_the_order_of_the_actions(frames, tmp_path):
    zones, _ = build(frames, tmp_path)
    for zone in zones.itertuples():
        assert [e["action_id"] for e in zone.action_effects] == list(zone.actions)
    assert zones.loc["share", "certainty"] in {"sure", "likely", "doubt"}
    assert pd.isna(zones.loc["blank", "certainty"])


def test_without_draws_the_confidence_is_not_known(frames, tmp_path):
    zones, _ = build(frames, tmp_path, zoning={"draws": 0})
    assert zones["confidence"].isna().all()
    assert zones["zone_class"].to_dict() == EXPECTED


def signed(**what):
    return {"by": "Dienst", "date": "2026-01-05", "reason": "Eigen kennis", **what}


def by_hand(*overrides):
    return {"zoning": {"overrides": [signed(**one) for one in overrides]}}


def test_a_class_set_by_hand_wins_and_the_computed_one_is_kept(frames, tmp_path):
    plain, _ = build(frames, tmp_path / "plain")
    zones, facts = build(
        frames, tmp_path / "set", **by_hand({"zone_id": "own", "zone_class": "toets"})
    )
    own = zones.loc["own"]
    assert (own["zone_class"], own["computed_class"]) == ("toets", "eigen_gebruik")
    (record,) = own["overrides"]
    assert (record["original_class"], record["zone_class"]) == ("eigen_gebruik", "toets")
    assert (record["by"], record["date"], record["reason"]) == (
        "Dienst",
        "2026-01-05",
        "Eigen kennis",
    )
    assert record["indicator"] is None
    assert len(own["flips"]) == 0
    assert own["confidence"] == own["class_probabilities"]["toets"]
    assert own["sentence"]["nl"].endswith("volgens Dienst: Eigen kennis")
    assert own["sentence"]["en"].endswith("according to Dienst: Eigen kennis")
    assert own["indicators"] == plain.loc["own", "indicators"]
    assert own["actions"].tolist() != plain.loc["own", "actions"].tolist()
    rest = zones.drop(index="own")
    assert rest["zone_class"].to_dict() == plain.drop(index="own")["zone_class"].to_dict()
    assert (rest["computed_class"] == rest["zone_class"]).all()
    assert facts["zones_with_overrides"] == 1


def test_a_figure_set_by_hand_moves_what_rests_on_it(frames, tmp_path):
    plain, _ = build(frames, tmp_path / "plain")
    room = {"zone_id": "surplus", "indicator": "pv_headroom_kw", "value": 4000.0}
    zones, _ = build(frames, tmp_path / "set", **by_hand(room))
    before, after = (z.loc["surplus", "indicators"] for z in (plain, zones))
    for end in ("low_", "", "high_"):
        assert after[f"pv_headroom_{end}kw"] == 4000.0
    assert after["headroom_ratio"] == pytest.approx(before["peak_injection_kw"] / 4000.0)
    assert after["peak_injection_kw"] == before["peak_injection_kw"]
    surplus = zones.loc["surplus"]
    assert (surplus["zone_class"], surplus["computed_class"]) == ("delen", "overschot")
    (record,) = surplus["overrides"]
    assert record["original_value"] == before["pv_headroom_kw"]
    assert record["unit"] == "kW"


def test_a_demand_set_by_hand_keeps_energy_closed(frames, tmp_path):
    demand = {"zone_id": "share", "indicator": "consumption_kwh", "value": 240_000.0}
    zones, _ = build(frames, tmp_path, **by_hand(demand))
    f = zones.loc["share", "indicators"]
    assert f["yield_demand_ratio"] == pytest.approx(f["annual_yield_kwh"] / 240_000.0)
    used = f["self_consumption_pooled"] * f["annual_yield_kwh"]
    assert f["surplus_kwh"] == pytest.approx(f["annual_yield_kwh"] - used)
    assert f["residual_kwh"] == pytest.approx(240_000.0 - used)


def test_a_figure_that_nothing_rests_on_is_replaced_alone(frames, tmp_path):
    plain, _ = build(frames, tmp_path / "plain")
    heritage = {"zone_id": "share", "indicator": "heritage_share", "value": 0.5}
    zones, _ = build(frames, tmp_path / "set", **by_hand(heritage))
    changed = {
        name
        for name, value in zones.loc["share", "indicators"].items()
        if value != plain.loc["share", "indicators"][name]
    }
    assert changed == {"heritage_share"}
    assert zones.loc["share", "zone_class"] == "toets"


@pytest.mark.parametrize(
    ("override", "found"),
    [
        ({"zone_id": "nowhere", "zone_class": "delen"}, r"overrides\.1\.zone_id.*zone nowhere"),
        ({"zone_id": "own", "zone_class": "geel"}, r"overrides\.1\.zone_class.*'geel'"),
        ({"zone_id": "own", "zone_class": "delen", "reason": ""}, r"overrides\.1\.reason"),
        ({"zone_id": "own", "zone_class": "delen", "date": "2999-01-01"}, r"1\.date.*2999-01-01"),
        (
            {"zone_id": "own", "zone_class": "delen", "date": "2026-02-31"},
            r"1\.date.*2026-02-31",
        ),
        ({"zone_id": "share", "zone_class": "vraag"}, r"overrides\.1: found a second zone_class"),
        (
            {"zone_id": "own", "indicator": "sunshine", "value": 1.0},
            r"overrides\.1\.indicator.*sunsh",
        ),
        (
            {"zone_id": "own", "indicator": "heritage_share", "value": 7.0},
            r"overrides\.1\.value.*0 and 1",
        ),
        ({"zone_id": "own", "indicator": "heritage_share"}, r"overrides\.1.*indicator and value"),
        ({"zone_id": "own"}, r"overrides\.1.*either zone_class"),
        (
            {"zone_id": "tiny", "indicator": "consumption_kwh", "value": 9.0},
            r"1\.indicator.*not be shown",
        ),
    ],
)
def test_a_bad_override_is_named_by_its_place(frames, tmp_path, override, found):
    good = {"zone_id": "share", "zone_class": "toets"}
    with pytest.raises(ConfigError, match=found):
        build(frames, tmp_path, **by_hand(good, override))
    assert not (tmp_path / OUTPUT).exists()


def test_a_class_set_by_hand_is_no_island(frames, tmp_path):
    frames["policy_zones"].loc[:, "kind"] = "cell"
    build(frames, tmp_path / "plain")
    build(frames, tmp_path / "set", **by_hand({"zone_id": "tiny", "zone_class": "toets"}))
    classes = [
        gpd.read_parquet(tmp_path / name / "advised_zones.parquet").set_index("advised_id")
        for name in ("plain", "set")
    ]
    assert not any("tiny" in ids for ids in classes[0].index)
    assert classes[1].loc["adv-tiny", "zone_class"] == "toets"


def test_the_classes_that_may_be_set_are_those_there_are():
    for name in ZONE_CLASSES:
        assert ZoneOverride(**signed(zone_id="z", zone_class=name)).zone_class == name
