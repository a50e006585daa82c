import assert from "node:assert/strict";
import { test } from "node:test";

import { belongsTo, scaleOpacity, zoneFilter } from "../layers.js";

test("opacity is multiplied inside expressions on zoom, never around them", () => {
  assert.equal(scaleOpacity(undefined, 0.5), 0.5);
  assert.equal(scaleOpacity(0.6, 0.5), 0.3);
  assert.deepEqual(scaleOpacity(["interpolate", ["linear"], ["zoom"], 15, 0.6, 16, ["case", ["get", "x"], 0.2, 0.4]], 0.5), [
    "interpolate",
    ["linear"],
    ["zoom"],
    15,
    0.3,
    16,
    ["*", 0.5, ["case", ["get", "x"], 0.2, 0.4]],
  ]);
  assert.deepEqual(scaleOpacity(["step", ["zoom"], 0, 14, 1], 0.5), ["step", ["zoom"], 0, 14, 0.5]);
});

test("the filter of zones keeps the filter of the style", () => {
  assert.equal(zoneFilter(undefined, null), null);
  const own = ["has", "name"];
  assert.equal(zoneFilter(own, null), own);
  assert.deepEqual(zoneFilter(own, ["z1"]), ["all", own, ["match", ["get", "zone_id"], ["z1"], true, false]]);
  assert.deepEqual(zoneFilter(undefined, []), ["literal", false]);
});

test("labels belong to the zones, the paper to none", () => {
  const zones = { id: "zones", kind: "vector", source_layer: "zones" };
  assert.ok(belongsTo({ id: "zones-fill", source: "zones", "source-layer": "zones" }, zones));
  assert.ok(belongsTo({ id: "zones-label", source: "zone_points" }, zones));
  assert.ok(!belongsTo({ id: "paper" }, zones));
  assert.ok(belongsTo({ id: "any", source: "irradiation" }, { id: "irradiation", kind: "raster" }));
});
