/** What a click on a roof, a building, a site or a proposal says: a few figures with their units. */

import { h } from "./elements.js";
import { has, t } from "./i18n.js";
import { count, isKnown, number, percent, quantity, range } from "./numbers.js";

/** @typedef {Record<string, any>} Properties of a feature in a tile */
/** @typedef {{preset: string, openZone: ((id: string) => void) | null}} PopupOptions */

/**
 * @param {number} degrees 0 = north, clockwise
 * @returns {string} key of the text of one of eight winds
 */
export function windOf(degrees) {
  const winds = ["n", "ne", "e", "se", "s", "sw", "w", "nw"];
  return `wind.${winds[Math.round((((degrees % 360) + 360) % 360) / 45) % 8]}`;
}

/** @param {string} group @param {unknown} value */
export function word(group, value) {
  const key = `${group}.${value}`;
  return value === undefined || value === null || value === "" ? "" : has(key) ? t(key) : String(value).replaceAll("_", " ");
}

/** @param {unknown} value @returns {string[]} */
function flagsOf(value) {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" ? value.split(/[\s,;|[\]"']+/).filter(Boolean) : [];
}

/** @param {(string | false)[][]} rows label, value, range */
export function factList(rows) {
  return h(
    "dl",
    { class: "facts" },
    rows
      .filter(([, value]) => value && value !== "–")
      .map(([label, value, under]) => h("div", null, h("dt", null, label), h("dd", { class: "tabular" }, value, under && h("span", { class: "range" }, under)))),
  );
}

/** @param {Properties} roof */
function roofRows(roof) {
  const flat = !isKnown(roof.azimuth_deg);
  // A cadastre may not tell where a roof faces; that does not make it flat.
  const nowhere = t(String(roof.flags ?? "").includes("azimuth_unknown") ? "unknown" : "roof.flat");
  return [
    [t("roof.tilt"), isKnown(roof.tilt_deg) && `${number(roof.tilt_deg, { maximumFractionDigits: 0 })}°`],
    [t("roof.azimuth"), flat ? nowhere : `${t(windOf(roof.azimuth_deg))} (${number(roof.azimuth_deg, { maximumFractionDigits: 0 })}°)`],
    [t("roof.irradiation"), isKnown(roof.annual_irradiation_kwh_m2) && `${quantity(roof.annual_irradiation_kwh_m2, "kWh/m2")}·${t("year")}`],
    [t(roof.seen_from === "open_ground" ? "roof.visible.bound" : "roof.visible"), isKnown(roof.visible_share) && (roof.visible_share > 0 ? percent(roof.visible_share) : t("roof.visible.none")), isKnown(roof.nearest_view_m) && t("roof.visible.from", { distance: quantity(roof.nearest_view_m, "m", 2) })],
    [t("word.capacity"), quantity(roof.capacity_kwp, "kWp", 2)],
    [t("word.supply"), `${quantity(roof.annual_yield_kwh, "kWh")}`, range(roof.annual_yield_low_kwh, roof.annual_yield_high_kwh, "kWh")],
  ];
}

/** @param {Properties} building */
function buildingRows(building) {
  return [
    [t("building.use"), word("use", building.use)],
    [t("building.height"), isKnown(building.height_m) && quantity(building.height_m, "m", 2)],
    [t("word.capacity"), quantity(building.capacity_kwp, "kWp", 2)],
    [t("word.existing"), isKnown(building.existing_kwp) ? quantity(building.existing_kwp, "kWp", 2) : t("unknown")],
    [t("word.supply"), quantity(building.annual_yield_kwh, "kWh"), range(building.annual_yield_low_kwh, building.annual_yield_high_kwh, "kWh")],
    [t("building.heritage"), word("heritage", building.heritage), building.heritage_name],
    [t("building.owner"), word("owner", building.owner)],
  ];
}

/** @param {Properties} site */
function siteRows(site) {
  return [
    [t("site.kind"), word("site", site.kind)],
    [t("site.area"), quantity(site.site_area_m2, "m2")],
    [t("site.obstructed"), percent(site.obstructed_share)],
    [t("roof.irradiation"), isKnown(site.annual_irradiation_kwh_m2) && `${quantity(site.annual_irradiation_kwh_m2, "kWh/m2")}·${t("year")}`],
    [t("word.capacity"), quantity(site.capacity_kwp, "kWp", 2)],
    [t("word.supply"), quantity(site.annual_yield_kwh, "kWh"), range(site.annual_yield_low_kwh, site.annual_yield_high_kwh, "kWh")],
  ];
}

/** @param {string[]} flags */
function flagNote(flags) {
  return flags.length > 0 && h("p", { class: "hint small" }, flags.map((flag) => word("flag", flag)).join(" · "));
}

/**
 * A car park, ground or water that could carry panels.
 *
 * @param {Properties} site
 * @param {PopupOptions} options
 */
export function sitePopup(site, { preset, openZone }) {
  return h(
    "section",
    { class: "popup", "aria-label": t("site.label") },
    h("h3", null, site.name || word("site", site.kind)),
    factList(siteRows(site)),
    flagNote(flagsOf(site.flags)),
    h("p", { class: "muted small" }, t("site.note"), " ", t("figures.preset", { preset })),
    site.zone_id && openZone && h("button", { type: "button", class: "link", onclick: () => openZone(String(site.zone_id)) }, t("popup.zone")),
  );
}

/** @param {Properties} proposal */
export function proposalPopup(proposal) {
  return h(
    "section",
    { class: "popup", "aria-label": t("proposal.title") },
    h("h3", null, t("proposal.title")),
    factList([
      [t("proposal.rank"), isKnown(proposal.rank) && count(proposal.rank)],
      [t("indicator.buildings"), isKnown(proposal.buildings) && count(proposal.buildings)],
      [t("proposal.perimeter"), word("perimeter", proposal.perimeter)],
      [t("proposal.rules"), t(proposal.under_rules ? "yes" : "proposal.rules.no")],
    ]),
    h("p", { class: "muted small" }, t("proposal.note")),
  );
}

/**
 * @param {Properties | null} roof
 * @param {Properties | null} building
 * @param {PopupOptions} options
 * @returns {HTMLElement}
 */
export function popupContent(roof, building, { preset, openZone }) {
  const zone = building?.zone_id;
  const flags = [...new Set([...flagsOf(roof?.flags), ...flagsOf(building?.flags)])];
  return h(
    "section",
    { class: "popup", "aria-label": t("popup.label") },
    roof && h("h3", null, t("roof.title"), roof.suitability && h("span", { class: "popup-tag" }, word("suitability", roof.suitability))),
    roof && factList(roofRows(roof)),
    building && h("h3", null, t("building.title")),
    building && factList(buildingRows(building)),
    flagNote(flags),
    h("p", { class: "muted small" }, t("figures.preset", { preset })),
    zone && openZone && h("button", { type: "button", class: "link", onclick: () => openZone(String(zone)) }, t("popup.zone")),
  );
}
