/** Before and after: a second map over the first, cut at a handle, or the two side by side. */

import { handleKey } from "./comparison.js";
import { h } from "./elements.js";
import { t } from "./i18n.js";
import { Layers } from "./layers.js";
import * as mapping from "./map.js";
import { addMapImages } from "./symbols.js";
import { ZonePaint } from "./zone-paint.js";

/** @typedef {import("./types.js").Project} Project */
/** @typedef {import("./types.js").ZoneRow} ZoneRow */
/** @typedef {import("./comparison.js").Comparison} Comparison */

/**
 * @typedef {object} SplitActions
 * @property {(at: number, moving: boolean) => void} move
 * @property {(zoneId: string) => void} openZone
 * @property {(zoneId: string | null) => void} hover
 */

export class Split {
  /**
   * @param {HTMLElement} box holds the first map
   * @param {mapping.MapView} map the first map: after
   * @param {Project} project
   * @param {ZoneRow[]} base zones as the tiles have them
   * @param {import("/vendor/maplibre-gl.mjs").StyleSpecification} style as the server sent it
   * @param {SplitActions} actions
   */
  constructor(box, map, project, base, style, actions) {
    this.box = box;
    this.map = map;
    this.project = project;
    this.base = base;
    this.actions = actions;
    this.at = 0.5;
    this.leading = false;
    this.before = h("div", { class: "map-before", id: "map-before" });
    this.handle = this.makeHandle();
    this.tags = h("div", { class: "split-tags", "aria-hidden": "true" }, h("span", null, t("compare.before")), h("span", null, t("compare.after")));
    box.append(this.before, this.tags, this.handle);
    this.other = mapping.createMap(this.before, structuredClone(style), { bounds: project.bounds_lonlat, view: mapping.viewOf(map) });
    this.other.getCanvas().setAttribute("aria-label", t("compare.map"));
    /** @type {ZonePaint | null} */
    this.paint = null;
    /** @type {() => void} */
    this.show = () => {};
    this.other.on("style.load", () => this.styled());
    this.follow = () => this.lead(this.map, this.other);
    this.follower = () => this.lead(this.other, this.map);
    map.on("move", this.follow);
    this.other.on("move", this.follower);
    mapping.listen(this.other, {
      click: (point) => this.clicked(point),
      hover: actions.hover,
      moved: () => {},
    });
    this.resized = new ResizeObserver(() => this.resize());
    this.resized.observe(box);
  }

  styled() {
    addMapImages(this.other, this.project.classes);
    this.paint = new ZonePaint(this.other, new Layers(this.other, this.project.layers), this.base);
    mapping.addHighlights(this.other);
    this.show();
  }

  makeHandle() {
    const handle = h(
      "div",
      { class: "split-handle", id: "split-handle", role: "slider", tabindex: "0", "aria-label": t("compare.handle"), "aria-orientation": "horizontal", "aria-valuemin": 0, "aria-valuemax": 100 },
      h("span", { "aria-hidden": "true" }, "⇆"),
    );
    handle.addEventListener("keydown", (event) => this.keyed(event));
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      event.preventDefault();
      handle.focus();
    });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const { left, width } = this.box.getBoundingClientRect();
      this.actions.move(Math.min(Math.max((event.clientX - left) / width, 0), 1), true);
    });
    return handle;
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    const next = handleKey(event.key, this.at);
    if (next === null) return;
    event.preventDefault();
    this.actions.move(next, true);
  }

  /** @param {any} point */
  clicked(point) {
    const { zone } = mapping.featuresAt(this.other, point);
    if (zone) this.actions.openZone(String(zone.properties.zone_id));
  }

  /**
   * Move one map as the other moves, once.
   *
   * @param {mapping.MapView} leader
   * @param {mapping.MapView} follower
   */
  lead(leader, follower) {
    if (this.leading) return;
    this.leading = true;
    follower.jumpTo({ center: leader.getCenter(), zoom: leader.getZoom() });
    this.leading = false;
  }

  /**
   * @param {Comparison} comparison
   * @param {{rows: ZoneRow[], visible: ZoneRow[], layers: Record<string, import("./state.js").LayerState>}} content
   */
  draw({ mode, at }, { rows, visible, layers }) {
    this.place(mode, at);
    this.show = () => {
      this.paint?.colour(rows);
      this.paint?.settle(rows, visible, layers);
    };
    this.show();
  }

  /**
   * @param {Comparison["mode"]} mode
   * @param {number} at
   */
  place(mode, at) {
    this.at = at;
    if (this.box.dataset.split !== mode) {
      this.box.dataset.split = mode;
      this.resize();
      this.lead(this.map, this.other);
    }
    this.box.style.setProperty("--split", `${(at * 100).toFixed(1)}%`);
    this.handle.hidden = mode === "side";
    this.handle.setAttribute("aria-valuenow", String(Math.round(at * 100)));
    this.handle.setAttribute("aria-valuetext", t("compare.at", { before: Math.round(at * 100), after: Math.round(100 - at * 100) }));
  }

  resize() {
    this.map.resize();
    this.other.resize();
  }

  remove() {
    this.map.off("move", this.follow);
    this.resized.disconnect();
    this.other.remove();
    for (const element of [this.before, this.handle, this.tags]) element.remove();
    delete this.box.dataset.split;
    this.map.resize();
  }
}
