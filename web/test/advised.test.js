import assert from "node:assert/strict";
import { test } from "node:test";

import { hiddenBy } from "../advised.js";

test("zones and advised zones take turns", () => {
  assert.equal(hiddenBy("advised_zones", { visible: true, opacity: 1 }), "zones");
  assert.equal(hiddenBy("zones", { visible: true, opacity: 1 }), "advised_zones");
});

test("switching one off brings nothing back, and other layers stand apart", () => {
  assert.equal(hiddenBy("zones", { visible: false, opacity: 1 }), null);
  assert.equal(hiddenBy("buildings", { visible: true, opacity: 1 }), null);
});
