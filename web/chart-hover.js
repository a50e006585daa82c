/** Values under the pointer: an hour of both typical days, or a month, at once and without a jump. */

import { h, s } from "./elements.js";

/**
 * @typedef {object} Columns
 * @property {number} count
 * @property {(index: number) => number} left in the units of the drawing
 * @property {number} width
 * @property {number} top
 * @property {number} height
 * @property {(index: number) => string} text what holds in a column
 */

/** Charts that follow each other, by name. @type {Map<string, Set<(index: number | null) => void>>} */
const groups = new Map();

/**
 * Make a chart tell the column under the pointer, and light the same column in its group. A line
 * of text is kept free for it. Keyboards and screen readers have the table behind the chart.
 *
 * @param {SVGSVGElement} drawing
 * @param {Columns} columns
 * @param {string} group
 * @returns {HTMLElement} the line of text
 */
export function columnHover(drawing, { count, left, width, top, height, text }, group) {
  const line = h("p", { class: "chart-said tabular", "aria-hidden": "true" });
  const band = s("rect", { class: "chart-band", y: top, width, height, x: 0, visibility: "hidden" });
  drawing.prepend(band);
  /** @param {number | null} index */
  const show = (index) => {
    line.textContent = index === null ? "" : text(index);
    band.setAttribute("visibility", index === null ? "hidden" : "visible");
    if (index !== null) band.setAttribute("x", String(left(index)));
  };
  const members = groups.get(group) ?? new Set();
  groups.set(group, members);
  members.add(show);
  /** @param {number | null} index */
  const tell = (index) => {
    for (const member of members) member(index);
  };
  drawing.addEventListener("pointermove", (event) => tell(columnAt(drawing, event.clientX, { count, left, width })));
  drawing.addEventListener("pointerleave", () => tell(null));
  return line;
}

/** A new zone: charts of the last one are gone. */
export function forgetColumns() {
  groups.clear();
}

/**
 * @param {SVGSVGElement} drawing
 * @param {number} clientX
 * @param {Pick<Columns, "count" | "left" | "width">} columns
 * @returns {number | null}
 */
function columnAt(drawing, clientX, { count, left, width }) {
  const box = drawing.getBoundingClientRect();
  const x = ((clientX - box.left) / box.width) * drawing.viewBox.baseVal.width;
  const index = Math.floor((x - left(0)) / width);
  return index >= 0 && index < count ? index : null;
}
