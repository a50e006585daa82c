import assert from "node:assert/strict";
import { test } from "node:test";

import { LEVERS, baseLevers, formatLevers, isBase, parseLevers, pull } from "../levers.js";

const ASSUMED = { heat_pump_kwh: 3500, heat_pump_match: 0.7, cars_per_dwelling: 1, car_kwh: 2000, car_match: 0.9, battery_kwh_per_kwp: 1.2, battery_efficiency: 0.9 };
const column = (...values) => Float64Array.from(values);
/** Two zones: one that tells all, one whose demand may not be shown. */
const FOUND = {
  annual_yield_kwh: column(200_000, 80_000),
  consumption_kwh: column(100_000, NaN),
  self_consumption: column(0.3, NaN),
  self_sufficiency: column(0.6, NaN),
  self_consumption_pooled: column(0.36, NaN),
  self_sufficiency_pooled: column(0.72, NaN),
  peak_injection_kw: column(150, NaN),
  capacity_kwp: column(220, 90),
  dwellings: column(30, 12),
};
const INPUTS = { pvPeakKw: column(170, 70), minLoadSunnyKw: column(8, NaN) };
const HEADROOM = column(100, NaN);
const pulled = (change) => pull(FOUND, INPUTS, HEADROOM, { ...baseLevers(), ...change }, ASSUMED);
const close = (a, b) => assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)), `${a} is not ${b}`);

test("levers at rest change nothing", () => {
  const figures = pulled({});
  for (const name of Object.keys(FOUND)) close(figures[name][0], FOUND[name][0]);
  close(figures.headroom_ratio[0], 1.5);
});

test("fewer roofs: less yield and peak, the same use in one building, more when pooled", () => {
  const figures = pulled({ adoption: 0.5 });
  close(figures.annual_yield_kwh[0], 100_000);
  close(figures.capacity_kwp[0], 110);
  close(figures.peak_injection_kw[0], 150 - 170 * 0.5);
  close(figures.self_consumption[0], 0.3);
  assert.ok(figures.self_consumption_pooled[0] > 0.36);
});

test("cars and heat pumps add their kWh once per home", () => {
  close(pulled({ cars: 1 }).consumption_kwh[0], 100_000 + 30 * 2000);
  close(pulled({ heat_pumps: 0.5 }).consumption_kwh[0], 100_000 + 15 * 3500);
  close(pulled({ saving: 0.2 }).consumption_kwh[0], 80_000);
  assert.ok(pulled({ cars: 1 }).self_consumption[0] > 0.3);
});

test("batteries never use more than is left over or asked for", () => {
  for (const batteries of [0.1, 0.5, 1]) {
    const figures = pulled({ batteries });
    assert.ok(figures.self_consumption[0] > 0.3 && figures.self_consumption_pooled[0] >= figures.self_consumption[0]);
    assert.ok(figures.self_sufficiency[0] <= 1 && figures.surplus_kwh[0] >= 0);
  }
});

test("headroom is a factor on the room and on nothing else", () => {
  const figures = pulled({ headroom: 2 });
  close(figures.headroom_ratio[0], 0.75);
  close(figures.self_consumption[0], 0.3);
});

test("what may not be shown stays unknown under every lever", () => {
  const figures = pulled({ adoption: 0.4, cars: 0.5, heat_pumps: 0.5, batteries: 0.5, saving: 0.1, headroom: 0.5 });
  for (const name of ["consumption_kwh", "self_consumption", "self_consumption_pooled", "peak_injection_kw", "headroom_ratio", "surplus_share"]) {
    assert.ok(Number.isNaN(figures[name][1]), name);
  }
});

test("a link holds what differs, within its limits", () => {
  assert.equal(formatLevers(baseLevers()), "");
  assert.ok(isBase(parseLevers(`adoption:1`)));
  assert.equal(parseLevers("adoption:7").adoption, LEVERS.find(({ key }) => key === "adoption").max);
  assert.equal(parseLevers("adoption:half"), null);
  const levers = { ...baseLevers(), saving: 0.15, headroom: 1.25 };
  assert.deepEqual(parseLevers(formatLevers(levers)), levers);
});
