/** Layers of the style as the legend sees them: on or off, how opaque, filtered by class. */

/** @typedef {import("/vendor/maplibre-gl.mjs").Map} MapView */
/** @typedef {import("./types.js").LayerInfo} LayerInfo */
/** @typedef {import("./state.js").LayerState} LayerState */

/** Paint properties that carry opacity, per type of style layer; names and signs stay readable. @type {Record<string, string[]>} */
const OPACITY = {
  fill: ["fill-opacity"],
  line: ["line-opacity"],
  circle: ["circle-opacity", "circle-stroke-opacity"],
  raster: ["raster-opacity"],
  "fill-extrusion": ["fill-extrusion-opacity"],
  background: ["background-opacity"],
};

/**
 * Multiply an opacity of the style. Expressions on zoom may only stand outermost, so the outputs
 * of `interpolate` and `step` are multiplied and not the whole.
 *
 * @param {any} base number, expression or undefined (= 1)
 * @param {number} factor
 * @returns {any}
 */
export function scaleOpacity(base, factor) {
  if (base === undefined || base === null) return factor;
  if (typeof base === "number") return base * factor;
  if (!Array.isArray(base)) return factor;
  if (base[0] === "interpolate") return base.map((part, index) => (index >= 4 && index % 2 === 0 ? scaleOpacity(part, factor) : part));
  if (base[0] === "step") return base.map((part, index) => (index >= 2 && index % 2 === 0 ? scaleOpacity(part, factor) : part));
  return ["*", factor, base];
}

/**
 * @param {any} base filter of the style, or undefined
 * @param {string[]} classes none = all
 * @returns {any}
 */
export function classFilter(base, classes) {
  if (classes.length === 0) return base ?? null;
  const chosen = ["in", ["get", "zone_class"], ["literal", classes]];
  return base ? ["all", base, chosen] : chosen;
}

/** Labels hang on points of their own; for the reader they are part of the zones. */
const COMPANIONS = /** @type {Record<string, string>} */ ({ zone_points: "zones" });

/**
 * @param {{id: string, type?: string, source?: string, "source-layer"?: string}} layer of the style
 * @param {LayerInfo} info
 */
export function belongsTo(layer, info) {
  if (layer.source === undefined) return false;
  if (layer.source === info.id || COMPANIONS[layer.source] === info.id) return true;
  return info.kind === "vector" && layer["source-layer"] === (info.source_layer ?? info.id);
}

/** @param {{source?: string, "source-layer"?: string}} layer of the style */
function isOfZones(layer) {
  return layer["source-layer"] === "zones" || COMPANIONS[layer.source ?? ""] === "zones";
}

/** From what is asked to what lies under it; a layer of another name comes last. */
const ORDER = ["zones", "roof_planes", "supply_sites", "buildings", "irradiation", "hillshade", "background"];
const GROUPS = ["zones", "roofs", "irradiation", "background"];

/** Where a layer stands when nobody moved it: by group, then by name in the order above. @param {LayerInfo} info */
function standardPlace(info) {
  const [group, place] = [GROUPS.indexOf(info.group ?? ""), ORDER.indexOf(info.id)];
  return (group < 0 ? GROUPS.length : group) * 100 + (place < 0 ? ORDER.length : place);
}

/** What every project is expected to have; when one is absent, the reader is told why. */
export const EXPECTED = ["zones", "roof_planes", "buildings", "irradiation"];

export class Layers {
  /**
   * @param {MapView} map whose style is loaded, before anything is added to it
   * @param {LayerInfo[]} infos
   */
  constructor(map, infos) {
    this.map = map;
    this.infos = infos;
    /** @type {Map<string, any[]>} */
    this.parts = new Map();
    const style = structuredClone(map.getStyle().layers).filter((layer) => !layer.id.startsWith("zk-"));
    /** As the style stacks its layers, bottom first. */
    this.stack = style.map((layer) => layer.id);
    this.arranged = this.stack.join();
    for (const info of infos) this.parts.set(info.id, style.filter((layer) => belongsTo(/** @type {any} */ (layer), info)));
  }

  /**
   * Layers that the style draws, from top to bottom.
   *
   * @param {string[]} [order] as the reader has put them; what is not named follows
   */
  drawn(order = []) {
    /** @param {LayerInfo} info */
    const place = (info) => {
      return order.includes(info.id) ? order.indexOf(info.id) - order.length : standardPlace(info);
    };
    return this.infos.filter((info) => this.parts.get(info.id)?.length).sort((a, b) => place(a) - place(b));
  }

  /**
   * @param {string} id
   * @returns {LayerState} as the style has it
   */
  standard(id) {
    const parts = this.parts.get(id) ?? [];
    return { visible: parts.some((part) => part.layout?.visibility !== "none"), opacity: 1 };
  }

  /**
   * @param {string} id
   * @param {Record<string, LayerState>} chosen
   * @returns {LayerState}
   */
  stateOf(id, chosen) {
    return chosen[id] ?? this.standard(id);
  }

  /**
   * Bring the map in line with the choices.
   *
   * @param {Record<string, LayerState>} chosen
   * @param {string[]} classes
   */
  apply(chosen, classes) {
    for (const info of this.infos) {
      const { visible, opacity } = this.stateOf(info.id, chosen);
      for (const part of this.parts.get(info.id) ?? []) {
        if (!this.map.getLayer(part.id)) continue;
        this.map.setLayoutProperty(part.id, "visibility", visible ? "visible" : "none");
        for (const property of OPACITY[part.type] ?? []) {
          this.map.setPaintProperty(part.id, /** @type {any} */ (property), scaleOpacity(part.paint?.[property], opacity));
        }
        if (isOfZones(part)) this.map.setFilter(part.id, classFilter(part.filter, classes));
      }
    }
  }

  /**
   * Ids of the style, bottom first: paper lowest, names and signs on top of everything.
   *
   * @param {string[]} order
   * @returns {string[]}
   */
  stackOf(order) {
    if (order.length === 0) return this.stack;
    const parts = this.drawn(order).reverse().flatMap((info) => this.parts.get(info.id) ?? []);
    const areas = new Set(parts.filter((part) => part.type !== "symbol").map((part) => part.id));
    const signs = new Set(parts.filter((part) => part.type === "symbol").map((part) => part.id));
    const rest = this.stack.filter((id) => !areas.has(id) && !signs.has(id));
    return [...rest, ...areas, ...this.stack.filter((id) => signs.has(id))];
  }

  /** @param {string[]} order ids of layers from top to bottom; none = as the style has them */
  arrange(order) {
    const wanted = this.stackOf(order);
    if (wanted.join() === this.arranged) return;
    this.arranged = wanted.join();
    const above = this.map.getStyle().layers.find((layer) => layer.id.startsWith("zk-"))?.id;
    for (const id of wanted) if (this.map.getLayer(id)) this.map.moveLayer(id, above);
  }

  /**
   * @param {LayerInfo} info
   * @param {number} zoom
   */
  inScale(info, zoom) {
    return zoom >= this.fromZoom(info);
  }

  /**
   * First zoom at which any part of a layer is drawn: the style decides, the tiles otherwise.
   *
   * @param {LayerInfo} info
   */
  fromZoom(info) {
    const parts = this.parts.get(info.id) ?? [];
    const fromStyle = Math.min(...parts.map((part) => part.minzoom ?? 0));
    return Math.max(Number.isFinite(fromStyle) ? fromStyle : 0, info.minzoom ?? 0);
  }
}
