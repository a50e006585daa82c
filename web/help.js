/** Keys of the page: a dialog that lists them, and the single keys themselves. */

import { h } from "./elements.js";
import { t } from "./i18n.js";

const KEPT = "zonnekaart.keys";
/** @type {[string, string][]} */
const KEYS = [
  ["Tab", "help.tab"],
  ["Esc", "help.escape"],
  ["/", "help.search"],
  ["t", "help.table"],
  ["s", "help.select"],
  ["?", "help.help"],
  ["← ↑ → ↓", "help.pan"],
  ["+ −", "help.zoom"],
  ["Shift + ☟", "help.shift"],
];

/** Single keys can be switched off: speech input may speak them by accident (WCAG 2.1.4). */
export function keysOn() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true;
  }
}

/** @param {boolean} on */
function keepKeys(on) {
  try {
    localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

/** Open the list of keys; Esc and the cross close it, and focus goes back to where it was. */
export function openHelp() {
  if (document.querySelector("dialog[open]")) return;
  const dialog = h("dialog", { class: "dialog", id: "help", "aria-labelledby": "help-head" });
  const box = h("input", { type: "checkbox", id: "help-keys", checked: keysOn(), onchange: () => keepKeys(box.checked) });
  dialog.append(
    h("div", { class: "dialog-head" }, h("h2", { id: "help-head" }, t("help.title")), h("button", { type: "button", class: "dialog-close", "aria-label": t("close"), onclick: () => dialog.close() }, "×")),
    h("dl", { class: "keys" }, KEYS.map(([key, text]) => h("div", null, h("dt", null, h("kbd", null, key)), h("dd", null, t(text))))),
    h("p", { class: "check-row" }, box, h("label", { for: "help-keys" }, t("help.switch"))),
    h("p", { class: "muted small" }, t("help.table.note")),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * @param {Record<string, () => void>} actions per key
 * @returns {(event: KeyboardEvent) => void}
 */
export function singleKeys(actions) {
  return (event) => {
    const typing = event.target instanceof Element && event.target.closest("input:not([type=checkbox]):not([type=range]), select, textarea, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    const run = actions[event.key];
    if (!run || (!keysOn() && event.key !== "?")) return;
    event.preventDefault();
    run();
  };
}
