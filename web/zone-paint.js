/** The zones of one map in their colours, signs and hatches: as computed, or as sliders have them. */

/** @typedef {import("/vendor/maplibre-gl.mjs").Map} MapView */
/** @typedef {import("./types.js").ZoneRow} ZoneRow */
/** @typedef {import("./layers.js").Layers} Layers */

const UNKNOWN = "onbekend";

export class ZonePaint {
  /**
   * @param {MapView} map whose style is loaded
   * @param {Layers} layers
   * @param {ZoneRow[]} base as the tiles have them
   */
  constructor(map, layers, base) {
    this.map = map;
    this.layers = layers;
    /** Class of each zone on the map now. */
    this.shown = new Map(base.map((row) => [row.zone_id, row.zone_class]));
    this.labelled = base;
  }

  /**
   * Colours follow at once; signs and hatches need the tiles again, see `settle`.
   *
   * @param {ZoneRow[]} rows
   */
  colour(rows) {
    if (!this.map.getSource("zones")) return;
    for (const { zone_id: id, zone_class: name } of rows) {
      if (this.shown.get(id) === name) continue;
      this.shown.set(id, name);
      this.map.setFeatureState({ source: "zones", sourceLayer: "zones", id }, { zone_class: name });
    }
  }

  /**
   * @param {ZoneRow[]} rows all zones
   * @param {ZoneRow[]} visible those that pass the filter
   * @param {Record<string, import("./state.js").LayerState>} chosen
   */
  settle(rows, visible, chosen) {
    const all = visible.length === rows.length;
    this.layers.apply(chosen, {
      ids: all ? null : visible.map((row) => row.zone_id),
      unknown: visible.filter((row) => row.zone_class === UNKNOWN).map((row) => row.zone_id),
    });
    if (rows === this.labelled) return;
    this.labelled = rows;
    const points = this.map.getSource("zone_points");
    if (points && "setData" in points) /** @type {any} */ (points).setData(labels(rows));
  }
}

/**
 * One point per zone, for its sign and its name.
 *
 * @param {ZoneRow[]} rows
 */
export function labels(rows) {
  return {
    type: "FeatureCollection",
    features: rows.map(({ zone_id, name, zone_class, confidence, center_lonlat: coordinates }) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates },
      properties: { zone_id, name, zone_class, confidence },
    })),
  };
}
