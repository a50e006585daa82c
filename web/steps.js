/** The step plan for apartment buildings: twelve steps, who does what, when to go on; and barriers. */

import { h } from "./elements.js";
import { pick, t } from "./i18n.js";
import { date } from "./numbers.js";
import { links, openPage, said, word } from "./pages.js";

/** @typedef {import("./matrix-types.js").Matrix} Matrix */
/** @typedef {import("./matrix-types.js").Row} Row */

const TRACKS = /** @type {const} */ ([
  ["vme", "mx.track.vme"],
  ["syndic", "mx.track.syndic"],
  ["investor", "mx.track.investor"],
  ["municipality_support", "mx.track.municipality"],
  ["tool_input", "mx.track.tool"],
]);
const CATEGORIES = ["legal", "procedural", "technical", "practical"];
const NOTHING = "-";
const SIZES = 3;

/** @param {Matrix} matrix @param {Row} row */
function step(matrix, row) {
  const tick = `done-${row.id}`;
  return h(
    "li",
    { class: "step", id: row.id },
    h("h2", null, h("span", { class: "step-number", "aria-hidden": "true" }, String(row.order)), said(matrix, "apartment_steps", row, "title"), h("span", { class: "step-time" }, said(matrix, "apartment_steps", row, "indicative_duration"))),
    h("dl", { class: "tracks" }, TRACKS.filter(([field]) => row[field] !== NOTHING).map(([field, key]) => h("div", null, h("dt", null, t(key)), h("dd", null, said(matrix, "apartment_steps", row, field))))),
    h("p", { class: "gate" }, h("input", { type: "checkbox", id: tick }), h("label", { for: tick }, h("span", { class: "strong" }, t("mx.gate"), " "), said(matrix, "apartment_steps", row, "decision_gate"))),
    h("p", { class: "muted small" }, t("mx.facts_at", { date: date(row.checked) }), " ", links(row.source)),
  );
}

/** @param {Matrix} matrix */
function barriers(matrix) {
  const rows = matrix.experience.apartment_barriers;
  return h(
    "section",
    { "aria-labelledby": "barriers-head" },
    h("h2", { id: "barriers-head" }, t("mx.barriers")),
    h("div", { class: "barriers" }, CATEGORIES.map((category) =>
      h(
        "div",
        null,
        h("h3", null, word(matrix, "category", category)),
        h("ul", null, rows.filter((row) => row.category === category).map((row) => h("li", null, said(matrix, "apartment_barriers", row, "barrier"), row.building_types.length < SIZES && h("span", { class: "range" }, row.building_types.map((/** @type {string} */ size) => pick(matrix.labels.words.size[size])).join(" · "))))),
      ),
    )),
  );
}

openPage("mx.steps", (matrix) => [
  h("div", { class: "title-row" }, h("h1", null, t("mx.steps")), h("button", { type: "button", class: "button no-print", onclick: () => window.print() }, t("tool.print"))),
  h("p", { class: "verdict" }, t("mx.steps.verdict")),
  h("p", { class: "hint" }, t("mx.steps.limits")),
  h("ol", { class: "steps" }, [...matrix.experience.apartment_steps].sort((a, b) => a.order - b.order).map((row) => step(matrix, row))),
  barriers(matrix),
]);
