/**
 * Drawing a box or a polygon over the map, by mouse, finger or pen. Every shape can be made with
 * single taps too: a box by two corners, a polygon corner by corner. Who uses the keyboard selects
 * by area, by filter or in the table.
 */

import { h, s } from "./elements.js";
import { t } from "./i18n.js";

/** @typedef {"box" | "polygon"} Tool */
/** @typedef {[number, number]} Point on the screen [px] */

const DRAG_PX = 6;
const CLOSE_PX = 14;

/**
 * @param {Point} a
 * @param {Point} b
 * @returns {Point[]}
 */
export function boxRing([ax, ay], [bx, by]) {
  return [[ax, ay], [bx, ay], [bx, by], [ax, by]];
}

/**
 * @param {Point} a
 * @param {Point} b
 */
function apart([ax, ay], [bx, by]) {
  return Math.hypot(ax - bx, ay - by);
}

/**
 * Lay a sheet over the map that takes the pointer until a shape is done.
 *
 * @param {HTMLElement} box element over the map
 * @param {Tool} tool
 * @param {{done: (ring: Point[]) => void, ended: () => void}} handlers `ended` follows in any case
 * @returns {{cancel: () => void}}
 */
export function draw(box, tool, { done, ended }) {
  /** @type {Point[]} */
  let points = [];
  /** @type {Point | null} */
  let pressed = null;
  const shape = s("polygon", { class: "draw-shape" });
  const dots = s("g", null);
  const hint = h(
    "div",
    { class: "draw-hint" },
    h("span", null, t(`select.hint.${tool}`)),
    tool === "polygon" && h("button", { type: "button", class: "button", onclick: () => finish() }, t("select.done")),
    h("button", { type: "button", class: "button", onclick: () => close() }, t("select.cancel")),
  );
  const sheet = s("svg", { class: "draw-sheet", "aria-hidden": "true" }, shape, dots);
  box.append(sheet, hint);

  function close() {
    document.removeEventListener("keydown", key, true);
    sheet.remove();
    hint.remove();
    ended();
  }

  /** @param {Point[]} [ring] */
  function finish(ring = points) {
    if (ring.length < 3) return;
    close();
    done(ring);
  }

  /** @param {PointerEvent} event @returns {Point} */
  function at(event) {
    const place = sheet.getBoundingClientRect();
    return [event.clientX - place.left, event.clientY - place.top];
  }

  /** @param {Point | null} moving */
  function show(moving) {
    const ring = tool === "box" && points[0] && moving ? boxRing(points[0], moving) : [...points, ...(moving ? [moving] : [])];
    shape.setAttribute("points", ring.map((point) => point.join(",")).join(" "));
    dots.replaceChildren(...points.map(([cx, cy]) => s("circle", { cx, cy, r: 5, class: "draw-dot" })));
  }

  /** @param {PointerEvent} event */
  function down(event) {
    sheet.setPointerCapture(event.pointerId);
    pressed = at(event);
    if (tool === "box" && points.length === 0) points = [pressed];
    show(pressed);
  }

  /** @param {PointerEvent} event */
  function up(event) {
    const point = at(event);
    if (!pressed) return;
    if (tool === "box") {
      if (apart(points[0], point) > DRAG_PX) finish(boxRing(points[0], point));
    } else if (points.length > 2 && apart(points[0], point) < CLOSE_PX) finish();
    else if (points.length === 0 || apart(points[points.length - 1], point) > 1) {
      points = [...points, point];
      show(null);
    }
    pressed = null;
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    if (event.key !== "Escape" && !(event.key === "Enter" && tool === "polygon" && points.length > 2)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") finish();
    else close();
  }

  sheet.addEventListener("pointerdown", down);
  sheet.addEventListener("pointermove", (event) => points.length && show(at(event)));
  sheet.addEventListener("pointerup", up);
  sheet.addEventListener("dblclick", () => tool === "polygon" && finish());
  document.addEventListener("keydown", key, true);
  return { cancel: close };
}
