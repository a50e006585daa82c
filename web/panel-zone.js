/** The left panel with a chosen zone: waar, waarom, wat nu, in that order. */

import { zonePath } from "./api.js";
import { bulletBar, chartKey, largest, monthBars, niceMax, probabilityBar, typicalDay } from "./charts.js";
import { forgetColumns } from "./chart-hover.js";
import { h } from "./elements.js";
import { has, pick, t } from "./i18n.js";
import { date, indicator, indicatorRange, isKnown, number, percent, quantity, range } from "./numbers.js";
import { moneyBlock } from "./panel-money.js";
import { classSymbol } from "./symbols.js";

/** @typedef {import("./types.js").Zone} Zone */
/** @typedef {import("./types.js").Project} Project */
/** @typedef {import("./types.js").Reason} Reason */
/** @typedef {import("./types.js").Texts} Texts */

/**
 * @typedef {object} ZoneActions
 * @property {() => void} close
 * @property {() => void} zoomTo
 * @property {() => void} copyLink
 * @property {(indicator: string | null) => void} hoverReason
 */

/**
 * @param {Zone} zone
 * @param {Project} project
 * @param {ZoneActions} actions
 * @returns {HTMLElement}
 */
export function zonePanel(zone, project, actions) {
  return h(
    "article",
    { class: "zone", "aria-labelledby": "panel-heading" },
    backRow(actions),
    head(zone, project),
    h("p", { class: "verdict" }, pick(zone.sentence)),
    overrideList(zone, project),
    zone.published ? null : h("p", { class: "hint" }, pick(zone.privacy_note) || t("zone.privacy")),
    figures(zone, project),
    h("h3", { class: "kicker" }, t("why")),
    reasonList("opportunity", zone, actions),
    reasonList("bottleneck", zone, actions),
    flipList(zone),
    charts(zone),
    moneyBlock(zone),
    h("h3", { class: "kicker" }, t("what_next")),
    actionList(zone),
    h("h3", { class: "kicker" }, t("unknowns")),
    gapList(zone),
    downloads(zone, project, actions),
  );
}

/** @param {() => void} close */
export function backButton(close) {
  return h("button", { type: "button", class: "link back", onclick: close }, `← ${t("zone.back")}`);
}

/** The shape of what comes. */
export function zoneSkeleton() {
  const bones = ["short", "tall", "", "tall", "short", "", "", "", "short", "chart", "short", ""];
  return h("div", { class: "skeleton", "aria-hidden": "true" }, bones.map((kind) => h("i", { class: `bone ${kind}` })));
}

/** @param {ZoneActions} actions */
function backRow(actions) {
  return h(
    "div",
    { class: "back-row" },
    backButton(actions.close),
    h("button", { type: "button", class: "link", onclick: actions.zoomTo }, t("zone.zoom")),
  );
}

/**
 * @param {Zone} zone
 * @param {Project} project
 */
function head(zone, project) {
  const infos = new Map(project.classes.map((info) => [info.id, info]));
  const own = infos.get(zone.zone_class);
  const parts = Object.entries(zone.class_probabilities ?? {})
    .filter(([, probability]) => isKnown(probability))
    .map(([id, probability]) => {
      const info = infos.get(/** @type {any} */ (id));
      return { id, color: info?.color ?? "#9E9E9E", label: pick(info?.label) || id, probability: Number(probability) };
    })
    .sort((a, b) => b.probability - a.probability);
  return h(
    "header",
    { class: "zone-head" },
    h("h2", { id: "panel-heading", tabindex: "-1" }, zone.name || zone.zone_id),
    h(
      "p",
      { class: "class-chip", style: { "--class": own?.color ?? "#9E9E9E" }, "data-class": zone.zone_class, title: pick(own?.description) },
      classSymbol(zone.zone_class, own?.color ?? "#9E9E9E", 24),
      h("strong", null, pick(own?.label) || zone.zone_class),
    ),
    parts.length > 0 && h("p", { class: "visually-hidden" }, t("zone.probability")),
    parts.length > 0 && probabilityBar(parts),
    pick(zone.certainty_text) && h("p", { class: `certainty certainty-${zone.certainty}` }, pick(zone.certainty_text)),
  );
}

/** The five figures: label, indicator, unit when the server gives none. @type {[string, string, string][]} */
const FIGURES = [
  ["word.supply", "annual_yield_kwh", "kWh"],
  ["word.demand", "consumption_kwh", "kWh"],
  ["word.own_use", "self_consumption", "-"],
  ["word.sufficiency", "self_sufficiency", "-"],
  ["word.headroom", "pv_headroom_kw", "kW"],
];

/**
 * Low and high of an indicator: in the interval itself, or as indicators of their own.
 *
 * @param {Zone} zone
 * @param {string} name
 * @returns {{low: number | null | undefined, high: number | null | undefined}}
 */
function endsOf(zone, name) {
  const found = zone.indicators[name];
  const base = name.replace(/_(kwh|kw)$/, "");
  const unit = name.slice(base.length);
  return {
    low: found?.low ?? zone.indicators[`${base}_low${unit}`]?.value,
    high: found?.high ?? zone.indicators[`${base}_high${unit}`]?.value,
  };
}

/**
 * @param {Zone} zone
 * @param {Project} project
 */
function figures(zone, project) {
  return h(
    "section",
    { "aria-label": t("zone.figures") },
    h(
      "dl",
      { class: "figures" },
      FIGURES.map(([label, name, unit]) => {
        const found = zone.indicators[name];
        const { low, high } = endsOf(zone, name);
        const shown = isKnown(found?.value);
        return h(
          "div",
          null,
          h("dt", null, t(label)),
          h(
            "dd",
            { class: shown ? "" : "unknown" },
            shown ? indicator(name, found?.value, found?.unit ?? unit) : t("unknown"),
            h("span", { class: "range" }, shown ? indicatorRange(name, low, high, found?.unit ?? unit) : ""),
            sharedNote(zone, name),
          ),
        );
      }),
    ),
    h("p", { class: "muted small" }, t("figures.preset", { preset: presetName(zone, project) })),
  );
}

/**
 * What sharing adds, beside the figure of own use.
 *
 * @param {Zone} zone
 * @param {string} name
 */
function sharedNote(zone, name) {
  const pooled = zone.indicators[`${name}_pooled`]?.value;
  return isKnown(pooled) && h("span", { class: "range" }, `${t("word.if_shared")} ${percent(pooled)}`);
}

/**
 * @param {Zone} zone
 * @param {Project} project
 */
function presetName(zone, project) {
  const own = zone.preset && typeof zone.preset === "object" ? zone.preset.title : null;
  return pick(own ?? project.preset?.title) || (typeof zone.preset === "string" ? zone.preset : "–");
}

/**
 * @param {"opportunity" | "bottleneck"} kind
 * @param {Zone} zone
 * @param {ZoneActions} actions
 */
function reasonList(kind, zone, actions) {
  const reasons = kind === "opportunity" ? zone.opportunities : zone.bottlenecks;
  const id = `reasons-${kind}`;
  return h(
    "section",
    { "aria-labelledby": id, class: `reasons reasons-${kind}` },
    h("h4", { id }, h("span", { class: `mark mark-${kind}`, "aria-hidden": "true" }, kind === "opportunity" ? "▲" : "▼"), t(kind === "opportunity" ? "opportunities" : "bottlenecks")),
    reasons.length === 0
      ? h("p", { class: "empty" }, t(`empty.zone.${kind}`))
      : shortList(reasons.map((reason) => reasonItem(kind, reason, zone, actions)), "reason-list"),
  );
}

/** Of a long list this many stand open; the strongest come first. */
const SHOWN = 3;

/**
 * @param {HTMLLIElement[]} items
 * @param {string} name class of the list
 */
function shortList(items, name) {
  const rest = items.slice(SHOWN);
  return h(
    "div",
    null,
    h("ul", { class: name }, items.slice(0, SHOWN)),
    rest.length > 0 && h("details", { class: "more" }, h("summary", null, t("top.more", { count: rest.length })), h("ul", { class: name }, rest)),
  );
}

/** @param {string} comparison of the rule */
function comparisonSign(comparison) {
  /** @type {Record<string, string>} */
  const signs = { ">=": "≥", "<=": "≤", ge: "≥", le: "≤", gt: ">", lt: "<", above: ">", below: "<", at_least: "≥", at_most: "≤" };
  return signs[comparison] ?? comparison;
}

/**
 * @param {"opportunity" | "bottleneck"} kind
 * @param {Reason} reason
 * @param {Zone} zone
 * @param {ZoneActions} actions
 */
function reasonItem(kind, reason, zone, actions) {
  const { low, high } = endsOf(zone, reason.indicator);
  const threshold = isKnown(reason.threshold) && `${t("threshold")} ${comparisonSign(reason.comparison)} ${indicator(reason.indicator, reason.threshold, reason.unit)}`;
  const source = pick(reason.source);
  return h(
    "li",
    {
      class: `reason severity-${reason.severity}`,
      "data-rule": reason.rule_id,
      onmouseenter: () => actions.hoverReason(reason.indicator),
      onmouseleave: () => actions.hoverReason(null),
    },
    h("p", { class: "reason-text" }, pick(reason.reason)),
    bulletBar({ value: reason.value, threshold: reason.threshold, low, high }, kind),
    h(
      "p",
      { class: "reason-figures tabular" },
      h("span", { class: "strong" }, `${indicatorName(reason.indicator)} ${indicator(reason.indicator, reason.value, reason.unit)}`),
      threshold && h("span", null, threshold),
    ),
    h(
      "div",
      { class: "reason-foot" },
      h("details", { class: "on-demand" }, h("summary", null, t("reason.rule")), h("p", null, `${t("rule")}: ${reason.rule_id}`), source && h("p", null, `${t("source")}: ${source}`)),
      h("span", { class: "severity" }, t(`severity.${reason.severity}`)),
    ),
  );
}

/** @param {string} name */
function indicatorName(name) {
  const key = `indicator.${name}`;
  return has(key) ? t(key) : name.replaceAll("_", " ");
}

/**
 * What a person set, with what it replaces.
 *
 * @param {Zone} zone
 * @param {Project} project
 */
function overrideList(zone, project) {
  if (!zone.overrides?.length) return null;
  /** @param {string | null} id */
  const label = (id) => pick(project.classes.find((info) => info.id === id)?.label) || (id ?? t("unknown"));
  return h(
    "section",
    { class: "hint", "aria-label": t("override.title") },
    zone.overrides.map((one) => {
      const [now, before] =
        one.indicator === null
          ? [label(one.zone_class), label(one.original_class)]
          : [`${indicatorName(one.indicator)} ${indicator(one.indicator, one.value, one.unit ?? "")}`, isKnown(one.original_value) ? indicator(one.indicator, one.original_value, one.unit ?? "") : t("unknown")];
      return h(
        "p",
        null,
        h("span", { class: "strong" }, `${t("override.title")}: ${now}`),
        ` (${t("override.before", { value: before })}). `,
        `${one.by}, ${date(one.date)}: ${one.reason}`,
      );
    }),
  );
}

/** @param {Zone} zone */
function flipList(zone) {
  if (zone.flips.length === 0) return null;
  return h(
    "section",
    { "aria-labelledby": "flips", class: "flips" },
    h("h4", { id: "flips" }, h("span", { class: "mark", "aria-hidden": "true" }, "⇋"), t("flip")),
    h("ul", { class: "plain" }, zone.flips.slice(0, 3).map((flip) => h("li", null, pick(flip.sentence)))),
  );
}

/** @param {Zone} zone */
function charts(zone) {
  const days = zone.typical_days;
  const monthly = zone.monthly;
  const withDays = days && largest([days.june.supply_kw, days.june.demand_kw, days.december.demand_kw]) > 0;
  if (!withDays && !monthly) return h("p", { class: "empty" }, t("empty.charts"));
  forgetColumns();
  const top = days ? niceMax(largest([days.june.supply_kw, days.june.demand_kw, days.december.supply_kw, days.december.demand_kw])) : 1;
  return h(
    "section",
    { "aria-labelledby": "charts" },
    h("h4", { id: "charts" }, t("chart.title")),
    chartKey(),
    withDays && h("div", { class: "days" }, typicalDay(t("chart.june"), days.june, top), typicalDay(t("chart.december"), days.december, top)),
    monthly && monthBars(monthly.yield_kwh, monthly.consumption_kwh),
  );
}

/** Facts of an action in the order in which a planner asks. @type {("who" | "caveat" | "example")[]} */
const ACTION_FACTS = ["who", "caveat", "example"];

/** @param {Zone} zone */
function actionList(zone) {
  if (zone.actions.length === 0) return h("p", { class: "empty" }, t("empty.actions"));
  return h(
    "ol",
    { class: "actions" },
    zone.actions.slice(0, 3).map((action) =>
      h(
        "li",
        null,
        h("p", { class: "strong" }, pick(action.title) || action.id),
        pick(action.text) && h("p", null, pick(action.text)),
        h(
          "dl",
          { class: "facts" },
          effectFacts(action.effect),
          ACTION_FACTS.filter((name) => pick(action[name])).map((name) => h("div", null, h("dt", null, t(`action.${name}`)), h("dd", null, pick(action[name])))),
        ),
      ),
    ),
  );
}

/**
 * What an action could bring in a year, and how easily it is done.
 *
 * @param {import("./types.js").ActionEffect | null | undefined} effect
 */
function effectFacts(effect) {
  if (!effect) return null;
  /** @type {[string, import("./types.js").Interval | null][]} */
  const brought = [["advice.energy", effect.energy], ["advice.gain", effect.gain], ["advice.avoided", effect.avoided]];
  const rows = brought
    .filter(([, found]) => isKnown(found?.value) && found?.value !== 0)
    .map(([key, found]) => {
      const { value, low, high, unit = "" } = found ?? {};
      const spread = range(low, high, unit);
      return fact(t(key), quantity(value, unit, 2), unit === "EUR" ? spread + pricesOf(effect) : spread);
    });
  if (isKnown(effect.doability)) rows.push(fact(t("advice.doability"), t(`advice.doability.${doabilityWord(effect.doability)}`), ""));
  return rows;
}

/** @param {import("./types.js").ActionEffect} effect */
function pricesOf(effect) {
  const years = (effect.prices_observed ?? "").split("/").map((day) => day.slice(0, 4));
  return years[0] ? `; ${t("advice.prices", { years: [...new Set(years)].join("–") })}` : "";
}

/**
 * @param {string} label
 * @param {string} value
 * @param {string} spread
 */
function fact(label, value, spread) {
  return h("div", null, h("dt", null, label), h("dd", { class: "tabular" }, value, spread && h("span", { class: "range" }, spread)));
}

/** @param {number} doability from 0 to 1 */
function doabilityWord(doability) {
  if (doability >= 0.7) return "high";
  return doability >= 0.5 ? "medium" : "low";
}

/**
 * How much surer the class would be with this source.
 *
 * @param {number | null | undefined} gain
 */
function gainText(gain) {
  if (!isKnown(gain)) return "";
  const points = Math.round(gain * 100);
  return points > 0 ? t("advice.surer", { points: number(points) }) : t("advice.not_surer");
}

/** @param {Zone} zone */
function gapList(zone) {
  if (zone.gaps.length === 0) return h("p", { class: "empty" }, t("empty.gaps"));
  return shortList(
    zone.gaps.map((gap) =>
      h(
        "li",
        null,
        h("p", null, h("span", { class: "strong" }, pick(gap.title) || gap.id), " ", h("code", null, gap.id)),
        gainText(gap.confidence_gain) && h("p", { class: "small" }, gainText(gap.confidence_gain)),
        pick(gap.proxy) && h("p", { class: "muted small" }, `${t("gap.proxy")}: ${pick(gap.proxy)}`),
      ),
    ),
    "gaps",
  );
}

/**
 * @param {Zone} zone
 * @param {Project} project
 * @param {ZoneActions} actions
 */
function downloads(zone, project, actions) {
  const name = `${project.slug}-${zone.zone_id}`;
  return h(
    "section",
    { class: "downloads", "aria-label": t("downloads") },
    h("a", { class: "button", href: zonePath(zone.zone_id, ".csv"), download: `${name}.csv` }, "CSV"),
    h("a", { class: "button", href: zonePath(zone.zone_id), download: `${name}.json` }, "JSON"),
    h("button", { type: "button", class: "button", onclick: actions.copyLink }, t("tool.share")),
  );
}
