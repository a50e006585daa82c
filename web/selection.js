/** What a selection of zones adds up to, and which zones lie in a drawn shape. */

import { isKnown } from "./numbers.js";

/** @typedef {import("./types.js").ZoneRow} ZoneRow */
/** @typedef {[number, number]} LonLat */

/**
 * @typedef {object} Sums
 * @property {number} zones
 * @property {number} hidden zones whose demand may not be shown, or is not known
 * @property {number | null} buildings
 * @property {number | null} annual_yield_kwh
 * @property {number | null} capacity_kwp
 * @property {number | null} existing_kwp
 * @property {number | null} consumption_kwh of the zones that show theirs
 * @property {number | null} self_consumption of the sum: own use over supply, no mean of shares
 * @property {number | null} self_consumption_pooled
 * @property {number | null} self_sufficiency
 */

/**
 * @param {ZoneRow[]} rows
 * @param {keyof ZoneRow} key
 * @returns {number | null} null when nothing is known
 */
function sum(rows, key) {
  const known = rows.map((row) => /** @type {number} */ (row[key])).filter(isKnown);
  return known.length ? known.reduce((a, b) => a + b, 0) : null;
}

/**
 * A share of a sum: energy over energy. Zones without one of the two count for neither.
 *
 * @param {ZoneRow[]} rows
 * @param {keyof ZoneRow} share
 * @param {keyof ZoneRow} whole
 */
function shareOfSum(rows, share, whole) {
  const both = rows.filter((row) => isKnown(/** @type {any} */ (row[share])) && isKnown(/** @type {any} */ (row[whole])));
  const total = both.reduce((all, row) => all + Number(row[whole]), 0);
  return total > 0 ? both.reduce((part, row) => part + Number(row[share]) * Number(row[whole]), 0) / total : null;
}

/**
 * Demand is summed over zones that may show theirs, so that no hidden one can be found by
 * subtraction.
 *
 * @param {ZoneRow[]} rows
 * @returns {Sums}
 */
export function sums(rows) {
  const shown = rows.filter((row) => row.published && isKnown(row.consumption_kwh));
  return {
    zones: rows.length,
    hidden: rows.length - shown.length,
    buildings: sum(rows, "buildings"),
    annual_yield_kwh: sum(rows, "annual_yield_kwh"),
    capacity_kwp: sum(rows, "capacity_kwp"),
    existing_kwp: sum(rows, "existing_kwp"),
    consumption_kwh: sum(shown, "consumption_kwh"),
    self_consumption: shareOfSum(shown, "self_consumption", "annual_yield_kwh"),
    self_consumption_pooled: shareOfSum(shown, "self_consumption_pooled", "annual_yield_kwh"),
    self_sufficiency: shareOfSum(shown, "self_sufficiency", "consumption_kwh"),
  };
}

/**
 * @param {LonLat} point
 * @param {LonLat[]} ring open or closed
 */
export function inRing([x, y], ring) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [[xi, yi], [xj, yj]] = [ring[i], ring[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/**
 * Zones whose middle lies in a drawn shape.
 *
 * @param {ZoneRow[]} rows
 * @param {LonLat[]} ring
 * @returns {string[]}
 */
export function idsInside(rows, ring) {
  return rows.filter((row) => inRing(row.center_lonlat, ring)).map((row) => row.zone_id);
}

/**
 * @param {ZoneRow[]} rows
 * @returns {{name: string, zones: number}[]} areas that hold zones, by name
 */
export function areasOf(rows) {
  /** @type {Map<string, number>} */
  const found = new Map();
  for (const { area } of rows) if (area) found.set(area, (found.get(area) ?? 0) + 1);
  const collator = new Intl.Collator("nl", { numeric: true });
  return [...found].map(([name, zones]) => ({ name, zones })).sort((a, b) => collator.compare(a.name, b.name));
}
