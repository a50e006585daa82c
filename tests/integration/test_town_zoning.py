"""Classes, reasons and tipping points of the embedded town, judged again from the file's text."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from zonnekaart.zoning.response import Change, ZoneInputs, respond

COMPARE = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


def holds(figures, condition):
    """True, False, or None where it cannot be said."""
    value = figures[condition["indicator"]]
    if np.isnan(value):
        return None
    return bool(COMPARE[condition["comparison"]](value, condition["threshold"]))


def class_of(figures, rules):
    """The class by the file's own words: the first step that holds, unknown said aloud."""
    for step in rules["classes"]:
        answers = [holds(figures, condition) for condition in step["all"]]
        if all(answer is True for answer in answers):
            return step["class"]
        if False not in answers and step["when_unknown"] == "onbekend":
            return "onbekend"
    return "onbekend"


def test_the_class_follows_from_the_figures_that_are_shown(town, rule_file):
    found = {z: class_of(row, rule_file) for z, row in town.figures.iterrows()}
    assert found == town.zones["zone_class"].to_dict()
    assert len(set(found.values())) >= 5


def test_exactly_the_rules_whose_threshold_is_crossed_are_told(town, rule_file):
    for zone, figures in town.figures.iterrows():
        for kind, column in (("bottleneck", "bottlenecks"), ("opportunity", "opportunities")):
            told = {record["rule_id"]: record for record in town.zones.loc[zone, column]}
            expected = [
                rule
                for rule in rule_file["rules"]
                if rule["kind"] == kind
                and {"any", town.zones.loc[zone, "kind"]} & set(rule["applies_to"]["kinds"])
                and all(holds(figures, c) for c in [rule, *rule["applies_to"].get("when", [])])
            ]
            assert set(told) == {rule["id"] for rule in expected}
            for rule in expected:
                record = told[rule["id"]]
                assert record["value"] == figures[rule["indicator"]]
                for name in ("indicator", "threshold", "unit", "severity", "comparison"):
                    assert record[name] == rule[name]


def test_every_flip_flips_to_its_class_and_not_before(town, rule_file):
    tried = 0
    sides = town.balance("zone").reindex(town.zones.index)
    for zone, figures in town.figures.iterrows():
        here = sides.loc[[zone]]
        inputs = ZoneInputs(here["pv_peak_kw"].to_numpy(), here["min_load_sunny_kw"].to_numpy())
        for flip in town.zones.loc[zone, "flips"]:
            assert flip["value"] == figures[flip["indicator"]]
            past = moved(figures, inputs, flip, 1.0 + 1e-9)
            before = moved(figures, inputs, flip, 1.0 - 1e-6)
            assert class_of(past, rule_file) == flip["to_class"]
            assert class_of(before, rule_file) == town.zones.loc[zone, "zone_class"]
            assert flip["to_class"] != town.zones.loc[zone, "zone_class"]
            tried += 1
    assert tried > 20


def moved(figures, inputs, flip, reach):
    """Figures after one of them went `reach` of the way from its value to where the class flips."""
    name, value = flip["indicator"], flip["value"]
    new = value + (flip["flips_at"] - value) * reach
    if name not in {"annual_yield_kwh", "consumption_kwh", "pv_headroom_kw"}:
        return {**figures, name: new}
    one = np.ones((1, 1))
    change = Change(
        one * new / value if name == "annual_yield_kwh" else one,
        one * new / value if name == "consumption_kwh" else one,
        one * (new if name == "pv_headroom_kw" else figures["pv_headroom_kw"]),
    )
    columns = {key: np.array([number]) for key, number in figures.items()}
    return {key: float(v[0, 0]) for key, v in respond(columns, inputs, change).items()}


def test_confidence_is_the_probability_of_the_class(town):
    for row in town.zones.itertuples():
        assert sum(row.class_probabilities.values()) == pytest.approx(1.0)
        assert row.confidence == pytest.approx(row.class_probabilities[row.zone_class])


def test_figures_of_a_zone_agree_with_each_other(town):
    f = town.figures[town.zones["published"]]
    assert (f["capacity_kwp"] >= f["used_share"].fillna(0.0) * f["existing_kwp"].fillna(0.0)).all()
    expected = {
        "sharing_gain": f["self_consumption_pooled"] - f["self_consumption"],
        "surplus_share": f["surplus_kwh"] / f["annual_yield_kwh"],
        "yield_demand_ratio": f["annual_yield_kwh"] / f["consumption_kwh"],
        "headroom_ratio": f["peak_injection_kw"] / np.maximum(f["pv_headroom_kw"], 1.0),
    }
    for name, values in expected.items():
        assert f[name].to_numpy() == pytest.approx(values.to_numpy(), rel=1e-9, abs=1e-9)
    for stem, unit in (("annual_yield", "kwh"), ("consumption", "kwh"), ("pv_headroom", "kw")):
        assert (f[f"{stem}_low_{unit}"] <= f[f"{stem}_{unit}"]).all()
        assert (f[f"{stem}_{unit}"] <= f[f"{stem}_high_{unit}"]).all()


def test_supply_of_zones_is_that_of_their_buildings(town):
    sums = town.buildings.groupby("zone_id")
    for name in ("capacity_kwp", "annual_yield_kwh", "dwellings"):
        found = sums[name].sum().reindex(town.figures.index).to_numpy(dtype=float)
        assert town.figures[name].to_numpy() == pytest.approx(found, rel=1e-9)
    counts = sums.size().reindex(town.figures.index)
    assert town.figures["buildings"].to_numpy() == pytest.approx(counts.to_numpy())
