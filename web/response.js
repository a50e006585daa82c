/**
 * How the figures of zones answer when yield, demand and headroom change: the same curves as
 * `zonnekaart/zoning/response.py`, for one change at a time.
 */

/** @typedef {import("./classify.js").Figures} Figures */

/**
 * @typedef {object} Change
 * @property {Float64Array} ownRatio factor on yield ÷ demand of those who have panels
 * @property {Float64Array} pooledRatio factor on yield ÷ demand of the whole zone
 * @property {Float64Array} yieldFactor
 * @property {Float64Array} demandFactor
 * @property {Float64Array} sunnyDemandFactor on the load while the sun gives most
 * @property {Float64Array} headroomKw at the found demand
 *
 * @typedef {{pvPeakKw: Float64Array, minLoadSunnyKw: Float64Array}} Inputs
 */

const HEADROOM_FLOOR_KW = 1;
const LEAST_SHARE = 1e-9;
const SHARPNESS = { own: 1, pooled: 2 };

/**
 * @param {number} found self-consumption as found
 * @param {number} factor new ratio of yield to demand ÷ the found one
 * @param {number} sharpness
 */
export function scaledSelfConsumption(found, factor, sharpness) {
  const clipped = Math.min(Math.max(found, LEAST_SHARE), 1);
  const saturation = clipped ** -sharpness - 1;
  const change = (1 + saturation) / (1 + saturation * factor ** sharpness);
  return Math.min(found * change ** (1 / sharpness), 1);
}

/** @param {number} part @param {number} whole */
const ratio = (part, whole) => (whole > 0 ? part / whole : NaN);

/**
 * @param {Figures} found
 * @param {Inputs} inputs
 * @param {Change} change
 * @returns {Figures} all figures; what the change does not touch is the same array
 */
export function respond(found, inputs, change) {
  const count = found.annual_yield_kwh.length;
  /** @param {(zone: number) => number} value */
  const column = (value) => Float64Array.from({ length: count }, (_, zone) => value(zone));
  const made = { ...found };
  made.annual_yield_kwh = column((z) => found.annual_yield_kwh[z] * change.yieldFactor[z]);
  made.consumption_kwh = column((z) => found.consumption_kwh[z] * change.demandFactor[z]);
  if (found.peak_offtake_kw) made.peak_offtake_kw = column((z) => found.peak_offtake_kw[z] * change.demandFactor[z]);
  made.self_consumption = column((z) => scaledSelfConsumption(found.self_consumption[z], change.ownRatio[z], SHARPNESS.own));
  // Sharing never takes away what a building uses itself.
  made.self_consumption_pooled = column((z) =>
    Math.max(scaledSelfConsumption(found.self_consumption_pooled[z], change.pooledRatio[z], SHARPNESS.pooled), made.self_consumption[z]),
  );
  return { ...derived(made), ...gridResponse(found, inputs, change) };
}

/**
 * Figures that follow from yield, consumption and the two self-consumptions.
 *
 * @param {Figures} made
 * @returns {Figures}
 */
export function derived(made) {
  const { annual_yield_kwh: supply, consumption_kwh: demand, self_consumption: own, self_consumption_pooled: pooled } = made;
  /** @param {(zone: number) => number} value */
  const column = (value) => Float64Array.from(supply, (_, zone) => value(zone));
  return {
    ...made,
    self_sufficiency: column((z) => Math.min(own[z] * ratio(supply[z], demand[z]), 1)),
    self_sufficiency_pooled: column((z) => Math.min(pooled[z] * ratio(supply[z], demand[z]), 1)),
    surplus_kwh: column((z) => supply[z] * (1 - pooled[z])),
    residual_kwh: column((z) => Math.max(demand[z] - pooled[z] * supply[z], 0)),
    sharing_gain: column((z) => pooled[z] - own[z]),
    surplus_share: column((z) => 1 - pooled[z]),
    yield_demand_ratio: column((z) => ratio(supply[z], demand[z])),
  };
}

/**
 * Peak of injection against headroom; the load at the peak follows the demand in sunny hours.
 *
 * @param {Figures} found
 * @param {Inputs} inputs
 * @param {Change} change
 * @returns {Figures}
 */
function gridResponse(found, { pvPeakKw, minLoadSunnyKw }, { yieldFactor, sunnyDemandFactor, headroomKw }) {
  const count = pvPeakKw.length;
  const injection = new Float64Array(count);
  const headroom = new Float64Array(count);
  for (let z = 0; z < count; z += 1) {
    const load = Math.max(pvPeakKw[z] - found.peak_injection_kw[z], 0);
    const peak = found.peak_injection_kw[z] + pvPeakKw[z] * (yieldFactor[z] - 1);
    injection[z] = Math.max(peak - load * (sunnyDemandFactor[z] - 1), 0);
    headroom[z] = Math.max(headroomKw[z] + minLoadSunnyKw[z] * (sunnyDemandFactor[z] - 1), 0);
  }
  return {
    peak_injection_kw: injection,
    pv_headroom_kw: headroom,
    headroom_ratio: headroomRatio(injection, headroom),
  };
}

/**
 * @param {Float64Array} injectionKw
 * @param {Float64Array} headroomKw
 */
export function headroomRatio(injectionKw, headroomKw) {
  return injectionKw.map((peak, zone) => peak / Math.max(headroomKw[zone], HEADROOM_FLOOR_KW));
}
