/** The map with all that stands on it: layers, legend, popup, progress and its failures. */

import { byId, h } from "./elements.js";
import { pick, t } from "./i18n.js";
import { Layers } from "./layers.js";
import { legendCard } from "./legend.js";
import * as mapping from "./map.js";
import { announce, notice } from "./notices.js";
import { popupContent } from "./popup.js";
import { addMapImages } from "./symbols.js";

/** @typedef {import("./types.js").Project} Project */
/** @typedef {import("./state.js").LayerState} LayerState */
/** @typedef {import("./state.js").Store} Store */

/** Loading that takes longer than this is shown. */
const PROGRESS_AFTER_MS = 300;

export class MapSession {
  /**
   * @param {Project} project
   * @param {Store} store
   * @param {{openZone: (id: string) => void, toggleZone: (id: string) => void, selecting: () => boolean, showMap: () => void, select: () => void}} actions
   * @param {boolean} legendOpen
   */
  constructor(project, store, actions, legendOpen) {
    this.project = project;
    this.store = store;
    this.actions = actions;
    /** @type {mapping.MapView | null} */
    this.map = null;
    /** @type {Layers | null} */
    this.layers = null;
    /** @type {{open: boolean, info: string | null}} */
    this.legend = { open: legendOpen, info: null };
    /** True while an opacity slider moves: the card must not be drawn again under the finger. */
    this.sliding = false;
    /** @type {{remove: () => void} | null} */
    this.popup = null;
    /** @type {{remove: () => void} | null} */
    this.marker = null;
    this.legendBox = byId("legend", HTMLElement);
  }

  /**
   * @param {import("/vendor/maplibre-gl.mjs").StyleSpecification} style
   * @param {mapping.Bounds} bounds shown when the link holds no view
   * @returns {boolean} false when this browser cannot draw a map
   */
  start(style, bounds) {
    const target = byId("map", HTMLElement);
    let map;
    try {
      map = mapping.createMap(target, style, { bounds, view: this.store.get().view });
    } catch {
      // Without WebGL the table holds the same content.
      target.setAttribute("aria-busy", "false");
      notice("webgl", t("error.webgl"), { stay: true });
      return false;
    }
    this.map = map;
    // For those who script the page from the console, and for the browser tests.
    Object.assign(window, { zonnekaart: { map } });
    map.on("style.load", () => this.styled(map));
    mapping.listen(map, {
      click: (point, lngLat, shift) => this.clicked(map, point, lngLat, shift),
      hover: (id) => this.hover(id),
      moved: () => this.keepView(),
    });
    map.on("zoomend", () => this.drawLegend());
    this.buttons(map);
    this.watchProgress(map);
    this.relabel();
    return true;
  }

  /** @param {mapping.MapView} map */
  styled(map) {
    addMapImages(map, this.project.classes);
    this.layers = new Layers(map, this.project.layers);
    mapping.addHighlights(map);
    this.applyLayers();
    this.choose(this.store.get().zone);
    this.select(this.store.get().select ?? []);
    this.drawLegend();
  }

  /** A link holds the view, but looking around does not fill the history. */
  keepView() {
    if (this.map) this.store.set({ view: mapping.viewOf(this.map) }, { remember: false });
  }

  /** Texts that MapLibre keeps itself, after a change of language. */
  relabel() {
    this.map?.getCanvas().setAttribute("aria-label", t("map.label"));
    this.drawLegend();
  }

  /** @param {mapping.MapView} map */
  watchProgress(map) {
    const bar = byId("progress", HTMLElement);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    map.on("dataloading", () => {
      timer ??= setTimeout(() => {
        bar.hidden = false;
        this.markLoading(map);
      }, PROGRESS_AFTER_MS);
    });
    map.on("idle", () => {
      clearTimeout(timer);
      timer = undefined;
      bar.hidden = true;
      this.markLoading(null);
      byId("map", HTMLElement).setAttribute("aria-busy", "false");
    });
    map.on("error", (event) => this.failed(map, event));
  }

  /** Show in the card which layers are still coming. @param {mapping.MapView | null} map null = none */
  markLoading(map) {
    for (const item of this.legendBox.querySelectorAll("[data-layer]")) {
      const id = item.getAttribute("data-layer") ?? "";
      const loading = Boolean(map?.getSource(id)) && !map?.isSourceLoaded(id);
      item.classList.toggle("loading", loading);
      item.setAttribute("aria-busy", String(loading));
    }
  }

  /**
   * @param {mapping.MapView} map
   * @param {any} event
   */
  failed(map, event) {
    if (event.error?.name === "AbortError") return;
    const source = event.sourceId ?? event.source?.id;
    const retry = () => {
      for (const id of source ? [source] : Object.keys(map.getStyle().sources)) {
        if (["vector", "raster"].includes(String(map.getSource(id)?.type))) map.refreshTiles(id);
      }
    };
    notice("tiles", t("error.tiles"), { action: { label: t("retry"), run: retry }, stay: true });
  }

  /** @param {mapping.MapView} map */
  buttons(map) {
    /** @param {string} key @param {string} sign @param {() => void} run */
    const button = (key, sign, run) =>
      h("button", { type: "button", class: "map-button", "aria-label": t(key), title: t(key), onclick: run, "data-i18n-label": key, "data-i18n-title": key }, sign);
    byId("map-buttons", HTMLElement).replaceChildren(
      button("map.zoom_in", "+", () => map.zoomIn()),
      button("map.zoom_out", "−", () => map.zoomOut()),
      button("map.whole", "⤢", () => mapping.fit(map, this.project.bounds_lonlat)),
      h("button", { type: "button", class: "map-button", id: "map-select", "aria-label": t("select.open"), title: t("select.open"), "data-i18n-label": "select.open", "data-i18n-title": "select.open", onclick: () => this.actions.select() }, "⬚"),
    );
  }

  /**
   * @param {mapping.MapView} map
   * @param {any} point
   * @param {any} lngLat
   * @param {boolean} shift selects instead of opening
   */
  clicked(map, point, lngLat, shift) {
    const { roof, building, zone } = mapping.featuresAt(map, point);
    this.closePopup();
    if (shift || this.actions.selecting()) {
      const id = zone?.properties.zone_id ?? building?.properties.zone_id;
      if (id) this.actions.toggleZone(String(id));
      return;
    }
    if (roof || building) {
      const content = popupContent(roof?.properties ?? null, building?.properties ?? null, {
        preset: pick(this.project.preset?.title) || "–",
        openZone: this.actions.openZone,
      });
      announce(content.textContent ?? "");
      this.popup = mapping.openPopup(map, lngLat, content, () => (this.popup = null));
    } else if (zone) {
      this.actions.openZone(String(zone.properties.zone_id));
    }
  }

  /** @returns {boolean} whether one was open */
  closePopup() {
    const open = this.popup !== null;
    this.popup?.remove();
    this.popup = null;
    return open;
  }

  /** @param {[number, number]} lonlat */
  goTo(lonlat) {
    if (!this.map) return;
    const [west, south, east, north] = this.project.bounds_lonlat;
    const inside = lonlat[0] >= west && lonlat[0] <= east && lonlat[1] >= south && lonlat[1] <= north;
    if (!inside) {
      notice("outside", t("search.outside", { name: this.project.name }));
      return;
    }
    this.marker?.remove();
    this.marker = mapping.placeMarker(this.map, lonlat);
    mapping.goTo(this.map, lonlat, 17);
  }

  /** @param {import("./types.js").Place} place */
  showPlace(place) {
    if (!this.map) return;
    this.marker?.remove();
    this.marker = place.kind === "area" ? null : mapping.placeMarker(this.map, place.center_lonlat);
    mapping.fit(this.map, place.bounds_lonlat, place.kind === "building" || place.kind === "address" ? 18 : 16.5);
    announce(place.name);
  }

  /** @param {mapping.Bounds} bounds */
  fit(bounds) {
    if (this.map) mapping.fit(this.map, bounds);
  }

  /** @param {mapping.Bounds[]} boxes all of them in view */
  fitAll(boxes) {
    if (boxes.length === 0) return;
    const [west, south, east, north] = [0, 1, 2, 3].map((side) => Math[side < 2 ? "min" : "max"](...boxes.map((box) => box[side])));
    this.fit([west, south, east, north]);
  }

  /** On a phone the table covers the map. */
  showMap() {
    this.actions.showMap();
  }

  /** @param {[number, number][]} points on the screen [px] */
  toLonLat(points) {
    return points.map((point) => /** @type {[number, number]} */ (this.map?.unproject(point).toArray() ?? [0, 0]));
  }

  /** @param {{width: number, height: number}} size [px] */
  picture(size) {
    if (!this.map) throw new Error("there is no map to print");
    return mapping.picture(this.map, size, this.project.bounds_lonlat, (copy) => addMapImages(copy, this.project.classes));
  }

  /** Layers that are on and in scale. */
  visibleLayers() {
    const { layers, order } = this.store.get();
    const zoom = this.map?.getZoom() ?? 0;
    return (this.layers?.drawn(order) ?? []).filter((info) => this.layers?.stateOf(info.id, layers).visible && this.layers.inScale(info, zoom));
  }

  /** @param {string[]} ids */
  select(ids) {
    if (this.map) mapping.markSelected(this.map, ids);
  }

  /** Follow the address bar, as after the browser's back. @param {import("./state.js").View} view */
  follow(view) {
    if (!this.map) return;
    const now = mapping.viewOf(this.map);
    const moved = Math.abs(now.zoom - view.zoom) > 0.01 || Math.abs(now.lat - view.lat) > 1e-5 || Math.abs(now.lon - view.lon) > 1e-5;
    if (moved) this.map.jumpTo({ center: [view.lon, view.lat], zoom: view.zoom });
  }

  /** @param {string | null} id */
  hover(id) {
    if (this.map) mapping.mark(this.map, "hover", id);
  }

  /** @param {string | null} id */
  choose(id) {
    if (!this.map) return;
    mapping.mark(this.map, "chosen", id);
    mapping.markReason(this.map, null);
  }

  /**
   * @param {string | null} zone
   * @param {string} [indicator]
   */
  reason(zone, indicator) {
    if (this.map) mapping.markReason(this.map, zone, indicator);
  }

  applyLayers() {
    const { layers, classes, order } = this.store.get();
    this.layers?.apply(layers, classes);
    this.layers?.arrange(order);
  }

  // --- the card with layers and legend ---------------------------------------------------------

  drawLegend() {
    if (!this.layers || !this.map || this.sliding) return;
    const focused = document.activeElement?.id;
    const { layers, order } = this.store.get();
    const state = { ...this.legend, zoom: this.map.getZoom(), chosen: layers, order };
    const scrolled = this.legendBox.querySelector(".legend-list")?.scrollTop ?? 0;
    this.legendBox.replaceChildren(
      legendCard(this.project, this.layers, state, {
        change: (id, change, settled) => this.changeLayer(id, change, settled),
        zoomIn: (zoom) => this.map?.easeTo({ zoom: zoom + 0.1, duration: 200 }),
        toggle: (open) => this.toggleLegend(open),
        toggleInfo: (id) => this.toggleInfo(id),
        zoomTo: () => this.fit(this.project.bounds_lonlat),
        move: (id, steps) => this.moveLayer(id, steps),
      }),
    );
    const list = this.legendBox.querySelector(".legend-list");
    if (list) list.scrollTop = scrolled;
    if (focused && this.legendBox.querySelector(`#${CSS.escape(focused)}`)) document.getElementById(focused)?.focus();
  }

  /** @param {boolean} open */
  toggleLegend(open) {
    this.legend.open = open;
    this.drawLegend();
    const toggle = this.legendBox.querySelector(".legend-toggle");
    if (toggle instanceof HTMLElement) toggle.focus();
  }

  /**
   * @param {string} id
   * @param {number} steps positive = up, over other layers
   */
  moveLayer(id, steps) {
    if (!this.layers) return;
    const order = this.layers.drawn(this.store.get().order).map((info) => info.id);
    const [from, to] = [order.indexOf(id), order.indexOf(id) - steps];
    if (to < 0 || to >= order.length) return;
    order.splice(to, 0, ...order.splice(from, 1));
    this.store.set({ order });
    announce(t("layer.place", { place: to + 1, all: order.length }));
    const [wanted, other] = steps > 0 ? ["up", "down"] : ["down", "up"];
    const button = document.getElementById(`${wanted}-${id}`);
    (button instanceof HTMLButtonElement && !button.disabled ? button : document.getElementById(`${other}-${id}`))?.focus();
  }

  /** @param {string} id */
  toggleInfo(id) {
    this.legend.info = this.legend.info === id ? null : id;
    this.drawLegend();
    document.getElementById(`info-${id}`)?.focus();
  }

  /** @returns {boolean} whether the facts of a layer were open */
  closeInfo() {
    if (!this.legend.info) return false;
    this.toggleInfo(this.legend.info);
    return true;
  }

  /**
   * @param {string} id
   * @param {Partial<LayerState>} change
   * @param {boolean} settled false while a slider moves: the map follows, the history does not
   */
  changeLayer(id, change, settled) {
    if (!this.layers) return;
    const { layers } = this.store.get();
    const next = { ...this.layers.stateOf(id, layers), ...change };
    this.sliding = change.opacity !== undefined;
    this.store.set({ layers: { ...layers, [id]: next } }, { remember: settled && !this.sliding });
    this.sliding = false;
  }
}
