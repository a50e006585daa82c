/** The map with all that stands on it: layers, legend, popup, progress and its failures. */

import { byId, h } from "./elements.js";
import { pick, t } from "./i18n.js";
import { Layers } from "./layers.js";
import { legendCard } from "./legend.js";
import * as mapping from "./map.js";
import { announce, notice } from "./notices.js";
import { popupContent, proposalPopup, sitePopup } from "./popup.js";
import { addMapImages } from "./symbols.js";
import { ZonePaint } from "./zone-paint.js";

/** @typedef {import("./types.js").Project} Project */
/** @typedef {import("./state.js").LayerState} LayerState */
/** @typedef {import("./state.js").Store} Store */

/** Loading that takes longer than this is shown. */
const PROGRESS_AFTER_MS = 300;

export class MapSession {
  /**
   * @param {Project} project
   * @param {import("./types.js").ZoneRow[]} rows zones as computed
   * @param {Store} store
   * @param {{openZone: (id: string) => void}} actions
   * @param {boolean} legendOpen
   */
  constructor(project, rows, store, actions, legendOpen) {
    this.project = project;
    /** All zones, and those that pass the filter. */
    this.content = { rows, visible: rows };
    this.base = rows;
    /** @type {ZonePaint | null} */
    this.paint = null;
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
      click: (point, lngLat) => this.clicked(map, point, lngLat),
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
    this.paint = new ZonePaint(map, this.layers, this.base);
    mapping.addHighlights(map);
    this.paint.colour(this.content.rows);
    this.applyLayers();
    this.choose(this.store.get().zone);
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
      timer ??= setTimeout(() => (bar.hidden = false), PROGRESS_AFTER_MS);
    });
    map.on("idle", () => {
      clearTimeout(timer);
      timer = undefined;
      bar.hidden = true;
      byId("map", HTMLElement).setAttribute("aria-busy", "false");
    });
    map.on("error", (event) => this.failed(map, event));
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
    );
  }

  /**
   * @param {mapping.MapView} map
   * @param {any} point
   * @param {any} lngLat
   */
  clicked(map, point, lngLat) {
    const { roof, building, site, proposal, zone } = mapping.featuresAt(map, point);
    this.closePopup();
    const options = { preset: pick(this.project.preset?.title) || "–", openZone: this.actions.openZone };
    /** @type {HTMLElement | null} */
    let content = null;
    if (roof || building) content = popupContent(roof?.properties ?? null, building?.properties ?? null, options);
    else if (site) content = sitePopup(site.properties, options);
    else if (proposal) content = proposalPopup(proposal.properties);
    if (proposal && !site && !roof && !building) mapping.markProposal(map, String(proposal.properties.group_id));
    if (content) {
      announce(content.textContent ?? "");
      this.popup = mapping.openPopup(map, lngLat, content, () => (this.popup = null));
    } else if (zone) {
      this.actions.openZone(String(zone.properties.zone_id));
    }
  }

  /** @returns {boolean} whether one was open */
  closePopup() {
    const open = this.popup !== null;
    if (this.map) mapping.markProposal(this.map, null);
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

  /** @param {mapping.Bounds} bounds */
  fit(bounds) {
    if (this.map) mapping.fit(this.map, bounds);
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

  /** Colours at once, while a slider moves. @param {import("./types.js").ZoneRow[]} rows */
  colour(rows) {
    this.content = { ...this.content, rows };
    this.paint?.colour(rows);
  }

  /** @param {import("./types.js").ZoneRow[]} visible zones that pass the filter */
  filter(visible) {
    this.content = { ...this.content, visible };
    this.applyLayers();
  }

  applyLayers() {
    const { rows, visible } = this.content;
    this.paint?.settle(rows, visible, this.store.get().layers);
  }

  // --- the card with layers and legend ---------------------------------------------------------

  drawLegend() {
    if (!this.layers || !this.map || this.sliding) return;
    const focused = document.activeElement?.id;
    const state = { ...this.legend, zoom: this.map.getZoom(), chosen: this.store.get().layers };
    const scrolled = this.legendBox.querySelector(".legend-list")?.scrollTop ?? 0;
    this.legendBox.replaceChildren(
      legendCard(this.project, this.layers, state, {
        change: (id, change, settled) => this.changeLayer(id, change, settled),
        zoomIn: (zoom) => this.map?.easeTo({ zoom: zoom + 0.1, duration: 200 }),
        toggle: (open) => this.toggleLegend(open),
        toggleInfo: (id) => this.toggleInfo(id),
      }),
    );
    const list = this.legendBox.querySelector(".legend-list");
    if (list) list.scrollTop = scrolled;
    if (focused && this.legendBox.querySelector(`#${CSS.escape(focused)}`)) document.getElementById(focused)?.focus();
  }

  /** @param {boolean} open */
  unfoldLegend(open) {
    this.legend.open = open;
    this.drawLegend();
  }

  /** @param {boolean} open */
  toggleLegend(open) {
    this.legend.open = open;
    this.drawLegend();
    const toggle = this.legendBox.querySelector(".legend-toggle");
    if (toggle instanceof HTMLElement) toggle.focus();
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
