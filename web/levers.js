/**
 * The levers of the scenario card: what each may be, how a link holds them, and what they do to
 * yield, demand and headroom. Shares from 0 to 1; headroom is a factor.
 */

import { derived, respond } from "./response.js";

/** @typedef {import("./classify.js").Figures} Figures */
/** @typedef {import("./types.js").LiveAssumptions} LiveAssumptions */
/** @typedef {"adoption" | "saving" | "heat_pumps" | "cars" | "batteries" | "headroom"} Lever */
/** @typedef {Record<Lever, number>} Levers */

/**
 * @typedef {object} LeverKind
 * @property {Lever} key
 * @property {number} min
 * @property {number} max
 * @property {number} step
 * @property {number} base as the zones were judged
 * @property {"share" | "times"} kind
 */

/** @type {LeverKind[]} */
export const LEVERS = [
  { key: "adoption", min: 0.1, max: 1, step: 0.05, base: 1, kind: "share" },
  { key: "cars", min: 0, max: 1, step: 0.05, base: 0, kind: "share" },
  { key: "heat_pumps", min: 0, max: 1, step: 0.02, base: 0, kind: "share" },
  { key: "batteries", min: 0, max: 1, step: 0.05, base: 0, kind: "share" },
  { key: "saving", min: 0, max: 0.4, step: 0.05, base: 0, kind: "share" },
  { key: "headroom", min: 0.25, max: 3, step: 0.05, base: 1, kind: "times" },
];

/** A battery that serves one home empties about this often in a year; own assumption. */
const CYCLES_PER_YEAR = 250;
const SAME = 1e-6;

/** @returns {Levers} */
export function baseLevers() {
  return /** @type {Levers} */ (Object.fromEntries(LEVERS.map(({ key, base }) => [key, base])));
}

/**
 * @param {Levers} levers
 * @param {Partial<Levers>} other
 */
export function sameLevers(levers, other) {
  return Object.entries(other).every(([key, value]) => Math.abs(levers[/** @type {Lever} */ (key)] - value) < SAME);
}

/** @param {Levers} levers */
export function isBase(levers) {
  return sameLevers(levers, baseLevers());
}

/**
 * @param {string} text such as `adoption:0.5,cars:0.2`
 * @returns {Levers | null} null when it cannot be read
 */
export function parseLevers(text) {
  const levers = baseLevers();
  for (const part of text.split(",")) {
    const [key, value, ...rest] = part.split(":");
    const lever = LEVERS.find((found) => found.key === key);
    const number = Number(value);
    if (!lever || rest.length || !value || !Number.isFinite(number)) return null;
    levers[lever.key] = Math.min(Math.max(number, lever.min), lever.max);
  }
  return levers;
}

/**
 * @param {Levers} levers
 * @returns {string} only what differs from the base
 */
export function formatLevers(levers) {
  return LEVERS.filter(({ key, base }) => Math.abs(levers[key] - base) >= SAME)
    .map(({ key }) => `${key}:${Number(levers[key].toFixed(4))}`)
    .join(",");
}

/**
 * What a battery adds to what is used: at most what is left over and what is still asked for,
 * and at most what its cycles carry.
 *
 * @param {number} surplusKwh
 * @param {number} deficitKwh
 * @param {number} capacityKwh
 * @param {{share: number, efficiency: number}} battery share of owners that have one
 */
function fromBattery(surplusKwh, deficitKwh, capacityKwh, { share, efficiency }) {
  const limit = share * Math.min(surplusKwh * efficiency, deficitKwh);
  return limit > 0 ? limit * (1 - Math.exp((-capacityKwh * CYCLES_PER_YEAR * efficiency) / limit)) : 0 * limit;
}

/**
 * Figures of zones after the levers; an approximation, see `specs/live-scenarios.md`.
 *
 * @param {Figures} found
 * @param {import("./response.js").Inputs} inputs
 * @param {Float64Array} headroomKw under the chosen rules
 * @param {Levers} levers
 * @param {LiveAssumptions} assumed
 * @returns {Figures}
 */
export function pull(found, inputs, headroomKw, levers, assumed) {
  const count = headroomKw.length;
  const { adoption, saving, heat_pumps: pumps, cars, batteries, headroom } = levers;
  const change = {
    ownRatio: new Float64Array(count),
    pooledRatio: new Float64Array(count),
    yieldFactor: new Float64Array(count).fill(adoption),
    demandFactor: new Float64Array(count),
    // New loads fall outside the hours of most sun, so that they are not counted on there.
    sunnyDemandFactor: new Float64Array(count).fill(1 - saving),
    headroomKw: headroomKw.map((room) => room * headroom),
  };
  const pumpKwh = pumps * assumed.heat_pump_kwh;
  const carKwh = cars * assumed.cars_per_dwelling * assumed.car_kwh;
  for (let z = 0; z < count; z += 1) {
    const homes = Number.isNaN(found.dwellings[z]) ? 0 : found.dwellings[z];
    const demand = found.consumption_kwh[z];
    const added = demand > 0 ? (homes * (pumpKwh + carKwh)) / demand : 0;
    const useful = demand > 0 ? (homes * (pumpKwh * assumed.heat_pump_match + carKwh * assumed.car_match)) / demand : 0;
    change.demandFactor[z] = 1 - saving + added;
    // Who has panels keeps them whole; fewer have them.
    change.ownRatio[z] = 1 / (1 - saving + useful);
    change.pooledRatio[z] = adoption / (1 - saving + useful);
  }
  const made = respond(found, inputs, change);
  made.capacity_kwp = found.capacity_kwp.map((capacity) => capacity * adoption);
  return batteries > 0 ? withBatteries(made, batteries, assumed) : made;
}

/**
 * @param {Figures} made
 * @param {number} share
 * @param {LiveAssumptions} assumed
 */
function withBatteries(made, share, assumed) {
  const battery = { share, efficiency: assumed.battery_efficiency };
  /** @param {number} z @returns {number} share of the yield that goes through batteries to the own building */
  const stored = (z) => {
    const [supply, used] = [made.annual_yield_kwh[z], made.self_consumption[z]];
    const capacity = made.capacity_kwp[z] * share * assumed.battery_kwh_per_kwp;
    return fromBattery(supply * (1 - used), made.consumption_kwh[z] - supply * used, capacity, battery) / supply;
  };
  const own = made.self_consumption.map((used, z) => Math.min(used + stored(z), 1));
  // Of what a battery keeps, neighbours would have used a part; only the rest is won for the zone.
  const pooled = made.self_consumption_pooled.map((used, z) => {
    const left = made.self_consumption[z] < 1 ? (1 - used) / (1 - made.self_consumption[z]) : 0;
    return Math.max(Math.min(used + (own[z] - made.self_consumption[z]) * left, 1), own[z]);
  });
  return derived({ ...made, self_consumption: own, self_consumption_pooled: pooled });
}

