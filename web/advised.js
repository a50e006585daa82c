/** Advised zones on the map: either they or the zones are shown, and a click tells what is in one. */

import { h } from "./elements.js";
import { pick, t } from "./i18n.js";
import { isKnown, percent, quantity, range } from "./numbers.js";
import { classSymbol } from "./symbols.js";

/** @typedef {import("./types.js").Project} Project */
/** @typedef {import("./state.js").LayerState} LayerState */

export const ADVISED = "advised_zones";
const UNITS = "zones";
/** Of a long list of zones this many are named. */
const NAMED = 4;

/**
 * Both colour the whole map by class, so that one above the other would mix colours.
 *
 * @param {string} id of the layer that changed
 * @param {LayerState} state of it
 * @returns {string | null} layer to switch off
 */
export function hiddenBy(id, state) {
  if (!state.visible) return null;
  if (id === ADVISED) return UNITS;
  return id === UNITS ? ADVISED : null;
}

/**
 * @param {Record<string, any>} zone properties of the feature
 * @param {Project} project
 * @param {{openZone: (id: string) => void, nameOf: (id: string) => string}} actions
 * @returns {HTMLElement}
 */
export function advisedContent(zone, project, { openZone, nameOf }) {
  const info = project.classes.find((entry) => entry.id === zone.zone_class);
  const members = String(zone.member_zones ?? "").split(", ").filter(Boolean);
  /** @type {(string | false)[][]} */
  const rows = [
    [t("word.supply"), quantity(zone.annual_yield_kwh, "kWh"), range(zone.annual_yield_low_kwh, zone.annual_yield_high_kwh, "kWh")],
    [t("word.demand"), isKnown(zone.consumption_kwh) ? quantity(zone.consumption_kwh, "kWh") : t("unknown"), t("advised.demand", { shown: zone.zones_with_demand, all: zone.zones })],
    [t("word.capacity"), quantity(zone.capacity_kwp, "kWp", 2)],
    [t("word.confidence"), isKnown(zone.confidence) && percent(zone.confidence)],
  ];
  return h(
    "section",
    { class: "popup", "aria-label": t("advised.label") },
    h("h3", null, classSymbol(zone.zone_class, info?.color ?? "#9E9E9E", 18), " ", zone.name || zone.advised_id, h("span", { class: "popup-tag" }, pick(info?.label) || zone.zone_class)),
    h(
      "dl",
      { class: "facts" },
      rows.filter(([, value]) => value).map(([label, value, under]) => h("div", null, h("dt", null, label), h("dd", { class: "tabular" }, value, under && h("span", { class: "range" }, under)))),
    ),
    h("p", { class: "small" }, t("advised.zones", { count: members.length })),
    h(
      "ul",
      { class: "plain" },
      members.slice(0, NAMED).map((id) => h("li", null, h("button", { type: "button", class: "link", onclick: () => openZone(id) }, nameOf(id)))),
    ),
    members.length > NAMED && h("p", { class: "muted small" }, t("top.more", { count: members.length - NAMED })),
  );
}
