"""The page judges zones as the zoning does: the same random zones through both."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from zonnekaart.config import share_folder
from zonnekaart.io.rules import read_rules
from zonnekaart.quantities import ZONE_CLASSES
from zonnekaart.zoning.classes import classify
from zonnekaart.zoning.indicators import derived_indicators
from zonnekaart.zoning.response import Change, ZoneInputs, respond

REPLAY = Path(__file__).with_name("replay.mjs")
RULE_SETS = ("default", "ambitieus", "voorzichtig")
ZONES = 3000
UNKNOWN = 0.12
"""Share of figures that are not known."""


def steps_of(name):
    presets = share_folder("data") / "rules"
    return read_rules(name, presets, presets).rule_set.class_rules


def at_thresholds(rng, values, name):
    """Put some figures exactly on a threshold, where ≥ and > part."""
    limits = [
        c.threshold
        for rules in RULE_SETS
        for step in steps_of(rules)
        for c in step.conditions
        if c.indicator == name
    ]
    if limits:
        chosen = rng.random(ZONES) < 0.1
        values[chosen] = rng.choice(limits, chosen.sum())
    return values


def random_zones(rng):
    own = rng.uniform(0.05, 1.0, ZONES)
    figures = {
        "annual_yield_kwh": rng.lognormal(12, 1.5, ZONES),
        "consumption_kwh": rng.lognormal(12, 1.5, ZONES),
        "self_consumption": own,
        "self_consumption_pooled": np.minimum(own + rng.exponential(0.05, ZONES), 1.0),
        "peak_injection_kw": rng.lognormal(5, 1.0, ZONES),
        "peak_offtake_kw": rng.lognormal(5, 1.0, ZONES),
        "pv_headroom_kw": rng.lognormal(4.5, 1.0, ZONES),
        "headroom_ratio": rng.lognormal(0.5, 1.0, ZONES),
        "heritage_share": rng.random(ZONES),
        "connections": rng.lognormal(3, 1.0, ZONES),
        "survey_mismatch_share": rng.random(ZONES),
    }
    for name, values in figures.items():
        figures[name] = at_thresholds(rng, values, name)
        figures[name][rng.random(ZONES) < UNKNOWN] = np.nan
    return figures | derived_indicators(figures)


def sent(table):
    return {k: [None if np.isnan(v) else float(v) for v in values] for k, values in table.items()}


@pytest.fixture(scope="module")
def both():
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node; install Node 20 or later")
    rng = np.random.default_rng(20261124)
    figures = random_zones(rng)
    inputs = ZoneInputs(
        np.where(rng.random(ZONES) < UNKNOWN, np.nan, rng.lognormal(5.2, 1.0, ZONES)),
        rng.lognormal(2, 1.0, ZONES),
    )
    factors = rng.uniform(0.1, 2.5, (2, ZONES, 1))
    change = Change(factors[0], factors[1], figures["pv_headroom_kw"][:, None] * 1.3)
    ratio = (change.yield_factor / change.demand_factor)[:, 0]
    case = {
        "steps": {n: [asdict(step) for step in steps_of(n)] for n in RULE_SETS},
        "figures": sent(figures),
        "inputs": sent({"pvPeakKw": inputs.pv_peak_kw, "minLoadSunnyKw": inputs.min_load_sunny_kw}),
        "change": sent(
            {
                "ownRatio": ratio,
                "pooledRatio": ratio,
                "yieldFactor": change.yield_factor[:, 0],
                "demandFactor": change.demand_factor[:, 0],
                "sunnyDemandFactor": change.demand_factor[:, 0],
                "headroomKw": change.headroom_kw[:, 0],
            }
        ),
    }
    said = subprocess.run(  # noqa: S603 - the page's own modules
        [node, str(REPLAY)], input=json.dumps(case), capture_output=True, text=True, check=True
    )
    return figures, respond(figures, inputs, change), json.loads(said.stdout)


@pytest.mark.parametrize("name", RULE_SETS)
def test_the_page_gives_every_zone_the_same_class(both, name):
    figures, _, page = both
    codes, _ = classify(steps_of(name), figures, (ZONES,))
    assert len(set(codes)) >= 5
    assert page["classes"][name] == [ZONE_CLASSES[code] for code in codes]


@pytest.mark.parametrize("name", RULE_SETS)
def test_the_page_gives_the_same_class_after_a_change(both, name):
    _, after, page = both
    codes, _ = classify(steps_of(name), after, (ZONES, 1))
    same = [ZONE_CLASSES[code] for code in codes[:, 0]]
    # The last bit of a power may differ between the two; only a figure on a threshold would tell.
    assert sum(a != b for a, b in zip(page["after"][name], same, strict=True)) == 0


def test_the_page_gives_the_same_figures_after_a_change(both):
    _, after, page = both
    asked = set(page["figures"])
    assert {"self_consumption_pooled", "headroom_ratio", "surplus_kwh"} <= asked
    for name in asked:
        here = np.broadcast_to(after[name], (ZONES, 1))[:, 0]
        there = np.array([np.nan if v is None else v for v in page["figures"][name]])
        np.testing.assert_allclose(there, here, rtol=1e-9, atol=1e-6, err_msg=name)
