"""Probabilities of classes: time and memory of 200 draws, and how far they are from 20 000."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import numpy as np
from scipy.stats import norm

from zonnekaart.config import share_folder
from zonnekaart.io.rules import RuleFile, read_rules
from zonnekaart.quantities import INDICATORS, ZONE_CLASSES
from zonnekaart.zoning.classes import classify
from zonnekaart.zoning.confidence import Sampling, class_confidence
from zonnekaart.zoning.gap_effects import confidence_gains
from zonnekaart.zoning.indicators import derived_indicators
from zonnekaart.zoning.response import Change, ZoneInputs, respond

SIZES = (2_500, 25_000)
"""Zones of 25 000 buildings at ten each, and the worst case of one building in each."""
DRAWS, MANY = 200, 20_000
LOOP_ZONES, LOOP_DRAWS = 8, 4_000


def made_up_zones(count: int) -> tuple[dict[str, np.ndarray], ZoneInputs, list[str]]:
    """Zones of many kinds, most of them near one threshold or another."""
    rng = np.random.default_rng(count)
    used = rng.uniform(5, 20, count) * 1e4
    ratio = rng.uniform(0.3, 3.0, count)
    made = used * ratio
    own = np.clip(0.35 / ratio * rng.uniform(0.8, 1.2, count), 0.02, 0.95)
    pooled = np.clip(own + rng.uniform(0.0, 0.08, count), 0.0, 1.0)
    peak = made / 1000 * 0.7
    room = peak / rng.uniform(0.3, 4.0, count)
    figures = {name: np.full(count, np.nan) for name in INDICATORS}
    figures |= {
        "annual_yield_kwh": made, "annual_yield_low_kwh": 0.85 * made,
        "annual_yield_high_kwh": 1.15 * made, "consumption_kwh": used,
        "consumption_low_kwh": 0.8 * used, "consumption_high_kwh": 1.25 * used,
        "self_consumption": own, "self_sufficiency": own * ratio,
        "self_consumption_pooled": pooled, "self_sufficiency_pooled": pooled * ratio,
        "surplus_kwh": made * (1 - pooled), "residual_kwh": used - pooled * made,
        "peak_injection_kw": peak, "peak_offtake_kw": used / 4000,
        "connections": np.full(count, 20.0), "heritage_share": np.zeros(count),
        "survey_mismatch_share": np.zeros(count), "pv_headroom_low_kw": 0.6 * room,
        "pv_headroom_kw": room, "pv_headroom_high_kw": 1.5 * room,
        "headroom_ratio": peak / room,
    }  # fmt: skip
    figures |= derived_indicators(figures)
    return figures, ZoneInputs(made / 1000 * 0.75, used / 50_000), [f"z{i}" for i in range(count)]


def plain_loop(
    rules: RuleFile, figures: dict[str, np.ndarray], inputs: ZoneInputs, zone: int
) -> np.ndarray:
    """Probabilities of one zone, one draw at a time from plain random numbers."""
    rng = np.random.default_rng(zone)
    one = {name: values[zone : zone + 1] for name, values in figures.items()}
    near = inputs.of(slice(zone, zone + 1))
    assumed = rules.uncertainty
    edge = norm.ppf(0.5 + assumed.interval_coverage / 2)

    def factor(z: float, stem: str) -> float:
        end = "low" if z < 0 else "high"
        width = abs(np.log(one[f"{stem}_{end}_kwh"][0] / one[f"{stem}_kwh"][0]))
        return float(np.exp(z * width / edge))

    counts = np.zeros(len(ZONE_CLASSES))
    share = assumed.common_yield_share
    for _ in range(LOOP_DRAWS):
        weather, own, demand = rng.standard_normal(3)
        sun = np.sqrt(share) * weather + np.sqrt(1 - share) * own
        room = rng.triangular(*(one[f"pv_headroom_{end}kw"][0] for end in ("low_", "", "high_")))
        change = Change(
            np.array([[factor(sun, "annual_yield")]]),
            np.array([[factor(demand, "consumption")]]),
            np.array([[room]]),
        )
        codes, _ = classify(rules.rule_set.class_rules, respond(one, near, change), (1, 1))
        counts[codes[0, 0]] += 1
    return counts / LOOP_DRAWS


def main() -> None:
    folder = share_folder("data") / "rules"
    rules = read_rules("default", Path(), folder)
    steps = rules.rule_set.class_rules
    for count in SIZES:
        figures, inputs, ids = made_up_zones(count)
        sampling = Sampling(DRAWS, 1, rules.uncertainty)
        start = time.perf_counter()
        few = class_confidence(steps, figures, inputs, ids, sampling)
        middle = time.perf_counter()
        confidence_gains(steps, figures, inputs, ids, sampling)
        end = time.perf_counter()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{count} zones: {middle - start:.1f} s for {DRAWS} draws, "
            f"{end - middle:.1f} s for the gain of data, {peak:.0f} MB at most"
        )
    figures, inputs, ids = made_up_zones(SIZES[0])
    few = class_confidence(steps, figures, inputs, ids, Sampling(DRAWS, 1, rules.uncertainty))
    part = slice(0, 500)
    some = {name: values[part] for name, values in figures.items()}
    many = class_confidence(
        steps, some, inputs.of(part), ids[part], Sampling(MANY, 1, rules.uncertainty)
    )
    off = np.abs(few.probabilities[part] - many.probabilities)
    own = classify(steps, some, (500,))[0]
    of_class = off[np.arange(500), own]
    print(
        f"{DRAWS} against {MANY} draws, 500 zones: any class {off.max():.3f} at most, "
        f"{off.mean():.4f} on average; the zone's class {of_class.max():.3f} at most, "
        f"{of_class.mean():.4f} on average"
    )
    gains, fine = (
        confidence_gains(
            steps, some, inputs.of(part), ids[part], Sampling(200, s, rules.uncertainty)
        )
        for s in (1, 2)
    )
    for name, values in gains.items():
        off = np.abs(values - fine[name])
        print(
            f"gain of {name}: two seeds differ {off.max():.3f} at most, {off.mean():.4f} on average"
        )
    edge = np.argsort(many.probabilities.max(axis=1))[:LOOP_ZONES]
    worst = max(
        np.abs(plain_loop(rules, figures, inputs, int(z)) - many.probabilities[z]).max()
        for z in edge
    )
    noise = 3 * 0.5 / np.sqrt(LOOP_DRAWS)
    print(
        f"{MANY} draws against a plain loop of {LOOP_DRAWS}, the {LOOP_ZONES} least sure zones: "
        f"{worst:.3f} at most (three standard errors of the loop: {noise:.3f})"
    )


if __name__ == "__main__":
    main()
