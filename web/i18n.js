/** Texts of the page in three languages; the server sends its own texts in all three. */

import { setNumberLanguage } from "./numbers.js";

/** @typedef {import("./types.js").Language} Language */
/** @typedef {import("./types.js").Texts} Texts */

/** @type {Language[]} */
export const LANGUAGES = ["nl", "fr", "en"];

/** @type {Language} */
let current = "nl";
/** @type {Record<string, string>} */
let catalogue = {};
/** @type {Map<Language, Record<string, string>>} */
const loaded = new Map();

/** @returns {Language} */
export function language() {
  return current;
}

/**
 * @param {string | null | undefined} value
 * @returns {value is Language}
 */
export function isLanguage(value) {
  return LANGUAGES.includes(/** @type {Language} */ (value));
}

/**
 * Fetch a catalogue once and make it the current one.
 *
 * @param {Language} lang
 * @param {(lang: Language) => Promise<Record<string, string>>} read
 */
export async function useLanguage(lang, read) {
  let texts = loaded.get(lang);
  if (!texts) {
    texts = await read(lang);
    loaded.set(lang, texts);
  }
  current = lang;
  catalogue = texts;
  setNumberLanguage(lang);
}

/**
 * @param {string} key
 * @param {Record<string, string | number>} [values] for the `{name}` places in the text
 * @returns {string} the text, or the key itself so that a gap is seen and not hidden
 */
export function t(key, values = {}) {
  const text = catalogue[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** @param {string} key */
export function has(key) {
  return key in catalogue;
}

/**
 * Choose the current language from a text of the server; plain strings pass.
 *
 * @param {string | Texts | null | undefined} text
 * @returns {string}
 */
export function pick(text) {
  if (!text) return "";
  if (typeof text === "string") return text;
  return text[current] ?? text.nl ?? text.en ?? text.fr ?? "";
}

/**
 * Fill every element marked with `data-i18n`, `data-i18n-label`, `data-i18n-title` or
 * `data-i18n-placeholder`.
 *
 * @param {ParentNode} root
 */
export function translate(root) {
  /** @type {[string, (element: Element, text: string) => void][]} */
  const kinds = [
    ["data-i18n", (element, text) => (element.textContent = text)],
    ["data-i18n-label", (element, text) => element.setAttribute("aria-label", text)],
    ["data-i18n-title", (element, text) => element.setAttribute("title", text)],
    ["data-i18n-placeholder", (element, text) => element.setAttribute("placeholder", text)],
  ];
  for (const [attribute, fill] of kinds) {
    for (const element of root.querySelectorAll(`[${attribute}]`)) {
      fill(element, t(element.getAttribute(attribute) ?? ""));
    }
  }
}
