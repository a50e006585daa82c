/** What paper needs and the screen does not: title, date, picture of the map, legend, address. */

import { byId, h } from "./elements.js";
import { pick, t } from "./i18n.js";
import { count, date } from "./numbers.js";
import { classSymbol } from "./symbols.js";

/**
 * @param {import("./types.js").Project} project
 * @param {string} image data address of the map's picture
 * @param {string} scale text of the scale bar
 */
export function fillPrintSheet(project, image, scale) {
  byId("print-head", HTMLElement).replaceChildren(
    h("p", { class: "print-title" }, `zonnekaart · ${project.name}`),
    h("p", null, `${date(new Date().toISOString())} · ${t("figures.preset", { preset: pick(project.preset?.title) || "–" })}`),
    h("figure", { class: "print-map" }, h("img", { src: image, alt: "" }), h("figcaption", null, `↑ ${t("print.north")} · ${t("print.scale")} ${scale}`)),
    h("ul", { class: "print-legend" }, project.classes.map((info) => h("li", null, classSymbol(info.id, info.color, 18), `${pick(info.label)} (${count(info.zones)})`))),
  );
  byId("print-foot", HTMLElement).replaceChildren(
    h("p", { class: "print-note strong" }, t("footer.indicative"), project.illustrative ? `. ${t("badge.illustrative.title")}` : ""),
    h("p", { class: "print-note" }, `${t("footer.sources")}: ${project.sources.map((source) => `${pick(source.title)} (${source.date}, ${source.licence})`).join("; ")}`),
    h("p", { class: "print-note print-link" }, location.href),
  );
}
