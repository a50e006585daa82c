/**
 * The search box: zones by name or id, areas, streets, addresses, buildings, and coordinates; a
 * combobox with a list of options. Zones answer at once, the server's places follow.
 */

import { getPlaces } from "./api.js";
import { readCoordinates } from "./coordinates.js";
import { h } from "./elements.js";
import { pick, t } from "./i18n.js";
import { number } from "./numbers.js";
import { classSymbol } from "./symbols.js";

/** @typedef {import("./types.js").ZoneRow} ZoneRow */
/** @typedef {import("./types.js").ClassInfo} ClassInfo */

const MOST = 8;
/** Zones above the places of the server, so that both are seen; the first ones keep their place. */
const ZONES_BESIDE = 4;
/** Wait until the reader pauses before the server is asked. */
const PAUSE_MS = 150;
const LEAST_LETTERS = 2;

/** @type {Record<import("./types.js").Place["kind"], string>} */
const PLACE_SIGN = { area: "▱", street: "═", address: "⌖", building: "▣" };

/** @param {string} text */
export function plain(text) {
  return text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase().trim();
}

/**
 * Zones whose name starts with the text come first, then those that hold it, then by id.
 *
 * @template {{zone_id: string, name: string}} Row
 * @param {string} text
 * @param {Row[]} rows
 * @returns {Row[]} at most eight
 */
export function matches(text, rows) {
  const wanted = plain(text);
  if (!wanted) return [];
  /** @param {Row} row */
  const rank = (row) => {
    const name = plain(row.name);
    if (name.startsWith(wanted)) return 0;
    if (name.split(/[\s-]+/).some((word) => word.startsWith(wanted))) return 1;
    if (name.includes(wanted)) return 2;
    return plain(row.zone_id).startsWith(wanted) ? 3 : 9;
  };
  return rows
    .map((row) => ({ row, place: rank(row) }))
    .filter(({ place }) => place < 9)
    .sort((a, b) => a.place - b.place || a.row.name.localeCompare(b.row.name, "nl", { numeric: true }))
    .slice(0, MOST)
    .map(({ row }) => row);
}

/**
 * @typedef {object} SearchActions
 * @property {() => ZoneRow[]} rows
 * @property {() => ClassInfo[]} classes
 * @property {(id: string) => void} openZone
 * @property {(lonlat: [number, number]) => void} goTo
 * @property {(place: import("./types.js").Place) => void} openPlace
 */

/**
 * @param {HTMLElement} place
 * @param {SearchActions} actions
 * @returns {{close: () => boolean}} `close` tells whether a list was open
 */
export function createSearch(place, actions) {
  /** @type {{element: HTMLElement, run: () => void}[]} */
  let options = [];
  let active = -1;
  /** @type {import("./types.js").Place[]} */
  let places = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;
  /** @type {AbortController | null} */
  let asking = null;
  const list = h("ul", { id: "search-list", role: "listbox", class: "search-list", hidden: true, "data-i18n-label": "search.results", "aria-label": t("search.results") });
  const input = h("input", {
    type: "text",
    id: "search-input",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    "aria-controls": "search-list",
    "aria-expanded": "false",
    "aria-autocomplete": "list",
    "data-i18n-label": "search.label",
    "data-i18n-placeholder": "search.placeholder",
    "aria-label": t("search.label"),
    placeholder: t("search.placeholder"),
  });

  function close() {
    const open = !list.hidden;
    list.hidden = true;
    options = [];
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    return open;
  }

  /** @param {number} index */
  function activate(index) {
    active = (index + options.length) % options.length;
    options.forEach(({ element }, place) => element.setAttribute("aria-selected", String(place === active)));
    input.setAttribute("aria-activedescendant", options[active].element.id);
    options[active].element.scrollIntoView({ block: "nearest" });
  }

  /** @param {() => void} run */
  function choose(run) {
    close();
    run();
  }

  /** @param {(Node | string)[]} content @param {() => void} run */
  function option(content, run) {
    const element = h("li", { role: "option", id: `option-${options.length}`, "aria-selected": "false", onpointerdown: (/** @type {Event} */ event) => event.preventDefault(), onclick: () => choose(run) }, content);
    options.push({ element, run });
    return element;
  }

  /** Ask the server once the typing pauses; without an answer zones are still found. */
  function typed() {
    places = [];
    open();
    asking?.abort();
    clearTimeout(pause);
    const text = input.value.trim();
    if (text.length < LEAST_LETTERS || readCoordinates(text)) return;
    pause = setTimeout(async () => {
      const own = new AbortController();
      asking = own;
      try {
        const found = await getPlaces(text, own.signal);
        if (own.signal.aborted || input.value.trim() !== text) return;
        places = found;
        if (document.activeElement === input) open(active);
      } catch {
        // An older build has no names to search.
      }
    }, PAUSE_MS);
  }

  /** @param {number} [keep] place of the option that stays active */
  function open(keep = 0) {
    close();
    const text = input.value;
    if (!text.trim()) return;
    const place = readCoordinates(text);
    const colors = new Map(actions.classes().map((info) => [info.id, info]));
    if (place) {
      const [lon, lat] = place.lonlat.map((degrees) => number(degrees, { minimumFractionDigits: 5, maximumFractionDigits: 5 }));
      option([h("span", { class: "option-name" }, `${lat}° ${t("north.letter")}, ${lon}° ${t("east.letter")}`), h("span", { class: "muted small" }, t(`search.${place.system}`))], () => actions.goTo(place.lonlat));
    }
    for (const row of matches(text, actions.rows()).slice(0, places.length ? ZONES_BESIDE : MOST)) {
      const info = colors.get(row.zone_class);
      option([classSymbol(row.zone_class, info?.color ?? "#9E9E9E", 18), h("span", { class: "option-name" }, row.name || row.zone_id), h("span", { class: "muted small" }, pick(info?.label))], () => actions.openZone(row.zone_id));
    }
    for (const found of places) {
      option([h("span", { class: "option-kind", "aria-hidden": "true" }, PLACE_SIGN[found.kind]), h("span", { class: "option-name" }, found.name), h("span", { class: "muted small" }, t(`search.kind.${found.kind}`))], () => actions.openPlace(found));
    }
    list.replaceChildren(...(options.length ? options.map(({ element }) => element) : [h("li", { role: "option", "aria-disabled": "true", class: "muted" }, t("search.nothing"))]));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    if (options.length) activate(Math.max(0, Math.min(keep, options.length - 1)));
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) open();
      else if (options.length) activate(active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (list.hidden) open();
      if (options[active]) choose(options[active].run);
    } else if (event.key === "Escape" && close()) {
      event.stopPropagation();
    }
  }

  input.addEventListener("input", typed);
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", key);
  place.replaceChildren(h("div", { class: "search-box" }, input, list));
  return { close };
}
