import assert from "node:assert/strict";
import { test } from "node:test";

import { edgesOf, filtered, formatRanges, histogram, isFiltered, parseRanges } from "../filters.js";
import { summed } from "../panel-overview.js";

const row = (zone_id, zone_class, annual_yield_kwh, confidence, rest = {}) => ({ zone_id, zone_class, annual_yield_kwh, confidence, ...rest });
const ROWS = [
  row("a", "delen", 1000, 0.9, { consumption_kwh: 500, self_consumption: 0.4, self_consumption_pooled: 0.5 }),
  row("b", "overschot", 3000, 0.4, { consumption_kwh: 1000, self_consumption: 0.2, self_consumption_pooled: 0.3 }),
  row("c", "onbekend", 2000, null, { consumption_kwh: null, self_consumption: null }),
];
const ids = (rows) => rows.map(({ zone_id }) => zone_id).join("");
const ALL = { classes: [], ranges: {}, sure: false };

test("classes, ranges and how sure it is work together", () => {
  assert.equal(ids(filtered(ROWS, ALL)), "abc");
  assert.equal(ids(filtered(ROWS, { ...ALL, sure: true })), "a");
  assert.equal(ids(filtered(ROWS, { ...ALL, ranges: { annual_yield_kwh: [1000, 2000] } })), "ac");
  assert.equal(ids(filtered(ROWS, { ...ALL, classes: ["delen"], ranges: { annual_yield_kwh: [2000, 9000] } })), "");
  assert.equal(isFiltered(ALL), false);
  assert.equal(isFiltered({ ...ALL, sure: true }), true);
});

test("a zone without the figure that is asked for is not shown", () => {
  assert.equal(ids(filtered(ROWS, { ...ALL, ranges: { consumption_kwh: [0, 1e9] } })), "ab");
});

test("a histogram leaves out its own range", () => {
  assert.equal(ids(filtered(ROWS, { ...ALL, ranges: { annual_yield_kwh: [0, 1] } }, "annual_yield_kwh")), "abc");
});

test("every known value falls in one bin", () => {
  const values = [0, 12.3456, 700, 3e5, 3.14159e6, null, undefined];
  for (const scale of ["log", "even"]) {
    const edges = edgesOf(values, scale);
    assert.equal(edges.length, 21);
    assert.deepEqual([...edges].sort((a, b) => a - b), edges);
    assert.equal(histogram(values, edges).reduce((sum, count) => sum + count, 0), 5, scale);
  }
  assert.deepEqual(edgesOf([5, 5, null], "log"), []);
  assert.deepEqual(edgesOf([null], "even"), []);
});

test("a link holds the ranges", () => {
  const ranges = { annual_yield_kwh: [1000, 5000], confidence: [0.25, 1] };
  assert.deepEqual(parseRanges(formatRanges(ranges)), ranges);
  for (const text of ["moon:1:2", "confidence:1", "confidence:b:c", "confidence:1:0"]) assert.equal(parseRanges(text), null, text);
});

test("sums weigh shares by yield and count who tells", () => {
  const { supply, demand, own, pooled, told } = summed(ROWS);
  assert.equal(supply, 6000);
  assert.equal(demand, 1500);
  assert.equal(told, 2);
  assert.ok(Math.abs(own - (400 + 600) / 4000) < 1e-12);
  assert.ok(Math.abs(pooled - (500 + 900) / 4000) < 1e-12);
  assert.equal(summed([]).own, null);
});
