/** The tools of the top bar: language, link, print; and the dialog with the sources. */

import { byId } from "./elements.js";
import { LANGUAGES, language, pick, t, translate } from "./i18n.js";
import { picture } from "./map.js";
import { notice } from "./notices.js";
import { fillPrintSheet } from "./print.js";
import { footerContent, sourcesDialog } from "./sources.js";

/** @typedef {import("./types.js").Project} Project */

/**
 * @typedef {object} TopbarActions
 * @property {(lang: import("./types.js").Language) => void} chooseLanguage
 * @property {() => Project | null} project
 * @property {() => import("./map.js").MapView | null} map
 * @property {() => void} keepView write the view into the link
 */

/** @param {TopbarActions} actions */
export function bindTopbar(actions) {
  const select = byId("language", HTMLSelectElement);
  select.addEventListener("change", () => {
    const chosen = LANGUAGES.find((lang) => lang === select.value);
    if (chosen) actions.chooseLanguage(chosen);
  });
  byId("share", HTMLButtonElement).addEventListener("click", () => copyLink(actions.keepView));
  byId("print", HTMLButtonElement).addEventListener("click", () => printPage(actions));
}

/** @param {Project} project */
export function drawTopbar(project) {
  document.documentElement.lang = language();
  document.title = `${project.name} · zonnekaart`;
  translate(document);
  byId("language", HTMLSelectElement).value = language();
  byId("project-name", HTMLElement).textContent = project.name;
  for (const id of ["illustrative", "illustrative-map"]) byId(id, HTMLElement).hidden = !project.illustrative;
  byId("preset", HTMLElement).textContent = t("preset.chip", { preset: pick(project.preset?.title) || "–" });
  byId("footer", HTMLElement).replaceChildren(...footerContent(project, () => openSources(project)));
}

/** @param {() => void} keepView */
export async function copyLink(keepView) {
  keepView();
  try {
    await navigator.clipboard.writeText(location.href);
    notice("link", t("share.copied"));
  } catch {
    notice("link", t("share.by_hand", { link: location.href }), { stay: true });
  }
}

/** @param {TopbarActions} actions */
async function printPage(actions) {
  const [project, map] = [actions.project(), actions.map()];
  if (!project) return;
  actions.keepView();
  const image = map ? await picture(map) : "";
  const scale = document.querySelector(".maplibregl-ctrl-scale")?.textContent ?? "–";
  fillPrintSheet(project, image, scale);
  window.print();
}

/** @param {Project} project */
function openSources(project) {
  const dialog = sourcesDialog(project);
  document.body.append(dialog);
  dialog.showModal();
}
