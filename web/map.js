/** The map itself: making it, moving it, what is chosen or hovered on it, and what was clicked. */

import * as maplibregl from "/vendor/maplibre-gl.mjs";

import { h } from "./elements.js";
import { t } from "./i18n.js";

/** @typedef {import("/vendor/maplibre-gl.mjs").Map} MapView */
/** @typedef {import("/vendor/maplibre-gl.mjs").MapGeoJSONFeature} Feature */
/** @typedef {[number, number, number, number]} Bounds west, south, east, north [deg] */

const MAX_ZOOM = 20;
const INK = "#17384a";
/** Layers that this module adds above the style; none of them is listed in the legend. */
const OWN = ["zk-selected-fill", "zk-selected", "zk-hover", "zk-chosen-casing", "zk-chosen", "zk-reason"];
const NOTHING = /** @type {any} */ (["==", ["literal", 1], 0]);
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Tiles are read by a worker, which needs whole addresses.
 *
 * @param {import("/vendor/maplibre-gl.mjs").StyleSpecification} style
 * @param {string} origin
 */
export function withOrigin(style, origin) {
  /** @param {string} url */
  const whole = (url) => (url.startsWith("/") ? origin + url : url);
  for (const source of Object.values(style.sources)) {
    if ("tiles" in source && source.tiles) source.tiles = source.tiles.map(whole);
    if ("data" in source && typeof source.data === "string") source.data = whole(source.data);
    if ("url" in source && typeof source.url === "string") source.url = whole(source.url);
  }
  return style;
}

/**
 * @param {HTMLElement} container
 * @param {import("/vendor/maplibre-gl.mjs").StyleSpecification} style
 * @param {{bounds: Bounds, view: import("./state.js").View | null}} place
 * @returns {MapView}
 */
export function createMap(container, style, { bounds, view }) {
  const map = new maplibregl.Map({
    container,
    style: withOrigin(style, location.origin),
    maxZoom: MAX_ZOOM,
    minZoom: 6,
    attributionControl: false,
    // Shift selects.
    boxZoom: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxBounds: around(bounds),
    fadeDuration: still() ? 0 : 150,
    locale: { "Map.Title": t("map.label") },
    ...(view ? { center: [view.lon, view.lat], zoom: view.zoom } : { bounds, fitBoundsOptions: { padding: paddingOf(container) } }),
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 110, unit: "metric" }), "bottom-left");
  return map;
}

/**
 * @param {Bounds} bounds
 * @returns {Bounds} with room around, so that the edge of the area can come to the middle
 */
function around([west, south, east, north]) {
  const [wide, high] = [Math.max(east - west, 0.02), Math.max(north - south, 0.02)];
  return [west - 2 * wide, south - 2 * high, east + 2 * wide, north + 2 * high];
}

/** Room kept free around what is shown. @param {HTMLElement} container */
function paddingOf(container) {
  const narrow = container.clientWidth < 640;
  if (narrow) return { top: 60, left: 56, right: 12, bottom: Math.round(container.clientHeight * 0.54) };
  const legend = Math.min(300, container.clientWidth / 3);
  return { top: 40, left: 40, right: legend, bottom: 40 };
}

/**
 * @param {MapView} map
 * @param {Bounds} bounds
 * @param {number} [maxZoom]
 */
export function fit(map, bounds, maxZoom = 17) {
  map.fitBounds(bounds, { padding: paddingOf(map.getContainer()), maxZoom, duration: still() ? 0 : 200 });
}

/**
 * @param {MapView} map
 * @param {[number, number]} lonlat
 * @param {number} zoom
 */
export function goTo(map, lonlat, zoom) {
  map.easeTo({ center: lonlat, zoom, duration: still() ? 0 : 200 });
}

/**
 * @param {MapView} map
 * @returns {import("./state.js").View}
 */
export function viewOf(map) {
  const { lng, lat } = map.getCenter();
  return { zoom: map.getZoom(), lat, lon: lng };
}

/**
 * @param {MapView} map
 * @param {string} sourceLayer
 * @returns {string | null} source that holds the layer
 */
function sourceWith(map, sourceLayer) {
  const found = map.getStyle().layers.find((layer) => "source-layer" in layer && layer["source-layer"] === sourceLayer);
  return found && "source" in found ? String(found.source) : null;
}

/**
 * Add the outlines for the chosen and the hovered zone.
 *
 * @param {MapView} map
 */
export function addHighlights(map) {
  const source = sourceWith(map, "zones");
  const buildings = sourceWith(map, "buildings");
  /** @param {string} id @param {string} from @param {string} layer @param {any} paint */
  const line = (id, from, layer, paint) =>
    map.addLayer({ id, type: "line", source: from, "source-layer": layer, filter: NOTHING, layout: { "line-join": "round" }, paint });
  if (buildings) line("zk-reason", buildings, "buildings", { "line-color": INK, "line-width": 2 });
  if (!source) return;
  map.addLayer({ id: "zk-selected-fill", type: "fill", source, "source-layer": "zones", filter: NOTHING, paint: { "fill-color": INK, "fill-opacity": 0.16 } });
  line("zk-selected", source, "zones", { "line-color": INK, "line-width": 2.4, "line-dasharray": [2.5, 1.2] });
  line("zk-hover", source, "zones", { "line-color": INK, "line-width": 2, "line-opacity": 0.7 });
  line("zk-chosen-casing", source, "zones", { "line-color": "#fff", "line-width": 6.5, "line-opacity": 0.95 });
  line("zk-chosen", source, "zones", { "line-color": INK, "line-width": 3.2 });
}

/**
 * @param {MapView} map
 * @param {"hover" | "chosen"} kind
 * @param {string | null} zoneId
 */
export function mark(map, kind, zoneId) {
  const filter = zoneId === null ? NOTHING : /** @type {any} */ (["==", ["get", "zone_id"], zoneId]);
  for (const id of OWN) {
    if (id.startsWith(`zk-${kind}`) && map.getLayer(id)) map.setFilter(id, filter);
  }
}

/**
 * @param {MapView} map
 * @param {string[]} zoneIds selected zones
 */
export function markSelected(map, zoneIds) {
  const filter = zoneIds.length === 0 ? NOTHING : /** @type {any} */ (["in", ["get", "zone_id"], ["literal", zoneIds]]);
  for (const id of ["zk-selected-fill", "zk-selected"]) if (map.getLayer(id)) map.setFilter(id, filter);
}

/** Which buildings a reason speaks of. @type {Record<string, any>} */
const SUBJECTS = {
  heritage_share: ["in", ["get", "heritage"], ["literal", ["world_heritage", "protected", "conservation_area", "inventory"]]],
  public_roof_share: ["==", ["get", "owner"], "public"],
  social_housing_share: ["==", ["get", "owner"], "social_housing"],
  used_share: [">", ["coalesce", ["get", "existing_kwp"], 0], 0],
  apartment_share: ["==", ["get", "use"], "apartments"],
};

/**
 * Light the buildings of a zone that an indicator speaks of.
 *
 * @param {MapView} map
 * @param {string | null} zoneId null = none
 * @param {string} [indicator]
 */
export function markReason(map, zoneId, indicator = "") {
  if (!map.getLayer("zk-reason")) return;
  const ofZone = ["==", ["get", "zone_id"], zoneId];
  const subject = SUBJECTS[indicator];
  map.setFilter("zk-reason", zoneId === null ? NOTHING : /** @type {any} */ (subject ? ["all", ofZone, subject] : ofZone));
}

/**
 * What lies at a point, from small to large: roof plane, building, zone.
 *
 * @param {MapView} map
 * @param {import("/vendor/maplibre-gl.mjs").PointLike} point
 * @returns {{roof: Feature | null, building: Feature | null, zone: Feature | null}}
 */
export function featuresAt(map, point) {
  const found = map.queryRenderedFeatures(point).filter((feature) => !OWN.includes(feature.layer.id));
  /** @param {string} name */
  const first = (name) => found.find((feature) => feature.sourceLayer === name) ?? null;
  const sign = found.find((feature) => feature.source === "zone_points") ?? null;
  return { roof: first("roof_planes"), building: first("buildings"), zone: first("zones") ?? sign };
}

/**
 * @param {MapView} map
 * @param {{click: (point: any, lngLat: any, shift: boolean) => void, hover: (zoneId: string | null) => void, moved: () => void}} handlers
 */
export function listen(map, handlers) {
  map.on("click", (event) => handlers.click(event.point, event.lngLat, event.originalEvent.shiftKey));
  map.on("mousemove", (event) => {
    const { zone, building, roof } = featuresAt(map, event.point);
    map.getCanvas().style.cursor = zone || building || roof ? "pointer" : "";
    handlers.hover(zone ? String(zone.properties.zone_id) : null);
  });
  map.on("mouseout", () => handlers.hover(null));
  map.on("moveend", handlers.moved);
}

/**
 * @param {MapView} map
 * @param {any} lngLat
 * @param {HTMLElement} content
 * @param {() => void} onClose
 */
export function openPopup(map, lngLat, content, onClose) {
  const popup = new maplibregl.Popup({ maxWidth: "300px", closeButton: false, focusAfterOpen: false, offset: 6 });
  const close = h("button", { type: "button", class: "popup-close", "aria-label": t("close"), onclick: () => popup.remove() }, "×");
  content.prepend(close);
  popup.setLngLat(lngLat).setDOMContent(content).addTo(map);
  popup.on("close", onClose);
  return popup;
}

/**
 * @param {MapView} map
 * @param {[number, number]} lonlat
 */
export function placeMarker(map, lonlat) {
  const pin = h("div", { class: "pin", "aria-hidden": "true" });
  return new maplibregl.Marker({ element: pin }).setLngLat(lonlat).addTo(map);
}

/** A tile that never comes must not keep paper waiting. */
const PICTURE_MS = 25_000;
const EARTH_M = 40_075_016.686;
const WORLD_PX = 512;

/**
 * Draw what is on screen once more, at the size of the paper.
 *
 * @param {MapView} map
 * @param {{width: number, height: number}} size [px]
 * @param {Bounds} whole the area: shown as such when all of it is on screen, since paper has no legend in the way
 * @param {(copy: MapView) => void} prepare adds the images that the style speaks of
 * @returns {Promise<{image: string, metresPerPx: number}>} picture as a data address
 */
export async function picture(map, { width, height }, whole, prepare) {
  const stage = h("div", { class: "print-stage", style: { width: `${width}px`, height: `${height}px` } });
  document.body.append(stage);
  const seen = map.getBounds();
  const all = seen.contains([whole[0], whole[1]]) && seen.contains([whole[2], whole[3]]);
  const copy = new maplibregl.Map({
    container: stage,
    style: map.getStyle(),
    bounds: all ? whole : seen,
    // Below stands the scale.
    fitBoundsOptions: { padding: all ? { top: 24, right: 24, bottom: 62, left: 24 } : 0 },
    interactive: false,
    attributionControl: false,
    fadeDuration: 0,
    pixelRatio: 2,
    canvasContextAttributes: { preserveDrawingBuffer: true },
  });
  try {
    copy.on("style.load", () => prepare(copy));
    await Promise.race([new Promise((done) => copy.once("idle", done)), new Promise((late) => setTimeout(late, PICTURE_MS))]);
    const metresPerPx = (EARTH_M * Math.cos((copy.getCenter().lat * Math.PI) / 180)) / (WORLD_PX * 2 ** copy.getZoom());
    return { image: copy.getCanvas().toDataURL("image/png"), metresPerPx };
  } finally {
    copy.remove();
    stage.remove();
  }
}
