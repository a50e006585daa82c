/**
 * The six class symbols and the hatch for uncertainty: the same outlines for the page (SVG)
 * and the map (canvas), so that no sprite file is needed.
 */

import { s } from "./elements.js";

/** @typedef {import("./types.js").ZoneClass} ZoneClass */

/**
 * @typedef {object} Glyph
 * @property {string} [fill] outline in a box of 24 by 24
 * @property {string} [stroke]
 */

/** @type {Record<ZoneClass, Glyph>} */
const GLYPHS = {
  eigen_gebruik: { fill: "M3.5 11.6 12 4l8.5 7.6V20.5H14.3V14.8H9.7V20.5H3.5Z" },
  delen: {
    stroke: "M8.5 6.8a5.2 5.2 0 1 0 0 10.4a5.2 5.2 0 1 0 0-10.4Z M15.5 6.8a5.2 5.2 0 1 0 0 10.4a5.2 5.2 0 1 0 0-10.4Z",
  },
  overschot: { fill: "M12 3.5 21.5 20H2.5Z" },
  vraag: { fill: "M2.5 4H21.5L12 20.5Z" },
  toets: {
    stroke: "M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16Z",
    fill: "M12 8.7a3.3 3.3 0 1 0 0 6.6a3.3 3.3 0 1 0 0-6.6Z",
  },
  onbekend: {
    stroke: "M7.8 8.8a4.2 4.2 0 1 1 6.3 3.6c-1.5.900-2.1 1.7-2.1 3.1",
    fill: "M12 17.9a1.5 1.5 0 1 0 0 3a1.5 1.5 0 1 0 0-3Z",
  },
};

const INK = "#1f1d1a";
/** Drawn at twice the size, so that screens of high density stay sharp. */
const PIXEL_RATIO = 2;
const ICON_SIZE = 30;
const HATCH_SIZE = 10;

/** @param {string} name */
function glyphOf(name) {
  return GLYPHS[/** @type {ZoneClass} */ (name)] ?? GLYPHS.onbekend;
}

/**
 * The symbol of a class as a small SVG, hidden from screen readers: the word stands beside it.
 *
 * @param {string} name
 * @param {string} color of the class
 * @param {number} [size] [px]
 */
export function classSymbol(name, color, size = 22) {
  const glyph = glyphOf(name);
  return s(
    "svg",
    { viewBox: "0 0 40 40", width: size, height: size, class: "symbol", "aria-hidden": "true", focusable: "false" },
    s("circle", { cx: 20, cy: 20, r: 17.5, fill: "#fff", stroke: color, "stroke-width": 4 }),
    s(
      "g",
      { transform: "translate(9.2 9.2) scale(0.9)" },
      glyph.fill && s("path", { d: glyph.fill, fill: INK }),
      glyph.stroke && s("path", { d: glyph.stroke, fill: "none", stroke: INK, "stroke-width": 2.4, "stroke-linecap": "round" }),
    ),
  );
}

/**
 * @param {number} size [px]
 * @returns {{context: CanvasRenderingContext2D, pixels: number}}
 */
function sheet(size) {
  const pixels = size * PIXEL_RATIO;
  const canvas = document.createElement("canvas");
  canvas.width = pixels;
  canvas.height = pixels;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser gives no 2D canvas");
  return { context, pixels };
}

/**
 * @param {string} name
 * @param {string} color
 */
function drawIcon(name, color) {
  const { context, pixels } = sheet(ICON_SIZE);
  const scale = pixels / 40;
  context.scale(scale, scale);
  context.beginPath();
  context.arc(20, 20, 19.5, 0, 2 * Math.PI);
  context.fillStyle = "rgba(255,255,255,0.9)";
  context.fill();
  context.beginPath();
  context.arc(20, 20, 16, 0, 2 * Math.PI);
  context.fillStyle = "#fff";
  context.strokeStyle = color;
  context.lineWidth = 4;
  context.fill();
  context.stroke();
  context.translate(9.8, 9.8);
  context.scale(0.85, 0.85);
  const glyph = glyphOf(name);
  context.fillStyle = INK;
  context.strokeStyle = INK;
  context.lineWidth = 2.4;
  context.lineCap = "round";
  if (glyph.fill) context.fill(new Path2D(glyph.fill));
  if (glyph.stroke) context.stroke(new Path2D(glyph.stroke));
  return context.getImageData(0, 0, pixels, pixels);
}

/** Diagonal lines that repeat without a seam. */
function drawHatch() {
  const { context, pixels } = sheet(HATCH_SIZE);
  context.strokeStyle = "rgba(60,56,50,0.55)";
  context.lineWidth = 2;
  for (const offset of [-pixels, 0, pixels]) {
    context.beginPath();
    context.moveTo(offset - 2, pixels + 2);
    context.lineTo(offset + pixels + 2, -2);
    context.stroke();
  }
  return context.getImageData(0, 0, pixels, pixels);
}

/**
 * Give the map the images that its style names: `class-<name>` and `hatch`.
 *
 * @param {import("/vendor/maplibre-gl.mjs").Map} map
 * @param {{id: string, color: string}[]} classes
 */
export function addMapImages(map, classes) {
  /** @type {[string, () => ImageData][]} */
  const images = classes.map(({ id, color }) => [`class-${id}`, () => drawIcon(id, color)]);
  images.push(["hatch", drawHatch]);
  for (const [id, draw] of images) {
    if (!map.hasImage(id)) map.addImage(id, draw(), { pixelRatio: PIXEL_RATIO });
  }
}
