/** On a phone the panel is a sheet at the bottom with three heights; by finger, mouse or key. */

import { t } from "./i18n.js";

/** @typedef {"peek" | "half" | "full"} SheetHeight */

/** @type {SheetHeight[]} */
const HEIGHTS = ["peek", "half", "full"];
const SWIPE_PX = 24;

/**
 * @param {SheetHeight} now
 * @param {number} steps positive = higher
 * @returns {SheetHeight}
 */
export function stepHeight(now, steps) {
  const place = Math.min(HEIGHTS.length - 1, Math.max(0, HEIGHTS.indexOf(now) + steps));
  return HEIGHTS[place];
}

/**
 * @param {HTMLElement} panel
 * @param {HTMLButtonElement} handle
 * @returns {{set: (height: SheetHeight) => void, label: () => void}}
 */
export function createSheet(panel, handle) {
  const now = () => /** @type {SheetHeight} */ (panel.dataset.height ?? "half");

  function label() {
    handle.setAttribute("aria-label", t("sheet.label", { height: t(`sheet.${now()}`) }));
    handle.setAttribute("aria-expanded", String(now() !== "peek"));
  }

  /** @param {SheetHeight} height */
  function set(height) {
    panel.dataset.height = height;
    label();
  }

  let from = 0;
  let swiped = false;
  handle.addEventListener("pointerdown", (event) => {
    from = event.clientY;
    swiped = false;
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointerup", (event) => {
    const moved = from - event.clientY;
    if (Math.abs(moved) < SWIPE_PX) return;
    swiped = true;
    const far = Math.abs(moved) > panel.ownerDocument.documentElement.clientHeight * 0.4;
    set(stepHeight(now(), Math.sign(moved) * (far ? 2 : 1)));
  });
  handle.addEventListener("click", () => {
    if (!swiped) set(now() === "full" ? "peek" : stepHeight(now(), 1));
    swiped = false;
  });
  handle.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    set(stepHeight(now(), event.key === "ArrowUp" ? 1 : -1));
  });
  return { set, label };
}
