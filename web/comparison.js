/** What a comparison is and how a link holds it: `swipe:base:0.4`, `side:scenario.helft`. */

import { baseLevers } from "./levers.js";
import { baseSetting } from "./live.js";

/** @typedef {import("./live.js").Setting} Setting */
/** @typedef {import("./types.js").LiveDocument} LiveDocument */

/**
 * @typedef {object} Comparison
 * @property {"swipe" | "side"} mode
 * @property {string} before `base`, `scenario.<id>` or `rules.<id>`
 * @property {number} at place of the handle, from 0 to 1
 */

const MIDDLE = 0.5;
/** Steps of the handle: an arrow key, a page key. */
const STEP = 0.02;
const PAGE = 0.1;

/**
 * @param {string} text
 * @returns {Comparison | null}
 */
export function parseComparison(text) {
  const match = /^(swipe|side):(base|(?:scenario|rules)\.[\w-]{1,64})(?::(0(?:\.\d+)?|1))?$/.exec(text);
  if (!match) return null;
  return { mode: match[1] === "side" ? "side" : "swipe", before: match[2], at: match[3] ? Number(match[3]) : MIDDLE };
}

/** @param {Comparison} comparison */
export function formatComparison({ mode, before, at }) {
  const place = mode === "side" || at === MIDDLE ? "" : `:${Number(at.toFixed(3))}`;
  return `${mode}:${before}${place}`;
}

/**
 * @param {LiveDocument} document
 * @param {string} choice
 * @returns {Setting | null} null when the document no longer has it
 */
export function settingOf(document, choice) {
  if (choice === "base") return baseSetting();
  const [kind, id] = choice.split(/\.(.*)/s);
  if (kind === "rules") return document.rules.some((rules) => rules.id === id) ? { ...baseSetting(), rules: id } : null;
  const scenario = document.scenarios.find((found) => found.id === id);
  return scenario ? { levers: { ...baseLevers(), ...scenario.levers }, rules: null } : null;
}

/**
 * @param {LiveDocument} document
 * @returns {{choice: string, title: import("./types.js").Texts | null}[]} null: as computed
 */
export function choicesOf(document) {
  return [
    { choice: "base", title: null },
    ...document.scenarios.map(({ id, title }) => ({ choice: `scenario.${id}`, title })),
    ...document.rules.slice(1).map(({ id, title }) => ({ choice: `rules.${id}`, title })),
  ];
}

/**
 * @param {string} key
 * @param {number} at
 * @returns {number | null} where the handle goes; null when the key is not its own
 */
export function handleKey(key, at) {
  /** @type {Record<string, number>} */
  const places = { ArrowLeft: at - STEP, ArrowDown: at - STEP, ArrowRight: at + STEP, ArrowUp: at + STEP, PageDown: at - PAGE, PageUp: at + PAGE, Home: 0, End: 1 };
  return key in places ? Math.min(Math.max(Math.round(places[key] * 1000) / 1000, 0), 1) : null;
}
