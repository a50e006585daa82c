/** Which zones are shown: classes, ranges of figures, and how sure a class is. */

import { isKnown } from "./numbers.js";

/** @typedef {import("./types.js").ZoneRow} ZoneRow */
/** @typedef {"annual_yield_kwh" | "consumption_kwh" | "self_consumption" | "headroom_ratio" | "capacity_kwp" | "confidence"} Field */
/** @typedef {Partial<Record<Field, [number, number]>>} Ranges both ends belong to the range */

/**
 * @typedef {object} FieldKind
 * @property {Field} key
 * @property {string} label key of the text
 * @property {string} unit
 * @property {"even" | "log"} scale of the histogram: sizes of zones differ by powers of ten
 */

/** @type {FieldKind[]} */
export const FIELDS = [
  { key: "annual_yield_kwh", label: "word.supply", unit: "kWh", scale: "log" },
  { key: "consumption_kwh", label: "word.demand", unit: "kWh", scale: "log" },
  { key: "capacity_kwp", label: "word.capacity", unit: "kWp", scale: "log" },
  { key: "self_consumption", label: "word.own_use", unit: "-", scale: "even" },
  { key: "headroom_ratio", label: "word.headroom_ratio", unit: "-", scale: "log" },
  { key: "confidence", label: "word.confidence", unit: "-", scale: "even" },
];

/** From this probability of its class a zone is not drawn paler; `cartography/style.py` has the same. */
export const SURE = 0.5;
const BINS = 20;
const DIGITS = 3;

/**
 * @param {string} text such as `annual_yield_kwh:1000:5000,confidence:0.6:1`
 * @returns {Ranges | null}
 */
export function parseRanges(text) {
  /** @type {Ranges} */
  const ranges = {};
  for (const part of text.split(",")) {
    const [key, low, high, ...rest] = part.split(":");
    const field = FIELDS.find((found) => found.key === key);
    if (!field || rest.length || !low || !high || !(Number(low) <= Number(high))) return null;
    ranges[field.key] = [Number(low), Number(high)];
  }
  return ranges;
}

/** @param {Ranges} ranges */
export function formatRanges(ranges) {
  return FIELDS.filter(({ key }) => ranges[key])
    .map(({ key }) => [key, .../** @type {[number, number]} */ (ranges[key])].join(":"))
    .join(",");
}

/**
 * @param {ZoneRow[]} rows
 * @param {{classes: string[], ranges: Ranges, sure: boolean}} filter
 * @param {Field | null} [except] leave this range out, as the histogram of a figure shows all it could be
 */
export function filtered(rows, { classes, ranges, sure }, except = null) {
  const asked = FIELDS.filter(({ key }) => ranges[key] && key !== except).map(({ key }) => ({ key, ends: /** @type {[number, number]} */ (ranges[key]) }));
  return rows.filter((row) => {
    if (classes.length && !classes.includes(row.zone_class)) return false;
    if (sure && !(isKnown(row.confidence) && row.confidence >= SURE)) return false;
    return asked.every(({ key, ends: [low, high] }) => {
      const value = row[key];
      return isKnown(value) && value >= low && value <= high;
    });
  });
}

/** @param {{classes: string[], ranges: Ranges, sure: boolean}} filter */
export function isFiltered({ classes, ranges, sure }) {
  return classes.length > 0 || sure || Object.keys(ranges).length > 0;
}

/**
 * Edges of the bins of a figure, from the least to the largest value: 21 numbers.
 *
 * @param {(number | null | undefined)[]} values
 * @param {"even" | "log"} scale
 * @returns {number[]} none when no two values differ
 */
export function edgesOf(values, scale) {
  const known = values.filter(isKnown);
  const positive = known.filter((value) => value > 0);
  const log = scale === "log" && positive.length > 0;
  const [least, most] = [Math.min(...(log ? positive : known)), Math.max(...known)];
  if (!(most > least)) return [];
  /** @param {number} share */
  const at = (share) => (log ? least * (most / least) ** share : least + (most - least) * share);
  const edges = Array.from({ length: BINS + 1 }, (_, bin) => rounded(at(bin / BINS), bin === 0 ? Math.floor : bin === BINS ? Math.ceil : Math.round));
  if (log && known.some((value) => value < edges[0])) edges[0] = Math.min(0, ...known);
  return edges;
}

/**
 * @param {number} value
 * @param {(value: number) => number} way the ends go outwards, so that no zone falls off
 */
function rounded(value, way) {
  if (value === 0) return 0;
  const power = 10 ** (Math.floor(Math.log10(Math.abs(value))) - DIGITS + 1);
  return Number((way(value / power) * power).toPrecision(DIGITS));
}

/**
 * @param {(number | null | undefined)[]} values
 * @param {number[]} edges
 * @returns {number[]} number of values in each bin; the last edge belongs to the last bin
 */
export function histogram(values, edges) {
  const counts = new Array(Math.max(edges.length - 1, 0)).fill(0);
  for (const value of values) {
    if (!isKnown(value) || value < edges[0] || value > edges[edges.length - 1]) continue;
    counts[Math.max(0, edges.findLastIndex((edge, bin) => bin < counts.length && value >= edge))] += 1;
  }
  return counts;
}
