/** Filters with a histogram each, and how many zones are left; built once, updated in place. */

import { h, s } from "./elements.js";
import { FIELDS, edgesOf, filtered, histogram } from "./filters.js";
import { t } from "./i18n.js";
import { count, indicator, isKnown } from "./numbers.js";

/** @typedef {import("./types.js").ZoneRow} ZoneRow */
/** @typedef {import("./filters.js").Field} Field */
/** @typedef {import("./filters.js").Ranges} Ranges */
/** @typedef {import("./state.js").State} State */

/**
 * @typedef {object} FilterActions
 * @property {(ranges: Ranges, moving: boolean) => void} range
 * @property {(sure: boolean) => void} sure
 */

const BAR = { width: 6, high: 28 };

export class FilterPanel {
  /** @param {FilterActions} actions */
  constructor(actions) {
    this.actions = actions;
    this.moving = false;
    /** @type {Ranges} */
    this.ranges = {};
    /** @type {HTMLDetailsElement | undefined} */
    this.element = undefined;
    this.build();
  }

  /** Build the controls in the chosen language. */
  build() {
    this.fields = FIELDS.map((field) => this.field(field));
    this.sure = h("input", { type: "checkbox", id: "filter-sure", onchange: () => this.actions.sure(this.sure?.checked ?? false) });
    this.active = h("span", { class: "filter-active" });
    this.element = h(
      "details",
      { class: "filters", open: this.element?.open ?? false },
      h("summary", null, t("filter.title"), this.active),
      h("label", { class: "check" }, this.sure, h("span", null, t("filter.sure"))),
      h("p", { class: "muted small" }, t("filter.sure.hint")),
      h("div", { class: "filter-fields" }, this.fields.map(({ box }) => box)),
    );
  }

  /** @param {import("./filters.js").FieldKind} field */
  field(field) {
    const text = h("span", { class: "filter-range tabular" });
    const bars = s("svg", { class: "histogram", "aria-hidden": "true", preserveAspectRatio: "none" });
    /** @param {"low" | "high"} end */
    const thumb = (end) => {
      const input = h("input", {
        type: "range",
        id: `filter-${field.key}-${end}`,
        min: 0,
        step: 1,
        "aria-label": t(`filter.${end}`, { figure: t(field.label) }),
        oninput: () => this.dragged(field.key),
        onchange: () => (this.moving = false),
      });
      return input;
    };
    const [low, high] = [thumb("low"), thumb("high")];
    const without = h("span", { class: "muted small" });
    const box = h(
      "div",
      { class: "filter-field" },
      h("div", { class: "filter-head" }, h("span", { class: "filter-name" }, t(field.label)), text),
      h("div", { class: "filter-track" }, bars, low, high),
      without,
    );
    return { field, box, text, bars, low, high, without, edges: /** @type {number[]} */ ([]) };
  }

  /** @param {Field} key */
  dragged(key) {
    const found = this.fields?.find(({ field }) => field.key === key);
    if (!found) return;
    const [a, b] = [Number(found.low.value), Number(found.high.value)];
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    const ranges = { ...this.ranges };
    if (low === 0 && high === found.edges.length - 1) delete ranges[key];
    else ranges[key] = [found.edges[low], found.edges[high]];
    const moving = this.moving;
    this.moving = true;
    this.actions.range(ranges, moving);
  }

  /**
   * @param {ZoneRow[]} base rows as computed: they fix the axes, so that bars move and edges do not
   * @param {ZoneRow[]} rows as shown now
   * @param {State} state
   */
  update(base, rows, state) {
    this.ranges = state.ranges;
    for (const found of this.fields ?? []) {
      const { key } = found.field;
      found.edges = edgesOf(base.map((row) => row[key]), found.field.scale);
      found.box.hidden = found.edges.length === 0;
      if (found.edges.length) this.draw(found, rows, state);
    }
    if (this.sure) this.sure.checked = state.sure;
    const active = Object.keys(state.ranges).length + Number(state.sure);
    if (this.active) this.active.textContent = active ? String(active) : "";
  }

  /**
   * @param {NonNullable<FilterPanel["fields"]>[number]} found
   * @param {ZoneRow[]} rows
   * @param {State} state
   */
  draw({ field, text, bars, low, high, without, edges }, rows, state) {
    const { key, unit } = field;
    const others = filtered(rows, state, key);
    const values = others.map((row) => row[key]);
    const counts = histogram(values, edges);
    const range = state.ranges[key];
    const ends = range ? [placeOf(edges, range[0]), placeOf(edges, range[1])] : [0, edges.length - 1];
    const most = Math.max(1, ...counts);
    bars.setAttribute("viewBox", `0 0 ${counts.length * BAR.width} ${BAR.high}`);
    bars.replaceChildren(
      ...counts.map((number, bin) => {
        const tall = number ? Math.max(2, (BAR.high * number) / most) : 0;
        const inside = bin >= ends[0] && bin < Math.max(ends[1], ends[0] + 1);
        return s("rect", { x: bin * BAR.width + 0.5, width: BAR.width - 1, y: BAR.high - tall, height: tall, class: inside ? "bar-in" : "bar-out" });
      }),
    );
    // A link may hold ends between two edges: what is said is what holds.
    const shown = (range ?? [edges[0], edges[edges.length - 1]]).map((value) => indicator(key, value, unit));
    text.textContent = `${shown[0]} – ${shown[1]}`;
    [low, high].forEach((input, end) => {
      input.max = String(edges.length - 1);
      if (Number(input.value) !== ends[end]) input.value = String(ends[end]);
      input.setAttribute("aria-valuetext", shown[end]);
    });
    const missing = others.filter((row) => !isKnown(row[key])).length;
    without.textContent = range && missing ? t("filter.without", { count: count(missing) }) : "";
  }
}

/**
 * @param {number[]} edges
 * @param {number} value
 * @returns {number} nearest edge
 */
export function placeOf(edges, value) {
  let nearest = 0;
  edges.forEach((edge, place) => {
    if (Math.abs(edge - value) < Math.abs(edges[nearest] - value)) nearest = place;
  });
  return nearest;
}
