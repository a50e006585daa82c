import assert from "node:assert/strict";
import { test } from "node:test";

import { has, language, pick, t, useLanguage } from "../i18n.js";

const CATALOGUES = { nl: { hello: "dag {name}" }, fr: { hello: "bonjour {name}" } };

test("a catalogue is read once", async () => {
  let reads = 0;
  const read = async (lang) => ((reads += 1), CATALOGUES[lang]);
  await useLanguage("nl", read);
  await useLanguage("fr", read);
  await useLanguage("nl", read);
  assert.equal(reads, 2);
  assert.equal(language(), "nl");
});

test("values fill their places; a missing text shows its key", () => {
  assert.equal(t("hello", { name: "Essen" }), "dag Essen");
  assert.equal(t("hello"), "dag {name}");
  assert.equal(t("nothing.here"), "nothing.here");
  assert.ok(!has("nothing.here"));
});

test("texts of the server come in the chosen language, else in Dutch", () => {
  assert.equal(pick({ nl: "kans", fr: "opportunité" }), "kans");
  assert.equal(pick({ fr: "opportunité" }), "opportunité");
  assert.equal(pick("plain"), "plain");
  assert.equal(pick(null), "");
});
