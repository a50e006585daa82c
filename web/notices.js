/** Messages: what happened, what still works, what to do. Also told to screen readers. */

import { byId, h } from "./elements.js";
import { t } from "./i18n.js";

const STAY_MS = 6000;
/** @type {Map<string, HTMLElement>} */
const shown = new Map();

/** @param {string} text for screen readers only */
export function announce(text) {
  byId("live", HTMLElement).textContent = text;
}

/** @param {string} id */
export function withdraw(id) {
  shown.get(id)?.remove();
  shown.delete(id);
}

/**
 * @param {string} id one message per id
 * @param {string} text
 * @param {{action?: {label: string, run: () => void}, stay?: boolean}} [options]
 *     `stay`: until closed; else it goes after six seconds
 */
export function notice(id, text, { action, stay = false } = {}) {
  withdraw(id);
  const box = h(
    "div",
    { class: "notice" },
    h("p", null, text),
    action && h("button", { type: "button", class: "link", onclick: () => (withdraw(id), action.run()) }, action.label),
    h("button", { type: "button", class: "notice-close", "aria-label": t("close"), onclick: () => withdraw(id) }, "×"),
  );
  shown.set(id, box);
  byId("notices", HTMLElement).append(box);
  announce(text);
  if (!stay) setTimeout(() => shown.get(id) === box && withdraw(id), STAY_MS);
}

/**
 * A failed answer, in the place where the answer would have stood.
 *
 * @param {unknown} error
 * @param {() => void} retry
 */
export function failureCard(error, retry) {
  const failure = error && typeof error === "object" && "failure" in error ? String(error.failure) : "broken";
  const detail = error && typeof error === "object" && "detail" in error ? String(error.detail) : "";
  return h(
    "div",
    { class: "failure", role: "alert" },
    h("h2", null, t(`error.${failure}.title`)),
    h("p", null, t(`error.${failure}.text`)),
    detail && h("p", { class: "muted" }, detail),
    h("button", { type: "button", class: "button", onclick: retry }, t("retry")),
  );
}
