/**
 * The one place where a number becomes text: thin-space groups, Belgian decimal comma,
 * significant figures for estimates, and always a unit.
 */

/** @type {Record<string, string>} */
const INTL = { nl: "nl-BE", fr: "fr-BE", en: "en-GB" };
const GROUP = "\u202f";
const SPACE = "\u00a0";

/** Units that grow by a thousand, smallest first. */
const LADDERS = [
  ["kWh", "MWh", "GWh", "TWh"],
  ["kW", "MW", "GW"],
  ["kWp", "MWp", "GWp"],
  ["kg", "t", "kt"],
];

/** How a unit code of the server is written on screen. @type {Record<string, string>} */
const UNIT_TEXT = {
  m2: "m²",
  "kWh/m2": "kWh/m²",
  "kWh/kWp": "kWh/kWp",
  deg: "°",
  EUR: "€",
};

const SHARE_UNITS = new Set(["-", "%", "share", "ratio", "1", "fraction", ""]);
const COUNT_NAMES = new Set(["buildings", "dwellings", "connections", "zones", "roof_planes"]);
/** Ratios that may pass 1 and read better as "1,4 ×". */
const TIMES_NAMES = new Set(["headroom_ratio", "yield_demand_ratio"]);

let language = "nl";
/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/** @param {string} lang "nl", "fr" or "en" */
export function setNumberLanguage(lang) {
  language = lang in INTL ? lang : "nl";
}

/** @param {Intl.NumberFormatOptions} options */
function format(options) {
  const key = language + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.NumberFormat(INTL[language], { useGrouping: true, ...options });
    formats.set(key, found);
  }
  return found;
}

/**
 * @param {number | null | undefined} value
 * @returns {value is number}
 */
export function isKnown(value) {
  return typeof value === "number" && Number.isFinite(value);
}

/**
 * Write a bare number; a unit must follow from the caller.
 *
 * @param {number} value
 * @param {Intl.NumberFormatOptions} [options]
 */
export function number(value, options = { maximumSignificantDigits: 3 }) {
  return format(options)
    .formatToParts(Object.is(value, -0) ? 0 : value)
    .map((part) => (part.type === "group" ? GROUP : part.value === "-" ? "−" : part.value))
    .join("");
}

/** @param {number} value a count, written whole */
export function count(value) {
  return number(value, { maximumFractionDigits: 0 });
}

/**
 * @param {number | null | undefined} value ratio from 0 to 1
 * @returns {string} percentage, or a dash when unknown
 */
export function percent(value) {
  if (!isKnown(value)) return "–";
  const shown = value * 100;
  const small = Math.abs(shown) > 0 && Math.abs(shown) < 1;
  return number(shown, small ? { maximumSignificantDigits: 1 } : { maximumFractionDigits: 0 }) + SPACE + "%";
}

/**
 * Choose the step of a unit's ladder on which the largest of the values reads best.
 *
 * @param {(number | null | undefined)[]} values
 * @param {string} unit
 * @returns {{factor: number, unit: string}} multiply by factor to get the shown unit
 */
export function scaleOf(values, unit) {
  const ladder = LADDERS.find((steps) => steps.includes(unit));
  if (!ladder) return { factor: 1, unit: UNIT_TEXT[unit] ?? unit };
  let step = ladder.indexOf(unit);
  let factor = 1;
  const largest = Math.max(0, ...values.filter(isKnown).map(Math.abs));
  while (largest * factor >= 1000 && step < ladder.length - 1) {
    factor /= 1000;
    step += 1;
  }
  return { factor, unit: ladder[step] };
}

/**
 * Write an estimate with its unit, scaled: 1 830 000 kWh becomes "1,83 GWh".
 *
 * @param {number | null | undefined} value
 * @param {string} unit
 * @param {number} [figures] significant figures
 */
export function quantity(value, unit, figures = 3) {
  if (!isKnown(value)) return "–";
  const scale = scaleOf([value], unit);
  return number(value * scale.factor, { maximumSignificantDigits: figures }) + SPACE + scale.unit;
}

/**
 * Write a range: "280–560 kW".
 *
 * @param {number | null | undefined} low
 * @param {number | null | undefined} high
 * @param {string} unit
 * @param {number} [figures]
 * @returns {string} empty when an end is unknown or both are the same
 */
export function range(low, high, unit, figures = 2) {
  if (!isKnown(low) || !isKnown(high) || low === high) return "";
  const scale = scaleOf([low, high], unit);
  const options = { maximumSignificantDigits: figures };
  const ends = [low, high].map((value) => number(value * scale.factor, options));
  return ends[0] === ends[1] ? "" : `${ends[0]}–${ends[1]}${SPACE}${scale.unit}`;
}

/**
 * What kind of number an indicator is.
 *
 * @param {string} name indicator of the server
 * @param {string} unit
 * @returns {"share" | "times" | "count" | "quantity"}
 */
export function kindOf(name, unit) {
  if (COUNT_NAMES.has(name)) return "count";
  if (TIMES_NAMES.has(name)) return "times";
  return SHARE_UNITS.has(unit) ? "share" : "quantity";
}

/**
 * Write the value of an indicator in the way its kind asks for.
 *
 * @param {string} name
 * @param {number | null | undefined} value
 * @param {string} unit
 */
export function indicator(name, value, unit) {
  if (!isKnown(value)) return "–";
  switch (kindOf(name, unit)) {
    case "share":
      return percent(value);
    case "times":
      return number(value, { maximumSignificantDigits: 2 }) + SPACE + "×";
    case "count":
      return count(value);
    default:
      return quantity(value, unit);
  }
}

/**
 * @param {string} name
 * @param {number | null | undefined} low
 * @param {number | null | undefined} high
 * @param {string} unit
 */
export function indicatorRange(name, low, high, unit) {
  if (!isKnown(low) || !isKnown(high) || low === high) return "";
  const kind = kindOf(name, unit);
  if (kind === "quantity") return range(low, high, unit);
  const [first, last] = [low, high].map((value) => indicator(name, value, unit));
  const tail = last.slice(last.indexOf(SPACE));
  const start = first.endsWith(tail) ? first.slice(0, -tail.length) : first;
  return first === last ? "" : `${start}–${last}`;
}

/**
 * @param {string | null | undefined} value ISO date or date and time
 * @param {{time?: boolean}} [options]
 * @returns {string} "23 november 2026", or the text itself when it is no date
 */
export function date(value, { time = false } = {}) {
  if (!value) return "–";
  const full = /^\d{4}-\d{2}-\d{2}/.test(value);
  const moment = new Date(value);
  if (!full || Number.isNaN(moment.getTime())) return value;
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { day: "numeric", month: "long", year: "numeric", timeZone: "Europe/Brussels" };
  if (time) Object.assign(options, { hour: "2-digit", minute: "2-digit" });
  return new Intl.DateTimeFormat(INTL[language], options).format(moment);
}

/** @returns {string[]} twelve short month names in the chosen language */
export function monthNames() {
  const names = new Intl.DateTimeFormat(INTL[language], { month: "long", timeZone: "UTC" });
  return Array.from({ length: 12 }, (_, month) => names.format(new Date(Date.UTC(2001, month, 15))));
}
