/** What a click on the area of a cabin says: a range, whose it is, and how it was reckoned. */

import { h } from "./elements.js";
import { t } from "./i18n.js";
import { isKnown, number, quantity, range } from "./numbers.js";
import { factList, word } from "./popup.js";

/**
 * @param {import("./popup.js").Properties} cabin
 * @returns {(Node | string)[]}
 */
export function cabinSection(cabin) {
  const given = cabin.headroom_source === "operator_headroom";
  const room = isKnown(cabin.pv_headroom_kw) ? quantity(cabin.pv_headroom_kw, "kW") : t("cabin.hidden");
  const ends = !given && range(cabin.pv_headroom_low_kw, cabin.pv_headroom_high_kw, "kW");
  const rating = cabin.rated_low_kva < cabin.rated_high_kva && range(cabin.rated_low_kva, cabin.rated_high_kva, "kVA");
  return [
    h("h3", null, t("cabin.title"), h("span", { class: "popup-tag" }, String(cabin.cabin_id))),
    factList([
      [t("cabin.room"), room, ends],
      [t("cabin.peak"), isKnown(cabin.pv_peak_kw) && quantity(cabin.pv_peak_kw, "kW")],
      [t("cabin.rating"), isKnown(cabin.rated_kva) && quantity(cabin.rated_kva, "kVA"), rating],
      [t("cabin.connections"), isKnown(cabin.connections) && number(cabin.connections, { maximumFractionDigits: 0 })],
      [t("cabin.mv"), isKnown(cabin.mv_headroom_kw) && quantity(cabin.mv_headroom_kw, "kW")],
      [t("cabin.origin"), word("cabin_origin", cabin.origin)],
      [t("cabin.source"), word("cabin_source", cabin.headroom_source)],
      [t("cabin.method"), !given && String(cabin.headroom_method ?? "")],
    ]),
  ];
}
