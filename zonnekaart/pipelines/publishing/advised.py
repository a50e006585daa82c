"""Where the sign and the name of each advised zone stand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from zonnekaart.geo.crs import LONLAT_CRS
from zonnekaart.io.published import known

if TYPE_CHECKING:
    import geopandas as gpd

LABELS = "advised_labels"
"""Key of the document in the warehouse."""
_ROUND_DEGREES = 6


def advised_labels(zones: gpd.GeoDataFrame) -> str:
    """
    Return one point per advised zone as GeoJSON text.

    Polygons are cut at tile edges, so signs hung on them would repeat in each tile.

    Parameters
    ----------
    zones : GeoDataFrame
        Publishable advised zones.
    """
    points = zones.geometry.representative_point().to_crs(LONLAT_CRS)
    features = [
        {
            "type": "Feature",
            "geometry": {
                "type": "Point",
                "coordinates": [round(p.x, _ROUND_DEGREES), round(p.y, _ROUND_DEGREES)],
            },
            "properties": {
                "advised_id": row["advised_id"],
                "name": row["name"],
                "zone_class": row["zone_class"],
                "confidence": known(row["confidence"]),
            },
        }
        for p, row in zip(points, zones.to_dict("records"), strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
