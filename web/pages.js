/** What the pages beside the map share: head, language, loading, links, and words of the matrices. */

import { BASE, getJson, getTexts } from "./api.js";
import { byId, h } from "./elements.js";
import { LANGUAGES, isLanguage, language, pick, t, useLanguage } from "./i18n.js";
import { failureCard } from "./notices.js";
import { date, indicator } from "./numbers.js";

/** @typedef {import("./matrix-types.js").Matrix} Matrix */

/** @type {Record<string, string>} */
const COMPARISONS = { ">=": "≥", "<=": "≤" };

const PAGES = /** @type {const} */ ([
  ["/", "mx.to_map"],
  ["/matrix", "mx.title"],
  ["/ervaring", "mx.experience"],
  ["/stappenplan", "mx.steps"],
]);

/** @returns {import("./types.js").Language | null} language in the link */
function asked() {
  const named = new URLSearchParams(location.hash.slice(1)).get("lang");
  return isLanguage(named) ? named : null;
}

/** @param {string} address a page of ours, in the language of this one */
export const inLanguage = (address) => `${BASE}${address}#lang=${language()}`;

/** @param {string} zone */
export const zoneLink = (zone) => `${BASE}/#lang=${language()}&zone=${encodeURIComponent(zone)}`;

/** @param {Matrix} matrix @param {() => void} redraw */
function drawHead(matrix, redraw) {
  const select = h(
    "select",
    { id: "language", "aria-label": t("tool.language") },
    LANGUAGES.map((lang) => h("option", { value: lang, lang, selected: lang === language() }, lang.toUpperCase())),
  );
  select.addEventListener("change", async () => {
    if (!isLanguage(select.value)) return;
    await useLanguage(select.value, getTexts);
    history.replaceState(null, "", `${location.pathname}#lang=${language()}`);
    redraw();
    document.getElementById("language")?.focus();
  });
  byId("page-head", HTMLElement).replaceChildren(
    h("a", { class: "brand", href: inLanguage("/") }, h("span", { class: "brand-word" }, "zonnekaart"), h("span", { class: "brand-project" }, matrix.project.name)),
    h("nav", { class: "page-nav", "aria-label": "zonnekaart" }, PAGES.map(([address, key]) => h("a", { href: inLanguage(address), "aria-current": BASE + address === location.pathname ? "page" : null }, t(key)))),
    h("span", { class: "language" }, select),
  );
}

/**
 * Fetch both matrices, then draw; draw again in another language.
 *
 * @param {string} title key of the page's name
 * @param {(matrix: Matrix) => (Node | null)[]} draw
 */
export async function openPage(title, draw) {
  const body = byId("page-body", HTMLElement);
  try {
    await useLanguage(asked() ?? "nl", getTexts);
    /** @type {Matrix} */
    const matrix = await getJson(`${BASE}/api/matrix`);
    const redraw = () => {
      document.documentElement.lang = language();
      document.title = `${t(title)} · ${matrix.project.name}`;
      drawHead(matrix, redraw);
      body.replaceChildren(...draw(matrix).filter((node) => node !== null));
      body.setAttribute("aria-busy", "false");
      byId("page-foot", HTMLElement).replaceChildren(
        h("p", null, t("footer.indicative"), ". ", t("mx.compiled", { date: date(matrix.compiled) }), " ", matrix.project.illustrative ? t("badge.illustrative.title") : ""),
      );
    };
    redraw();
    if (location.hash.startsWith("#row=")) document.getElementById(location.hash.slice(5))?.scrollIntoView();
  } catch (error) {
    body.setAttribute("aria-busy", "false");
    body.replaceChildren(failureCard(error, () => location.reload()));
  }
}

/**
 * A text of a row in the language of the page; English where there is no translation, marked so.
 *
 * @param {Matrix} matrix
 * @param {string} list
 * @param {Record<string, any>} row
 * @param {string} field
 * @returns {HTMLElement}
 */
export function said(matrix, list, row, field) {
  const own = matrix.translations[language()]?.[list]?.[row.id]?.[field];
  return own || language() === "en" ? h("span", null, own || row[field]) : h("span", { lang: "en" }, row[field]);
}

/** @param {Matrix} matrix @param {string} kind @param {string} code */
export const word = (matrix, kind, code) => pick(matrix.labels.words[kind]?.[code]) || code;

/** @param {Matrix} matrix @param {string} name of a figure */
export const figureName = (matrix, name) => pick(matrix.figures[name]) || name;

/** @param {Matrix} matrix @param {string} id of a rule */
export function ruleText(matrix, id) {
  const rule = matrix.rules[id];
  return rule ? `${figureName(matrix, rule.indicator)} ${COMPARISONS[rule.comparison] ?? rule.comparison} ${indicator(rule.indicator, rule.threshold, rule.unit)}` : id;
}

/** Addresses in a text, as links that open beside the page. @param {string} text */
export function links(text) {
  const found = text.match(/https?:\/\/[^\s;,)]+/g) ?? [];
  return found.map((address) => h("a", { href: address, rel: "noreferrer", target: "_blank" }, new URL(address).hostname.replace(/^www\./, "")));
}

/**
 * A table in a box that scrolls, with its head always in sight.
 *
 * @param {string} label
 * @param {(string | Node)[]} heads
 * @param {Node[]} rows
 */
export function tableBox(label, heads, rows) {
  return h(
    "div",
    { class: "page-scroll", tabindex: "0", role: "group", "aria-label": label },
    h("table", { class: "page-table" }, h("caption", { class: "visually-hidden" }, label), h("thead", null, h("tr", null, heads.map((head) => (head instanceof HTMLTableCellElement ? head : h("th", { scope: "col" }, head))))), h("tbody", null, rows)),
  );
}
