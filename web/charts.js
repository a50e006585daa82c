/**
 * Small charts as SVG with a table behind each: typical days, months, bullet bars and the bar of
 * class probabilities. Geometry is in plain functions; colours and type come from the style sheet.
 */

import { columnHover } from "./chart-hover.js";
import { h, s } from "./elements.js";
import { t } from "./i18n.js";
import { isKnown, monthNames, number, percent, scaleOf } from "./numbers.js";

/** @typedef {(number | null)[]} Series */

let drawn = 0;

/**
 * @param {number} value largest value to show
 * @returns {number} the next of 1, 1.5, 2, 3, 4, 5, 6, 8 × 10^n
 */
export function niceMax(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= value * (1 - 1e-9));
  return (step ?? 10) * power;
}

/**
 * @param {Series} values
 * @param {(index: number) => number} x
 * @param {(value: number) => number} y
 * @returns {string} path with a gap where a value is unknown
 */
export function linePath(values, x, y) {
  let path = "";
  let pen = "M";
  values.forEach((value, index) => {
    if (!isKnown(value)) {
      pen = "M";
      return;
    }
    path += `${pen}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
  });
  return path;
}

/**
 * @param {Series} values
 * @param {(index: number) => number} x
 * @param {(value: number) => number} y
 * @returns {string} closed path down to zero; unknown counts as nothing drawn
 */
export function areaPath(values, x, y) {
  const known = values.map((value) => (isKnown(value) ? value : 0));
  const line = linePath(known, x, y);
  return line && `${line}L${x(known.length - 1).toFixed(1)} ${y(0).toFixed(1)}L${x(0).toFixed(1)} ${y(0).toFixed(1)}Z`;
}

/**
 * @param {Series} values quarter-hours
 * @returns {(number | null)[]} means of each hour; null when a quarter is unknown
 */
export function hourly(values) {
  return Array.from({ length: Math.floor(values.length / 4) }, (_, hour) => {
    const quarters = values.slice(hour * 4, hour * 4 + 4);
    return quarters.every(isKnown) ? quarters.reduce((sum, value) => sum + /** @type {number} */ (value), 0) / 4 : null;
  });
}

/** @param {Series[]} series */
export function largest(series) {
  return Math.max(0, ...series.flat().filter(isKnown));
}

/**
 * @param {string} caption
 * @param {string[]} heads
 * @param {(string)[][]} rows
 */
function dataTable(caption, heads, rows) {
  return h(
    "details",
    { class: "behind" },
    h("summary", null, t("chart.table")),
    h(
      "div",
      { class: "behind-scroll", tabindex: "0", role: "region", "aria-label": caption },
      h(
        "table",
        null,
        h("caption", null, caption),
        h("thead", null, h("tr", null, heads.map((head) => h("th", { scope: "col" }, head)))),
        h(
          "tbody",
          null,
          rows.map(([first, ...rest]) => h("tr", null, h("th", { scope: "row" }, first), rest.map((cell) => h("td", null, cell)))),
        ),
      ),
    ),
  );
}

/**
 * @param {number | null} value
 * @param {number} factor
 */
function cell(value, factor) {
  return isKnown(value) ? number(value * factor, { maximumSignificantDigits: 3 }) : "–";
}

/** Pattern that marks what is used at the moment it is made. @param {string} id */
function hatchPattern(id) {
  return s(
    "defs",
    null,
    s(
      "pattern",
      { id, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      s("line", { x1: 0, y1: 0, x2: 0, y2: 5, class: "chart-hatch" }),
    ),
  );
}

const DAY = { width: 168, height: 112, left: 30, right: 4, top: 8, bottom: 18 };

/**
 * One typical day: supply as an area, demand as a line, what coincides hatched.
 *
 * @param {string} title month
 * @param {import("./types.js").DayCurve} curve 96 quarter-hours, local time [kW]
 * @param {number} top upper end of the axis, the same for both days [kW]
 */
export function typicalDay(title, curve, top) {
  const id = `hatch-${(drawn += 1)}`;
  const { factor, unit } = scaleOf([top], "kW");
  const steps = curve.supply_kw.length;
  /** @param {number} share of the day */
  const across = (share) => DAY.left + (DAY.width - DAY.left - DAY.right) * share;
  /** A mean stands in the middle of its quarter-hour. @param {number} index */
  const x = (index) => across((index + 0.5) / steps);
  /** @param {number} value */
  const y = (value) => DAY.height - DAY.bottom - ((DAY.height - DAY.bottom - DAY.top) * value) / top;
  const both = curve.supply_kw.map((supply, index) => {
    const demand = curve.demand_kw[index];
    return isKnown(supply) && isKnown(demand) ? Math.min(supply, demand) : null;
  });
  const peak = { supply: largest([curve.supply_kw]), demand: largest([curve.demand_kw]) };
  const summary = t("chart.day.summary", {
    month: title,
    supply: `${cell(peak.supply, factor)} ${unit}`,
    demand: `${cell(peak.demand, factor)} ${unit}`,
  });
  const hours = hourly(curve.supply_kw).map((supply, hour) => [
    `${hour}–${hour + 1} ${t("chart.hour")}`,
    cell(supply, factor),
    cell(hourly(curve.demand_kw)[hour], factor),
  ]);
  const drawing = s(
    "svg",
    { viewBox: `0 0 ${DAY.width} ${DAY.height}`, role: "img", "aria-label": summary, class: "chart" },
    hatchPattern(id),
    [0, top / 2, top].map((tick) => gridLine(tick, y(tick), DAY, cell(tick, factor))),
    s("path", { d: areaPath(curve.supply_kw, x, y), class: "chart-supply" }),
    s("path", { d: areaPath(both, x, y), fill: `url(#${id})` }),
    s("path", { d: linePath(curve.supply_kw, x, y), class: "chart-supply-line" }),
    s("path", { d: linePath(curve.demand_kw, x, y), class: "chart-demand" }),
    [0, 6, 12, 18, 24].map((hour) =>
      s(
        "text",
        { x: across(hour / 24), y: DAY.height - 5, class: "chart-tick", "text-anchor": hour === 24 ? "end" : "middle" },
        hour === 24 ? `24 ${t("chart.hour")}` : String(hour),
      ),
    ),
  );
  const wide = (DAY.width - DAY.left - DAY.right) / hours.length;
  const said = columnHover(
    drawing,
    {
      count: hours.length,
      left: (hour) => DAY.left + wide * hour,
      width: wide,
      top: DAY.top,
      height: DAY.height - DAY.top - DAY.bottom,
      text: (hour) => saidOf(hours[hour], unit),
    },
    "hours",
  );
  return h(
    "figure",
    { class: "day" },
    h("figcaption", null, title, h("span", { class: "unit" }, ` ${unit}`)),
    drawing,
    said,
    dataTable(`${summary}`, [t("chart.hour.head"), `${t("word.supply")} (${unit})`, `${t("word.demand")} (${unit})`], hours),
  );
}

/**
 * @param {number} tick
 * @param {number} y
 * @param {{left: number, right: number, width: number}} box
 * @param {string} text
 */
function gridLine(tick, y, box, text) {
  return s(
    "g",
    null,
    s("line", { x1: box.left, x2: box.width - box.right, y1: y, y2: y, class: tick === 0 ? "chart-axis" : "chart-grid" }),
    s("text", { x: box.left - 4, y: y + 3.5, "text-anchor": "end", class: "chart-tick" }, text),
  );
}

/**
 * One column in words.
 *
 * @param {string[]} row name, supply, demand
 * @param {string} unit
 */
function saidOf([name, supply, demand], unit) {
  return `${name}: ${t("word.supply")} ${supply}, ${t("word.demand")} ${demand} ${unit}`;
}

const MONTHS = { width: 348, height: 124, left: 34, right: 2, top: 8, bottom: 18 };

/**
 * Twelve pairs of bars: yield and consumption.
 *
 * @param {Series} supply [kWh]
 * @param {Series} demand [kWh]
 */
export function monthBars(supply, demand) {
  const top = niceMax(largest([supply, demand]));
  const { factor, unit } = scaleOf([top], "kWh");
  const names = monthNames();
  const step = (MONTHS.width - MONTHS.left - MONTHS.right) / 12;
  const wide = step * 0.36;
  /** @param {number} value */
  const y = (value) => MONTHS.height - MONTHS.bottom - ((MONTHS.height - MONTHS.bottom - MONTHS.top) * value) / top;
  /** @param {number | null} value @param {number} x @param {string} name */
  const bar = (value, x, name) =>
    isKnown(value) && s("rect", { x, width: wide, y: y(value), height: Math.max(0, y(0) - y(value)), class: name, rx: 1 });
  const rows = names.map((name, month) => [name, cell(supply[month], factor), cell(demand[month], factor)]);
  const caption = t("chart.months.summary", { unit });
  const drawing = s(
    "svg",
    { viewBox: `0 0 ${MONTHS.width} ${MONTHS.height}`, role: "img", "aria-label": caption, class: "chart" },
    [0, top / 2, top].map((tick) => gridLine(tick, y(tick), MONTHS, cell(tick, factor))),
    names.map((name, month) => {
      const x = MONTHS.left + step * month + step * 0.12;
      return s(
        "g",
        null,
        bar(supply[month], x, "bar-supply"),
        bar(demand[month], x + wide + 1, "bar-demand"),
        s("text", { x: x + wide, y: MONTHS.height - 5, class: "chart-tick", "text-anchor": "middle" }, name.slice(0, 1).toUpperCase()),
      );
    }),
  );
  const said = columnHover(
    drawing,
    {
      count: names.length,
      left: (month) => MONTHS.left + step * month,
      width: step,
      top: MONTHS.top,
      height: MONTHS.height - MONTHS.top - MONTHS.bottom,
      text: (month) => saidOf(rows[month], unit),
    },
    "months",
  );
  return h(
    "figure",
    { class: "months" },
    h("figcaption", null, t("chart.months"), h("span", { class: "unit" }, ` ${unit}`)),
    drawing,
    said,
    dataTable(caption, [t("chart.month.head"), `${t("word.supply")} (${unit})`, `${t("word.demand")} (${unit})`], rows),
  );
}

/** What the colours of both charts mean. */
export function chartKey() {
  /** @param {string} name @param {string} word */
  const item = (name, word) => h("li", null, h("span", { class: `key ${name}`, "aria-hidden": "true" }), word);
  return h(
    "ul",
    { class: "chart-key" },
    item("key-supply", t("word.supply")),
    item("key-demand", t("word.demand")),
    item("key-both", t("chart.coincides")),
  );
}

/**
 * A thin bar: the value, the tick of the threshold, the range when known.
 *
 * @param {{value: number | null, threshold: number | null, low?: number | null, high?: number | null}} figures
 * @param {"opportunity" | "bottleneck"} kind
 */
export function bulletBar({ value, threshold, low, high }, kind) {
  if (!isKnown(value)) return null;
  const known = [value, threshold, low, high].filter(isKnown);
  const end = Math.max(...known.map(Math.abs), 0) * 1.12 || 1;
  /** @param {number} part */
  const x = (part) => Math.max(0, Math.min(200, (200 * part) / end));
  return s(
    "svg",
    { viewBox: "0 0 200 12", preserveAspectRatio: "none", class: `bullet bullet-${kind}`, "aria-hidden": "true" },
    s("rect", { x: 0, y: 3, width: 200, height: 6, class: "bullet-track" }),
    s("rect", { x: 0, y: 3, width: x(value), height: 6, class: "bullet-value" }),
    isKnown(low) && isKnown(high) && low !== high && s("path", { d: `M${x(low)} 3.5v5M${x(low)} 6H${x(high)}M${x(high)} 3.5v5`, class: "bullet-range" }),
    isKnown(threshold) && s("rect", { x: x(threshold) - 1, y: 0, width: 2, height: 12, class: "bullet-threshold" }),
  );
}

/**
 * @param {{id: string, color: string, label: string, probability: number}[]} parts largest first
 */
export function probabilityBar(parts) {
  const shown = parts.filter((part) => part.probability >= 0.005);
  return h(
    "div",
    { class: "probability" },
    h(
      "div",
      { class: "probability-bar", "aria-hidden": "true" },
      shown.map((part) =>
        h("span", { class: part.id === "onbekend" ? "hatched" : "", style: { "flex-grow": part.probability, "--class": part.color } }),
      ),
    ),
    h(
      "p",
      { class: "probability-words" },
      shown.map((part, index) => [
        index > 0 && " · ",
        h("span", { class: index === 0 ? "strong" : "" }, `${part.label} ${percent(part.probability)}`),
      ]).flat(),
    ),
  );
}
