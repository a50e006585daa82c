/**
 * The state of the screen and the URL hash that holds it.
 *
 * `#map=14.2/51.0500/3.7200&lang=nl&zone=z12&class=delen,overschot&layers=irradiation:1:0.6&show=table`
 */

import { isLanguage } from "./i18n.js";

/**
 * @typedef {object} View
 * @property {number} zoom
 * @property {number} lat
 * @property {number} lon
 *
 * @typedef {object} LayerState
 * @property {boolean} visible
 * @property {number} opacity from 0 to 1
 *
 * @typedef {object} State
 * @property {import("./types.js").Language | null} lang null = the project's own
 * @property {View | null} view null = the whole area
 * @property {string | null} zone
 * @property {string[]} classes chosen classes; none = all
 * @property {Record<string, LayerState>} layers only what differs from the style
 * @property {string[]} order ids of layers from top to bottom; none = as the style has them
 * @property {string[] | null} select ids of selected zones; null = nothing is being selected
 * @property {import("./table.js").Order | null} sort of the table; null = by name
 * @property {"map" | "table"} show
 */

/** Keys in the hash, in the order in which they are written. */
const KEYS = ["map", "lang", "zone", "class", "layers", "order", "sel", "sort", "show"];
/** Stands for a selection that is open and still empty. */
const NONE_YET = "-";

/** @returns {State} */
export function initialState() {
  return { lang: null, view: null, zone: null, classes: [], layers: {}, order: [], select: null, sort: null, show: "map" };
}

/**
 * @param {string} text
 * @returns {View | null}
 */
function readView(text) {
  const parts = text.split("/").map(Number);
  if (parts.length !== 3 || !parts.every(Number.isFinite)) return null;
  const [zoom, lat, lon] = parts;
  const inside = zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
  return inside ? { zoom, lat, lon } : null;
}

/**
 * @param {string} text
 * @returns {Record<string, LayerState> | null}
 */
function readLayers(text) {
  /** @type {Record<string, LayerState>} */
  const layers = {};
  for (const part of text.split(",")) {
    const match = /^([\w-]{1,64}):([01])(?::(0(?:\.\d+)?|1(?:\.0+)?))?$/.exec(part);
    if (!match) return null;
    layers[match[1]] = { visible: match[2] === "1", opacity: match[3] ? Number(match[3]) : 1 };
  }
  return layers;
}

/**
 * Ids may hold a comma, so each is escaped once more than the hash itself asks.
 *
 * @param {string} text
 * @returns {string[] | null}
 */
function readIds(text) {
  if (text === NONE_YET) return [];
  try {
    const ids = text.split(",").map(decodeURIComponent);
    return ids.every((id) => id.length > 0 && id.length <= 128) ? [...new Set(ids)] : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} text
 * @returns {import("./table.js").Order | null}
 */
function readSort(text) {
  const match = /^([a-z_0-9]{1,48}):(up|down)$/.exec(text);
  return match && { key: /** @type {any} */ (match[1]), descending: match[2] === "down" };
}

/**
 * Readers of the hash's values: each returns what it changes, or null when it cannot be read.
 *
 * @type {Record<string, (text: string) => Partial<State> | null>}
 */
const READERS = {
  map: (text) => {
    const view = readView(text);
    return view && { view };
  },
  lang: (text) => (isLanguage(text) ? { lang: text } : null),
  zone: (text) => (text.length <= 128 ? { zone: text } : null),
  class: (text) => ({ classes: text.split(",").filter((name) => /^[a-z_]{1,32}$/.test(name)) }),
  layers: (text) => {
    const layers = readLayers(text);
    return layers && { layers };
  },
  order: (text) => (/^[\w-]+(,[\w-]+){0,63}$/.test(text) ? { order: text.split(",") } : null),
  sel: (text) => {
    const select = readIds(text);
    return select && { select };
  },
  sort: (text) => {
    const sort = readSort(text);
    return sort && { sort };
  },
  show: (text) => (text === "table" || text === "map" ? { show: text } : null),
};

/**
 * @param {string} hash with or without the leading `#`
 * @returns {{state: State, ignored: string[]}} `ignored` names what was unknown or unreadable
 */
export function parseHash(hash) {
  let state = initialState();
  const ignored = [];
  for (const [key, text] of new URLSearchParams(hash.replace(/^#/, ""))) {
    const change = text === "" ? null : READERS[key]?.(text);
    if (change) state = { ...state, ...change };
    else ignored.push(key);
  }
  return { state, ignored };
}

/**
 * @param {State} state
 * @returns {string} the hash without `#`; the same state always gives the same text
 */
export function formatHash(state) {
  const layers = Object.entries(state.layers)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { visible, opacity }]) => `${id}:${visible ? 1 : 0}${opacity === 1 ? "" : `:${round(opacity, 2)}`}`);
  /** @type {Record<string, string | null>} */
  const parts = {
    map: state.view && [round(state.view.zoom, 2), round(state.view.lat, 5), round(state.view.lon, 5)].join("/"),
    lang: state.lang,
    zone: state.zone && encodeURIComponent(state.zone),
    class: state.classes.join(","),
    layers: layers.join(","),
    order: state.order.join(","),
    sel: state.select && (state.select.map((id) => encodeURIComponent(encodeURIComponent(id))).join(",") || NONE_YET),
    sort: state.sort && `${state.sort.key}:${state.sort.descending ? "down" : "up"}`,
    show: state.show === "map" ? null : state.show,
  };
  return KEYS.filter((key) => parts[key])
    .map((key) => `${key}=${parts[key]}`)
    .join("&");
}

/**
 * @param {number} value
 * @param {number} digits
 */
function round(value, digits) {
  return String(Number(value.toFixed(digits)));
}

/**
 * An old link may speak of what is no longer there.
 *
 * @param {State} state
 * @param {Record<"layers" | "classes" | "zones" | "columns", Set<string>>} known
 * @returns {{kept: Partial<State>, gone: string[]}} the parts that still mean something, and the
 *     names that do not
 */
export function stillThere({ classes, layers, order, select, sort }, known) {
  const kept = {
    classes: classes.filter((id) => known.classes.has(id)),
    layers: Object.fromEntries(Object.entries(layers).filter(([id]) => known.layers.has(id))),
    order: order.filter((id) => known.layers.has(id)),
    select: select && select.filter((id) => known.zones.has(id)),
    sort: sort && known.columns.has(sort.key) ? sort : null,
  };
  const named = [...classes, ...Object.keys(layers), ...order, ...(select ?? []), ...(sort ? [sort.key] : [])];
  const found = new Set([...kept.classes, ...Object.keys(kept.layers), ...kept.order, ...(kept.select ?? []), ...(kept.sort ? [kept.sort.key] : [])]);
  return { kept, gone: [...new Set(named)].filter((name) => !found.has(name)) };
}

/** @typedef {(state: State, before: State) => void} Listener */

/**
 * @typedef {object} Store
 * @property {() => State} get
 * @property {(change: Partial<State>, options?: {remember?: boolean}) => void} set
 *     `remember` false replaces the entry in the browser's history instead of adding one
 * @property {(listener: Listener) => void} subscribe
 */

/**
 * Keep the state and the address bar equal: a choice adds to the history, moving the map does not.
 *
 * @param {{location: {hash: string}, history: Pick<History, "pushState" | "replaceState">,
 *     addEventListener: (type: string, listener: () => void) => void}} window
 * @param {(ignored: string[]) => void} onIgnored told which parameters could not be used
 * @returns {Store}
 */
export function createStore(window, onIgnored) {
  const first = parseHash(window.location.hash);
  let state = first.state;
  /** @type {Listener[]} */
  const listeners = [];
  if (first.ignored.length) onIgnored(first.ignored);

  /** @param {State} next */
  function change(next) {
    const before = state;
    state = next;
    for (const listener of listeners) listener(state, before);
  }

  window.addEventListener("popstate", () => {
    const { state: next, ignored } = parseHash(window.location.hash);
    if (ignored.length) onIgnored(ignored);
    if (formatHash(next) !== formatHash(state)) change(next);
  });

  return {
    get: () => state,
    set(patch, { remember = true } = {}) {
      const next = { ...state, ...patch };
      const hash = formatHash(next);
      if (hash === formatHash(state)) return;
      window.history[remember ? "pushState" : "replaceState"](null, "", `#${hash}`);
      change(next);
    },
    subscribe: (listener) => listeners.push(listener),
  };
}
