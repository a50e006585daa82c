import assert from "node:assert/strict";
import { test } from "node:test";

import { lambert2008ToLonLat, lambert72ToLonLat, readCoordinates } from "../coordinates.js";

// From PROJ 9.5: EPSG:31370 by "BD72 to WGS 84 (3)" and EPSG:3812, both to EPSG:4326.
const LAMBERT_72 = [
  [104500, 194300, 3.7197730306090437, 51.057066138915985],
  [252000, 150000, 5.811189311647156, 50.651701103003184],
  [30000, 200000, 2.6555382931075995, 51.09765168872793],
  [156000, 222000, 4.454799140387488, 51.30779965782984],
];
const LAMBERT_2008 = [
  [604500, 694300, 3.7198129534843347, 51.05711314050167],
  [752000, 650000, 5.811168250663265, 50.65158692256313],
];
/** 1e-8 degrees is a millimetre. */
const TOLERANCE_DEG = 1e-8;

function near([lon, lat], wantedLon, wantedLat) {
  assert.ok(Math.abs(lon - wantedLon) < TOLERANCE_DEG, `${lon} is not ${wantedLon}`);
  assert.ok(Math.abs(lat - wantedLat) < TOLERANCE_DEG, `${lat} is not ${wantedLat}`);
}

test("Lambert 72 agrees with PROJ to a millimetre", () => {
  for (const [x, y, lon, lat] of LAMBERT_72) near(lambert72ToLonLat(x, y), lon, lat);
});

test("Lambert 2008 agrees with PROJ to a millimetre", () => {
  for (const [x, y, lon, lat] of LAMBERT_2008) near(lambert2008ToLonLat(x, y), lon, lat);
});

test("systems are told apart by their range", () => {
  for (const [text, system] of [
    ["104500 194300", "lambert72"],
    ["104500,194300", "lambert72"],
    ["104500,5; 194300,5", "lambert72"],
    ["604500, 694300", "lambert2008"],
    ["3.72 51.05", "lonlat"],
    ["51,05 3,72", "lonlat"],
  ]) {
    assert.equal(readCoordinates(text)?.system, system, text);
  }
  assert.deepEqual(readCoordinates("51,05 3,72")?.lonlat, [3.72, 51.05]);
});

test("text that holds no pair of coordinates gives none", () => {
  for (const text of ["", "Molenwijk", "12", "400 400", "1 2 3", "z12 4"]) assert.equal(readCoordinates(text), null, text);
});
