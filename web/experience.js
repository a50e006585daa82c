/** The experience matrix: which needs the tool serves and where, and what others learned. */

import { h } from "./elements.js";
import { pick, t } from "./i18n.js";
import { announce } from "./notices.js";
import { count, date, quantity } from "./numbers.js";
import { figureName, inLanguage, links, openPage, ruleText, said, tableBox, word } from "./pages.js";

/** @typedef {import("./matrix-types.js").Matrix} Matrix */
/** @typedef {import("./matrix-types.js").Need} Need */
/** @typedef {import("./matrix-types.js").Row} Row */

/** @type {("yes" | "partly" | "no")[]} */
const SERVED = ["yes", "partly", "no"];
const HEAT = { yes: "good", partly: "fair", no: "poor" };
const MARKS = { yes: "●", partly: "◐", no: "○" };

const filter = { group: "", served: "" };

/** @param {Matrix} matrix @param {"yes" | "partly" | "no"} served */
const servedChip = (matrix, served) => h("span", { class: `heat heat-${HEAT[served]}` }, h("span", { "aria-hidden": "true" }, MARKS[served]), h("span", null, word(matrix, "served", served)));

/** @param {Matrix} matrix @param {{kind: string, address: string}} where */
function feature(matrix, where) {
  const kind = word(matrix, "where", where.kind);
  if (where.kind === "page") return h("a", { href: inLanguage(where.address) }, `${kind} ${where.address}`);
  if (where.kind === "api") return h("a", { href: where.address }, `${kind} ${where.address}`);
  return h("span", null, `${kind} `, h("code", null, where.address));
}

/** @param {Matrix} matrix @param {string} id */
function action(matrix, id) {
  const row = matrix.experience.recommendations.find((found) => found.id === id);
  return row ? h("li", null, said(matrix, "recommendations", row, "policy_action")) : null;
}

/** Example projects of the actions of a need, without doubles. @param {Matrix} matrix @param {Need} need */
function examples(matrix, need) {
  const named = matrix.experience.links.filter((link) => need.recommendations.includes(link.recommendation)).flatMap((link) => link.projects);
  return [...new Set(named)].slice(0, 3).map((id) => {
    const row = matrix.experience.sharing_projects.find((found) => found.id === id);
    return row ? h("li", null, said(matrix, "sharing_projects", row, "name"), ", ", said(matrix, "sharing_projects", row, "place"), " ", links(row.source)) : null;
  });
}

/** @param {Matrix} matrix @param {Need} need */
function needRow(matrix, need) {
  const group = matrix.experience.stakeholders.find((row) => row.id === need.stakeholder);
  const rules = need.rules.map((id) => h("li", null, ruleText(matrix, id)));
  const judged = new Set(need.rules.map((id) => matrix.rules[id]?.indicator));
  const layers = need.indicators.filter((name) => !judged.has(name)).map((name) => h("li", { class: "muted" }, figureName(matrix, name)));
  return h(
    "tr",
    { id: need.id },
    h("th", { scope: "row", class: "wide" }, h("span", { class: "strong" }, pick(need.feature)), h("p", { class: "small" }, group ? said(matrix, "stakeholders", group, "group") : need.stakeholder)),
    h("td", null, servedChip(matrix, need.served), need.lacking && h("p", { class: "small" }, pick(need.lacking))),
    h("td", { class: "roomy" }, h("ul", { class: "plain" }, need.where.map((where) => h("li", null, feature(matrix, where))))),
    h("td", { class: "roomy" }, h("ul", { class: "plain" }, rules, layers)),
    h("td", null, h("ul", { class: "plain" }, need.recommendations.map((id) => action(matrix, id)))),
    h("td", null, h("ul", { class: "plain" }, examples(matrix, need))),
  );
}

/** @param {Matrix} matrix */
function coverage(matrix) {
  const section = h("section", { "aria-labelledby": "needs-head" });
  /** @param {"group" | "served"} key @param {string} label @param {[string, Node | string][]} options */
  const choice = (key, label, options) => {
    const select = h("select", { "data-filter": key }, h("option", { value: "" }, t("mx.all")), options.map(([value, text]) => h("option", { value, selected: filter[key] === value }, typeof text === "string" ? text : text.textContent)));
    select.addEventListener("change", () => {
      filter[key] = select.value;
      draw(key);
    });
    return h("label", null, h("span", null, label), select);
  };
  /** @param {string} [focus] */
  const draw = (focus) => {
    const rows = matrix.experience.needs.filter((need) => (!filter.group || need.stakeholder === filter.group) && (!filter.served || need.served === filter.served));
    const shown = t("mx.shown", { shown: count(rows.length), all: count(matrix.experience.needs.length) });
    section.replaceChildren(
      h("h2", { id: "needs-head" }, t("mx.needs")),
      h("p", { class: "muted" }, t("mx.needs.text")),
      h(
        "div",
        { class: "page-tools" },
        choice("group", t("mx.group"), matrix.experience.stakeholders.map((row) => [row.id, said(matrix, "stakeholders", row, "group")])),
        choice("served", t("mx.served"), SERVED.map((served) => [served, word(matrix, "served", served)])),
        h("output", { class: "muted" }, shown),
      ),
      tableBox(t("mx.needs"), [t("mx.need"), t("mx.served"), t("mx.feature"), t("mx.rule_layer"), t("mx.action"), t("mx.example")], rows.map((need) => needRow(matrix, need))),
    );
    if (!focus) return;
    announce(shown);
    const again = section.querySelector(`[data-filter="${focus}"]`);
    if (again instanceof HTMLElement) again.focus();
  };
  draw();
  return section;
}

/** One bar per group: served, partly, not yet. @param {Matrix} matrix */
function groups(matrix) {
  const items = matrix.experience.stakeholders.map((row) => {
    const needs = matrix.experience.needs.filter((need) => need.stakeholder === row.id);
    const counts = SERVED.map((served) => needs.filter((need) => need.served === served).length);
    return h(
      "li",
      null,
      h("span", { class: "group-name" }, said(matrix, "stakeholders", row, "group")),
      h("span", { class: "group-bar", "aria-hidden": "true" }, SERVED.flatMap((served, at) => Array.from({ length: counts[at] }, () => h("i", { class: `heat-${HEAT[served]}` }, MARKS[served])))),
      h("span", { class: "muted small" }, SERVED.map((served, at) => `${count(counts[at])} ${word(matrix, "served", served)}`).join(" · ")),
    );
  });
  return h("section", { "aria-labelledby": "groups-head" }, h("h2", { id: "groups-head" }, t("mx.groups")), h("ul", { class: "groups" }, items));
}

/** What a row rests on. @param {Row} row */
const proof = (row) => h("td", { class: "small" }, links(row.source), ` ${date(row.checked)}, ${row.confidence}`);

/**
 * A list of rows as they were compiled, in English, closed until asked for.
 *
 * @param {string} title
 * @param {Row[]} rows
 * @param {string[]} heads
 * @param {(row: Row) => (string | Node)[]} cells the first one heads the row
 */
function list(title, rows, heads, cells) {
  return h(
    "details",
    { class: "page-list" },
    h("summary", null, `${title} (${count(rows.length)})`),
    tableBox(title, [...heads, t("mx.proof")], rows.map((row) => {
      const [first, ...others] = cells(row);
      return h("tr", { id: row.id }, h("th", { scope: "row", class: "wide" }, first), others.map((cell) => h("td", { lang: typeof cell === "string" ? "en" : null }, cell)), proof(row));
    })),
  );
}

/** @param {Matrix} matrix */
function lists(matrix) {
  const found = matrix.experience;
  return h(
    "section",
    { "aria-labelledby": "learned-head" },
    h("h2", { id: "learned-head" }, t("mx.learned")),
    h("p", { class: "muted" }, t("mx.english")),
    list(t("mx.actions"), found.recommendations, [t("mx.action"), t("mx.how"), t("mx.caveat"), t("mx.priority")], (row) => [said(matrix, "recommendations", row, "policy_action"), said(matrix, "recommendations", row, "how"), said(matrix, "recommendations", row, "caveat"), h("span", null, word(matrix, "priority", row.priority))]),
    list(t("mx.projects"), found.sharing_projects, [t("mx.project"), t("mx.size"), t("mx.result"), t("mx.lesson")], (row) => [h("span", null, said(matrix, "sharing_projects", row, "name"), ", ", said(matrix, "sharing_projects", row, "place")), h("span", null, row.kwp === null ? "–" : quantity(row.kwp, "kWp")), said(matrix, "sharing_projects", row, "result"), row.lesson_for_siting_zoning]),
    list(t("mx.tools"), found.tools, [t("mx.tool"), t("mx.question"), t("mx.lesson")], (row) => [`${row.name} (${row.country})`, row.question_answered, row.lesson_for_zonnekaart]),
    list(t("mx.law"), found.rules, [t("mx.topic"), t("mx.since"), t("mx.rule"), t("mx.means")], (row) => [`${row.topic} (${row.region})`, h("span", null, row.date), row.rule, row.implication_for_tool]),
    list(t("mx.perimeters"), found.perimeters, [t("mx.scheme"), t("mx.kind"), t("mx.since"), t("mx.state")], (row) => [`${row.jurisdiction}: ${row.scheme}`, row.perimeter_type.replaceAll("_", " "), h("span", null, row.valid_from), row.status]),
    list(t("mx.barriers"), found.apartment_barriers, [t("mx.barrier"), t("mx.kind"), t("mx.local")], (row) => [said(matrix, "apartment_barriers", row, "barrier"), h("span", null, word(matrix, "category", row.category)), row.possible_local_action]),
  );
}

openPage("mx.experience", (matrix) => {
  const { needs, stakeholders } = matrix.experience;
  const counts = Object.fromEntries(SERVED.map((served) => [served, count(needs.filter((need) => need.served === served).length)]));
  return [
    h("h1", null, t("mx.experience")),
    h("p", { class: "verdict" }, t("mx.experience.verdict", { needs: count(needs.length), groups: count(stakeholders.length), yes: counts.yes, partly: counts.partly, no: counts.no })),
    groups(matrix),
    coverage(matrix),
    lists(matrix),
  ];
});
