/** The footer and the dialog with the sources: what it rests on, of what date, with what limits. */

import { h } from "./elements.js";
import { has, pick, t } from "./i18n.js";
import { date, quantity } from "./numbers.js";

/** @typedef {import("./types.js").Project} Project */

/** @param {Project} project */
function credits(project) {
  const found = project.sources.map((source) => source.attribution).filter(Boolean);
  return [...new Set(found)].join(" · ");
}

/** When the content was observed, then when it was computed. @param {Project} project */
function dates(project) {
  const shown = ["dsm", "consumption"].map((role) => project.sources.find((source) => source.role === role));
  const observed = shown.filter((source) => source !== undefined).map((source) => `${t(`role.${source.role}`)} ${date(source.date)}`);
  return [...observed, t("footer.built", { date: date(project.built_utc) })].join(" · ");
}

/** With a background of another server the page needs the internet, and says so. @param {Project} project */
function offlineText(project) {
  const outside = project.layers.find((layer) => layer.id === "outside");
  return outside ? t("footer.outside", { host: pick(outside.source) }) : t("footer.offline");
}

/**
 * @param {Project} project
 * @param {() => void} openSources
 * @returns {Node[]}
 */
export function footerContent(project, openSources) {
  const credit = credits(project);
  return [
    h("p", { class: "footer-note" }, t("footer.indicative")),
    h(
      "p",
      { class: "footer-facts" },
      h("span", null, dates(project)),
      credit && h("span", { class: "footer-credit" }, `© ${credit}`),
      h("span", null, offlineText(project)),
      h("button", { type: "button", class: "link", id: "sources-open", onclick: openSources }, t("footer.sources")),
    ),
  ];
}

/**
 * @param {Project} project
 * @returns {HTMLDialogElement} closed; remove it when it closes
 */
export function sourcesDialog(project) {
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": "sources-head" });
  /** @param {string} role */
  const roleWord = (role) => (has(`role.${role}`) ? t(`role.${role}`) : role);
  dialog.append(
    h("div", { class: "dialog-head" }, h("h2", { id: "sources-head" }, t("footer.sources")), h("button", { type: "button", class: "dialog-close", "aria-label": t("close"), onclick: () => dialog.close() }, "×")),
    h("p", null, t("footer.indicative"), "."),
    project.disclaimer && h("p", { class: "hint" }, project.disclaimer),
    h(
      "ul",
      { class: "sources" },
      project.sources.map((source) =>
        h(
          "li",
          null,
          h("p", { class: "strong" }, `${roleWord(source.role)}: ${pick(source.title)}`),
          h("p", { class: "muted small" }, [date(source.date), source.licence, source.attribution].filter(Boolean).join(" · ")),
          pick(source.limits) && h("p", { class: "small" }, `${t("source.limits")}: ${pick(source.limits)}`),
        ),
      ),
    ),
    h("h3", null, t("about.run")),
    h(
      "dl",
      { class: "facts" },
      [
        [t("about.built"), date(project.built_utc, { time: true })],
        [t("about.version"), `${project.version} · ${project.run_id}`],
        [t("about.rules"), project.rule_set ? `${project.rule_set.id} ${project.rule_set.version}` : "–"],
        [t("about.weather"), project.weather ? `${project.weather.name} (${quantity(project.weather.annual_ghi_kwh_m2, "kWh/m2")}·${t("year")})` : "–"],
        [t("about.crs"), project.crs],
      ].map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))),
    ),
    h("h3", null, t("about.keys")),
    h("p", { class: "small" }, t("about.keys.text")),
  );
  dialog.addEventListener("close", () => dialog.remove());
  return dialog;
}
