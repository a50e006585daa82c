import assert from "node:assert/strict";
import { test } from "node:test";

import { areaPath, hourly, largest, linePath, niceMax } from "../charts.js";

const x = (index) => index * 10;
const y = (value) => 100 - value;

test("an axis ends at a round number above the largest value", () => {
  assert.deepEqual([0, 0.7, 1, 820, 1001, 2.41e6].map(niceMax), [1, 0.8, 1, 1000, 1500, 3e6]);
});

test("a gap breaks the line", () => {
  assert.equal(linePath([1, 2, null, 4], x, y), "M0.0 99.0L10.0 98.0M30.0 96.0");
  assert.equal(linePath([null], x, y), "");
});

test("an area closes on zero", () => {
  assert.equal(areaPath([5, 10], x, y), "M0.0 95.0L10.0 90.0L10.0 100.0L0.0 100.0Z");
});

test("hours are means; an unknown quarter makes the hour unknown", () => {
  assert.deepEqual(hourly([1, 2, 3, 4, 5, null, 5, 5]), [2.5, null]);
});

test("the largest value looks past what is unknown", () => {
  assert.equal(largest([[1, null], [NaN, 7]]), 7);
  assert.equal(largest([[null]]), 0);
});
