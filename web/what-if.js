/** Sliders, scenarios and comparison on one screen: asks the model, colours the maps, tells the rest. */

import { getLive } from "./api.js";
import { compareBar } from "./compare-bar.js";
import { choicesOf, settingOf } from "./comparison.js";
import { byId } from "./elements.js";
import { filtered } from "./filters.js";
import { pick, t } from "./i18n.js";
import { baseLevers, formatLevers, isBase, sameLevers } from "./levers.js";
import { LiveModel } from "./live.js";
import { announce, notice } from "./notices.js";
import { count } from "./numbers.js";
import { ScenarioCard } from "./scenario-card.js";
import { Split } from "./split.js";
import { zoneStrip } from "./zone-strip.js";

/** @typedef {import("./types.js").Project} Project */
/** @typedef {import("./types.js").ZoneRow} ZoneRow */
/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Store} Store */
/** @typedef {import("./comparison.js").Comparison} Comparison */

/**
 * @typedef {object} Screen
 * @property {Project} project
 * @property {ZoneRow[]} rows as computed
 * @property {import("/vendor/maplibre-gl.mjs").StyleSpecification} style
 * @property {import("./session.js").MapSession} session
 * @property {(id: string) => void} openZone
 * @property {() => void} lowerSheet on a phone the panel makes room for the maps
 * @property {() => void} changed the rows are others; the rest of the screen follows
 */

/** Zoom that halves what is shown, nearly: names and signs keep some room. */
const HALF = 0.8;

export class WhatIf {
  /**
   * @param {Store} store
   * @param {Screen} screen
   */
  constructor(store, screen) {
    this.store = store;
    this.screen = screen;
    /** @type {LiveModel | null} */
    this.model = null;
    /** @type {ScenarioCard | null} */
    this.card = null;
    /** @type {Split | null} */
    this.split = null;
    /** @type {import("./live.js").Outcome} */
    this.outcome = { base: true, scenario: null, rows: screen.rows, changed: 0 };
    this.room = false;
    this.legendWasOpen = screen.session.legend.open;
    this.box = byId("scenario", HTMLElement);
    this.bar = byId("compare-bar", HTMLElement);
    this.toggle = byId("scenario-toggle", HTMLButtonElement);
    this.compareToggle = byId("compare-toggle", HTMLButtonElement);
    this.toggle.addEventListener("click", () => this.open(this.box.hidden !== false));
    this.compareToggle.addEventListener("click", () => this.compare(store.get().compare ? null : "swipe"));
  }

  get rows() {
    return this.outcome.rows;
  }

  /** Zones as computed, with the figures that only the columns hold. */
  get base() {
    return this.model?.base ?? this.screen.rows;
  }

  /** @param {boolean} wide there is room to open the card for a link that has moved sliders */
  async load(wide) {
    try {
      this.model = new LiveModel(await getLive(), this.screen.rows);
    } catch {
      // The map as computed stands by itself; only who came for sliders must know.
      if (this.asked(this.store.get())) notice("live", t("live.missing"), { stay: true });
      return;
    }
    this.card = new ScenarioCard(this.box, this.screen.project, this.model.document, {
      pull: (levers, moving) => this.store.set({ levers }, { remember: !moving }),
      chooseRules: (rules) => this.store.set({ rules }),
      reset: () => this.store.set({ levers: baseLevers(), rules: null }),
      compare: (mode) => this.compare(mode),
      close: () => this.open(false),
    });
    this.toggle.hidden = false;
    this.compareToggle.hidden = this.screen.session.map === null;
    const state = this.store.get();
    if (wide && !isBase(state.levers) && !state.compare) this.reveal(true);
    this.judge(state);
    this.drawSplit(state);
    // Each of two maps has half the room.
    if (state.compare?.mode === "side" && !state.view) this.screen.session.fit(this.screen.project.bounds_lonlat);
  }

  /** @param {State} state */
  asked(state) {
    return !isBase(state.levers) || state.rules !== null || state.compare !== null;
  }

  /**
   * @param {State} state
   * @param {State} before
   * @returns {boolean} whether the zones were judged again
   */
  stateChanged(state, before) {
    const judged = formatLevers(state.levers) !== formatLevers(before.levers) || state.rules !== before.rules;
    if (judged) this.judge(state);
    if (state.compare !== before.compare && !this.onlyMoved(state, before)) this.drawSplit(state);
    return judged;
  }

  /**
   * @param {State} state
   * @param {State} before
   */
  onlyMoved(state, before) {
    const [now, then] = [state.compare, before.compare];
    const moved = now && then && this.split && now.mode === then.mode && now.before === then.before;
    if (moved) this.split?.place(now.mode, now.at);
    return Boolean(moved);
  }

  /** @param {State} state */
  judge(state) {
    if (!this.model || !this.card) return;
    this.outcome = this.model.judge(state);
    this.screen.session.colour(this.outcome.rows);
    this.card.update(state, this.outcome);
    this.toggle.setAttribute("aria-label", `${t("live.title")}: ${this.name(state)}`);
    byId("scenario-name", HTMLElement).textContent = this.name(state);
    this.toggle.dataset.changed = String(!this.outcome.base);
    this.screen.changed();
  }

  /** @param {State} state */
  name(state) {
    const rules = this.model?.document.rules.find(({ id }) => id === state.rules);
    const levers = this.outcome.scenario ? pick(this.outcome.scenario.title) : t(isBase(state.levers) ? "live.base" : "live.own");
    return rules ? (isBase(state.levers) ? pick(rules.title) : `${levers}, ${pick(rules.title)}`) : levers;
  }

  /** The legend makes room. @param {boolean} open */
  reveal(open) {
    if (open !== this.box.hidden) return;
    this.box.hidden = !open;
    this.toggle.setAttribute("aria-expanded", String(open));
    this.makeRoom(open || this.store.get().compare !== null);
  }

  /** The legend folds while sliders or two maps need its place. @param {boolean} needed */
  makeRoom(needed) {
    const { session } = this.screen;
    if (needed === this.room) return;
    this.room = needed;
    if (needed) this.legendWasOpen = session.legend.open;
    session.unfoldLegend(!needed && this.legendWasOpen);
    if (needed && this.store.get().compare) this.screen.lowerSheet();
  }

  /** @param {boolean} open */
  open(open) {
    this.reveal(open);
    if (open) document.getElementById("scenario-head")?.focus();
    else this.toggle.focus();
  }

  /** @param {Comparison["mode"] | null} mode */
  compare(mode) {
    const now = this.store.get().compare;
    // The bar holds what is compared; the card would lie over one of the two maps.
    if (mode) this.reveal(false);
    if (now && mode) return this.recompare({ mode });
    this.store.set({ compare: mode && { mode, before: now?.before ?? "base", at: now?.at ?? 0.5 } });
    document.getElementById(mode === "swipe" ? "split-handle" : mode ? "compare-before" : "compare-toggle")?.focus();
  }

  /** Two maps of half the width show what one showed. @param {Partial<Comparison>} change */
  recompare(change) {
    const { compare } = this.store.get();
    if (!compare) return;
    const { map } = this.screen.session;
    if (change.mode && change.mode !== compare.mode) map?.jumpTo({ zoom: map.getZoom() + (change.mode === "side" ? -HALF : HALF) });
    this.store.set({ compare: { ...compare, ...change } });
  }

  /** Another choice for the map itself. @param {string} choice */
  after(choice) {
    const setting = this.model && settingOf(this.model.document, choice);
    if (setting) this.store.set(setting);
  }

  /** @param {State} state */
  drawSplit(state) {
    const { compare } = state;
    const { session } = this.screen;
    this.compareToggle.setAttribute("aria-pressed", String(compare !== null));
    if (!compare || !this.model || !session.map) {
      this.split?.remove();
      this.split = null;
      this.bar.hidden = true;
      this.makeRoom(!this.box.hidden);
      return;
    }
    this.makeRoom(true);
    const setting = settingOf(this.model.document, compare.before);
    if (!setting) {
      notice("ignored", t("link.ignored", { names: "compare" }), { stay: true });
      this.store.set({ compare: { ...compare, before: "base" } }, { remember: false });
      return;
    }
    this.split ??= new Split(byId("map-box", HTMLElement), session.map, this.screen.project, this.screen.rows, this.screen.style, {
      move: (at) => this.moved(at),
      openZone: this.screen.openZone,
      hover: (id) => session.hover(id),
    });
    const { rows } = this.model.judge(setting);
    this.split.draw(compare, { rows, visible: filtered(rows, state), layers: state.layers });
    this.drawBar(state, rows);
  }

  /** @param {number} at */
  moved(at) {
    const { compare } = this.store.get();
    if (compare) this.store.set({ compare: { ...compare, at } }, { remember: false });
  }

  /**
   * @param {State} state
   * @param {ZoneRow[]} before
   */
  drawBar(state, before) {
    if (!this.model || !state.compare) return;
    const differ = before.filter((row, index) => row.zone_class !== this.rows[index].zone_class).length;
    const result = t("compare.result", { changed: count(differ), all: count(before.length) });
    const focused = document.activeElement?.id ?? "";
    this.bar.hidden = false;
    this.bar.replaceChildren(
      compareBar(this.model.document, state.compare, this.choiceOf(state), result, {
        change: (change) => this.recompare(change),
        after: (choice) => this.after(choice),
        close: () => this.compare(null),
      }),
    );
    if (focused && this.bar.querySelector(`#${CSS.escape(focused)}`)) document.getElementById(focused)?.focus();
    announce(result);
  }

  /**
   * @param {State} state
   * @returns {string | null} choice that gives the present levers and rules; null for one's own
   */
  choiceOf({ levers, rules }) {
    if (!this.model) return null;
    const { document } = this.model;
    const found = choicesOf(document).find(({ choice }) => {
      const setting = settingOf(document, choice);
      return setting && setting.rules === rules && sameLevers(levers, setting.levers);
    });
    return found?.choice ?? null;
  }

  /** What the sliders make of the chosen zone, above what was computed. @param {HTMLElement} panel */
  drawStrip(panel) {
    document.getElementById("zone-strip")?.remove();
    const { zone } = this.store.get();
    const head = panel.querySelector(".zone-head");
    if (!head || this.outcome.base) return;
    const computed = this.base.find((row) => row.zone_id === zone);
    const shown = this.rows.find((row) => row.zone_id === zone);
    if (computed && shown && computed !== shown) head.after(zoneStrip(this.screen.project, computed, shown));
  }

  /** Filter, layers or language changed: the map before follows the one after. @param {State} state */
  refresh(state) {
    if (this.split) this.drawSplit(state);
  }

  /** In another language. */
  relabel() {
    if (!this.card) return;
    const state = this.store.get();
    this.card.build();
    this.split?.remove();
    this.split = null;
    this.judge(state);
    this.drawSplit(state);
  }

  /** @returns {boolean} whether Escape closed something of this screen */
  escape() {
    const focused = document.activeElement;
    if (!this.box.hidden && this.box.contains(focused)) this.open(false);
    else if (this.split && (this.bar.contains(focused) || this.split.handle.contains(focused))) this.compare(null);
    else return false;
    return true;
  }
}
