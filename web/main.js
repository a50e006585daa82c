/** Brings the parts together: reads the state, asks the server, draws what changed. */

import { getProject, getStyle, getTexts, getZone, getZones } from "./api.js";
import { byId } from "./elements.js";
import { openHelp, singleKeys } from "./help.js";
import { isLanguage, pick, t, translate, useLanguage } from "./i18n.js";
import { announce, failureCard, notice, withdraw } from "./notices.js";
import { overviewPanel } from "./panel-overview.js";
import { selectionPanel } from "./panel-selection.js";
import { backButton, zonePanel, zoneSkeleton } from "./panel-zone.js";
import { createSearch } from "./search.js";
import { Selecting } from "./selecting.js";
import { MapSession } from "./session.js";
import { createSheet } from "./sheet.js";
import { createStore, stillThere } from "./state.js";
import { zoneTable } from "./table.js";
import { bindTopbar, copyLink, drawTopbar } from "./topbar.js";

/** @typedef {import("./types.js").Project} Project */
/** @typedef {import("./types.js").ZoneRow} ZoneRow */
/** @typedef {import("./types.js").Zone} Zone */
/** @typedef {import("./state.js").State} State */

const NARROW = matchMedia("(max-width: 760px)");
/** Of what an old link names in vain, as many are listed. */
const NAMED = 5;
/** @type {import("./table.js").Order} */
const BY_NAME = { key: "name", descending: false };

class Application {
  constructor() {
    this.panel = byId("panel", HTMLElement);
    this.body = byId("panel-body", HTMLElement);
    this.dock = byId("table-dock", HTMLElement);
    /** @type {string[]} */
    this.ignored = [];
    this.store = createStore(window, (ignored) => this.ignoredParameters(ignored));
    /** @type {Project | null} */
    this.project = null;
    /** @type {ZoneRow[]} */
    this.rows = [];
    /** @type {Zone | null} */
    this.zone = null;
    /** @type {MapSession | null} */
    this.session = null;
    /** True in a browser that cannot draw a map. */
    this.mapless = false;
    /** @type {AbortController | null} */
    this.asking = null;
    this.sheet = createSheet(this.panel, byId("sheet-handle", HTMLButtonElement));
    this.selecting = new Selecting({
      store: this.store,
      rows: () => this.rows,
      shown: () => this.filteredRows(),
      session: () => this.session,
      openZone: (id) => this.openZone(id, { zoom: true }),
    });
    this.search = createSearch(byId("search", HTMLElement), {
      rows: () => this.rows,
      classes: () => this.project?.classes ?? [],
      openZone: (id) => this.openZone(id, { zoom: true }),
      goTo: (lonlat) => this.session?.goTo(lonlat),
      openPlace: (place) => this.session?.showPlace(place),
    });
    bindTopbar({
      chooseLanguage: (lang) => this.store.set({ lang }),
      project: () => this.project,
      session: () => this.session,
      zone: () => (this.store.get().zone ? this.zone : null),
      keepView: () => this.session?.keepView(),
    });
    document.addEventListener("keydown", (event) => this.escape(event));
    document.addEventListener(
      "keydown",
      singleKeys({
        "?": openHelp,
        "/": () => document.getElementById("search-input")?.focus(),
        t: () => this.toggleTable(),
        s: () => this.selecting.open(),
      }),
    );
  }

  async start() {
    try {
      await useLanguage(this.store.get().lang ?? "nl", getTexts);
      translate(document);
      const [project, rows, style] = await Promise.all([getProject(), getZones(), getStyle()]);
      if (!this.store.get().lang && isLanguage(project.language)) await useLanguage(project.language, getTexts);
      this.project = project;
      this.rows = rows;
      drawTopbar(project);
      this.checkLink();
      this.store.subscribe((state, before) => this.changed(state, before));
      this.session = new MapSession(
        project,
        this.store,
        {
          openZone: (id) => this.openZone(id),
          toggleZone: (id) => this.selecting.toggle(id),
          selecting: () => this.selecting.active,
          select: () => this.selecting.open(),
          showMap: () => NARROW.matches && this.sheet.set("peek"),
        },
        !NARROW.matches,
      );
      this.drawPanel();
      this.drawTable();
      const drawn = this.session.start(style, this.rowOf(this.store.get().zone)?.bounds_lonlat ?? project.bounds_lonlat);
      if (!drawn) {
        this.mapless = true;
        this.drawPanel();
        this.store.set({ show: "table" }, { remember: false });
      }
    } catch (error) {
      this.panel.setAttribute("aria-busy", "false");
      this.body.replaceChildren(failureCard(error, () => location.reload()));
    }
  }

  /** @returns {Project} */
  get known() {
    if (!this.project) throw new Error("the project is not loaded yet");
    return this.project;
  }

  /** @param {string | null} id */
  rowOf(id) {
    return this.rows.find((row) => row.zone_id === id) ?? null;
  }

  // --- choices -------------------------------------------------------------------------------

  /**
   * @param {string} id
   * @param {{zoom?: boolean}} [options]
   */
  openZone(id, { zoom = false } = {}) {
    this.session?.closePopup();
    this.store.set({ zone: id, ...(NARROW.matches ? { show: "map" } : {}) });
    if (NARROW.matches) this.sheet.set("half");
    if (zoom) this.zoomToZone(id);
  }

  /** @param {string} id */
  zoomToZone(id) {
    const row = this.rowOf(id);
    if (row) this.session?.fit(row.bounds_lonlat);
  }

  closeZone() {
    this.store.set({ zone: null });
  }

  /** @param {string} id */
  toggleClass(id) {
    const { classes } = this.store.get();
    this.store.set({ classes: classes.includes(id) ? classes.filter((name) => name !== id) : [...classes, id] });
    announce(t("classes.count", { shown: this.filteredRows().length, all: this.rows.length }));
  }

  filteredRows() {
    const { classes } = this.store.get();
    return classes.length === 0 ? this.rows : this.rows.filter((row) => classes.includes(row.zone_class));
  }

  toggleTable() {
    this.store.set({ show: this.store.get().show === "table" ? "map" : "table" });
    const target = this.store.get().show === "table" ? "table-head" : "table-toggle";
    document.getElementById(target)?.focus();
  }

  /** One level back. @param {KeyboardEvent} event */
  escape(event) {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (this.selecting.cancelDrawing() || this.search.close() || this.session?.closePopup() || this.session?.closeInfo()) return;
    const { zone, show, classes, select } = this.store.get();
    if (zone) this.closeZone();
    else if (select) this.selecting.close();
    else if (show === "table") this.toggleTable();
    else if (classes.length) this.store.set({ classes: [] });
  }

  // --- drawing -------------------------------------------------------------------------------

  /**
   * @param {State} state
   * @param {State} before
   */
  async changed(state, before) {
    if (state.lang !== before.lang) {
      await useLanguage(state.lang ?? this.known.language, getTexts);
      this.redrawAll();
      return;
    }
    const filter = state.classes.join() !== before.classes.join();
    const layers = JSON.stringify(state.layers) !== JSON.stringify(before.layers);
    const shown = state.show !== before.show;
    const order = state.order.join() !== before.order.join();
    const selected = state.select?.join() !== before.select?.join();
    if (filter || layers || order) this.session?.applyLayers();
    if (layers || order) this.session?.drawLegend();
    if (selected) this.session?.select(state.select ?? []);
    if (state.zone !== before.zone) this.zoneChanged(state.zone);
    else if (selected && (state.select === null || before.select === null)) this.drawPanel(true);
    else if (filter || shown || selected) this.redrawOverview();
    const sorted = JSON.stringify(state.sort) !== JSON.stringify(before.sort);
    if (filter || shown || sorted || selected || state.zone !== before.zone) this.drawTable();
    if (state.view && before.view) this.session?.follow(state.view);
  }

  /** @param {string | null} zone */
  zoneChanged(zone) {
    this.session?.choose(zone);
    this.drawPanel(true);
  }

  redrawAll() {
    drawTopbar(this.known);
    this.sheet.label();
    this.session?.relabel();
    this.drawPanel();
    this.drawTable();
  }

  /** Keep the keyboard where it is when the list of classes is drawn again. */
  redrawOverview() {
    if (this.store.get().zone) return;
    const focused = document.activeElement;
    const key = focused instanceof HTMLElement ? (focused.dataset.class ?? focused.id) : "";
    const scrolled = this.body.scrollTop;
    this.drawPanel();
    this.body.scrollTop = scrolled;
    if (!key) return;
    const again = this.body.querySelector(`button[data-class="${CSS.escape(key)}"], #${CSS.escape(key)}`) ?? this.body.querySelector("#panel-heading");
    if (again instanceof HTMLElement) again.focus();
  }

  /** @param {boolean} [focus] move the keyboard to the panel's heading */
  drawPanel(focus = false) {
    const { zone, select } = this.store.get();
    this.asking?.abort();
    this.sheet.label();
    if (zone === null && select) this.drawSelection(focus);
    else if (zone === null) this.drawOverview(focus);
    else this.drawZone(zone, focus);
  }

  /** @param {boolean} focus */
  drawOverview(focus) {
    this.body.replaceChildren(
      overviewPanel(this.known, this.store.get(), {
        toggleClass: (id) => this.toggleClass(id),
        resetClasses: () => this.store.set({ classes: [] }),
        openZone: (id) => this.openZone(id, { zoom: true }),
        hoverZone: (id) => this.session?.hover(id),
        toggleTable: () => this.toggleTable(),
        select: () => this.selecting.open(),
      }, (id) => this.rowOf(id)?.zone_class),
    );
    this.panel.setAttribute("aria-busy", "false");
    if (focus) this.focusHeading();
  }

  /** @param {boolean} focus */
  drawSelection(focus) {
    const zones = { all: this.rows, chosen: this.selecting.chosen(), shown: this.filteredRows().length, drawable: !this.mapless };
    this.body.replaceChildren(selectionPanel(this.known, zones, this.selecting.actions()));
    this.panel.setAttribute("aria-busy", "false");
    if (focus) this.focusHeading();
  }

  /**
   * @param {string} id
   * @param {boolean} focus
   */
  async drawZone(id, focus) {
    const asking = new AbortController();
    this.asking = asking;
    if (this.zone?.zone_id !== id) {
      this.panel.setAttribute("aria-busy", "true");
      this.body.replaceChildren(zoneSkeleton());
      this.body.scrollTop = 0;
      try {
        this.zone = await getZone(id, asking.signal);
      } catch (error) {
        if (!asking.signal.aborted) this.zoneFailed(error);
        return;
      }
    }
    const zone = this.zone;
    if (!zone || asking.signal.aborted) return;
    this.body.replaceChildren(
      zonePanel(zone, this.known, {
        close: () => this.closeZone(),
        zoomTo: () => this.zoomToZone(id),
        copyLink: () => copyLink(() => this.session?.keepView()),
        hoverReason: (indicator) => this.session?.reason(indicator === null ? null : id, indicator ?? ""),
      }),
    );
    this.panel.setAttribute("aria-busy", "false");
    if (focus) this.focusHeading();
    announce(`${zone.name}. ${pick(zone.sentence)}`);
  }

  /** @param {unknown} error */
  zoneFailed(error) {
    this.panel.setAttribute("aria-busy", "false");
    this.body.replaceChildren(backButton(() => this.closeZone()), failureCard(error, () => this.drawPanel(true)));
  }

  focusHeading() {
    document.getElementById("panel-heading")?.focus({ preventScroll: true });
    this.body.scrollTop = 0;
  }

  drawTable() {
    const { show, zone, sort, select } = this.store.get();
    byId("frame", HTMLElement).dataset.show = show;
    this.dock.hidden = show !== "table";
    if (show !== "table") {
      this.dock.replaceChildren();
      return;
    }
    const scrolled = this.dock.querySelector(".table-scroll")?.scrollTop ?? 0;
    const focused = document.activeElement;
    const tick = focused instanceof HTMLElement ? focused.dataset.tick : undefined;
    const state = { order: sort ?? BY_NAME, zone, total: this.rows.length, select };
    this.dock.replaceChildren(
      zoneTable(this.known, this.filteredRows(), state, {
        openZone: (id) => this.openZone(id, { zoom: true }),
        hoverZone: (id) => this.session?.hover(id),
        sort: (order) => this.sortTable(order),
        close: () => this.toggleTable(),
        toggleZone: (id) => this.selecting.toggle(id),
      }),
    );
    const area = this.dock.querySelector(".table-scroll");
    if (area) area.scrollTop = scrolled;
    const again = tick === undefined ? null : this.dock.querySelector(`[data-tick="${CSS.escape(tick)}"]`);
    if (again instanceof HTMLElement) again.focus();
  }

  /** @param {import("./table.js").Order} order */
  sortTable(order) {
    this.store.set({ sort: order });
    const button = this.dock.querySelector(`button[data-sort="${order.key}"]`);
    if (button instanceof HTMLElement) button.focus();
  }

  // --- links -----------------------------------------------------------------------------------

  /** @param {string[]} ignored */
  ignoredParameters(ignored) {
    // When the page opens the texts are not there yet.
    if (this.project) notice("ignored", t("link.ignored", { names: ignored.join(", ") }), { stay: true });
    else this.ignored = ignored;
  }

  /** An old link may hold what is no longer there: say so and go on. */
  checkLink() {
    if (this.ignored.length) this.ignoredParameters(this.ignored);
    const { kept, gone } = stillThere(this.store.get(), {
      layers: new Set(this.known.layers.map((info) => info.id)),
      classes: new Set(this.known.classes.map((info) => info.id)),
      zones: new Set(this.rows.map((row) => row.zone_id)),
      columns: new Set(Object.keys(this.rows[0] ?? {})),
    });
    if (gone.length) {
      notice("old-parts", t("link.gone", { names: gone.slice(0, NAMED).join(", ") }), { stay: true });
      this.store.set(kept, { remember: false });
    }
    const { zone } = this.store.get();
    if (zone === null || this.rowOf(zone)) return;
    notice("old-zone", t("link.no_zone", { zone }), { stay: true });
    this.store.set({ zone: null }, { remember: false });
  }
}

window.addEventListener("online", () => withdraw("tiles"));
await new Application().start();
