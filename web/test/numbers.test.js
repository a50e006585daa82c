import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { date, indicator, indicatorRange, monthNames, number, percent, quantity, range, scaleOf, setNumberLanguage } from "../numbers.js";

const N = "\u202f";
const S = "\u00a0";

beforeEach(() => setNumberLanguage("nl"));

test("groups with a thin space and uses the Belgian decimal comma", () => {
  assert.equal(number(1234.5, { maximumFractionDigits: 1 }), `1${N}234,5`);
  assert.equal(number(1234567, { maximumSignificantDigits: 3 }), `1${N}230${N}000`);
  setNumberLanguage("fr");
  assert.equal(number(1234.5, { maximumFractionDigits: 1 }), `1${N}234,5`);
  setNumberLanguage("en");
  assert.equal(number(1234.5, { maximumFractionDigits: 1 }), `1${N}234.5`);
});

test("writes a true minus and no minus zero", () => {
  assert.equal(number(-12), "−12");
  assert.equal(number(-0), "0");
});

test("climbs the ladder of units", () => {
  assert.equal(quantity(1_830_000, "kWh"), `1,83${S}GWh`);
  assert.equal(quantity(999, "kWh"), `999${S}kWh`);
  assert.equal(quantity(1000, "kWp"), `1${S}MWp`);
  assert.equal(quantity(420, "kW"), `420${S}kW`);
  assert.equal(quantity(1061.3, "kWh/m2"), `1${N}060${S}kWh/m²`);
  assert.deepEqual(scaleOf([2_000_000, null], "kWh"), { factor: 1e-6, unit: "GWh" });
});

test("unknown is a dash, zero is zero", () => {
  for (const unknown of [null, undefined, NaN, Infinity]) assert.equal(quantity(unknown, "kWh"), "–");
  assert.equal(percent(null), "–");
  assert.equal(quantity(0, "kWh"), `0${S}kWh`);
  assert.equal(percent(0), `0${S}%`);
});

test("percentages are whole, small ones keep one figure", () => {
  assert.equal(percent(0.382), `38${S}%`);
  assert.equal(percent(0.0042), `0,4${S}%`);
});

test("ranges share one unit and vanish without width", () => {
  assert.equal(range(280, 560, "kW"), `280–560${S}kW`);
  assert.equal(range(1_600_000, 2_020_000, "kWh"), `1,6–2${S}GWh`);
  assert.equal(range(280, null, "kW"), "");
  assert.equal(range(5, 5, "kW"), "");
  assert.equal(indicatorRange("self_consumption", 0.34, 0.41, "-"), `34–41${S}%`);
});

test("an indicator is written as its kind asks", () => {
  assert.equal(indicator("self_consumption", 0.38, "-"), `38${S}%`);
  assert.equal(indicator("headroom_ratio", 1.43, "-"), `1,4${S}×`);
  assert.equal(indicator("buildings", 4567, "count"), `4${N}567`);
  assert.equal(indicator("pv_headroom_kw", 420, "kW"), `420${S}kW`);
});

test("dates are whole words; what is no date passes", () => {
  assert.equal(date("2026-11-23T11:00:00Z"), "23 november 2026");
  assert.equal(date("2013/2015"), "2013/2015");
  assert.equal(date(null), "–");
  assert.equal(monthNames()[11], "december");
});
