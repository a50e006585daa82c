/** The left panel without a chosen zone: one sentence, six classes that filter, the top lists. */

import { h } from "./elements.js";
import { filtered, isFiltered } from "./filters.js";
import { pick, t } from "./i18n.js";
import { count, indicator, isKnown, percent, quantity, range } from "./numbers.js";
import { classSymbol } from "./symbols.js";

/** @typedef {import("./types.js").Project} Project */
/** @typedef {import("./types.js").TopReason} TopReason */
/** @typedef {import("./types.js").ZoneRow} ZoneRow */

/** Of each list this many stand open, so that both fit on one screen. */
const SHOWN = 3;

/**
 * @typedef {object} OverviewActions
 * @property {(id: string) => void} toggleClass
 * @property {() => void} resetFilters
 * @property {(id: string) => void} openZone
 * @property {(id: string | null) => void} hoverZone
 * @property {() => void} toggleTable
 * @property {() => void} select
 */

/**
 * @typedef {object} Shown
 * @property {ZoneRow[]} rows all zones, as sliders have them
 * @property {ZoneRow[]} visible those that pass the filter
 * @property {boolean} whole nothing filtered, nothing moved: the totals are those that were computed
 * @property {boolean} moved sliders or rules differ from what was computed
 * @property {boolean} approximate the figures are not computed in full
 * @property {HTMLElement} filters
 */

/**
 * @param {ZoneRow[]} rows
 * @returns {{supply: number, demand: number | null, own: number | null, pooled: number | null, told: number}}
 *     demand and shares over the zones that tell their demand: `told` of them
 */
export function summed(rows) {
  const sum = { supply: 0, demand: 0, base: 0, own: 0, pooled: 0, told: 0 };
  for (const row of rows) {
    sum.supply += row.annual_yield_kwh ?? 0;
    if (!isKnown(row.consumption_kwh)) continue;
    sum.told += 1;
    sum.demand += row.consumption_kwh;
    if (!isKnown(row.self_consumption) || !isKnown(row.annual_yield_kwh)) continue;
    sum.base += row.annual_yield_kwh;
    sum.own += row.self_consumption * row.annual_yield_kwh;
    sum.pooled += (row.self_consumption_pooled ?? NaN) * row.annual_yield_kwh;
  }
  const share = (/** @type {number} */ part) => (sum.base > 0 && Number.isFinite(part) ? part / sum.base : null);
  return { supply: sum.supply, demand: sum.told ? sum.demand : null, own: share(sum.own), pooled: share(sum.pooled), told: sum.told };
}

/**
 * @param {Project} project
 * @param {import("./state.js").State} state
 * @param {OverviewActions} actions
 * @param {Shown} shown
 * @returns {HTMLElement}
 */
export function overviewPanel(project, state, actions, shown) {
  const classes = new Map(shown.rows.map((row) => [row.zone_id, row.zone_class]));
  const colors = new Map(project.classes.map((info) => [String(info.id), info.color]));
  /** @param {string} zoneId */
  const sign = (zoneId) => {
    const id = classes.get(zoneId) ?? "onbekend";
    return classSymbol(id, colors.get(id) ?? "#9E9E9E", 18);
  };
  const zones = project.classes.reduce((sum, info) => sum + info.zones, 0);
  if (zones === 0) {
    return h("div", { class: "overview" }, h("h2", { class: "kicker" }, t("where")), h("p", { class: "empty" }, t("empty.zones")));
  }
  return h(
    "div",
    { class: "overview" },
    h("h2", { class: "kicker", tabindex: "-1", id: "panel-heading" }, t("where")),
    h("p", { class: "verdict", id: "verdict" }, verdict(project, shown)),
    shown.whole ? totals(project) : sums(shown),
    classFilters(project, state, actions, shown),
    shown.filters,
    shown.moved && h("p", { class: "hint small" }, t("live.reasons")),
    topList("opportunity", project.top_opportunities, actions, sign),
    topList("bottleneck", project.top_bottlenecks, actions, sign),
    h("button", { type: "button", class: "button wide", id: "select-open", onclick: actions.select }, `⬚ ${t("select.open")}`),
    h(
      "button",
      { type: "button", class: "button wide", id: "table-toggle", "aria-pressed": String(state.show === "table"), onclick: actions.toggleTable },
      t(state.show === "table" ? "table.close" : "table.open"),
    ),
    h("p", { class: "muted small" }, t("figures.preset", { preset: pick(project.preset?.title) || "–" })),
  );
}

/** Zones whose consumption may not be shown are left out of the sum; the reader must know. @param {Project} project */
function demandNote({ totals: { zones, zones_with_demand: shown } }) {
  return isKnown(shown) && shown < zones ? t("classes.count", { shown: count(shown), all: count(zones) }) : "";
}

/** @param {string} name @param {string} value @param {string[]} under */
function item(name, value, ...under) {
  return h("div", null, h("dt", null, name), h("dd", null, value, ...under.filter(Boolean).map((line) => h("span", { class: "range" }, line))));
}

/** Sums of the zones that are shown, as sliders have them. @param {Shown} shown */
function sums({ visible, approximate }) {
  const { supply, demand, own, pooled, told } = summed(visible);
  const part = told < visible.length ? t("classes.count", { shown: count(told), all: count(visible.length) }) : "";
  return h(
    "dl",
    { class: "totals", id: "totals" },
    item(t("word.supply"), quantity(supply, "kWh"), approximate ? t("live.approximate") : ""),
    item(t("word.demand"), quantity(demand, "kWh"), part),
    item(t("word.own_use"), percent(own), t("word.per_building")),
    item(t("word.shared_use"), percent(pooled), t("word.within_zone")),
  );
}

/**
 * The sentence of the whole: as computed, or of the zones that are left, or under the sliders.
 *
 * @param {Project} project
 * @param {Shown} shown
 */
function verdict(project, { whole, moved, visible, rows }) {
  if (whole) return pick(project.summary);
  const { supply, own, pooled } = summed(visible);
  const figures = { supply: quantity(supply, "kWh"), own: percent(own), pooled: percent(pooled), shown: count(visible.length), all: count(rows.length) };
  const sentence = t(moved ? "live.verdict" : "filter.verdict", figures);
  return isKnown(own) && isKnown(pooled) ? `${sentence} ${t("live.verdict.use", figures)}` : sentence;
}

/** @param {Project} project */
function totals(project) {
  const { annual_yield_kwh: supply, consumption_kwh: demand, self_consumption, self_consumption_pooled } = project.totals;
  return h(
    "dl",
    { class: "totals", id: "totals" },
    item(t("word.supply"), quantity(supply?.value, "kWh"), range(supply?.low, supply?.high, "kWh")),
    item(t("word.demand"), quantity(demand?.value, "kWh"), range(demand?.low, demand?.high, "kWh"), demandNote(project)),
    item(t("word.own_use"), percent(self_consumption), t("word.per_building")),
    item(t("word.shared_use"), percent(self_consumption_pooled), t("word.within_zone")),
  );
}

/**
 * @param {Project} project
 * @param {import("./state.js").State} state
 * @param {OverviewActions} actions
 * @param {Shown} shown
 */
function classFilters(project, state, actions, { rows, visible }) {
  const chosen = new Set(state.classes);
  /** Each class counts what choosing it would show. @type {Map<string, number>} */
  const counts = new Map();
  for (const row of filtered(rows, { ...state, classes: [] })) counts.set(row.zone_class, (counts.get(row.zone_class) ?? 0) + 1);
  return h(
    "section",
    { "aria-labelledby": "classes-head", id: "class-filters" },
    h(
      "div",
      { class: "section-head" },
      h("h3", { id: "classes-head" }, t("classes")),
      h("span", { class: "muted small tabular", id: "zone-count" }, t("classes.count", { shown: count(visible.length), all: count(rows.length) })),
      isFiltered(state) && h("button", { type: "button", class: "link small", id: "filter-reset", onclick: actions.resetFilters }, t("reset")),
    ),
    h(
      "ul",
      { class: "chips" },
      project.classes.map((info) =>
        h(
          "li",
          null,
          h(
            "button",
            {
              type: "button",
              class: `chip${info.id === "onbekend" ? " chip-unknown" : ""}`,
              "aria-pressed": String(chosen.has(info.id)),
              title: pick(info.description),
              "data-class": info.id,
              style: { "--class": info.color },
              onclick: () => actions.toggleClass(info.id),
            },
            classSymbol(info.id, info.color),
            h("span", { class: "chip-word" }, pick(info.label)),
            h("span", { class: "chip-count" }, count(counts.get(info.id) ?? 0), h("span", { class: "visually-hidden" }, ` ${t("zones")}`)),
          ),
        ),
      ),
    ),
  );
}

/**
 * @param {"opportunity" | "bottleneck"} kind
 * @param {TopReason[]} reasons
 * @param {OverviewActions} actions
 * @param {(zoneId: string) => Node} sign
 */
function topList(kind, reasons, actions, sign) {
  const head = `top-${kind}`;
  return h(
    "section",
    { "aria-labelledby": head, class: `top top-${kind}` },
    h("h3", { id: head }, h("span", { class: `mark mark-${kind}`, "aria-hidden": "true" }, kind === "opportunity" ? "▲" : "▼"), t(`top.${kind}`)),
    reasons.length === 0
      ? h("p", { class: "empty" }, t(`empty.${kind}`))
      : [
          h("ol", { class: "top-list" }, reasons.slice(0, SHOWN).map((reason) => topItem(reason, actions, sign))),
          reasons.length > SHOWN &&
            h(
              "details",
              { class: "more" },
              h("summary", null, t("top.more", { count: reasons.length - SHOWN })),
              h("ol", { class: "top-list", start: SHOWN + 1 }, reasons.slice(SHOWN).map((reason) => topItem(reason, actions, sign))),
            ),
        ],
  );
}

/**
 * @param {TopReason} reason
 * @param {OverviewActions} actions
 * @param {(zoneId: string) => Node} sign
 */
function topItem(reason, actions, sign) {
  return h(
    "li",
    null,
    h(
      "button",
      {
        type: "button",
        class: "top-item",
        onclick: () => actions.openZone(reason.zone_id),
        onmouseenter: () => actions.hoverZone(reason.zone_id),
        onmouseleave: () => actions.hoverZone(null),
        onfocus: () => actions.hoverZone(reason.zone_id),
        onblur: () => actions.hoverZone(null),
      },
      sign(reason.zone_id),
      h("span", { class: "top-name" }, reason.name),
      h("span", { class: "top-figure tabular" }, indicator(reason.indicator, reason.value, reason.unit)),
      h("span", { class: "top-reason" }, pick(reason.reason)),
    ),
  );
}
