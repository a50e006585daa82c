/** The projects that stand side by side on this server: a choice in the bar when there are several. */

import { BASE, getProjects } from "./api.js";
import { byId, h } from "./elements.js";
import { t } from "./i18n.js";

/** @typedef {{ id: string, title: string, href: string, ready: boolean }} ProjectLink */

/**
 * The address of the project now shown: the one under whose prefix the page stands, else the first.
 *
 * @param {ProjectLink[]} projects
 * @param {string} base
 */
export function shownHref(projects, base) {
  return projects.find((project) => project.href === `${base}/`)?.href ?? projects[0]?.href ?? "";
}

/** Put the choice beside the project's name; without an answer the page goes on without it. */
export async function offerProjects() {
  let projects;
  try {
    projects = await getProjects();
  } catch {
    return;
  }
  if (projects.length < 2) return;
  const shown = shownHref(projects, BASE);
  const options = projects.map(({ href, title, ready }) =>
    h("option", { value: href, selected: href === shown, disabled: !ready }, title),
  );
  const select = h("select", { id: "project-choice" }, options);
  select.addEventListener("change", () => location.assign(select.value));
  const label = h("span", { class: "visually-hidden", "data-i18n": "tool.project" }, t("tool.project"));
  byId("language", HTMLSelectElement).closest("label")?.before(h("label", { class: "language" }, label, select));
}
