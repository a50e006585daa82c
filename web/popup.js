/** What a click on a roof or a building says: a few figures with their units. */

import { h } from "./elements.js";
import { has, t } from "./i18n.js";
import { isKnown, number, percent, quantity, range } from "./numbers.js";

/** @typedef {Record<string, any>} Properties of a feature in a tile */

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

/**
 * @param {Properties | null} roof
 * @param {Properties | null} building
 * @param {{preset: string, openZone: ((id: string) => void) | null}} options
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
    flags.length > 0 && h("p", { class: "hint small" }, flags.map((flag) => word("flag", flag)).join(" · ")),
    h("p", { class: "muted small" }, t("figures.preset", { preset })),
    zone && openZone && h("button", { type: "button", class: "link", onclick: () => openZone(String(zone)) }, t("popup.zone")),
  );
}
