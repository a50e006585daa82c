/** The tools of the top bar: language, link, print; and the dialog with the sources. */

import { byId } from "./elements.js";
import { openHelp } from "./help.js";
import { LANGUAGES, language, pick, t, translate } from "./i18n.js";
import { notice } from "./notices.js";
import { openPrint } from "./print.js";
import { footerContent, sourcesDialog } from "./sources.js";

/** @typedef {import("./types.js").Project} Project */

/**
 * @typedef {object} TopbarActions
 * @property {(lang: import("./types.js").Language) => void} chooseLanguage
 * @property {() => Project | null} project
 * @property {() => import("./session.js").MapSession | null} session
 * @property {() => import("./types.js").Zone | null} zone that is open
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
  byId("help-open", HTMLButtonElement).addEventListener("click", openHelp);
  byId("print", HTMLButtonElement).addEventListener("click", () => {
    const project = actions.project();
    if (project) openPrint({ project, session: actions.session(), zone: actions.zone() });
  });
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

/** @param {Project} project */
function openSources(project) {
  const dialog = sourcesDialog(project);
  document.body.append(dialog);
  dialog.showModal();
}
