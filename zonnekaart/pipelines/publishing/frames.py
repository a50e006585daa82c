"""Stage files narrowed to what may leave; the one gate for tiles, warehouse and exports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zonnekaart.errors import PrivacyError, TableError
from zonnekaart.io.publishable import DEMAND_FIGURES, PUBLISHABLE, require_publishable
from zonnekaart.io.published import known
from zonnekaart.io.vector import read_geoparquet, read_parquet
from zonnekaart.pipelines.constraints import with_constraints
from zonnekaart.pipelines.publishing.groups import without_small_groups
from zonnekaart.pipelines.visibility import VISIBILITY
from zonnekaart.pipelines.zone_figures import PANELS_ESTIMATED
from zonnekaart.pipelines.zone_grid import CABIN_AREAS
from zonnekaart.quantities import INDICATORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import geopandas as gpd

    from zonnekaart.pipelines.runs import StageContext

_FILES = {
    "zones": ("zones.parquet", "zoning"),
    "advised_zones": ("advised_zones.parquet", "zoning"),
    "buildings": ("buildings.parquet", "roofs"),
    "roof_planes": ("roof_planes.parquet", "roofs"),
    "roof_panels": ("roof_panels.parquet", "roofs"),
    "sharing_groups": ("sharing_groups.parquet", "sharing"),
    "supply_sites": ("supply_sites.parquet", "sites"),
    "cabin_areas": (CABIN_AREAS, "grid"),
}
_RECORDS = ("bottlenecks", "opportunities", "flips")


def read_publishable(context: StageContext, layer: str) -> gpd.GeoDataFrame:
    """
    Read a stage file and keep only the columns that may leave.

    Parameters
    ----------
    context : StageContext
        Project and build folder.
    layer : str
        ``zones``, ``advised_zones``, ``buildings``, ``roof_planes``, ``roof_panels``,
        ``sharing_groups``, ``supply_sites`` or ``cabin_areas``.

    Raises
    ------
    NotBuiltError
        If the stage that makes the layer has not run.
    PrivacyError
        If a zone whose demand may not be shown carries demand figures.
    """
    name, stage = _FILES[layer]
    frame = read_geoparquet(context.built(name, stage))
    if layer == "zones":
        frame = _with_indicators(frame)
        require_hidden_demand(frame)
    if layer == "buildings":
        frame = _hide_estimated_panels(with_constraints(frame, context.build))
    if layer == "roof_planes":
        frame = _with_views(frame, context.build / VISIBILITY)
    if layer == "cabin_areas":
        # An area may lie wholly outside the zones.
        frame = frame[~frame.geometry.is_empty]
    if layer == "supply_sites":
        # What lies wholly under a building or another site has no shape left to show.
        frame = frame[~frame.geometry.is_empty]
    if layer == "sharing_groups":
        frame = without_small_groups(frame, context)
    kept = [column for column in PUBLISHABLE[layer] if column in frame.columns]
    frame = frame[kept]
    require_publishable(layer, frame.columns)
    return frame


def _with_views(planes: gpd.GeoDataFrame, path: Path) -> gpd.GeoDataFrame:
    """Add what is seen of each plane; nothing before anyone looked."""
    if not path.exists():
        return planes
    return planes.merge(read_parquet(path).drop(columns="building_id"), on="plane_id", how="left")


def _with_indicators(zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put the figures of the ``indicators`` struct into columns, NaN for unknown."""
    if "indicators" not in zones.columns:
        raise TableError(
            "zones.parquet", "no column indicators", "a struct of figures", "run zoning again"
        )
    rows = [dict(row or {}) for row in zones["indicators"]]
    columns = {name: [number(row.get(name)) for row in rows] for name in INDICATORS}
    flat = pd.DataFrame(columns, index=zones.index, dtype=float)
    return zones.drop(columns="indicators").join(flat)


def number(value: Any) -> float:  # noqa: ANN401 - cells of a frame
    """Return a cell as a float, NaN for unknown."""
    found = known(value)
    return np.nan if found is None else found


def require_hidden_demand(zones: pd.DataFrame) -> None:
    """
    Refuse demand figures of zones whose demand may not be shown.

    Parameters
    ----------
    zones : DataFrame
        Zones with indicators as columns.

    Raises
    ------
    PrivacyError
        If a figure, a reason or a tipping point would give one away.
    """
    hidden = zones[~zones["published"].astype(bool)]
    leaks = []
    for record in hidden.to_dict("records"):
        told = {name for name in DEMAND_FIGURES if known(record.get(name)) is not None}
        for column in _RECORDS:
            told |= {
                item["indicator"]
                for item in records(record.get(column))
                if item["indicator"] in DEMAND_FIGURES and known(item.get("value")) is not None
            }
        # Money rests on own use or surplus, which rest on demand.
        told |= {
            f"action_effects of {item['action_id']}"
            for item in records(record.get("action_effects"))
            if known(item["gain_eur_central"]) is not None
        }
        leaks += [f"{name} of zone {record['zone_id']}" for name in sorted(told)]
    if leaks:
        raise PrivacyError("zones", leaks)


def records(cell: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - cells of a frame
    """Return a list-of-struct cell as dicts; a missing list is empty."""
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return []
    return [dict(item) for item in cell]


def texts(cell: Any) -> list[str]:  # noqa: ANN401 - cells of a frame
    """Return a list cell as texts; a missing list is empty."""
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return []
    return [str(item) for item in cell]


def _hide_estimated_panels(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Make panels unknown where they are a building's part of a total.

    The part is right for a zone; on one roof there is nothing, or several times as much.
    """
    guess = buildings["flags"].map(lambda flags: PANELS_ESTIMATED in texts(flags))
    frame = buildings.copy()
    for name in ("existing_kwp", "additional_kwp"):
        frame[name] = frame[name].where(~guess)
    return frame


def tile_frame(frame: gpd.GeoDataFrame, columns: Iterable[str]) -> gpd.GeoDataFrame:
    """Return the columns a tile needs; lists become text, because tiles know no lists."""
    kept = [c for c in columns if c in frame.columns]
    out = frame[[*kept, frame.geometry.name]].copy()
    for name in kept:
        if out[name].map(lambda v: isinstance(v, list | tuple | np.ndarray)).any():
            out[name] = out[name].map(lambda v: ", ".join(texts(v)))
        elif out[name].dtype == float:
            out[name] = out[name].round(4)
    return out


def warehouse_frame(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a frame whose nested columns are JSON text, for plain SQL."""
    out = frame.copy()
    for name in out.columns:
        if name != out.geometry.name and out[name].map(_nested).any():
            out[name] = out[name].map(as_json)
    return out


def _nested(value: object) -> bool:
    return isinstance(value, dict | list | tuple | np.ndarray)


def as_json(value: object) -> str | None:
    """Return a nested cell as JSON text; NaN becomes null."""
    return None if value is None else json.dumps(plain(value), ensure_ascii=False)


def plain(value: Any) -> Any:  # noqa: ANN401 - cells of a frame
    """Return a nested cell in plain Python, with None for unknown numbers."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return known(value)
    return value.item() if isinstance(value, np.generic) else value


def zone_curves(balance: pd.DataFrame, zone_id: str) -> Mapping[str, Any] | None:
    """Return the balance row of one zone, or None when it has none."""
    rows = balance[(balance["unit"] == "zone") & (balance["unit_id"] == zone_id)]
    return None if rows.empty else dict(rows.iloc[0])
