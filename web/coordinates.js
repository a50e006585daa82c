/**
 * Belgian coordinates in the search box: Lambert 72 (31370), Lambert 2008 (3812) and lon/lat,
 * told apart by their range.
 *
 * Formulas: Lambert conformal conic with two parallels, EPSG guidance note 7-2 (method 9802);
 * the datum step is the seven-parameter one of EPSG 15929 (about 0.2 m), enough to find a place.
 */

const RAD = Math.PI / 180;

/**
 * @typedef {object} Ellipsoid
 * @property {number} a semi-major axis [m]
 * @property {number} e2 first eccentricity squared
 *
 * @typedef {object} Lambert
 * @property {Ellipsoid} ellipsoid
 * @property {number} lat0 latitude of origin [deg]
 * @property {number} lon0 longitude of origin [deg]
 * @property {number} lat1 first parallel [deg]
 * @property {number} lat2 second parallel [deg]
 * @property {number} x0 false easting [m]
 * @property {number} y0 false northing [m]
 */

/** @param {number} inverse 1/f */
const flattening = (inverse) => (2 - 1 / inverse) / inverse;
/** @type {Ellipsoid} */
const INTERNATIONAL_1924 = { a: 6378388, e2: flattening(297) };
/** @type {Ellipsoid} */
const GRS80 = { a: 6378137, e2: flattening(298.257222101) };

/** @type {Lambert} */
const LAMBERT_72 = {
  ellipsoid: INTERNATIONAL_1924,
  lat0: 90,
  lon0: 4 + 22 / 60 + 2.952 / 3600,
  lat1: 51 + 10 / 60 + 0.00204 / 3600,
  lat2: 49 + 50 / 60 + 0.00204 / 3600,
  x0: 150000.013,
  y0: 5400088.438,
};

/** @type {Lambert} */
const LAMBERT_2008 = {
  ellipsoid: GRS80,
  lat0: 50 + 47 / 60 + 52.134 / 3600,
  lon0: 4 + 21 / 60 + 33.177 / 3600,
  lat1: 49 + 50 / 60,
  lat2: 51 + 10 / 60,
  x0: 649328,
  y0: 665262,
};

/** EPSG 15929, Belge 1972 to WGS 84, coordinate frame rotation: metres, arc seconds, ppm. */
const BD72_TO_WGS84 = { dx: -106.8686, dy: 52.2978, dz: -103.7239, rx: -0.3366, ry: 0.457, rz: -1.8422, ppm: -1.2747 };

/**
 * @param {number} phi [rad]
 * @param {number} e
 */
function isometric(phi, e) {
  const sine = e * Math.sin(phi);
  return Math.tan(Math.PI / 4 - phi / 2) / ((1 - sine) / (1 + sine)) ** (e / 2);
}

/**
 * @param {number} x
 * @param {number} y
 * @param {Lambert} lambert
 * @returns {{lat: number, lon: number}} [rad], on the ellipsoid of the projection
 */
function unproject(x, y, lambert) {
  const { a, e2 } = lambert.ellipsoid;
  const e = Math.sqrt(e2);
  const [phi1, phi2] = [lambert.lat1 * RAD, lambert.lat2 * RAD];
  /** @param {number} phi */
  const m = (phi) => Math.cos(phi) / Math.sqrt(1 - e2 * Math.sin(phi) ** 2);
  const [t1, t2] = [isometric(phi1, e), isometric(phi2, e)];
  const n = (Math.log(m(phi1)) - Math.log(m(phi2))) / (Math.log(t1) - Math.log(t2));
  const F = m(phi1) / (n * t1 ** n);
  const r0 = lambert.lat0 === 90 ? 0 : a * F * isometric(lambert.lat0 * RAD, e) ** n;
  const [dx, dy] = [x - lambert.x0, r0 - (y - lambert.y0)];
  const t = (Math.hypot(dx, dy) / (a * F)) ** (1 / n);
  let lat = Math.PI / 2 - 2 * Math.atan(t);
  for (let step = 0; step < 8; step += 1) {
    const sine = e * Math.sin(lat);
    lat = Math.PI / 2 - 2 * Math.atan(t * ((1 - sine) / (1 + sine)) ** (e / 2));
  }
  return { lat, lon: Math.atan2(dx, dy) / n + lambert.lon0 * RAD };
}

/**
 * @param {{lat: number, lon: number}} place [rad] on the International ellipsoid of 1924
 * @returns {{lat: number, lon: number}} [rad] on GRS80
 */
function shiftDatum({ lat, lon }) {
  const { a, e2 } = INTERNATIONAL_1924;
  const nu = a / Math.sqrt(1 - e2 * Math.sin(lat) ** 2);
  const [x, y, z] = [nu * Math.cos(lat) * Math.cos(lon), nu * Math.cos(lat) * Math.sin(lon), nu * (1 - e2) * Math.sin(lat)];
  const { dx, dy, dz, rx, ry, rz, ppm } = BD72_TO_WGS84;
  const [ax, ay, az] = [rx, ry, rz].map((seconds) => (seconds / 3600) * RAD);
  const k = 1 + ppm * 1e-6;
  const X = k * (x + az * y - ay * z) + dx;
  const Y = k * (-az * x + y + ax * z) + dy;
  const Z = k * (ay * x - ax * y + z) + dz;
  const p = Math.hypot(X, Y);
  let phi = Math.atan2(Z, p * (1 - GRS80.e2));
  for (let step = 0; step < 6; step += 1) {
    const normal = GRS80.a / Math.sqrt(1 - GRS80.e2 * Math.sin(phi) ** 2);
    phi = Math.atan2(Z + GRS80.e2 * normal * Math.sin(phi), p);
  }
  return { lat: phi, lon: Math.atan2(Y, X) };
}

/**
 * @param {number} x
 * @param {number} y
 * @returns {[number, number]} longitude and latitude [deg]
 */
export function lambert72ToLonLat(x, y) {
  const { lat, lon } = shiftDatum(unproject(x, y, LAMBERT_72));
  return [lon / RAD, lat / RAD];
}

/**
 * @param {number} x
 * @param {number} y
 * @returns {[number, number]} longitude and latitude [deg]
 */
export function lambert2008ToLonLat(x, y) {
  const { lat, lon } = unproject(x, y, LAMBERT_2008);
  return [lon / RAD, lat / RAD];
}

/**
 * @param {string} text
 * @returns {number[]} the two numbers, or none
 */
function twoNumbers(text) {
  const trimmed = text.trim();
  const numbers = "[-+]?\\d+(?:[.,]\\d+)?";
  const match = new RegExp(`^(${numbers})(?:\\s*[,;/]\\s+|\\s*[;/]\\s*|\\s+)(${numbers})$`).exec(trimmed)
    ?? /^([-+]?\d+(?:\.\d+)?)\s*,\s*([-+]?\d+(?:\.\d+)?)$/.exec(trimmed);
  return match ? [match[1], match[2]].map((part) => Number(part.replace(",", "."))) : [];
}

/**
 * Recognise a pair of coordinates by its range.
 *
 * @param {string} text such as "104500, 194300", "604500 694300", "51.05 3.72"
 * @returns {{lonlat: [number, number], system: "lambert72" | "lambert2008" | "lonlat"} | null}
 */
export function readCoordinates(text) {
  const [first, second] = twoNumbers(text);
  if (first === undefined || second === undefined) return null;
  if (first >= 500_000 && first <= 810_000 && second >= 500_000 && second <= 760_000) {
    return { lonlat: lambert2008ToLonLat(first, second), system: "lambert2008" };
  }
  if (first >= 10_000 && first <= 310_000 && second >= 10_000 && second <= 260_000) {
    return { lonlat: lambert72ToLonLat(first, second), system: "lambert72" };
  }
  if (Math.abs(first) > 180 || Math.abs(second) > 180) return null;
  // Both orders are in use; in Belgium the larger number is the latitude.
  const [lon, lat] = first > second ? [second, first] : [first, second];
  return Math.abs(lat) <= 85 ? { lonlat: [lon, lat], system: "lonlat" } : null;
}
