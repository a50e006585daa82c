/**
 * From the figures of zones to their classes: the same ordered steps as the zoning
 * (`zonnekaart/zoning/classes.py`), so that sliders can ask again without the server.
 */

/** @typedef {import("./types.js").ZoneClass} ZoneClass */

/**
 * @typedef {object} Condition
 * @property {string} indicator
 * @property {">" | ">=" | "<" | "<="} comparison
 * @property {number} threshold
 *
 * @typedef {object} Step
 * @property {string} id
 * @property {ZoneClass} zone_class
 * @property {"next" | "onbekend"} when_unknown
 * @property {Condition[]} conditions
 *
 * @typedef {Record<string, Float64Array>} Figures one number per zone; NaN is not known
 */

/** @type {Record<Condition["comparison"], (value: number, threshold: number) => boolean>} */
const COMPARE = {
  ">": (value, threshold) => value > threshold,
  ">=": (value, threshold) => value >= threshold,
  "<": (value, threshold) => value < threshold,
  "<=": (value, threshold) => value <= threshold,
};

/**
 * @param {Step} step
 * @param {Figures} figures
 * @param {number} zone position
 * @returns {"true" | "false" | "open"} open: a missing figure leaves it undecided
 */
export function match(step, figures, zone) {
  let open = false;
  for (const { indicator, comparison, threshold } of step.conditions) {
    const value = figures[indicator][zone];
    if (Number.isNaN(value)) open = true;
    else if (!COMPARE[comparison](value, threshold)) return "false";
  }
  return open ? "open" : "true";
}

/**
 * The first step that holds decides; one that a missing figure leaves open ends the search or is
 * passed over, as it says itself.
 *
 * @param {Step[]} steps
 * @param {Figures} figures
 * @param {number} count number of zones
 * @returns {ZoneClass[]}
 */
export function classify(steps, figures, count) {
  /** @type {ZoneClass[]} */
  const classes = new Array(count).fill("onbekend");
  for (let zone = 0; zone < count; zone += 1) {
    for (const step of steps) {
      const found = match(step, figures, zone);
      if (found === "true") classes[zone] = step.zone_class;
      if (found === "true" || (found === "open" && step.when_unknown === "onbekend")) break;
    }
  }
  return classes;
}
