import assert from "node:assert/strict";
import { test } from "node:test";

import { createStore, formatHash, initialState, parseHash, stillThere } from "../state.js";

const FULL = "map=14.2/51.05/3.72&lang=fr&zone=z%2F12&class=delen,overschot&layers=irradiation:1:0.6,zones:0&order=buildings,zones&sel=a%252Cb,z%252F1&sort=annual_yield_kwh:down&show=table";

function fakeWindow(hash = "") {
  const listeners = [];
  const calls = [];
  const put = (kind) => (_, __, url) => {
    calls.push([kind, url]);
    window.location.hash = url;
  };
  const window = {
    location: { hash },
    history: { pushState: put("push"), replaceState: put("replace") },
    addEventListener: (_, listener) => listeners.push(listener),
  };
  return { window, calls, back: (to) => ((window.location.hash = to), listeners.forEach((run) => run())) };
}

test("the hash and the state are two forms of one thing", () => {
  const { state, ignored } = parseHash(`#${FULL}`);
  assert.deepEqual(ignored, []);
  assert.deepEqual(state, {
    lang: "fr",
    view: { zoom: 14.2, lat: 51.05, lon: 3.72 },
    zone: "z/12",
    classes: ["delen", "overschot"],
    layers: { irradiation: { visible: true, opacity: 0.6 }, zones: { visible: false, opacity: 1 } },
    order: ["buildings", "zones"],
    select: ["a,b", "z/1"],
    sort: { key: "annual_yield_kwh", descending: true },
    show: "table",
  });
  assert.equal(formatHash(state), FULL);
});

test("an empty selection that is open is not the same as none", () => {
  assert.deepEqual(parseHash("#sel=-").state.select, []);
  assert.equal(formatHash({ ...initialState(), select: [] }), "sel=-");
  assert.equal(parseHash("#lang=fr").state.select, null);
});

test("an empty hash is the opening view", () => {
  assert.deepEqual(parseHash("").state, initialState());
  assert.equal(formatHash(initialState()), "");
});

test("what is unknown or broken is named and ignored", () => {
  for (const [hash, names] of [
    ["#map=99/1/2&zone=a", ["map"]],
    ["#map=14/51&lang=de", ["map", "lang"]],
    ["#year=2030&zone=a", ["year"]],
    ["#layers=zones:7", ["layers"]],
    ["#show=chart", ["show"]],
    ["#sel=%25E0&order=a b&sort=name", ["sel", "order", "sort"]],
    ["#zone=", ["zone"]],
  ]) {
    assert.deepEqual(parseHash(hash).ignored, names, hash);
  }
  assert.equal(parseHash("#year=2030&zone=a").state.zone, "a");
  assert.deepEqual(parseHash("#class=delen,<script>").state.classes, ["delen"]);
});

test("a choice adds to the history, moving the map does not", () => {
  const { window, calls } = fakeWindow();
  const store = createStore(window, () => assert.fail("nothing to ignore"));
  store.set({ zone: "a" });
  store.set({ view: { zoom: 12, lat: 51, lon: 4 } }, { remember: false });
  store.set({ zone: "a" });
  assert.deepEqual(calls, [["push", "#zone=a"], ["replace", "#map=12/51/4&zone=a"]]);
});

test("back undoes the last choice and tells who listens", () => {
  const { window, back } = fakeWindow("#zone=a");
  const store = createStore(window, () => {});
  const seen = [];
  store.subscribe((state, before) => seen.push([before.zone, state.zone]));
  store.set({ zone: "b" });
  back("#zone=a");
  back("#zone=a");
  assert.deepEqual(seen, [["a", "b"], ["b", "a"]]);
});

test("parameters of an old link are told once", () => {
  const told = [];
  createStore(fakeWindow("#thema=zon").window, (names) => told.push(names));
  assert.deepEqual(told, [["thema"]]);
});

test("what an old link names in vain is listed once, the rest stays", () => {
  const { state } = parseHash("#class=delen,oud&layers=zones:0,gone:1&order=gone,zones&sel=a,b&sort=name:up");
  const known = { layers: new Set(["zones"]), classes: new Set(["delen"]), zones: new Set(["a"]), columns: new Set(["zone_id"]) };
  const { kept, gone } = stillThere(state, known);
  assert.deepEqual(gone, ["oud", "gone", "b", "name"]);
  assert.deepEqual([kept.classes, kept.order, kept.select, kept.sort], [["delen"], ["zones"], ["a"], null]);
  assert.deepEqual(Object.keys(kept.layers), ["zones"]);
});
