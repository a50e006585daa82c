/** One card: the switch, the opacity, the legend and the facts of each layer. */

import { h } from "./elements.js";
import { pick, t } from "./i18n.js";
import { EXPECTED } from "./layers.js";
import { count, date, isKnown, number } from "./numbers.js";
import { classSymbol } from "./symbols.js";

/** @typedef {import("./types.js").LayerInfo} LayerInfo */
/** @typedef {import("./types.js").LegendEntry} LegendEntry */
/** @typedef {import("./types.js").Project} Project */
/** @typedef {import("./layers.js").Layers} Layers */

/**
 * @typedef {object} LegendActions
 * @property {(id: string, change: Partial<import("./state.js").LayerState>, settled: boolean) => void} change
 * @property {(zoom: number) => void} zoomIn
 * @property {(open: boolean) => void} toggle
 * @property {(id: string) => void} toggleInfo
 * @property {() => void} zoomTo
 * @property {(id: string, steps: number) => void} move
 */

/**
 * @typedef {object} LegendState
 * @property {boolean} open
 * @property {string | null} info id of the layer whose facts are shown
 * @property {number} zoom
 * @property {Record<string, import("./state.js").LayerState>} chosen
 * @property {string[]} order
 */

/**
 * @param {Project} project
 * @param {Layers} layers
 * @param {LegendState} state
 * @param {LegendActions} actions
 * @returns {HTMLElement}
 */
export function legendCard(project, layers, state, actions) {
  return h(
    "section",
    { class: "legend-card", "aria-label": t("layers") },
    h(
      "h2",
      null,
      h(
        "button",
        { type: "button", class: "legend-toggle", "aria-expanded": String(state.open), "aria-controls": "legend-list", onclick: () => actions.toggle(!state.open) },
        h("span", { class: "wide-only" }, t("layers")),
        h("span", { class: "narrow-only" }, t("layers.short")),
        h("span", { class: "chevron", "aria-hidden": "true" }),
      ),
    ),
    h("ul", { class: "legend-list", id: "legend-list", hidden: !state.open }, layerItems(project, layers, state, actions)),
  );
}

/**
 * The layers from top to bottom, a heading where the group changes; then what is not there.
 *
 * @param {Project} project
 * @param {Layers} layers
 * @param {LegendState} state
 * @param {LegendActions} actions
 */
function layerItems(project, layers, state, actions) {
  const drawn = layers.drawn(state.order);
  const absent = EXPECTED.filter((id) => !drawn.some((info) => info.id === id));
  return [
    ...drawn.flatMap((info, place) => [
      info.group !== drawn[place - 1]?.group && h("li", { class: "layer-group" }, t(`layer.group.${info.group}`)),
      layerItem(info, project, layers, state, actions, place === 0 ? "top" : place === drawn.length - 1 ? "bottom" : "between"),
    ]),
    ...absent.map((id) => h("li", { class: "layer absent", "data-absent": id }, h("p", { class: "muted" }, t(`layer.name.${id}`)), h("p", { class: "scale-note" }, t("layer.absent")))),
  ];
}

/** Layers that are only a background carry no legend of their own. */
const QUIET = new Set(["background", "hillshade", "outside"]);

/**
 * @param {LayerInfo} info
 * @param {Project} project
 * @param {Layers} layers
 * @param {LegendState} state
 * @param {LegendActions} actions
 * @param {"top" | "between" | "bottom"} place
 */
function layerItem(info, project, layers, state, actions, place) {
  const { visible, opacity } = layers.stateOf(info.id, state.chosen);
  const inScale = layers.inScale(info, state.zoom);
  const name = pick(info.title);
  const id = `layer-${info.id}`;
  return h(
    "li",
    { class: `layer${inScale ? "" : " out-of-scale"}`, "data-layer": info.id },
    h(
      "div",
      { class: "layer-head" },
      h("input", { type: "checkbox", id, checked: visible, onchange: () => actions.change(info.id, { visible: !visible }, true) }),
      h("label", { for: id }, name, info.unit && info.unit !== "-" ? h("span", { class: "unit" }, ` ${unitText(info.unit)}`) : null),
      h(
        "button",
        {
          type: "button",
          class: "info",
          id: `info-${info.id}`,
          "aria-expanded": String(state.info === info.id),
          "aria-label": t("layer.info", { layer: name }),
          onclick: () => actions.toggleInfo(info.id),
        },
        "i",
      ),
    ),
    visible && !inScale && scaleNote(layers.fromZoom(info), actions),
    visible && inScale && !QUIET.has(info.id) && legendEntries(info, project),
    visible && h("div", { class: "layer-row" }, inScale && opacitySlider(info.id, name, opacity, actions), tools(info, name, place, inScale ? null : layers.fromZoom(info), actions)),
    state.info === info.id && facts(info, project),
  );
}

/** @param {string} unit */
export function unitText(unit) {
  return unit === "kWh/m2" ? `kWh/m²·${t("year")}` : unit.replace("m2", "m²");
}

/**
 * @param {number} zoom
 * @param {LegendActions} actions
 */
function scaleNote(zoom, actions) {
  return h(
    "p",
    { class: "scale-note" },
    t("layer.out_of_scale"),
    " ",
    h("button", { type: "button", class: "link small", onclick: () => actions.zoomIn(zoom) }, t("layer.zoom_in")),
  );
}

/**
 * @param {string} id
 * @param {string} name
 * @param {number} opacity
 * @param {LegendActions} actions
 */
function opacitySlider(id, name, opacity, actions) {
  const output = h("output", { class: "tabular" }, `${Math.round(opacity * 100)} %`);
  /** @param {Event} event @param {boolean} settled */
  const changed = (event, settled) => {
    const value = Number(/** @type {HTMLInputElement} */ (event.target).value) / 100;
    output.textContent = `${Math.round(value * 100)} %`;
    actions.change(id, { opacity: value }, settled);
  };
  return h(
    "div",
    { class: "opacity" },
    h("input", {
      type: "range",
      id: `opacity-${id}`,
      min: 0,
      max: 100,
      step: 5,
      value: Math.round(opacity * 100),
      "aria-label": t("layer.opacity", { layer: name }),
      oninput: (/** @type {Event} */ event) => changed(event, false),
      onchange: (/** @type {Event} */ event) => changed(event, true),
    }),
    output,
  );
}

/**
 * @param {LayerInfo} info
 * @param {Project} project
 */
export function legendEntries(info, project) {
  if (info.id === "zones") {
    return h(
      "ul",
      { class: "legend-classes" },
      project.classes.map((entry) =>
        h(
          "li",
          null,
          h("span", { class: `swatch${entry.id === "onbekend" ? " hatched" : ""}`, style: { "--class": entry.color }, "aria-hidden": "true" }),
          classSymbol(entry.id, entry.color, 16),
          h("span", null, pick(entry.label)),
        ),
      ),
    );
  }
  if (!info.legend?.length) return null;
  return isRamp(info.legend) ? ramp(info.legend) : h("ul", { class: "legend-classes" }, info.legend.map(swatch));
}

/**
 * A ramp is a row of colours, each for an interval.
 *
 * @param {LegendEntry[]} legend
 */
function isRamp(legend) {
  return legend.length > 3 && legend.every((entry) => isKnown(entry.from) || isKnown(entry.to));
}

/**
 * @param {LegendEntry[]} legend
 * @returns {{place: number, text: string}[]} bounds to write under a ramp: ends and middle
 */
export function rampBounds(legend) {
  const places = [...new Set([1, Math.round(legend.length / 2), legend.length - 1])];
  return places
    .map((place) => ({ place: place / legend.length, value: legend[place].from }))
    .filter((bound) => isKnown(bound.value))
    .map(({ place, value }) => ({ place, text: number(Number(value)) }));
}

/** @param {LegendEntry[]} legend */
function ramp(legend) {
  return h(
    "div",
    { class: "ramp" },
    h("div", { class: "ramp-colors", "aria-hidden": "true" }, legend.map((entry) => h("span", { style: { background: entry.color ?? "" } }))),
    h("p", { class: "ramp-bounds tabular" }, rampBounds(legend).map(({ place, text }) => h("span", { style: { left: `${place * 100}%` } }, text))),
    h("p", { class: "small muted no-data" }, h("span", { class: "swatch none", "aria-hidden": "true" }), t("no_data")),
  );
}

/** @param {LegendEntry} entry */
function bounds({ from, to }) {
  if (isKnown(from) && isKnown(to)) return `${number(from)}–${number(to)}`;
  if (isKnown(from)) return `≥ ${number(from)}`;
  return isKnown(to) ? `< ${number(to)}` : "";
}

/** @param {LegendEntry} entry */
function swatch(entry) {
  const text = pick(entry.label) || bounds(entry) || (entry.id ?? "");
  return h("li", null, h("span", { class: "swatch", style: { "--class": entry.color ?? "#bbb" }, "aria-hidden": "true" }), h("span", null, text));
}

/**
 * Up, down, zoom to: small, under what the layer shows.
 *
 * @param {LayerInfo} info
 * @param {string} name
 * @param {"top" | "between" | "bottom"} place
 * @param {number | null} from zoom to go to, when the layer is out of scale
 * @param {LegendActions} actions
 */
function tools(info, name, place, from, actions) {
  /** @param {string} kind @param {string} sign @param {boolean} off @param {() => void} run */
  const button = (kind, sign, off, run) =>
    h("button", { type: "button", class: "layer-tool", id: `${kind}-${info.id}`, disabled: off, "aria-label": t(`layer.${kind}`, { layer: name }), title: t(`layer.${kind}`, { layer: name }), onclick: run }, sign);
  return h(
    "div",
    { class: "layer-tools" },
    button("up", "↑", place === "top", () => actions.move(info.id, 1)),
    button("down", "↓", place === "bottom", () => actions.move(info.id, -1)),
    button("extent", "⤢", false, () => (from === null ? actions.zoomTo() : actions.zoomIn(from))),
  );
}

/**
 * @param {LayerInfo} info
 * @param {Project} project
 */
function facts(info, project) {
  /** @type {[string, string][]} */
  const rows = [
    [t("source"), pick(info.source)],
    [t("source.date"), date(info.date)],
    [t("source.licence"), info.licence ?? ""],
    [t("source.contact"), info.contact ?? ""],
    [t("source.resolution"), isKnown(info.resolution_m) ? `${number(info.resolution_m)} m` : isKnown(info.features) ? t("source.features", { count: count(info.features) }) : ""],
    [t("source.method"), `zonnekaart ${project.version}`],
    [t("source.run"), `${project.run_id} · ${date(project.built_utc)}`],
    [t("source.limits"), pick(info.limits)],
  ];
  return h("dl", { class: "facts layer-facts" }, rows.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value || t("unknown")))));
}
