/** The left panel without a chosen zone: one sentence, six classes that filter, the top lists. */

import { h } from "./elements.js";
import { pick, t } from "./i18n.js";
import { count, indicator, isKnown, percent, quantity, range } from "./numbers.js";
import { classSymbol } from "./symbols.js";

/** @typedef {import("./types.js").Project} Project */
/** @typedef {import("./types.js").TopReason} TopReason */

/** Of each list this many stand open, so that both fit on one screen. */
const SHOWN = 3;

/**
 * @typedef {object} OverviewActions
 * @property {(id: string) => void} toggleClass
 * @property {() => void} resetClasses
 * @property {(id: string) => void} openZone
 * @property {(id: string | null) => void} hoverZone
 * @property {() => void} toggleTable
 * @property {() => void} select
 */

/**
 * @param {Project} project
 * @param {import("./state.js").State} state
 * @param {OverviewActions} actions
 * @param {(zoneId: string) => string | undefined} classOf class of a zone
 * @returns {HTMLElement}
 */
export function overviewPanel(project, state, actions, classOf) {
  const colors = new Map(project.classes.map((info) => [String(info.id), info.color]));
  /** @param {string} zoneId */
  const sign = (zoneId) => {
    const id = classOf(zoneId) ?? "onbekend";
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
    h("p", { class: "verdict" }, pick(project.summary)),
    totals(project),
    classFilters(project, state, actions, zones),
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

/** @param {Project} project */
function totals(project) {
  const { annual_yield_kwh: supply, consumption_kwh: demand, self_consumption, self_consumption_pooled } = project.totals;
  /** @param {string} name @param {string} value @param {string[]} under */
  const item = (name, value, ...under) =>
    h("div", null, h("dt", null, name), h("dd", null, value, ...under.filter(Boolean).map((line) => h("span", { class: "range" }, line))));
  return h(
    "dl",
    { class: "totals" },
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
 * @param {number} all
 */
function classFilters(project, state, actions, all) {
  const chosen = new Set(state.classes);
  const shown = project.classes.filter((info) => chosen.size === 0 || chosen.has(info.id)).reduce((sum, info) => sum + info.zones, 0);
  return h(
    "section",
    { "aria-labelledby": "classes-head" },
    h(
      "div",
      { class: "section-head" },
      h("h3", { id: "classes-head" }, t("classes")),
      h("span", { class: "muted small tabular" }, t("classes.count", { shown: count(shown), all: count(all) })),
      chosen.size > 0 && h("button", { type: "button", class: "link small", onclick: actions.resetClasses }, t("reset")),
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
            h("span", { class: "chip-count" }, count(info.zones), h("span", { class: "visually-hidden" }, ` ${t("zones")}`)),
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
