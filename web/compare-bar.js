/** The bar under a comparison: what is before, what is after, how they are shown. */

import { choicesOf } from "./comparison.js";
import { h } from "./elements.js";
import { pick, t } from "./i18n.js";

/** @typedef {import("./types.js").LiveDocument} LiveDocument */
/** @typedef {import("./comparison.js").Comparison} Comparison */

/**
 * @typedef {object} CompareActions
 * @property {(change: Partial<Comparison>) => void} change
 * @property {(choice: string) => void} after take another setting for the map itself
 * @property {() => void} close
 */

const OWN = "own";

/**
 * @param {LiveDocument} document
 * @param {Comparison} comparison
 * @param {string | null} after choice that the map itself shows; null = sliders of one's own
 * @param {string} result sentence with the number of zones that differ
 * @param {CompareActions} actions
 */
export function compareBar(document, comparison, after, result, actions) {
  const options = choicesOf(document).map(({ choice, title }) => ({ choice, text: pick(title) || t("live.base") }));
  /** @param {string} id @param {string} label @param {string} value @param {(choice: string) => void} choose @param {boolean} own */
  const choice = (id, label, value, choose, own) => {
    const list = h(
      "select",
      { id, onchange: () => choose(list.value) },
      own && h("option", { value: OWN, selected: value === OWN, disabled: true }, t("live.own")),
      options.map(({ choice: key, text }) => h("option", { value: key, selected: key === value }, text)),
    );
    return h("label", { class: "compare-side" }, h("span", null, label), list);
  };
  /** @param {Comparison["mode"]} mode */
  const mode = (mode) =>
    h("button", { type: "button", class: "segment", id: `mode-${mode}`, "aria-pressed": String(comparison.mode === mode), onclick: () => actions.change({ mode }) }, t(`compare.${mode}`));
  return h(
    "section",
    { class: "compare-bar", "aria-label": t("compare.title") },
    choice("compare-before", t("compare.before"), comparison.before, (before) => actions.change({ before }), false),
    h("div", { class: "compare-middle" }, h("div", { class: "segments", role: "group", "aria-label": t("compare.mode") }, mode("swipe"), mode("side")), h("p", { class: "small tabular", role: "status" }, result)),
    choice("compare-after", t("compare.after"), after ?? OWN, actions.after, after === null),
    h("button", { type: "button", class: "dialog-close", "aria-label": t("compare.close"), onclick: actions.close }, "×"),
  );
}
