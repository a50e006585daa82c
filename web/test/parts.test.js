import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError, failureOf, zonePath } from "../api.js";
import { rampBounds } from "../legend.js";
import { windOf } from "../popup.js";
import { matches, plain } from "../search.js";
import { stepHeight } from "../sheet.js";

test("a status becomes the failure that has a text", () => {
  assert.deepEqual([404, 503, 500, 429].map(failureOf), ["missing", "not_built", "broken", "busy"]);
  assert.match(new ApiError("missing", "/api/zones/x", 404).message, /\/api\/zones\/x: missing \(404\)/);
});

test("an id is escaped in its address", () => {
  assert.equal(zonePath("a/b c", ".csv"), "/api/zones/a%2Fb%20c.csv");
});

test("search looks past accents and puts the start of a name first", () => {
  assert.equal(plain(" Élan "), "elan");
  const rows = [{ zone_id: "1", name: "Oude Molen" }, { zone_id: "2", name: "Molenwijk" }, { zone_id: "mo", name: "Kerk" }, { zone_id: "4", name: "Zee" }];
  assert.deepEqual(matches("mo", rows).map((row) => row.name), ["Molenwijk", "Oude Molen", "Kerk"]);
  assert.deepEqual(matches("  ", rows), []);
});

test("azimuths become winds", () => {
  assert.deepEqual([0, 44, 180, 185, 270, 359].map(windOf), ["wind.n", "wind.ne", "wind.s", "wind.s", "wind.w", "wind.n"]);
});

test("the sheet stops at its ends", () => {
  assert.equal(stepHeight("half", 1), "full");
  assert.equal(stepHeight("full", 1), "full");
  assert.equal(stepHeight("peek", -2), "peek");
});

test("a ramp names bounds at their place", () => {
  const legend = [null, 300, 400, 500, 600].map((from, index) => ({ color: "#000", from, to: index < 4 ? 300 + 100 * index : null }));
  assert.deepEqual(rampBounds(legend), [
    { place: 0.2, text: "300" },
    { place: 0.6, text: "500" },
    { place: 0.8, text: "600" },
  ]);
});
