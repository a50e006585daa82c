import assert from "node:assert/strict";
import { test } from "node:test";

import { choicesOf, handleKey, settingOf } from "../comparison.js";
import { baseLevers } from "../levers.js";
import { LiveModel, baseSetting, nearness } from "../live.js";

const condition = (indicator, comparison, threshold) => ({ indicator, comparison, threshold });
const steps = (limit) => [
  { id: "vraag", zone_class: "vraag", when_unknown: "onbekend", conditions: [condition("yield_demand_ratio", "<", 0.5)] },
  { id: "overschot", zone_class: "overschot", when_unknown: "onbekend", conditions: [condition("headroom_ratio", ">", limit)] },
  { id: "delen", zone_class: "delen", when_unknown: "onbekend", conditions: [] },
];
const texts = (text) => ({ nl: text, fr: text, en: text });
const DOCUMENT = {
  zone_ids: ["a", "b", "hidden"],
  hidden: [false, false, true],
  indicators: {
    annual_yield_kwh: [200_000, 100_000, 50_000],
    consumption_kwh: [100_000, 100_000, null],
    self_consumption: [0.3, 0.4, null],
    self_consumption_pooled: [0.35, 0.5, null],
    peak_injection_kw: [150, 60, null],
    capacity_kwp: [220, 110, 55],
    dwellings: [30, 30, 8],
  },
  pv_peak_kw: [170, 80, 40],
  min_load_sunny_kw: [8, 8, null],
  rules: [
    { id: "default", title: texts("gewoon"), steps: steps(2), pv_headroom_kw: [50, 50, null] },
    { id: "voorzichtig", title: texts("voorzichtig"), steps: steps(1), pv_headroom_kw: [40, 40, null] },
  ],
  scenarios: [
    { id: "vol", title: texts("vol"), note: texts("-"), year: 2026, levers: { adoption: 1, saving: 0, heat_pumps: 0, cars: 0, batteries: 0 }, figures: {} },
    {
      id: "helft",
      title: texts("helft"),
      note: texts("-"),
      year: 2030,
      levers: { adoption: 0.5, saving: 0, heat_pumps: 0, cars: 0, batteries: 0 },
      figures: {
        annual_yield_kwh: [90_000, 40_000, null],
        consumption_kwh: [100_000, 100_000, null],
        self_consumption: [0.31, 0.42, null],
        self_consumption_pooled: [0.5, 0.7, null],
        peak_injection_kw: [66, 20, null],
        capacity_kwp: [100, 45, null],
      },
    },
  ],
  assumptions: { heat_pump_kwh: 3500, heat_pump_match: 0.7, cars_per_dwelling: 1, car_kwh: 2000, car_match: 0.9, battery_kwh_per_kwp: 1.2, battery_efficiency: 0.9 },
};
const row = (zone_id, zone_class, figures = {}) => ({ ...figures, zone_id, name: zone_id, zone_class, confidence: 0.8, center_lonlat: [4, 51], bounds_lonlat: [4, 51, 4, 51] });
const ROWS = [row("b", "delen"), row("a", "overschot"), row("hidden", "onbekend", { annual_yield_kwh: 50_000, consumption_kwh: null })];
const model = () => new LiveModel(DOCUMENT, ROWS);
const classes = (outcome) => outcome.rows.map((found) => found.zone_class);

test("at rest the zones are those that were computed", () => {
  const outcome = model().judge(baseSetting());
  assert.ok(outcome.base);
  assert.equal(outcome.changed, 0);
  assert.deepEqual(classes(outcome), ["delen", "overschot", "onbekend"]);
  assert.equal(outcome.rows[1].capacity_kwp, 220);
});

test("at a scenario the figures are those that were computed in full", () => {
  const setting = { levers: { ...baseLevers(), adoption: 0.5 }, rules: null };
  const outcome = model().judge(setting);
  assert.equal(outcome.scenario.id, "helft");
  const [b, a] = outcome.rows;
  for (const [found, place] of [[a, 0], [b, 1]]) {
    for (const [name, column] of Object.entries(DOCUMENT.scenarios[1].figures)) {
      if (name in found) assert.ok(Math.abs(found[name] - column[place]) < 1e-6 * column[place], `${name} ${found[name]}`);
    }
  }
  assert.deepEqual(classes(outcome), ["vraag", "delen", "onbekend"]);
  assert.equal(outcome.changed, 2);
});

test("between scenarios figures pass smoothly", () => {
  const figure = (adoption) => model().judge({ levers: { ...baseLevers(), adoption }, rules: null }).rows[1].annual_yield_kwh;
  const steps = [0.5, 0.51, 0.52, 0.53].map(figure);
  steps.slice(1).forEach((value, index) => assert.ok(Math.abs(value - steps[index]) < 4000, `${steps}`));
  assert.equal(nearness({ ...baseLevers(), adoption: 0.5 }, { ...baseLevers(), adoption: 0.5 }), 1);
  assert.equal(nearness(baseLevers(), { ...baseLevers(), cars: 1 }), 0);
});

test("other rules judge with their own limits and room", () => {
  const outcome = model().judge({ levers: baseLevers(), rules: "voorzichtig" });
  assert.ok(!outcome.base);
  assert.deepEqual(classes(outcome), ["overschot", "overschot", "onbekend"]);
  assert.ok(Math.abs(outcome.rows[0].headroom_ratio - 60 / 40) < 1e-9);
});

test("a hidden zone keeps what was published, whatever the sliders", () => {
  for (const adoption of [0.1, 0.5, 0.9]) {
    const found = model().judge({ levers: { ...baseLevers(), adoption, cars: 1, headroom: 3 }, rules: "voorzichtig" }).rows[2];
    assert.equal(found.zone_class, "onbekend");
    assert.equal(found.consumption_kwh, null);
    assert.equal(found.annual_yield_kwh, 50_000);
  }
});

test("a zone of another class does not borrow how sure the first was", () => {
  const [b] = model().judge({ levers: baseLevers(), rules: "voorzichtig" }).rows;
  assert.equal(b.confidence, null);
});

test("a scenario that changes nothing is not offered twice", () => {
  const choices = choicesOf(model().document).map(({ choice }) => choice);
  assert.deepEqual(choices, ["base", "scenario.helft", "rules.voorzichtig"]);
  for (const choice of choices) assert.ok(settingOf(model().document, choice), choice);
  assert.equal(settingOf(model().document, "scenario.gone"), null);
});

test("the handle goes by steps and stays on the map", () => {
  assert.equal(handleKey("ArrowRight", 0.5), 0.52);
  assert.equal(handleKey("PageDown", 0.05), 0);
  assert.equal(handleKey("End", 0.2), 1);
  assert.equal(handleKey("Tab", 0.2), null);
});
