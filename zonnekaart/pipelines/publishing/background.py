"""The neutral background: buildings, water and roads of the project itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from zonnekaart.geo.crs import require_same
from zonnekaart.io.vector import read_layer

if TYPE_CHECKING:
    from zonnekaart.config import ZonesInput
    from zonnekaart.pipelines.runs import StageContext

_SIMPLIFY_M = 0.2


def background_features(context: StageContext, buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Return one frame with ``kind`` (``building``, ``water``, ``road``) and an id per feature.

    Parameters
    ----------
    context : StageContext
        Project, for its optional water and roads.
    buildings : GeoDataFrame
        Buildings in the project CRS.

    Raises
    ------
    CrsError
        If water or roads are in another CRS than the project.
    """
    inputs = context.project.inputs
    parts = [_part("building", buildings.geometry.simplify(_SIMPLIFY_M), buildings.crs)]
    for kind, table in (("water", inputs.water), ("road", inputs.roads)):
        if table is not None:
            parts.append(_part(kind, _shapes(context, table), buildings.crs))
    frame = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=buildings.crs)
    return frame.assign(feature_id=[f"{k}-{i}" for i, k in enumerate(frame["kind"])])


def _shapes(context: StageContext, table: ZonesInput) -> gpd.GeoSeries:
    path = context.project.resolve(table.path)
    frame = read_layer(path, table.layer)
    require_same(frame.crs, context.project.project.crs, str(path))
    shapes = frame.geometry
    return shapes[shapes.notna() & ~shapes.is_empty]


def _part(kind: str, shapes: gpd.GeoSeries, crs: object) -> gpd.GeoDataFrame:
    whole = shapes[~shapes.is_empty]
    return gpd.GeoDataFrame(
        {"kind": [kind] * len(whole)}, geometry=gpd.GeoSeries(list(whole), crs=crs), crs=crs
    )
