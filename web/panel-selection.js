/** The left panel while zones are selected: how to select, what it adds up to, the download. */

import { ApiError, getSelection } from "./api.js";
import { h } from "./elements.js";
import { language, t } from "./i18n.js";
import { announce, notice } from "./notices.js";
import { count, isKnown, percent, quantity } from "./numbers.js";
import { backButton } from "./panel-zone.js";
import { areasOf, sums } from "./selection.js";
import { classSymbol } from "./symbols.js";

/** @typedef {import("./types.js").Project} Project */
/** @typedef {import("./types.js").ZoneRow} ZoneRow */

const FORMATS = ["gpkg", "xlsx", "csv", "geojson", "fgb", "parquet"];
/** Longer lists are in the table. */
const LISTED = 30;

/**
 * @typedef {object} SelectionActions
 * @property {() => void} close
 * @property {(tool: import("./drawing.js").Tool) => void} draw
 * @property {(area: string) => void} addArea
 * @property {() => void} addShown all zones that the filter leaves
 * @property {() => void} clear
 * @property {(id: string) => void} remove
 * @property {(id: string) => void} openZone
 * @property {(id: string | null) => void} hoverZone
 * @property {() => void} zoomTo
 */

/**
 * @param {Project} project
 * @param {{all: ZoneRow[], chosen: ZoneRow[], shown: number, drawable: boolean}} zones
 * @param {SelectionActions} actions
 */
export function selectionPanel(project, { all, chosen, shown, drawable }, actions) {
  return h(
    "div",
    { class: "selection" },
    h("div", { class: "back-row" }, backButton(actions.close), chosen.length > 0 && h("button", { type: "button", class: "link", onclick: actions.zoomTo }, t("select.zoom"))),
    h("h2", { id: "panel-heading", tabindex: "-1" }, t("select.title")),
    ways(all, shown, drawable, actions),
    chosen.length === 0 ? h("p", { class: "empty" }, t("select.empty")) : [card(chosen), download(project, chosen), list(project, chosen, actions)],
  );
}

/**
 * @param {ZoneRow[]} all
 * @param {number} shown
 * @param {boolean} drawable
 * @param {SelectionActions} actions
 */
function ways(all, shown, drawable, actions) {
  const areas = areasOf(all);
  const select = h(
    "select",
    { id: "select-area", class: "field", onchange: () => select.value && actions.addArea(select.value) },
    h("option", { value: "" }, t("select.area.choose")),
    areas.map((area) => h("option", { value: area.name }, `${area.name} (${count(area.zones)})`)),
  );
  return h(
    "section",
    { class: "ways", "aria-label": t("select.ways") },
    h("p", { class: "muted small" }, t("select.how")),
    h(
      "div",
      { class: "way-buttons" },
      drawable && h("button", { type: "button", class: "button", id: "select-box", onclick: () => actions.draw("box") }, "▭ ", t("select.box")),
      drawable && h("button", { type: "button", class: "button", id: "select-polygon", onclick: () => actions.draw("polygon") }, "⬠ ", t("select.polygon")),
      h("button", { type: "button", class: "button", id: "select-shown", onclick: actions.addShown }, t("select.shown", { count: count(shown) })),
    ),
    areas.length > 0 && h("div", { class: "field-row" }, h("label", { for: "select-area" }, t("select.area")), select),
  );
}

/** @param {ZoneRow[]} chosen */
function card(chosen) {
  const total = sums(chosen);
  /** @param {string} name @param {string} value @param {string} [under] */
  const item = (name, value, under) => h("div", null, h("dt", null, name), h("dd", null, value, under && h("span", { class: "range" }, under)));
  const after = isKnown(total.self_consumption_pooled) ? t("select.pooled", { share: percent(total.self_consumption_pooled) }) : "";
  const existing = isKnown(total.existing_kwp) ? t("select.existing", { power: quantity(total.existing_kwp, "kWp") }) : "";
  const known = total.zones - total.hidden;
  return h(
    "section",
    { "aria-labelledby": "sum-head", class: "sum-card" },
    h("h3", { id: "sum-head" }, t(total.zones === 1 ? "select.sum.one" : "select.sum", { zones: count(total.zones), buildings: isKnown(total.buildings) ? count(total.buildings) : "–" })),
    h(
      "dl",
      { class: "totals" },
      item(t("word.supply"), quantity(total.annual_yield_kwh, "kWh"), t("select.per_year")),
      item(t("word.demand"), quantity(total.consumption_kwh, "kWh"), total.hidden ? t("classes.count", { shown: count(known), all: count(total.zones) }) : t("select.per_year")),
      item(t("word.capacity"), quantity(total.capacity_kwp, "kWp"), existing),
      item(t("word.own_use"), percent(total.self_consumption), after),
    ),
    total.hidden > 0 && h("p", { class: "hint small" }, t("select.hidden", { count: count(total.hidden), zones: count(total.zones) })),
    h("p", { class: "muted small" }, t("select.of_sum")),
  );
}

/**
 * @param {Project} project
 * @param {ZoneRow[]} chosen
 */
function download(project, chosen) {
  /** @param {string} id @param {[string, string][]} options */
  const select = (id, options) => h("select", { id, class: "field" }, options.map(([value, text]) => h("option", { value }, text)));
  const format = select("download-format", FORMATS.map((kind) => [kind, t(`select.format.${kind}`)]));
  const crs = select("download-crs", [
    ["project", t("select.crs.project", { crs: project.crs })],
    ...["EPSG:31370", "EPSG:3812", "EPSG:4326"].filter((code) => code !== project.crs).map((code) => /** @type {[string, string]} */ ([code, t(`select.crs.${code.slice(5)}`)])),
  ]);
  const note = h("p", { class: "muted small" }, t("select.download.note"));
  format.addEventListener("change", () => {
    // The standard of GeoJSON knows one system only.
    crs.disabled = format.value === "geojson";
    if (crs.disabled) crs.value = project.crs === "EPSG:4326" ? "project" : "EPSG:4326";
  });
  const button = h("button", { type: "submit", class: "button primary" }, t("select.download"));
  return h(
    "form",
    {
      class: "download",
      "aria-labelledby": "download-head",
      onsubmit: async (/** @type {Event} */ event) => {
        event.preventDefault();
        button.disabled = true;
        await save({ zone_ids: chosen.map((row) => row.zone_id), format: format.value, crs: crs.value, language: language() });
        button.disabled = false;
      },
    },
    h("h3", { id: "download-head" }, t("select.download.head")),
    h("div", { class: "field-row" }, h("label", { for: "download-format" }, t("select.format")), format),
    h("div", { class: "field-row" }, h("label", { for: "download-crs" }, t("select.crs")), crs),
    button,
    note,
  );
}

/** @param {object} wanted */
async function save(wanted) {
  try {
    const { blob, name } = await getSelection(wanted);
    const address = URL.createObjectURL(blob);
    h("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    announce(t("select.saved", { name }));
  } catch (error) {
    const failure = error instanceof ApiError ? error.failure : "broken";
    notice("download", `${t(`error.${failure}.title`)}. ${t(`error.${failure}.text`)}`, { action: { label: t("retry"), run: () => save(wanted) }, stay: true });
  }
}

/**
 * @param {Project} project
 * @param {ZoneRow[]} chosen
 * @param {SelectionActions} actions
 */
function list(project, chosen, actions) {
  const colors = new Map(project.classes.map((info) => [info.id, info.color]));
  return h(
    "section",
    { "aria-labelledby": "chosen-head" },
    h("div", { class: "section-head" }, h("h3", { id: "chosen-head" }, t("select.chosen")), h("button", { type: "button", class: "link small", id: "select-clear", onclick: actions.clear }, t("select.clear"))),
    h(
      "ul",
      { class: "chosen-list" },
      chosen.slice(0, LISTED).map((row) =>
        h(
          "li",
          { onmouseenter: () => actions.hoverZone(row.zone_id), onmouseleave: () => actions.hoverZone(null) },
          classSymbol(row.zone_class, colors.get(row.zone_class) ?? "#9E9E9E", 18),
          h("button", { type: "button", class: "link", onclick: () => actions.openZone(row.zone_id) }, row.name || row.zone_id),
          h("span", { class: "tabular muted" }, quantity(row.annual_yield_kwh, "kWh")),
          h("button", { type: "button", class: "remove", "aria-label": t("select.remove", { zone: row.name || row.zone_id }), onclick: () => actions.remove(row.zone_id) }, "×"),
        ),
      ),
    ),
    chosen.length > LISTED && h("p", { class: "muted small" }, t("select.more", { count: count(chosen.length - LISTED) })),
  );
}
