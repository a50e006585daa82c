import assert from "node:assert/strict";
import { test } from "node:test";

import { setNumberLanguage } from "../numbers.js";
import { scaleBar, scaleText, sheetSize } from "../print.js";

test("the sheet fits within the margins of its paper", () => {
  const a4 = sheetSize("a4", "portrait");
  assert.ok(Math.abs(a4.width / 96 * 25.4 - 186) < 0.3);
  assert.deepEqual(sheetSize("a3", "landscape"), { width: sheetSize("a3", "portrait").height, height: sheetSize("a3", "portrait").width });
});

test("a scale bar has a round length that fits", () => {
  for (const metresPerPx of [0.07, 0.9, 3.3, 14, 121]) {
    const { metres, px } = scaleBar(metresPerPx, 200);
    assert.ok([1, 2, 5].includes(Number(metres.toExponential().split("e")[0])), String(metres));
    assert.ok(px <= 200 && px > 79);
    assert.ok(Math.abs(px * metresPerPx - metres) < 1e-9);
  }
});

test("the scale is that of paper: a pixel is 1/96 inch", () => {
  setNumberLanguage("nl");
  assert.equal(scaleText((0.0254 / 96) * 10_000), "1 : 10\u202f000");
});
