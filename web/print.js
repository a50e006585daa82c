/** Paper: a dialog for size and content, and the sheet with map, legend, scale, sources, caveat. */

import { byId, h, s } from "./elements.js";
import { pick, t } from "./i18n.js";
import { legendEntries, unitText } from "./legend.js";
import { announce } from "./notices.js";
import { count, date, number } from "./numbers.js";
import { classSymbol } from "./symbols.js";

/** @typedef {import("./types.js").Project} Project */
/** @typedef {import("./session.js").MapSession} MapSession */
/** @typedef {"a4" | "a3"} Paper */
/** @typedef {"portrait" | "landscape"} Turn */

/** Short and long side [mm]. @type {Record<Paper, [number, number]>} */
const PAPERS = { a4: [210, 297], a3: [297, 420] };
const MARGIN_MM = 12;
const PX_PER_MM = 96 / 25.4;
/** Paper and screen round differently; the sheet must not spill over by a hair. */
const SPARE_PX = 8;
const LEAST_MAP_PX = 160;
/** What the panel says is set in columns at least this wide. */
const COLUMN_PX = 480;

/**
 * Room inside the margins.
 *
 * @param {Paper} paper
 * @param {Turn} turn
 * @returns {{width: number, height: number}} [px at 96 per inch]
 */
export function sheetSize(paper, turn) {
  const [short, long] = PAPERS[paper].map((side) => Math.floor((side - 2 * MARGIN_MM) * PX_PER_MM));
  return turn === "portrait" ? { width: short, height: long } : { width: long, height: short };
}

/**
 * A round length for a scale bar, at most `widest` long.
 *
 * @param {number} metresPerPx
 * @param {number} widest [px]
 * @returns {{metres: number, px: number}}
 */
export function scaleBar(metresPerPx, widest) {
  const most = metresPerPx * widest;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = ([5, 2, 1].find((step) => step * power <= most) ?? 1) * power;
  return { metres, px: metres / metresPerPx };
}

/**
 * Scale of the paper, as "1 : 8 500".
 *
 * @param {number} metresPerPx
 */
export function scaleText(metresPerPx) {
  return `1 : ${number(metresPerPx * PX_PER_MM * 1000, { maximumSignificantDigits: 2 })}`;
}

/**
 * @typedef {object} PrintParts
 * @property {Project} project
 * @property {MapSession | null} session
 * @property {import("./types.js").Zone | null} zone
 */

/** Ask for paper and content, then print. @param {PrintParts} parts */
export function openPrint(parts) {
  const dialog = h("dialog", { class: "dialog", id: "print-dialog", "aria-labelledby": "print-title" });
  /** @param {string} id @param {[string, string][]} options */
  const select = (id, options) => h("select", { id, class: "field" }, options.map(([value, text]) => h("option", { value }, text)));
  const paper = select("print-paper", [["a4", "A4"], ["a3", "A3"]]);
  const turn = select("print-turn", [["landscape", t("print.landscape")], ["portrait", t("print.portrait")]]);
  const more = h("input", { type: "checkbox", id: "print-more", checked: true });
  const go = h("button", { type: "submit", class: "button primary", id: "print-go" }, t("tool.print"));
  const form = h(
    "form",
    {
      onsubmit: async (/** @type {Event} */ event) => {
        event.preventDefault();
        go.disabled = true;
        go.textContent = t("print.busy");
        announce(t("print.busy"));
        const paged = /** @type {Paper} */ (paper.value);
        await fillSheet(parts, paged, /** @type {Turn} */ (turn.value), more.checked);
        dialog.close();
        window.print();
      },
    },
    h("div", { class: "field-row" }, h("label", { for: "print-paper" }, t("print.paper")), paper),
    h("div", { class: "field-row" }, h("label", { for: "print-turn" }, t("print.turn")), turn),
    h("p", { class: "check-row" }, more, h("label", { for: "print-more" }, t("print.more"))),
    h("p", { class: "muted small" }, t("print.note")),
    go,
  );
  dialog.append(h("div", { class: "dialog-head" }, h("h2", { id: "print-title" }, t("tool.print")), h("button", { type: "button", class: "dialog-close", "aria-label": t("close"), onclick: () => dialog.close() }, "×")), form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * @param {PrintParts} parts
 * @param {Paper} paper
 * @param {Turn} turn
 * @param {boolean} more also what the panel says
 */
async function fillSheet({ project, session, zone }, paper, turn, more) {
  session?.keepView();
  const size = sheetSize(paper, turn);
  const sheet = byId("print-sheet", HTMLElement);
  const frame = h("figure", { class: "print-map" });
  sheet.replaceChildren(head(project, zone), frame, h("div", { class: "print-keys" }, legend(project, session)), foot(project));
  document.body.classList.toggle("print-sheet-only", !more);
  document.body.dataset.columns = String(Math.max(1, Math.floor(size.width / COLUMN_PX)));
  pageRule(paper, turn);
  const height = room(sheet, frame, size);
  if (!session?.map) return;
  const { image, metresPerPx } = await session.picture({ width: size.width, height });
  const bar = scaleBar(metresPerPx, size.width / 5);
  frame.replaceChildren(
    h("img", { src: image, alt: "", style: { width: `${size.width}px`, height: `${height}px` } }),
    h("figcaption", null, north(), barPicture(bar), h("span", { class: "print-scale" }, scaleText(metresPerPx))),
  );
}

/**
 * Height that is left for the map when everything else stands on the sheet.
 *
 * @param {HTMLElement} sheet
 * @param {HTMLElement} frame
 * @param {{width: number, height: number}} size
 */
function room(sheet, frame, size) {
  sheet.style.width = `${size.width}px`;
  sheet.classList.add("measured");
  const used = sheet.getBoundingClientRect().height - frame.getBoundingClientRect().height;
  sheet.classList.remove("measured");
  return Math.max(LEAST_MAP_PX, Math.floor(size.height - used - SPARE_PX));
}

/** @param {Paper} paper @param {Turn} turn */
function pageRule(paper, turn) {
  document.getElementById("print-page")?.remove();
  const [short, long] = PAPERS[paper];
  const [width, height] = turn === "portrait" ? [short, long] : [long, short];
  document.head.append(h("style", { id: "print-page", media: "print" }, `@page { size: ${width}mm ${height}mm; margin: ${MARGIN_MM}mm; }`));
}

/** @param {Project} project @param {import("./types.js").Zone | null} zone */
function head(project, zone) {
  return h(
    "header",
    { class: "print-head", id: "print-head" },
    h("p", { class: "print-title" }, zone ? `${zone.name} · ${project.name}` : `${t("print.map")} · ${project.name}`),
    h("p", { class: "print-sub" }, [t("print.on", { date: date(new Date().toISOString()) }), t("figures.preset", { preset: pick(project.preset?.title) || "–" }), t("footer.built", { date: date(project.built_utc) })].join(" · ")),
  );
}

/** Only layers that are on and in scale. @param {Project} project @param {MapSession | null} session */
function legend(project, session) {
  const shown = session?.visibleLayers() ?? [];
  return [
    h("ul", { class: "print-legend" }, project.classes.map((info) => h("li", null, classSymbol(info.id, info.color, 18), `${pick(info.label)} (${count(info.zones)})`))),
    ...shown
      .filter((info) => info.id !== "zones" && info.legend.length > 0 && info.id !== "background")
      .map((info) => h("div", { class: "print-ramp" }, h("p", { class: "strong" }, `${pick(info.title)}${info.unit ? ` (${unitText(info.unit)})` : ""}`), legendEntries(info, project))),
  ];
}

/** @param {Project} project */
function foot(project) {
  const sources = project.sources.map((source) => `${pick(source.title)} (${[source.date, source.licence].filter(Boolean).join(", ")})`);
  return h(
    "footer",
    { class: "print-foot", id: "print-foot" },
    h("p", { class: "print-note strong" }, `${t("footer.indicative")}. ${t("print.uncertain")}`, project.illustrative ? ` ${t("badge.illustrative.title")}` : ""),
    h("p", { class: "print-note" }, `${t("print.sources")}: ${sources.join("; ")}. zonnekaart ${project.version}, run ${project.run_id}.`),
    h("p", { class: "print-note print-link" }, location.href),
  );
}

function north() {
  return s("svg", { viewBox: "0 0 24 34", width: 20, height: 28, class: "print-north" }, s("path", { d: "M12 1 18 16 12 12.5 6 16Z", fill: "#1f1d1a" }), s("text", { x: 12, y: 30, "text-anchor": "middle", "font-size": 13, "font-weight": 600 }, "N"));
}

/** @param {{metres: number, px: number}} bar */
function barPicture({ metres, px }) {
  const words = metres >= 1000 ? `${number(metres / 1000)} km` : `${number(metres)} m`;
  return s(
    "svg",
    { viewBox: `0 0 ${px + 60} 22`, width: px + 60, height: 22, class: "print-bar" },
    s("rect", { x: 1, y: 10, width: px / 2, height: 5, fill: "#1f1d1a", stroke: "#1f1d1a" }),
    s("rect", { x: 1 + px / 2, y: 10, width: px / 2, height: 5, fill: "#fff", stroke: "#1f1d1a" }),
    s("text", { x: 0, y: 8, "font-size": 10 }, "0"),
    s("text", { x: px + 5, y: 15, "font-size": 11, "font-weight": 600 }, words),
  );
}
