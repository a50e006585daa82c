/** In the panel of a zone: what the sliders make of it, beside what was computed. */

import { h } from "./elements.js";
import { pick, t } from "./i18n.js";
import { indicator, isKnown } from "./numbers.js";
import { classSymbol } from "./symbols.js";

/** @typedef {import("./types.js").ZoneRow} ZoneRow */
/** @typedef {import("./types.js").Project} Project */

/** @type {["annual_yield_kwh" | "consumption_kwh" | "self_consumption" | "headroom_ratio", string, string][]} */
const FIGURES = [
  ["annual_yield_kwh", "word.supply", "kWh"],
  ["consumption_kwh", "word.demand", "kWh"],
  ["self_consumption", "word.own_use", "-"],
  ["headroom_ratio", "word.headroom_ratio", "-"],
];

/**
 * @param {Project} project
 * @param {ZoneRow} computed
 * @param {ZoneRow} shown
 */
export function zoneStrip(project, computed, shown) {
  /** @param {ZoneRow} row */
  const chip = (row) => {
    const info = project.classes.find(({ id }) => id === row.zone_class);
    return h("span", { class: "strip-class" }, classSymbol(row.zone_class, info?.color ?? "#9E9E9E", 18), pick(info?.label) || row.zone_class);
  };
  const same = computed.zone_class === shown.zone_class;
  return h(
    "section",
    { class: "zone-strip", id: "zone-strip", "aria-label": t("live.strip") },
    h("p", { class: "strip-line" }, h("strong", null, t("live.strip")), chip(shown), !same && h("span", { class: "muted small" }, t("live.strip.was", { class: pick(project.classes.find(({ id }) => id === computed.zone_class)?.label) }))),
    h(
      "dl",
      { class: "facts" },
      FIGURES.filter(([key]) => isKnown(shown[key]) && shown[key] !== computed[key]).map(([key, label, unit]) =>
        h(
          "div",
          null,
          h("dt", null, t(label)),
          h("dd", { class: "tabular" }, `${indicator(key, computed[key], unit)} → `, h("strong", null, indicator(key, shown[key], unit))),
        ),
      ),
    ),
    h("p", { class: "muted small" }, t("live.strip.below")),
  );
}
