"""Which columns may leave the build folder: one allow-list for tiles, warehouse and exports."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from zonnekaart.errors import PrivacyError
from zonnekaart.quantities import INDICATORS
from zonnekaart.zoning.privacy import DEMAND_INDICATORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Layer = Literal[
    "zones",
    "advised_zones",
    "buildings",
    "roof_planes",
    "sharing_groups",
    "supply_sites",
    "cabin_areas",
]
LAYERS: tuple[Layer, ...] = (
    "zones",
    "advised_zones",
    "buildings",
    "roof_planes",
    "sharing_groups",
    "supply_sites",
    "cabin_areas",
)

_YIELD = ("capacity_kwp", "annual_yield_kwh", "annual_yield_low_kwh", "annual_yield_high_kwh")

PUBLISHABLE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "zones": (
            "zone_id",
            "name",
            "kind",
            "zone_class",
            "confidence",
            "class_probabilities",
            "certainty",
            "certainty_text",
            "computed_class",
            "overrides",
            "published",
            "privacy_note",
            "sentence",
            *INDICATORS,
            "bottlenecks",
            "opportunities",
            "flips",
            "gaps",
            "gap_effects",
            "actions",
            "action_effects",
            "geometry",
        ),
        "advised_zones": (
            "advised_id",
            "name",
            "zone_class",
            "confidence",
            "zones",
            "zones_with_demand",
            "member_zones",
            "member_classes",
            "shared_bottlenecks",
            "shared_opportunities",
            *_YIELD,
            "existing_kwp",
            "additional_kwp",
            "consumption_kwh",
            "buildings",
            "dwellings",
            "connections",
            "geometry",
        ),
        "buildings": (
            "building_id",
            "zone_id",
            "use",
            "footprint_area_m2",
            "height_m",
            "roof_area_m2",
            *_YIELD,
            "existing_kwp",
            "additional_kwp",
            "survey_mismatch",
            "heritage",
            "heritage_id",
            "heritage_name",
            "owner",
            "flags",
            "geometry",
        ),
        "roof_planes": (
            "building_id",
            "plane_id",
            "tilt_deg",
            "azimuth_deg",
            "roof_area_m2",
            "usable_area_m2",
            "annual_irradiation_kwh_m2",
            "monthly_irradiation_kwh_m2",
            "sky_view_factor",
            "mounting",
            "module_tilt_deg",
            "module_azimuth_deg",
            *_YIELD,
            "suitability",
            "visible_share",
            "street_views",
            "nearest_view_m",
            "seen_from",
            "flags",
            "geometry",
        ),
        # Layers of the map, not of exports.
        "roof_panels": (
            "building_id",
            "plane_id",
            "panel_id",
            "module_tilt_deg",
            "module_azimuth_deg",
            "module_kwp",
            "geometry",
        ),
        "sharing_proposals": (
            "group_id",
            "rank",
            "perimeter",
            "under_rules",
            "buildings",
            "geometry",
        ),
        "sharing_links": ("link_id", "group_id", "geometry"),
        "sharing_groups": (
            "group_id",
            "zone_id",
            "perimeter",
            "rule_id",
            "members",
            "shared_kwh_optimal",
            "shared_kwh_key",
            "self_consumption_before",
            "self_consumption_after",
            "self_sufficiency_before",
            "self_sufficiency_after",
            "geometry",
        ),
        "cabin_areas": (
            "cabin_id",
            "origin",
            "headroom_source",
            "headroom_method",
            "connections",
            "rated_low_kva",
            "rated_kva",
            "rated_high_kva",
            "pv_headroom_low_kw",
            "pv_headroom_kw",
            "pv_headroom_high_kw",
            "pv_peak_kw",
            "capacity_kwp",
            "mv_headroom_kw",
            "published",
            "geometry",
        ),
        "supply_sites": (
            "site_id",
            "plane_id",
            "kind",
            "name",
            "owner",
            "zone_id",
            "tilt_deg",
            "azimuth_deg",
            "site_area_m2",
            "obstructed_share",
            "usable_area_m2",
            "annual_irradiation_kwh_m2",
            "monthly_irradiation_kwh_m2",
            "sky_view_factor",
            "mounting",
            "module_tilt_deg",
            "module_azimuth_deg",
            *_YIELD,
            "flags",
            "geometry",
        ),
    }
)
"""Columns per layer, in the order of an export. A new column is internal until it stands here."""

DEMAND_FIGURES = frozenset(DEMAND_INDICATORS) | {
    "shared_kwh_optimal",
    "shared_kwh_key",
    "self_consumption_before",
    "self_consumption_after",
    "self_sufficiency_before",
    "self_sufficiency_after",
}
"""Figures from which a consumption could be read back; unknown where demand may not be shown."""


def require_publishable(layer: str, columns: Iterable[str]) -> None:
    """
    Refuse columns that may not leave.

    Parameters
    ----------
    layer : str
        One of `LAYERS`.
    columns : iterable of str
        What is about to be written.

    Raises
    ------
    PrivacyError
        If a column is not on the layer's list.
    """
    internal = sorted(set(columns) - set(PUBLISHABLE[layer]))
    if internal:
        raise PrivacyError(layer, internal)
