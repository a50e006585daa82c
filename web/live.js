/** Zones judged on the page: under sliders, scenarios that were computed, and other rule sets. */

import { classify } from "./classify.js";
import { LEVERS, baseLevers, isBase, pull, sameLevers } from "./levers.js";
import { derived, headroomRatio } from "./response.js";

/** @typedef {import("./types.js").LiveDocument} LiveDocument */
/** @typedef {import("./types.js").LiveScenario} LiveScenario */
/** @typedef {import("./types.js").ZoneRow} ZoneRow */
/** @typedef {import("./types.js").ZoneClass} ZoneClass */
/** @typedef {import("./classify.js").Figures} Figures */
/** @typedef {import("./levers.js").Levers} Levers */

/**
 * @typedef {object} Setting
 * @property {Levers} levers
 * @property {string | null} rules id of a rule set; null = the project's own
 *
 * @typedef {object} Outcome
 * @property {boolean} base nothing differs from what was computed
 * @property {LiveScenario | null} scenario computed in full with these very levers
 * @property {ZoneRow[]} rows as the table shows them
 * @property {number} changed number of zones of another class than computed
 */

/** Figures of a row that sliders change. @type {("annual_yield_kwh" | "consumption_kwh" | "self_consumption" | "self_sufficiency" | "self_consumption_pooled" | "headroom_ratio" | "capacity_kwp")[]} */
const SHOWN = ["annual_yield_kwh", "consumption_kwh", "self_consumption", "self_sufficiency", "self_consumption_pooled", "headroom_ratio", "capacity_kwp"];

/** What scenarios correct; all else follows from these. */
const CORRECTED = ["annual_yield_kwh", "consumption_kwh", "self_consumption", "self_consumption_pooled", "peak_injection_kw", "capacity_kwp"];
/** Distance over the levers that are shares at which a scenario says nothing any more. */
const REACH = 0.5;

/** @param {(number | null)[]} column */
const numbers = (column) => Float64Array.from(column, (value) => value ?? NaN);

/** @returns {Setting} */
export function baseSetting() {
  return { levers: baseLevers(), rules: null };
}

export class LiveModel {
  /**
   * @param {LiveDocument} document
   * @param {ZoneRow[]} rows
   */
  constructor(document, rows) {
    /** A scenario that changes nothing is what was computed anyway. */
    this.document = { ...document, scenarios: document.scenarios.filter(({ levers }) => !isBase({ ...baseLevers(), ...levers })) };
    this.rows = rows;
    this.found = Object.fromEntries(Object.entries(document.indicators).map(([name, column]) => [name, numbers(column)]));
    this.inputs = { pvPeakKw: numbers(document.pv_peak_kw), minLoadSunnyKw: numbers(document.min_load_sunny_kw) };
    this.headroom = new Map(document.rules.map((rules) => [rules.id, numbers(rules.pv_headroom_kw)]));
    /** Position in the columns of each row. */
    const places = new Map(document.zone_ids.map((id, place) => [id, place]));
    this.places = rows.map((row) => places.get(row.zone_id) ?? -1);
    /** @type {{levers: Levers, missed: Figures}[] | undefined} */
    this.known = undefined;
    /** Rows as computed, with the capacity that only the columns hold. */
    this.base = rows.map((row, index) => {
      const { capacity_kwp, self_consumption_pooled } = this.figuresOf(this.found, this.places[index], ["capacity_kwp", "self_consumption_pooled"]);
      return { ...row, capacity_kwp, self_consumption_pooled };
    });
  }

  /**
   * @param {Figures} figures
   * @param {number} place
   * @param {typeof SHOWN} [names]
   */
  figuresOf(figures, place, names = SHOWN) {
    /** @type {Partial<ZoneRow>} */
    const shown = {};
    for (const name of names) shown[name] = place < 0 || Number.isNaN(figures[name][place]) ? null : figures[name][place];
    return shown;
  }

  /** Room on the grid under a rule set's limit. @param {string | null} rules [kW] */
  roomOf(rules) {
    return this.headroom.get(this.rulesOf({ rules }).id) ?? new Float64Array(this.document.zone_ids.length).fill(NaN);
  }

  /** @param {{rules: string | null}} setting */
  rulesOf({ rules }) {
    return this.document.rules.find((found) => found.id === rules) ?? this.document.rules[0];
  }

  /**
   * @param {Levers} levers
   * @returns {LiveScenario | null} whose levers these are; headroom may differ, as it is no part of one
   */
  scenarioOf(levers) {
    return this.document.scenarios.find((scenario) => sameLevers(levers, scenario.levers)) ?? null;
  }

  /**
   * What the approximation misses at each scenario that was computed in full.
   *
   * @returns {{levers: Levers, missed: Figures}[]}
   */
  get corrections() {
    this.known ??= this.document.scenarios
      .map(({ levers, figures }) => ({ levers: { ...baseLevers(), ...levers }, figures }))
      .map(({ levers, figures }) => {
        const pulled = this.pulled(levers, this.roomOf(null));
        /** @param {string} name */
        const missed = (name) => numbers(figures[name]).map((value, zone) => value - pulled[name][zone] || 0);
        return { levers, missed: Object.fromEntries(CORRECTED.map((name) => [name, missed(name)])) };
      });
    return this.known;
  }

  /**
   * @param {Levers} levers
   * @param {Float64Array} headroomKw
   */
  pulled(levers, headroomKw) {
    return pull(this.found, this.inputs, headroomKw, levers, this.document.assumptions);
  }

  /**
   * @param {Setting} setting
   * @returns {Figures} at a scenario what was computed, between them an approximation
   */
  figures(setting) {
    const pulled = this.pulled(setting.levers, this.roomOf(setting.rules));
    const near = this.corrections.map(({ levers, missed }) => ({ missed, weight: nearness(setting.levers, levers) })).filter(({ weight }) => weight > 0);
    return near.length ? corrected(pulled, near) : pulled;
  }

  /**
   * @param {Setting} setting
   * @returns {Outcome}
   */
  judge(setting) {
    const rules = this.rulesOf(setting);
    const base = isBase(setting.levers) && rules === this.document.rules[0];
    const scenario = this.scenarioOf(setting.levers);
    if (base) return { base, scenario, rows: this.base, changed: 0 };
    const figures = this.figures(setting);
    const classes = classify(rules.steps, figures, this.document.zone_ids.length);
    let changed = 0;
    const rows = this.base.map((row, index) => {
      const place = this.places[index];
      // A zone whose demand may not be shown keeps what was published of it.
      if (place < 0 || this.document.hidden[place]) return row;
      const other = classes[place] !== row.zone_class;
      if (other) changed += 1;
      return {
        ...row,
        ...this.figuresOf(figures, place),
        zone_class: classes[place],
        // How sure a class is was computed for the class that was found.
        confidence: other ? null : row.confidence,
      };
    });
    return { base, scenario, rows, changed };
  }
}

/**
 * How far a scenario reaches: whole at its own levers, nothing at `REACH` from them.
 *
 * @param {Levers} levers
 * @param {Levers} of
 */
export function nearness(levers, of) {
  const distance = Math.hypot(...LEVERS.filter(({ kind }) => kind === "share").map(({ key }) => levers[key] - of[key]));
  return Math.max(0, 1 - distance / REACH) ** 2;
}

/**
 * @param {Figures} pulled
 * @param {{missed: Figures, weight: number}[]} near
 * @returns {Figures}
 */
function corrected(pulled, near) {
  const whole = Math.max(1, near.reduce((sum, { weight }) => sum + weight, 0));
  const made = { ...pulled };
  for (const name of CORRECTED) {
    const top = name.startsWith("self_") ? 1 : Infinity;
    made[name] = pulled[name].map((value, zone) => {
      const missed = near.reduce((sum, { missed: of, weight }) => sum + (of[name][zone] * weight) / whole, 0);
      return Math.min(Math.max(value + missed, 0), top);
    });
  }
  const all = derived(made);
  all.headroom_ratio = headroomRatio(all.peak_injection_kw, all.pv_headroom_kw);
  return all;
}
