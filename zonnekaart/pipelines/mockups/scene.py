"""What publish left, read once for every mock-up and zone sheet of a project."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import ValidationError

from zonnekaart.errors import NotBuiltError
from zonnekaart.io.published import PublishedProject, ZoneDetail
from zonnekaart.io.vector import read_geoparquet
from zonnekaart.io.warehouse import Warehouse
from zonnekaart.pipelines.publishing.frames import read_publishable

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from zonnekaart.pipelines.runs import StageContext

_HINT = "zonnekaart run PROJECT.toml"


def read_project(build: Path) -> PublishedProject:
    """
    Read ``published.json``.

    Raises
    ------
    NotBuiltError
        If publish has not run, or an older version's did.
    """
    path = build / "published.json"
    try:
        return PublishedProject.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError) as error:
        raise NotBuiltError(str(path), f"{_HINT} --stage publish") from error


class Scene:
    """
    Published results as pictures need them; figures that must stay hidden are not in it.

    Parameters
    ----------
    context : StageContext
        Project and build folder.

    Raises
    ------
    NotBuiltError
        If publish has not run.
    """

    def __init__(self, context: StageContext) -> None:
        self._context = context
        self.project = read_project(context.build)
        zones = read_geoparquet(context.built("zones.parquet", "zoning"))
        warehouse = Warehouse(context.build / "warehouse.duckdb")
        details = {}
        for zone_id in zones["zone_id"].astype(str):
            rows = warehouse.rows("zone_detail", [zone_id])
            details[zone_id] = ZoneDetail.model_validate_json(rows[0]["detail"])
        self.details: dict[str, ZoneDetail] = details
        self.zones = zones[["zone_id", "geometry"]].astype({"zone_id": str})
        self.places = {
            zone: (point.x, point.y)
            for zone, point in zip(
                self.zones["zone_id"], self.zones.geometry.representative_point(), strict=True
            )
        }

    @cached_property
    def buildings(self) -> gpd.GeoDataFrame:
        """Buildings with the columns that may leave."""
        return read_publishable(self._context, "buildings")

    @cached_property
    def sharing_groups(self) -> gpd.GeoDataFrame | None:
        """Groups with the figures that may be shown; None when that stage has not run."""
        try:
            return read_publishable(self._context, "sharing_groups")
        except NotBuiltError:
            return None

    def figure(self, zone_id: str, indicator: str) -> float:
        """Return a figure of a zone, NaN for unknown."""
        found = self.details[zone_id].indicators.get(indicator)
        return math.nan if found is None or found.value is None else float(found.value)

    def ranked(self, indicator: str, order: str) -> list[str]:
        """Return the zones where a figure is known and not 0, the highest or lowest first."""
        figures = {zone: self.figure(zone, indicator) for zone in self.details}
        known = [zone for zone, value in figures.items() if value and not math.isnan(value)]
        sign = -1.0 if order == "highest" else 1.0
        return sorted(known, key=lambda zone: (sign * figures[zone], zone))


@dataclass(frozen=True)
class Asked:
    """A scene in one language."""

    scene: Scene
    language: str
