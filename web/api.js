/** Talks to the server: one function per answer, one error that says what happened. */

const TIMEOUT_MS = 20_000;

/** @typedef {"offline" | "timeout" | "missing" | "not_built" | "busy" | "broken"} Failure */

/** A request that failed; `failure` names the text to show. */
export class ApiError extends Error {
  /**
   * @param {Failure} failure
   * @param {string} path
   * @param {number} [status]
   * @param {string} [detail] what the server said
   */
  constructor(failure, path, status = 0, detail = "") {
    super(`${path}: ${failure}${status ? ` (${status})` : ""}${detail ? ` ${detail}` : ""}`);
    this.name = "ApiError";
    this.failure = failure;
    this.path = path;
    this.status = status;
    this.detail = detail;
  }
}

/**
 * @param {number} status
 * @returns {Failure}
 */
export function failureOf(status) {
  if (status === 404) return "missing";
  if (status === 409 || status === 503) return "not_built";
  return status === 429 ? "busy" : "broken";
}

/**
 * @param {string} path
 * @param {AbortSignal} [signal] of the caller
 * @returns {Promise<any>}
 */
export async function getJson(path, signal) {
  const response = await ask(path, { headers: { accept: "application/json" } }, signal);
  try {
    return await response.json();
  } catch {
    throw new ApiError("broken", path, response.status);
  }
}

/**
 * @param {string} path
 * @param {RequestInit} options
 * @param {AbortSignal} [signal] of the caller
 * @returns {Promise<Response>} an answer that is fine
 */
async function ask(path, options, signal) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signals = signal ? AbortSignal.any([signal, timeout]) : timeout;
  let response;
  try {
    response = await fetch(path, { ...options, signal: signals });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(timeout.aborted ? "timeout" : "offline", path);
  }
  if (!response.ok) throw new ApiError(failureOf(response.status), path, response.status, await detailOf(response));
  return response;
}

/** @param {Response} response */
async function detailOf(response) {
  try {
    const body = await response.json();
    const found = body.hint ?? body.detail ?? body.title ?? body.message ?? body.error?.message;
    return typeof found === "string" ? found : "";
  } catch {
    return "";
  }
}

/** @returns {Promise<import("./types.js").Project>} */
export const getProject = () => getJson("/api/project");

/** @returns {Promise<import("/vendor/maplibre-gl.mjs").StyleSpecification>} */
export const getStyle = () => getJson("/api/style.json");

/** @returns {Promise<import("./types.js").ZoneRow[]>} */
export const getZones = () => getJson("/api/zones");

/**
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<import("./types.js").Zone>}
 */
export const getZone = (id, signal) => getJson(zonePath(id), signal);

/**
 * @param {string} id
 * @param {string} [ending] ".csv" for the table form
 */
export const zonePath = (id, ending = "") => `/api/zones/${encodeURIComponent(id)}${ending}`;

/**
 * Places whose name starts with a text: areas, streets, addresses, buildings.
 *
 * @param {string} text
 * @param {AbortSignal} signal
 * @returns {Promise<import("./types.js").Place[]>}
 */
export const getPlaces = (text, signal) => getJson(`/api/places?q=${encodeURIComponent(text)}`, signal);

/**
 * Selected zones as a file.
 *
 * @param {object} wanted zone ids, format, coordinate system, language
 * @returns {Promise<{blob: Blob, name: string}>}
 */
export async function getSelection(wanted) {
  const headers = { "content-type": "application/json" };
  const response = await ask("/api/selection", { method: "POST", headers, body: JSON.stringify(wanted) });
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  return { blob: await response.blob(), name: name ?? "zones" };
}

/**
 * @param {string} lang
 * @returns {Promise<Record<string, string>>}
 */
export const getTexts = (lang) => getJson(`/static/lang/${lang}.json`);
