import assert from "node:assert/strict";
import { test } from "node:test";

import { csvCell, sorted, toCsv } from "../table.js";

const ROWS = [
  { name: "Wijk 10", zone_class: "vraag", annual_yield_kwh: 5 },
  { name: "Wijk 2", zone_class: "delen", annual_yield_kwh: null },
  { name: "Abdij", zone_class: "toets", annual_yield_kwh: 9 },
];
const names = (order) => sorted(ROWS, order, (row) => row.zone_class).map((row) => row.name);

test("names sort as people count", () => {
  assert.deepEqual(names({ key: "name", descending: false }), ["Abdij", "Wijk 2", "Wijk 10"]);
});

test("unknown comes last in both directions", () => {
  assert.deepEqual(names({ key: "annual_yield_kwh", descending: true }), ["Abdij", "Wijk 10", "Wijk 2"]);
  assert.deepEqual(names({ key: "annual_yield_kwh", descending: false }), ["Wijk 10", "Abdij", "Wijk 2"]);
});

test("classes sort by their word and the list itself stays", () => {
  assert.deepEqual(names({ key: "zone_class", descending: false }), ["Wijk 2", "Abdij", "Wijk 10"]);
  assert.equal(ROWS[0].name, "Wijk 10");
});

test("a cell of the file is quoted and never a formula", () => {
  assert.equal(csvCell('a "b", c'), '"a ""b"", c"');
  assert.equal(csvCell("=1+1"), "'=1+1");
  assert.equal(csvCell(-4.5), "-4.5");
  assert.equal(csvCell(null), "");
  assert.match(toCsv([{ zone_id: "z1", name: "A", bottlenecks: 0 }]), /^zone_id,name,.*\r\nz1,A,,,,,,,,,0\r\n$/s);
});
