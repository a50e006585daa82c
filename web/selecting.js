/** The selection of zones between state, map, panel and table. */

import { draw } from "./drawing.js";
import { byId } from "./elements.js";
import { t } from "./i18n.js";
import { announce } from "./notices.js";
import { count } from "./numbers.js";
import { idsInside, sums } from "./selection.js";

/** @typedef {import("./types.js").ZoneRow} ZoneRow */

/**
 * @typedef {object} SelectingParts
 * @property {import("./state.js").Store} store
 * @property {() => ZoneRow[]} rows all zones
 * @property {() => ZoneRow[]} shown zones that the filter leaves
 * @property {() => import("./session.js").MapSession | null} session
 * @property {(id: string) => void} openZone
 */

export class Selecting {
  /** @param {SelectingParts} parts */
  constructor(parts) {
    this.parts = parts;
    /** @type {{cancel: () => void} | null} */
    this.drawing = null;
  }

  /** Whether zones are being selected; then a click on the map selects. */
  get active() {
    const { select, zone } = this.parts.store.get();
    return select !== null && zone === null;
  }

  /** @returns {ZoneRow[]} */
  chosen() {
    const ids = new Set(this.parts.store.get().select ?? []);
    return this.parts.rows().filter((row) => ids.has(row.zone_id));
  }

  open() {
    const { store } = this.parts;
    store.set({ select: store.get().select ?? [], zone: null });
  }

  close() {
    this.drawing?.cancel();
    this.parts.store.set({ select: null });
  }

  /** @param {string[]} ids */
  set(ids) {
    this.parts.store.set({ select: [...new Set(ids)], zone: null });
    const total = sums(this.chosen());
    announce(t("select.count", { count: count(total.zones) }));
  }

  /** @param {string[]} ids */
  add(ids) {
    this.set([...(this.parts.store.get().select ?? []), ...ids]);
  }

  /** @param {string} id */
  toggle(id) {
    const now = this.parts.store.get().select ?? [];
    this.set(now.includes(id) ? now.filter((other) => other !== id) : [...now, id]);
  }

  /** @returns {boolean} whether a shape was being drawn */
  cancelDrawing() {
    if (!this.drawing) return false;
    this.drawing.cancel();
    return true;
  }

  /** @param {import("./drawing.js").Tool} tool */
  draw(tool) {
    const session = this.parts.session();
    if (!session?.map) return;
    this.drawing?.cancel();
    this.parts.store.set({ show: "map" });
    session.showMap();
    announce(t(`select.hint.${tool}`));
    this.drawing = draw(byId("map-box", HTMLElement), tool, {
      done: (ring) => this.add(idsInside(this.parts.rows(), session.toLonLat(ring))),
      ended: () => {
        this.drawing = null;
        document.getElementById(`select-${tool}`)?.focus();
      },
    });
  }

  /** What the panel can ask. @returns {import("./panel-selection.js").SelectionActions} */
  actions() {
    const { rows, session, openZone } = this.parts;
    return {
      close: () => this.close(),
      draw: (tool) => this.draw(tool),
      addArea: (area) => this.add(rows().filter((row) => row.area === area).map((row) => row.zone_id)),
      addShown: () => this.add(this.parts.shown().map((row) => row.zone_id)),
      clear: () => this.set([]),
      remove: (id) => this.toggle(id),
      openZone,
      hoverZone: (id) => session()?.hover(id),
      zoomTo: () => session()?.fitAll(this.chosen().map((row) => row.bounds_lonlat)),
    };
  }
}
