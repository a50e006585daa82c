import assert from "node:assert/strict";
import { test } from "node:test";

import { euro } from "../panel-money.js";
import { setNumberLanguage } from "../numbers.js";

test("amounts have three figures and a sign of the euro, unknown ones a dash", () => {
  setNumberLanguage("nl");
  assert.equal(euro(103456), "103\u202f000\u00a0€");
  assert.equal(euro(-7470), "−7\u202f470\u00a0€");
  assert.equal(euro(null), "–");
  assert.equal(euro(Number.NaN), "–");
});
