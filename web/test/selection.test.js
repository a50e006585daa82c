import assert from "node:assert/strict";
import { test } from "node:test";

import { boxRing } from "../drawing.js";
import { areasOf, idsInside, inRing, sums } from "../selection.js";

const row = (id, values) => ({ zone_id: id, name: id, published: true, center_lonlat: [0, 0], ...values });

test("own use is that of the sum, not the mean of shares", () => {
  const rows = [
    row("a", { annual_yield_kwh: 900, consumption_kwh: 100, self_consumption: 0.1, self_sufficiency: 0.9 }),
    row("b", { annual_yield_kwh: 100, consumption_kwh: 300, self_consumption: 0.8, self_sufficiency: 80 / 300 }),
  ];
  const total = sums(rows);
  // 90 kWh and 80 kWh are used, of 1000 kWh and 400 kWh.
  assert.equal(total.self_consumption, 0.17);
  assert.ok(Math.abs(total.self_sufficiency - 170 / 400) < 1e-12);
  assert.equal(total.annual_yield_kwh, 1000);
});

test("demand that may not be shown is in no sum of demand, and is counted", () => {
  const rows = [
    row("a", { annual_yield_kwh: 100, consumption_kwh: 50, self_consumption: 0.5, capacity_kwp: 1 }),
    row("b", { annual_yield_kwh: 900, consumption_kwh: null, self_consumption: null, published: false, capacity_kwp: 9 }),
    row("c", { annual_yield_kwh: null, consumption_kwh: 7, self_consumption: null, published: false, capacity_kwp: null }),
  ];
  const total = sums(rows);
  assert.deepEqual([total.zones, total.hidden, total.consumption_kwh, total.self_consumption], [3, 2, 50, 0.5]);
  assert.deepEqual([total.annual_yield_kwh, total.capacity_kwp], [1000, 10]);
});

test("what is nowhere known is null and not 0", () => {
  const total = sums([row("a", { annual_yield_kwh: null })]);
  assert.deepEqual([total.annual_yield_kwh, total.consumption_kwh, total.buildings, total.self_consumption], [null, null, null, null]);
});

test("a zone counts when its middle lies in the shape", () => {
  const hollow = [[0, 0], [4, 0], [4, 4], [2, 1], [0, 4]];
  assert.equal(inRing([1, 1], hollow), true);
  assert.equal(inRing([2, 3], hollow), false);
  const rows = [row("in", { center_lonlat: [1, 1] }), row("out", { center_lonlat: [9, 9] })];
  assert.deepEqual(idsInside(rows, boxRing([0, 2], [2, 0])), ["in"]);
});

test("areas are those that hold zones, in the order in which people count", () => {
  const rows = [row("1", { area: "Wijk 10" }), row("2", { area: "Wijk 2" }), row("3", { area: "" }), row("4", { area: "Wijk 2" })];
  assert.deepEqual(areasOf(rows), [{ name: "Wijk 2", zones: 2 }, { name: "Wijk 10", zones: 1 }]);
});
