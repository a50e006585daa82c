import assert from "node:assert/strict";
import { test } from "node:test";

import { Layers, belongsTo, classFilter, scaleOpacity } from "../layers.js";

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

test("the class filter keeps the filter of the style", () => {
  assert.equal(classFilter(undefined, []), null);
  const own = ["==", ["get", "zone_class"], "onbekend"];
  assert.equal(classFilter(own, []), own);
  assert.deepEqual(classFilter(own, ["delen"]), ["all", own, ["in", ["get", "zone_class"], ["literal", ["delen"]]]]);
});

test("labels belong to the zones, the paper to none", () => {
  const zones = { id: "zones", kind: "vector", source_layer: "zones" };
  assert.ok(belongsTo({ id: "zones-fill", source: "zones", "source-layer": "zones" }, zones));
  assert.ok(belongsTo({ id: "zones-label", source: "zone_points" }, zones));
  assert.ok(!belongsTo({ id: "paper" }, zones));
  assert.ok(belongsTo({ id: "any", source: "irradiation" }, { id: "irradiation", kind: "raster" }));
});

test("layers stack as the reader asks, with names on top and paper below", () => {
  const style = [
    { id: "paper", type: "background" },
    { id: "zones-fill", type: "fill", source: "zones", "source-layer": "zones" },
    { id: "roofs-fill", type: "fill", source: "roof_planes", "source-layer": "roof_planes" },
    { id: "zones-label", type: "symbol", source: "zone_points" },
  ];
  const moved = [];
  const map = { getStyle: () => ({ layers: [...style, { id: "zk-hover", type: "line" }] }), getLayer: () => true, moveLayer: (id, before) => moved.push([id, before]) };
  const layers = new Layers(map, [{ id: "zones", kind: "vector" }, { id: "roof_planes", kind: "vector" }]);
  assert.deepEqual(layers.stackOf([]), ["paper", "zones-fill", "roofs-fill", "zones-label"]);
  assert.deepEqual(layers.stackOf(["zones", "roof_planes"]), ["paper", "roofs-fill", "zones-fill", "zones-label"]);
  layers.arrange([]);
  assert.deepEqual(moved, []);
  layers.arrange(["zones"]);
  assert.deepEqual(moved.map(([id]) => id), ["paper", "roofs-fill", "zones-fill", "zones-label"]);
  assert.ok(moved.every(([, before]) => before === "zk-hover"));
});
