/** The card "what if": sliders, scenarios and rules; built once, so that nothing moves under a finger. */

import { h } from "./elements.js";
import { pick, t } from "./i18n.js";
import { LEVERS, baseLevers, formatLevers } from "./levers.js";
import { count, indicator, percent } from "./numbers.js";
import { classSymbol } from "./symbols.js";

/** @typedef {import("./types.js").Project} Project */
/** @typedef {import("./types.js").LiveDocument} LiveDocument */
/** @typedef {import("./levers.js").Lever} Lever */
/** @typedef {import("./levers.js").Levers} Levers */
/** @typedef {import("./live.js").Outcome} Outcome */

/**
 * @typedef {object} ScenarioActions
 * @property {(levers: Levers, moving: boolean) => void} pull `moving`: one of a row of changes that Back undoes at once
 * @property {(rules: string | null) => void} chooseRules
 * @property {() => void} reset
 * @property {(mode: "swipe" | "side") => void} compare
 * @property {() => void} close
 */

const OWN = "own";

/**
 * @param {import("./levers.js").LeverKind} lever
 * @param {number} value
 */
export function leverText({ kind }, value) {
  return kind === "times" ? indicator("headroom_ratio", value, "-") : percent(value);
}

export class ScenarioCard {
  /**
   * @param {HTMLElement} box
   * @param {Project} project
   * @param {LiveDocument} document
   * @param {ScenarioActions} actions
   */
  constructor(box, project, document, actions) {
    this.box = box;
    this.project = project;
    this.document = document;
    this.actions = actions;
    /** @type {Levers} */
    this.levers = baseLevers();
    this.moving = false;
    this.build();
  }

  /** Build the card in the chosen language. */
  build() {
    this.scenarios = h("select", { id: "scenario-choice", onchange: () => this.chosen() });
    this.rules = h("select", { id: "scenario-rules", onchange: () => this.rulesChosen() });
    this.sliders = new Map(LEVERS.map((lever) => [lever.key, this.slider(lever)]));
    this.status = h("p", { class: "scenario-status", role: "status" });
    this.counts = h("ul", { class: "scenario-counts" });
    this.note = h("p", { class: "muted small scenario-note" });
    this.undo = h("button", { type: "button", class: "link small", onclick: this.actions.reset }, t("live.reset"));
    this.fillChoices();
    this.box.replaceChildren(
      h(
        "section",
        { class: "scenario-card", "aria-labelledby": "scenario-head" },
        h(
          "div",
          { class: "card-head" },
          h("h2", { id: "scenario-head", tabindex: "-1" }, t("live.title")),
          this.undo,
          h("button", { type: "button", class: "dialog-close", "aria-label": t("close"), onclick: this.actions.close }, "×"),
        ),
        h(
          "div",
          { class: "scenario-body" },
          h("label", { class: "field" }, h("span", null, t("live.scenario")), this.scenarios),
          h("div", { class: "sliders" }, [...this.sliders.values()].map(({ row }) => row)),
          h("label", { class: "field" }, h("span", null, t("live.rules")), this.rules),
          h(
            "div",
            { class: "scenario-compare" },
            h("button", { type: "button", class: "button", id: "compare-swipe", onclick: () => this.actions.compare("swipe") }, t("compare.swipe")),
            h("button", { type: "button", class: "button", id: "compare-side", onclick: () => this.actions.compare("side") }, t("compare.side")),
          ),
        ),
        h(
          "div",
          { class: "scenario-result" },
          this.status,
          this.counts,
          this.note,
        ),
      ),
    );
  }

  /** @param {import("./levers.js").LeverKind} lever */
  slider(lever) {
    const id = `lever-${lever.key}`;
    const value = h("output", { class: "tabular strong", for: id });
    const input = h("input", {
      type: "range",
      id,
      min: lever.min,
      max: lever.max,
      step: lever.step,
      "aria-describedby": `${id}-hint`,
      oninput: () => this.pulled(lever, Number(input.value)),
      onchange: () => (this.moving = false),
    });
    const hint = h("span", { id: `${id}-hint`, class: "visually-hidden" }, t(`lever.${lever.key}.hint`));
    const row = h("div", { class: "slider", title: t(`lever.${lever.key}.hint`) }, h("label", { for: id }, t(`lever.${lever.key}`)), value, input, hint);
    return { lever, input, value, row };
  }

  fillChoices() {
    const computed = this.document.scenarios.map(({ id, title, year }) => h("option", { value: id }, `${pick(title)} (${year})`));
    this.scenarios?.replaceChildren(h("option", { value: "" }, t("live.base")), ...computed, h("option", { value: OWN, hidden: true }, t("live.own")));
    const rules = this.document.rules.map(({ id, title }) => h("option", { value: id }, pick(title)));
    this.rules?.replaceChildren(...rules);
  }

  /**
   * @param {import("./levers.js").LeverKind} lever
   * @param {number} value
   */
  pulled(lever, value) {
    const moving = this.moving;
    this.moving = true;
    this.actions.pull({ ...this.levers, [lever.key]: value }, moving);
  }

  chosen() {
    const id = this.scenarios?.value;
    const scenario = this.document.scenarios.find((found) => found.id === id);
    // What a scenario says nothing of stays as it is.
    const { headroom } = this.levers;
    this.actions.pull({ ...baseLevers(), ...scenario?.levers, headroom }, false);
  }

  rulesChosen() {
    const id = this.rules?.value ?? null;
    this.actions.chooseRules(id === this.document.rules[0].id ? null : id);
  }

  /**
   * @param {import("./live.js").Setting} setting
   * @param {Outcome} outcome
   */
  update({ levers, rules }, outcome) {
    this.levers = levers;
    for (const { lever, input, value } of this.sliders?.values() ?? []) {
      const text = leverText(lever, levers[lever.key]);
      if (Number(input.value) !== levers[lever.key]) input.value = String(levers[lever.key]);
      input.setAttribute("aria-valuetext", text);
      input.style.setProperty("--at", String((levers[lever.key] - lever.min) / (lever.max - lever.min)));
      input.style.setProperty("--base", String((lever.base - lever.min) / (lever.max - lever.min)));
      value.textContent = text;
    }
    if (this.rules) this.rules.value = rules ?? this.document.rules[0].id;
    if (this.scenarios) this.scenarios.value = outcome.scenario?.id ?? (formatLevers({ ...levers, headroom: 1 }) ? OWN : "");
    if (this.undo) this.undo.hidden = outcome.base;
    this.tell(outcome);
  }

  /** @param {Outcome} outcome */
  tell(outcome) {
    const all = outcome.rows.length;
    const text = outcome.base ? t("live.unchanged") : t("live.changed", { changed: count(outcome.changed), all: count(all) });
    // A screen reader would read the same words again at each step of a slider.
    if (this.status && this.status.textContent !== text) this.status.textContent = text;
    this.counts?.replaceChildren(...this.project.classes.map((info) => this.classCount(info, outcome)));
    if (this.note) this.note.textContent = this.honest(outcome);
  }

  /**
   * @param {import("./types.js").ClassInfo} info
   * @param {Outcome} outcome
   */
  classCount(info, outcome) {
    const now = outcome.rows.filter((row) => row.zone_class === info.id).length;
    const change = now - info.zones;
    return h(
      "li",
      { title: pick(info.label), "data-class": info.id },
      classSymbol(info.id, info.color, 18),
      h("span", { class: "visually-hidden" }, pick(info.label)),
      h("span", { class: "tabular strong" }, count(now)),
      h("span", { class: "tabular small delta" }, change === 0 ? "" : `${change > 0 ? "+" : "−"}${count(Math.abs(change))}`),
    );
  }

  /** @param {Outcome} outcome */
  honest({ base, scenario }) {
    if (base) return t("live.note.base");
    if (scenario) return t("live.note.exact", { scenario: pick(scenario.title) });
    const names = this.document.scenarios.map(({ title }) => pick(title)).join(", ");
    return names ? t("live.note.approximate", { scenarios: names }) : t("live.note.approximate_only");
  }
}
