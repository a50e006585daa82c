/** The table that is equal to the map: same zones, same filter, same choice; sortable, CSV. */

import { h } from "./elements.js";
import { pick, t } from "./i18n.js";
import { count, indicator, isKnown, number, percent, scaleOf } from "./numbers.js";
import { classSymbol } from "./symbols.js";

/** @typedef {import("./types.js").ZoneRow} ZoneRow */
/** @typedef {import("./types.js").Project} Project */

/**
 * @typedef {object} Column
 * @property {keyof ZoneRow} key
 * @property {string} label key of the text
 * @property {string} [unit] shown once in the head; the column shares one step of its ladder
 * @property {(row: ZoneRow) => string} [show] when the column has no unit of its own
 *
 * @typedef {{key: keyof ZoneRow, descending: boolean}} Order
 *
 * @typedef {object} TableActions
 * @property {(id: string) => void} openZone
 * @property {(id: string | null) => void} hoverZone
 * @property {(order: Order) => void} sort
 * @property {() => void} close
 * @property {(id: string) => void} toggleZone
 */

/** @type {Column[]} */
const COLUMNS = [
  { key: "annual_yield_kwh", label: "word.supply", unit: "kWh" },
  { key: "consumption_kwh", label: "word.demand", unit: "kWh" },
  { key: "self_consumption", label: "word.own_use", show: (row) => percent(row.self_consumption) },
  { key: "self_sufficiency", label: "word.sufficiency", show: (row) => percent(row.self_sufficiency) },
  { key: "headroom_ratio", label: "word.headroom_ratio", show: (row) => indicator("headroom_ratio", row.headroom_ratio, "-") },
  { key: "opportunities", label: "opportunities", show: (row) => count(row.opportunities) },
  { key: "bottlenecks", label: "bottlenecks", show: (row) => count(row.bottlenecks) },
  { key: "confidence", label: "word.confidence", show: (row) => percent(row.confidence) },
];

/**
 * @param {number[]} values
 * @returns {number | null}
 */
export function median(values) {
  const order = values.filter(isKnown).sort((a, b) => a - b);
  return order.length ? order[Math.floor((order.length - 1) / 2)] : null;
}

/**
 * Columns with the texts of their heads and cells: large numbers share the unit in which the
 * median reads best, so that a column can be compared at a glance.
 *
 * @param {ZoneRow[]} rows
 */
function prepared(rows) {
  return COLUMNS.map(({ key, label, unit, show }) => {
    if (!unit) return { key, head: t(label), show: show ?? ((/** @type {ZoneRow} */ row) => String(row[key] ?? "–")) };
    const scale = scaleOf([median(rows.map((row) => row[key]).filter((value) => typeof value === "number"))], unit);
    return {
      key,
      head: `${t(label)} (${scale.unit})`,
      show: (/** @type {ZoneRow} */ row) => {
        const value = row[key];
        return typeof value === "number" && isKnown(value) ? number(value * scale.factor) : "–";
      },
    };
  });
}

/**
 * @param {ZoneRow[]} rows
 * @param {Order} order
 * @param {(row: ZoneRow) => string} classWord text by which classes are sorted
 * @returns {ZoneRow[]} a new list; unknown values always come last
 */
export function sorted(rows, { key, descending }, classWord) {
  const sign = descending ? -1 : 1;
  const collator = new Intl.Collator("nl", { numeric: true });
  /** @param {ZoneRow} row */
  const value = (row) => (key === "zone_class" ? classWord(row) : row[key]);
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (typeof x === "string" && typeof y === "string") return sign * collator.compare(x, y);
    const [known, other] = [isKnown(/** @type {any} */ (x)), isKnown(/** @type {any} */ (y))];
    if (!known || !other) return Number(other) - Number(known) || collator.compare(a.name, b.name);
    return sign * (Number(x) - Number(y)) || collator.compare(a.name, b.name);
  });
}

/**
 * One cell of a CSV file: quoted when needed, never read as a formula by a spreadsheet.
 *
 * @param {unknown} value
 */
export function csvCell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const text = /^[=+\-@\t\r]/.test(String(value)) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @type {(keyof ZoneRow)[]} */
const CSV_KEYS = ["zone_id", "name", "zone_class", "confidence", "annual_yield_kwh", "consumption_kwh", "self_consumption", "self_sufficiency", "headroom_ratio", "opportunities", "bottlenecks"];

/** @param {ZoneRow[]} rows */
export function toCsv(rows) {
  return [CSV_KEYS.join(","), ...rows.map((row) => CSV_KEYS.map((key) => csvCell(row[key])).join(","))].join("\r\n") + "\r\n";
}

/**
 * @param {Project} project
 * @param {ZoneRow[]} rows already filtered
 * @param {{order: Order, zone: string | null, total: number, select: string[] | null}} state `select`: with a box to tick per zone
 * @param {TableActions} actions
 * @returns {HTMLElement}
 */
export function zoneTable(project, rows, { order, zone, total, select }, actions) {
  const selected = new Set(select ?? []);
  const infos = new Map(project.classes.map((info) => [info.id, info]));
  /** @param {ZoneRow} row */
  const classWord = (row) => pick(infos.get(row.zone_class)?.label) || row.zone_class;
  const columns = prepared(rows);
  /** @param {keyof ZoneRow} key @param {string} label @param {boolean} numeric */
  const headCell = (key, label, numeric) => {
    const active = order.key === key;
    return h(
      "th",
      { scope: "col", class: numeric ? "numeric" : "", "aria-sort": active ? (order.descending ? "descending" : "ascending") : "none" },
      h(
        "button",
        { type: "button", class: "sort", "data-sort": key, onclick: () => actions.sort({ key, descending: active ? !order.descending : numeric }) },
        label,
        h("span", { class: "sort-mark", "aria-hidden": "true" }, active ? (order.descending ? "▾" : "▴") : "↕"),
      ),
    );
  };
  const body = sorted(rows, order, classWord).map((row) => {
    const info = infos.get(row.zone_class);
    return h(
      "tr",
      {
        class: row.zone_id === zone || selected.has(row.zone_id) ? "chosen" : "",
        "data-zone": row.zone_id,
        onmouseenter: () => actions.hoverZone(row.zone_id),
        onmouseleave: () => actions.hoverZone(null),
      },
      select && h("td", { class: "tick" }, h("input", { type: "checkbox", checked: selected.has(row.zone_id), "aria-label": t("select.tick", { zone: row.name || row.zone_id }), "data-tick": row.zone_id, onchange: () => actions.toggleZone(row.zone_id) })),
      h("th", { scope: "row" }, h("button", { type: "button", class: "link", "aria-current": row.zone_id === zone ? "true" : null, onclick: () => actions.openZone(row.zone_id) }, row.name || row.zone_id)),
      h("td", null, h("span", { class: "cell-class" }, classSymbol(row.zone_class, info?.color ?? "#9E9E9E", 18), classWord(row))),
      columns.map((column) => h("td", { class: "numeric tabular" }, column.show(row))),
    );
  });
  return h(
    "section",
    { class: "table-card", "aria-labelledby": "table-head" },
    h(
      "div",
      { class: "table-bar" },
      h("h2", { id: "table-head", tabindex: "-1" }, t("table.title")),
      h("span", { class: "muted small" }, t("classes.count", { shown: count(rows.length), all: count(total) })),
      h("a", { class: "link small", href: URL.createObjectURL(new Blob(["\ufeff", toCsv(rows)], { type: "text/csv" })), download: `${project.slug}-zones.csv` }, "CSV ↓"),
      h("button", { type: "button", class: "link small table-close", onclick: actions.close }, t("table.close")),
    ),
    rows.length === 0
      ? h("p", { class: "empty" }, t("empty.filter"))
      : h(
          "div",
          { class: "table-scroll", tabindex: "0", role: "region", "aria-label": t("table.scroll") },
          h(
            "table",
            null,
            h("caption", { class: "visually-hidden" }, t("table.caption", { name: project.name })),
            h("thead", null, h("tr", null, select && h("th", { scope: "col" }, h("span", { class: "visually-hidden" }, t("select.title"))), headCell("name", t("zone"), false), headCell("zone_class", t("class"), false), columns.map((column) => headCell(column.key, column.head, true)))),
            h("tbody", null, body),
          ),
        ),
  );
}
