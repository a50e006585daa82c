"""Zones under scenarios and rule sets: the map itself is one of them, hidden zones stay hidden."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas import GeoDataFrame, GeoSeries

from zonnekaart.config import parse_project, share_folder
from zonnekaart.energy.hosting import Range
from zonnekaart.errors import NotBuiltError, TableError
from zonnekaart.io.rules import read_rules
from zonnekaart.io.vector import write_parquet
from zonnekaart.pipelines import zone_scenarios as module
from zonnekaart.pipelines.runs import StageContext
from zonnekaart.pipelines.zone_figures import Frames, ZoneGrid, ZoneTable
from zonnekaart.pipelines.zone_scenarios import BASE, scenario_files, zone_scenarios
from zonnekaart.quantities import INDICATORS
from zonnekaart.zoning.response import ZoneInputs

ZONES = ["a", "b", "hidden"]
BALANCE = pd.DataFrame(
    {
        "unit": "zone", "unit_id": ZONES, "annual_yield_kwh": 1e5, "consumption_kwh": 5e4,
        "self_consumption": [0.2, 0.6, 0.2], "self_sufficiency": 0.4,
        "self_consumption_pooled": [0.22, 0.62, 0.22], "self_sufficiency_pooled": 0.44,
        "peak_injection_kw": 90.0, "peak_offtake_kw": 20.0, "pv_peak_kw": 100.0,
        "min_load_sunny_kw": 5.0,
    }
)  # fmt: skip


def grid(_context, _frames, _assumed, factor=1.0):
    """Cabins with a room of their own, in place of those of stage grid."""
    room = Range(*(np.full(3, factor * kw) for kw in (30.0, 40.0, 60.0)))
    return ZoneGrid(room, np.full(3, np.nan), np.zeros(3, dtype=bool))


def table(frames, served):
    """Figures that rest on the balance and the cabins alone, in place of the real gathering."""
    rating = served.headroom
    here = frames.balance.set_index("unit_id")
    figures = {name: np.full(len(ZONES), np.nan) for name in INDICATORS}
    for name in set(here.columns) & set(INDICATORS):
        figures[name] = here[name].to_numpy(dtype=float)
    room = {"low": rating.low, "": rating.central, "high": rating.high}
    for end, values in room.items():
        figures[f"pv_headroom_{end}_kw".replace("__", "_")] = values
    figures["headroom_ratio"] = figures["peak_injection_kw"] / rating.central
    figures["surplus_share"] = 1.0 - figures["self_consumption_pooled"]
    figures["sharing_gain"] = figures["self_consumption_pooled"] - figures["self_consumption"]
    figures["yield_demand_ratio"] = figures["annual_yield_kwh"] / figures["consumption_kwh"]
    figures["connections"] = np.full(len(ZONES), 20.0)
    figures["heritage_share"] = figures["survey_mismatch_share"] = np.zeros(len(ZONES))
    inputs = ZoneInputs(here["pv_peak_kw"].to_numpy(), here["min_load_sunny_kw"].to_numpy())
    nothing = np.zeros(len(ZONES))
    return ZoneTable(
        ZONES, ZONES, ["cell"] * 3, GeoSeries([shapely.Point()] * 3), figures, inputs,
        nothing, nothing.astype(bool), nothing.astype(bool),
    )  # fmt: skip


@pytest.fixture
def case(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "zone_table", table)
    monkeypatch.setattr(module, "zone_grid", grid)
    empty = pd.DataFrame()
    frames = Frames(GeoDataFrame({"zone_id": ZONES}), empty, empty, empty, empty, BALANCE)
    standard = (share_folder("data") / "scenarios" / "potentieel.toml").read_text(encoding="utf-8")
    own = standard.replace('id = "potentieel"', 'id = "kabel"\nrules = "voorzichtig"')
    own += (
        '\n[grid]\nheadroom_factor = 4.0\nsource = "own assumption: a thicker cable"\n'
        'basis = "own assumption"\n'
    )
    (tmp_path / "kabel.toml").write_text(own, encoding="utf-8")
    source = {"path": "absent.file"}
    project = parse_project(
        {
            "project": {"name": "Kabel", "crs": "EPSG:31370"},
            "inputs": {"dsm": source, "buildings": source, "weather": source},
            "scenarios": {"ids": ["kabel.toml"]},
            "zoning": {"draws": 50},
        },
        tmp_path / "zonnekaart.toml",
    )
    context = StageContext(project, tmp_path)
    write_parquet(BALANCE.assign(scenario="kabel"), tmp_path / "scenarios.parquet")
    return context, frames, np.array([False, False, True])


def of(frame, scenario, rules):
    here = frame[(frame["scenario_id"] == scenario) & (frame["rule_set"] == rules)]
    return here.set_index("zone_id")


def test_every_scenario_stands_under_every_rule_set(case):
    frame = zone_scenarios(*case)
    assert len(frame) == 2 * 3 * len(ZONES)
    assert set(frame["rule_set"]) == {"default", "voorzichtig", "ambitieus"}
    chosen = frame[frame["chosen"]].groupby("scenario_id")["rule_set"].unique()
    assert list(chosen[BASE]) == ["default"]
    assert list(chosen["kabel"]) == ["voorzichtig"]


def test_a_factor_on_the_cabins_moves_the_headroom_and_the_class_and_nothing_else(case):
    frame = zone_scenarios(*case)
    today, cable = of(frame, BASE, "default"), of(frame, "kabel", "default")
    assert cable.at["a", "pv_headroom_kw"] == 4 * today.at["a", "pv_headroom_kw"]
    assert (today.at["a", "zone_class"], cable.at["a", "zone_class"]) == ("overschot", "delen")
    assert today.at["b", "zone_class"] == cable.at["b", "zone_class"] == "eigen_gebruik"
    assert cable.at["a", "annual_yield_kwh"] == today.at["a", "annual_yield_kwh"]


def test_hidden_zones_stay_hidden_everywhere(case):
    frame = zone_scenarios(*case)
    hidden = frame[frame["zone_id"] == "hidden"]
    assert (hidden["zone_class"] == "onbekend").all()
    for name in ("consumption_kwh", "self_consumption", "headroom_ratio", "surplus_kwh"):
        assert hidden[name].isna().all()
    assert hidden["annual_yield_kwh"].notna().all()


def test_a_balance_of_an_older_version_asks_to_be_made_again(case):
    context, frames, hidden = case
    write_parquet(
        BALANCE.assign(scenario="kabel").drop(columns="pv_peak_kw"),
        context.build / "scenarios.parquet",
    )
    with pytest.raises(TableError, match="run stage scenarios"):
        zone_scenarios(context, frames, hidden)
    (context.build / "scenarios.parquet").unlink()
    with pytest.raises(NotBuiltError):
        zone_scenarios(context, frames, hidden)


def test_without_scenarios_only_the_rule_sets_are_compared(case):
    context, frames, hidden = case
    scenarios = context.project.scenarios.model_copy(update={"ids": ()})
    project = context.project.model_copy(update={"scenarios": scenarios})
    frame = zone_scenarios(dataclasses.replace(context, project=project), frames, hidden)
    assert set(frame["scenario_id"]) == {BASE}
    names = {path.name for path in scenario_files(project, context.build)}
    assert names == {"default.toml", "voorzichtig.toml", "ambitieus.toml"}


def test_the_rule_sets_are_those_of_the_files(case):
    context, *_ = case
    folder = share_folder("data") / "rules"
    for rules_id, rules in module.rule_sets(context.project).items():
        assert rules.rule_set == read_rules(rules_id, folder, folder).rule_set
