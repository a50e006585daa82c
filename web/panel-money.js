/** What panels cost and bring in a zone, per owner type: a small table, its dates, and what is missing. */

import { h } from "./elements.js";
import { pick, t } from "./i18n.js";
import { isKnown, number } from "./numbers.js";

/** @typedef {import("./types.js").Zone} Zone */
/** @typedef {import("./types.js").Money} Money */
/** @typedef {import("./types.js").Interval} Interval */

const SPACE = "\u00a0";
/** The size that fits the demand first: most owners start there. @type {("demand" | "roof")[]} */
const SIZINGS = ["demand", "roof"];

/** @param {number | null | undefined} value */
export function euro(value) {
  return isKnown(value) ? `${number(value)}${SPACE}€` : "–";
}

/** @param {number | null | undefined} value */
function years(value) {
  return isKnown(value) ? t("econ.years", { value: number(value, { maximumSignificantDigits: 2 }) }) : t("econ.never");
}

/**
 * @param {Interval} ends
 * @param {Intl.NumberFormatOptions} [options]
 */
function span(ends, options) {
  if (!isKnown(ends.low)) return "";
  const high = isKnown(ends.high) ? number(ends.high, options) : t("econ.never");
  return `${number(ends.low, options)}–${high}`;
}

/**
 * @param {Zone} zone
 * @returns {HTMLElement | null} null when the project has no such figures
 */
export function moneyBlock(zone) {
  const all = zone.economics ?? [];
  if (all.length === 0) return null;
  const told = all.filter((row) => !row.reason);
  const silent = all.filter((row) => row.reason);
  return h(
    "section",
    { class: "money", "aria-labelledby": "money-heading" },
    h("h3", { class: "kicker", id: "money-heading" }, t("econ.title")),
    told.length > 0 ? moneyTable(told) : h("p", { class: "empty" }, t("econ.none")),
    told.length > 0 && h("p", { class: "muted small" }, note(told)),
    silent.length > 0 && silentList(silent),
  );
}

/** @param {Money[]} rows */
function moneyTable(rows) {
  const types = [...new Set(rows.map((row) => row.owner_type))];
  const heads = ["econ.cost", "econ.yearly", "econ.payback"];
  return h(
    "table",
    { class: "money-table tabular" },
    h("caption", { class: "visually-hidden" }, t("econ.title")),
    h("thead", null, h("tr", null, h("td", null), heads.map((key) => h("th", { scope: "col" }, t(key))))),
    types.map((type) => {
      const own = rows.filter((row) => row.owner_type === type);
      return h(
        "tbody",
        { "data-owner": type },
        h(
          "tr",
          null,
          h("th", { scope: "rowgroup", colspan: "4" }, t(`econ.type.${type}`), h("span", { class: "range" }, t("econ.buildings", { count: number(own[0].buildings) }))),
        ),
        SIZINGS.flatMap((sizing) => own.filter((row) => row.sizing === sizing)).map(moneyRow),
      );
    }),
  );
}

/** @param {Money} row */
function moneyRow(row) {
  const whole = { maximumSignificantDigits: 2 };
  return h(
    "tr",
    { "data-sizing": row.sizing },
    h("th", { scope: "row" }, t(`econ.sizing.${row.sizing}`)),
    h("td", null, euro(row.investment.value), h("span", { class: "range" }, span(row.investment))),
    h("td", null, euro(row.yearly_benefit.value), h("span", { class: "range" }, span(row.yearly_benefit))),
    h("td", null, years(row.payback.value), h("span", { class: "range" }, span(row.payback, whole))),
  );
}

/** @param {Money[]} rows */
function note(rows) {
  const dates = [...new Set(rows.map((row) => row.tariff_from).filter(Boolean))].sort();
  const assumed = rows.some((row) => row.owner_assumed) ? ` ${t("econ.assumed")}` : "";
  return t("econ.note", { year: dates.join(", ") }) + assumed;
}

/** @param {Money[]} rows */
function silentList(rows) {
  return h(
    "details",
    { class: "on-demand" },
    h("summary", null, t("econ.without", { count: number(rows.length) })),
    h("ul", { class: "small" }, rows.map((row) => h("li", null, t("econ.line", { who: t(`econ.type.${row.owner_type}`), why: whyNot(row) })))),
  );
}

/** @param {Money} row */
function whyNot(row) {
  return pick(row.reason_text) || t(`econ.reason.${row.reason}`);
}
