/** The data matrix: what to ask first, what this project uses, and all sources by property. */

import { h } from "./elements.js";
import { has, pick, t } from "./i18n.js";
import { announce } from "./notices.js";
import { count, date, number, percent, quantity } from "./numbers.js";
import { figureName, links, openPage, ruleText, said, tableBox, word, zoneLink } from "./pages.js";

/** @typedef {import("./matrix-types.js").Matrix} Matrix */
/** @typedef {import("./matrix-types.js").Source} Source */
/** @typedef {import("./matrix-types.js").Gap} Gap */
/** @typedef {import("./matrix-types.js").Input} Input */
/** @typedef {import("./matrix-types.js").Heat} Heat */

const SIDES = ["supply", "demand", "grid", "governance", "context"];
/** @type {Heat[]} */
const HEATS = ["good", "fair", "poor"];
const MARKS = { good: "●", fair: "◐", poor: "○" };
const SEVERITIES = ["blocking", "high", "medium", "low"];
const SHOWN_RULES = 6;

/** @type {{words: string, side: string, property: string, heat: string, sort: string, descending: boolean}} */
const filter = { words: "", side: "", property: "", heat: "", sort: "id", descending: false };

/** @param {string} role */
const roleWord = (role) => (has(`role.${role}`) ? t(`role.${role}`) : role.replaceAll("_", " "));

// --- what to ask first -------------------------------------------------------------------------

/** @param {Matrix} matrix @param {Gap} gap */
function gapRow(matrix, gap) {
  const row = matrix.missing.find((found) => found.id === gap.id);
  const source = matrix.sources.find((found) => found.id === gap.id);
  const gain = gap.expected_zones === null ? t("mx.gain.unknown") : t("mx.gain", { zones: number(gap.expected_zones, { maximumFractionDigits: 1 }) });
  return h(
    "tr",
    { id: gap.id },
    h("td", { class: "rank" }, gap.rank === null ? "–" : count(gap.rank)),
    h(
      "th",
      { scope: "row", class: "wide" },
      h("span", { class: "strong" }, row ? said(matrix, "missing", row, "title") : (source?.name ?? gap.id)),
      h("span", { class: "row-id" }, gap.id),
      h(
        "details",
        null,
        h("summary", null, t("mx.why_and_what")),
        row && h("p", null, said(matrix, "missing", row, "why")),
        row && h("p", null, h("span", { class: "strong" }, t("mx.proxy"), " "), said(matrix, "missing", row, "proxy")),
        gap.outputs.length > 0 && h("p", null, h("span", { class: "strong" }, t("mx.touches"), " "), gap.outputs.map((name) => figureName(matrix, name)).join(", ")),
        gap.rules.length > 0 && h("p", null, h("span", { class: "strong" }, t("mx.rules"), " "), gap.rules.slice(0, SHOWN_RULES).map((id) => ruleText(matrix, id)).join(" · ")),
        gap.zone_ids.length > 0 && h("p", null, h("span", { class: "strong" }, t("mx.zones_named"), " "), gap.zone_ids.slice(0, SHOWN_RULES).flatMap((id) => [h("a", { href: zoneLink(id) }, id), " "])),
        row && h("p", null, h("span", { class: "strong" }, t("mx.rests_on"), " "), row.refs.join(", ")),
        h("p", null, t("mx.letter"), " ", h("code", null, `zonnekaart matrix letter PROJECT.toml --source ${gap.id} --out brief.docx`)),
      ),
    ),
    h("td", null, row ? heatCell(row.severity === "low" ? "good" : row.severity === "medium" ? "fair" : "poor", word(matrix, "severity", row.severity)) : "–"),
    h("td", null, word(matrix, "status", gap.status), gap.known_share !== null && h("span", { class: "range" }, percent(gap.known_share))),
    h("td", { class: "numeric" }, gap.zones === null ? "–" : count(gap.zones)),
    h("td", null, gain),
    h("td", { class: "numeric" }, gap.annual_yield_mwh === null ? "–" : quantity(gap.annual_yield_mwh * 1000, "kWh", 2)),
    h("td", null, row?.supplier ?? source?.owner ?? "–"),
  );
}

/** @param {Matrix} matrix */
function askFirst(matrix) {
  const severity = new Map(matrix.missing.map((row) => [row.id, SEVERITIES.indexOf(row.severity)]));
  const gaps = [...matrix.project.gaps].sort((a, b) => (a.rank ?? 999) - (b.rank ?? 999) || (severity.get(a.id) ?? 9) - (severity.get(b.id) ?? 9));
  const heads = ["#", t("mx.missing"), t("mx.severity"), t("mx.here"), t("mx.zones"), t("mx.surer"), t("mx.energy"), t("mx.holder")];
  return h(
    "section",
    { "aria-labelledby": "ask-head" },
    h("h2", { id: "ask-head" }, t("mx.ask_first")),
    h("p", { class: "muted" }, t("mx.ask_first.text")),
    tableBox(t("mx.ask_first"), heads, gaps.map((gap) => gapRow(matrix, gap))),
  );
}

// --- what this project uses --------------------------------------------------------------------

/** @param {number | null} share */
function shareCell(share) {
  if (share === null) return h("td", { class: "numeric muted" }, "–");
  return h("td", { class: "numeric" }, percent(share), h("span", { class: "share-bar", "aria-hidden": "true" }, h("i", { style: { width: `${100 * Math.min(share, 1)}%` } })));
}

/** @param {Matrix} matrix @param {Input} input */
function inputRow(matrix, input) {
  const fired = Object.entries(input.rules_fired);
  return h(
    "tr",
    null,
    h(
      "th",
      { scope: "row", class: "wide" },
      h("span", { class: "strong" }, roleWord(input.input)),
      h("span", { class: "row-id" }, input.matrix_id ?? ""),
      h("p", { class: "small" }, [input.title, input.holder].filter(Boolean).join(" · ")),
      h(
        "details",
        null,
        h("summary", null, t("mx.effects")),
        input.limits && h("p", null, input.limits),
        input.outputs.length > 0 && h("p", null, h("span", { class: "strong" }, t("mx.touches"), " "), input.outputs.map((name) => figureName(matrix, name)).join(", ")),
        fired.length > 0 && h("p", null, h("span", { class: "strong" }, t("mx.rules"), " "), fired.map(([id, zones]) => t("mx.rule_fired", { rule: ruleText(matrix, id), zones: count(zones) })).join(" · ")),
        input.record && h("p", null, h("code", null, `zonnekaart ${input.record.command}`)),
        input.record && h("ul", { class: "plain" }, input.record.steps.map((step) => h("li", null, `${step.what} ${step.count > 0 ? count(step.count) : ""} ${step.of}: ${step.why}`)), input.record.warnings.map((text) => h("li", { class: "warn" }, text))),
      ),
    ),
    h("td", null, input.weak.length === 0 ? heatCell("good", t("mx.sound")) : input.weak.map((why) => heatCell("fair", word(matrix, "weak", why)))),
    shareCell(input.area_share),
    shareCell(input.building_share),
    shareCell(input.connection_share),
    shareCell(input.completeness_share),
    h("td", { class: "numeric" }, input.agreement_ratio === null ? "–" : percent(input.agreement_ratio)),
    h("td", { class: "numeric" }, input.age_years === null ? "–" : t("mx.years", { years: count(input.age_years) })),
    h("td", null, input.licence ?? "–"),
  );
}

/** @param {Matrix} matrix */
function inputs(matrix) {
  const heads = [t("mx.input"), t("mx.state"), t("mx.area"), t("mx.buildings"), t("mx.connections"), t("mx.complete"), t("mx.agreement"), t("mx.age"), pick(matrix.labels.properties.licence)];
  return h(
    "section",
    { "aria-labelledby": "use-head" },
    h("h2", { id: "use-head" }, t("mx.uses")),
    h("p", { class: "muted" }, t("mx.uses.text", { date: date(matrix.project.measured_utc) })),
    tableBox(t("mx.uses"), heads, matrix.project.inputs.map((input) => inputRow(matrix, input))),
  );
}

// --- all sources -------------------------------------------------------------------------------

/** @param {Heat} heat @param {string} text @param {string} [title] */
function heatCell(heat, text, title) {
  return h("span", { class: `heat heat-${heat}`, title: title ?? null }, h("span", { "aria-hidden": "true" }, MARKS[heat]), h("span", null, text));
}

/** @param {Matrix} matrix @param {() => void} apply */
function overview(matrix, apply) {
  const names = Object.keys(matrix.labels.properties);
  const rows = SIDES.map((side) => {
    const members = matrix.sources.filter((row) => row.side === side);
    const missing = matrix.missing.filter((row) => row.side === side).length;
    return h(
      "tr",
      null,
      h("th", { scope: "row" }, h("span", { class: "strong" }, word(matrix, "side", side)), h("span", { class: "range" }, t("mx.side_counts", { sources: count(members.length), missing: count(missing) }))),
      names.map((name) => {
        const good = members.filter((row) => row.properties[name].heat === "good").length;
        const part = members.length ? good / members.length : 0;
        const heat = part >= 0.75 ? "good" : part >= 0.4 ? "fair" : "poor";
        const choose = () => {
          Object.assign(filter, { side, property: name, heat: "", sort: name, descending: true });
          apply();
          document.getElementById("sources-head")?.scrollIntoView({ block: "start" });
        };
        return h("td", { class: `heat-${heat}` }, h("button", { type: "button", class: "cell", title: t("mx.good_of", { property: pick(matrix.labels.properties[name]), good: count(good), all: count(members.length) }), onclick: choose }, h("span", { "aria-hidden": "true" }, `${MARKS[heat]} `), `${count(good)}/${count(members.length)}`));
      }),
    );
  });
  return h(
    "section",
    { "aria-labelledby": "grid-head" },
    h("h2", { id: "grid-head" }, t("mx.grid")),
    h("p", { class: "muted" }, t("mx.grid.text"), " ", HEATS.flatMap((heat) => [heatCell(heat, t(`mx.heat.${heat}`)), " "])),
    tableBox(t("mx.grid"), [t("mx.side"), ...names.map((name) => pick(matrix.labels.properties[name]))], rows),
  );
}

/** @param {Source} row @param {string} key */
function sortValue(row, key) {
  return key in row.properties ? `${HEATS.indexOf(row.properties[key].heat)}${row.properties[key].code}` : `${SIDES.indexOf(row.side)}${row.id}`;
}

/** @param {Matrix} matrix @returns {Source[]} */
function chosen(matrix) {
  const wanted = filter.words.toLowerCase().split(/\s+/).filter(Boolean);
  const sign = filter.descending ? -1 : 1;
  return matrix.sources
    .filter((row) => {
      const text = `${row.id} ${row.name} ${row.owner} ${row.description} ${row.use_in_tool}`.toLowerCase();
      const heat = filter.property && filter.heat ? row.properties[filter.property].heat === filter.heat : true;
      return heat && (!filter.side || row.side === filter.side) && wanted.every((part) => text.includes(part));
    })
    .sort((a, b) => sign * sortValue(a, filter.sort).localeCompare(sortValue(b, filter.sort), undefined, { numeric: true }));
}

/** @param {Matrix} matrix @param {Source} row */
function sourceRow(matrix, row) {
  return h(
    "tr",
    { id: row.id },
    h(
      "th",
      { scope: "row", class: "wide" },
      h("span", { class: "strong" }, row.name),
      h("span", { class: "row-id" }, row.id),
      h("p", { class: "small" }, row.owner),
      h(
        "details",
        null,
        h("summary", null, t("mx.more")),
        h("div", { lang: "en" }, h("p", null, row.description), h("p", null, row.quality_limitations), h("p", null, row.use_in_tool), h("p", { class: "warn" }, row.verification)),
        h("dl", { class: "facts" }, Object.entries(row.properties).map(([name, found]) => h("div", null, h("dt", null, pick(matrix.labels.properties[name])), h("dd", { lang: "en" }, found.text || "–")))),
        h("p", null, t("mx.facts_at", { date: date(row.checked) }), " ", links(row.fact_address).flatMap((link) => [link, " "])),
      ),
    ),
    Object.entries(row.properties).map(([name, found]) => {
      const text = `${pick(matrix.labels.values[name]?.[found.code]) || found.code}${found.year ? ` ${found.year}` : ""}`;
      return h("td", { class: `heat-${found.heat}` }, heatCell(found.heat, text, found.text));
    }),
  );
}

/** @param {string} label @param {string} key @param {[string, string][]} options @param {() => void} apply */
function choice(label, key, options, apply) {
  const found = /** @type {Record<string, any>} */ (filter);
  const select = h("select", { "data-filter": key }, h("option", { value: "" }, t("mx.all")), options.map(([value, text]) => h("option", { value, selected: found[key] === value }, text)));
  select.addEventListener("change", () => {
    found[key] = select.value;
    apply();
  });
  return h("label", null, h("span", null, label), select);
}

/** @param {Matrix} matrix */
function sources(matrix) {
  const section = h("section", { "aria-labelledby": "sources-head" });
  const names = Object.keys(matrix.labels.properties);
  /** @param {string} key @param {string} label */
  const head = (key, label) =>
    h(
      "th",
      { scope: "col", "aria-sort": filter.sort === key ? (filter.descending ? "descending" : "ascending") : "none" },
      h("button", { type: "button", class: "sort", "data-sort": key, onclick: () => { Object.assign(filter, { sort: key, descending: filter.sort === key && !filter.descending }); draw(`[data-sort="${key}"]`); } }, label, h("span", { "aria-hidden": "true" }, filter.sort === key ? (filter.descending ? " ▾" : " ▴") : " ↕")),
    );
  const search = h("input", { type: "search", "data-filter": "words", value: filter.words });
  search.addEventListener("input", () => {
    filter.words = search.value;
    fillRows();
  });
  const box = h("div");
  const shown = h("output", { class: "muted" });
  const fillRows = () => {
    const rows = chosen(matrix);
    shown.textContent = t("mx.shown", { shown: count(rows.length), all: count(matrix.sources.length) });
    announce(shown.textContent);
    box.replaceChildren(tableBox(t("mx.sources"), [head("id", t("mx.source")), ...names.map((name) => head(name, pick(matrix.labels.properties[name])))], rows.map((row) => sourceRow(matrix, row))));
  };
  /** @param {string} [focus] what had the keyboard */
  const draw = (focus) => {
    section.replaceChildren(
      h("h2", { id: "sources-head" }, t("mx.sources")),
      h(
        "div",
        { class: "page-tools" },
        h("label", null, h("span", null, t("mx.search")), search),
        choice(t("mx.side"), "side", SIDES.map((side) => [side, word(matrix, "side", side)]), () => draw('[data-filter="side"]')),
        choice(t("mx.property"), "property", names.map((name) => [name, pick(matrix.labels.properties[name])]), () => draw('[data-filter="property"]')),
        choice(t("mx.heat"), "heat", HEATS.map((heat) => [heat, t(`mx.heat.${heat}`)]), () => draw('[data-filter="heat"]')),
        shown,
      ),
      box,
    );
    fillRows();
    const again = focus ? section.querySelector(focus) : null;
    if (again instanceof HTMLElement) again.focus();
  };
  draw();
  return { section, draw };
}

openPage("mx.title", (matrix) => {
  const all = sources(matrix);
  const weak = matrix.project.inputs.filter((input) => input.weak.length > 0).length;
  const blocking = matrix.missing.filter((row) => row.severity === "blocking").length;
  return [
    h("h1", null, t("mx.title")),
    h("p", { class: "verdict" }, t("mx.verdict", { missing: count(matrix.missing.length), blocking: count(blocking), weak: count(weak), inputs: count(matrix.project.inputs.length) })),
    askFirst(matrix),
    inputs(matrix),
    overview(matrix, () => all.draw()),
    all.section,
  ];
});
