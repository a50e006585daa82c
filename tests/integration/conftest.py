"""What the stages made of the embedded town, read once, beside its truth."""

from __future__ import annotations

import gzip
import json
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import geopandas as gpd
import mapbox_vector_tile
import pandas as pd
import pytest
from pmtiles.reader import MmapSource, all_tiles

RULES = Path(__file__).resolve().parents[2] / "data" / "rules" / "default.toml"


@dataclass(frozen=True)
class Results:
    """Tables of a build folder, with the truth of the town beside them."""

    folder: Path
    build: Path

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.build / f"{name}.parquet")

    def shapes(self, name: str) -> gpd.GeoDataFrame:
        return gpd.read_parquet(self.build / f"{name}.parquet")

    @cached_property
    def zones(self) -> gpd.GeoDataFrame:
        return self.shapes("zones").set_index("zone_id")

    @cached_property
    def figures(self) -> pd.DataFrame:
        """Indicators of each zone as columns."""
        return pd.DataFrame(list(self.zones["indicators"]), index=self.zones.index, dtype=float)

    @cached_property
    def buildings(self) -> gpd.GeoDataFrame:
        return self.shapes("buildings").set_index("building_id")

    @cached_property
    def planes(self) -> gpd.GeoDataFrame:
        return self.shapes("roof_planes")

    @cached_property
    def policy_zones(self) -> gpd.GeoDataFrame:
        return self.shapes("policy_zones").set_index("zone_id")

    @cached_property
    def groups(self) -> gpd.GeoDataFrame:
        return self.shapes("sharing_groups").set_index("group_id")

    @cached_property
    def demand(self) -> pd.DataFrame:
        return self.table("demand").set_index("building_id")

    @cached_property
    def areas(self) -> pd.DataFrame:
        return self.table("demand_areas")

    def balance(self, unit: str) -> pd.DataFrame:
        rows = self.table("balance")
        return rows[rows["unit"] == unit].set_index("unit_id")

    @cached_property
    def true_planes(self) -> gpd.GeoDataFrame:
        return gpd.read_file(self.folder / "truth" / "roof_planes.gpkg")

    @cached_property
    def true_demand(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "truth" / "demand.csv").set_index("building_id")

    @cached_property
    def published(self) -> dict[str, Any]:
        return json.loads((self.build / "published.json").read_text(encoding="utf-8"))

    def warehouse(self, query: str) -> pd.DataFrame:
        """Answer of the warehouse; nested and spatial columns need no extension."""
        with duckdb.connect(str(self.build / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(query).df()


@pytest.fixture(scope="session")
def town(town_build) -> Results:
    """The embedded town and all that was made of it."""
    return Results(town_build.folder, town_build.build)


@pytest.fixture(scope="session")
def rule_file() -> dict[str, Any]:
    """The rule set as text says it, read without the package."""
    return tomllib.loads(RULES.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def tiles(town):
    """Properties of every feature per archive, zoom by zoom, read by outside decoders."""
    found = {}
    for path in sorted((town.build / "tiles").glob("*.pmtiles")):
        rows = {}
        with path.open("rb") as stream:
            for (zoom, _, _), data in all_tiles(MmapSource(stream)):
                for name, layer in mapbox_vector_tile.decode(gzip.decompress(data)).items():
                    assert name == path.stem
                    rows.setdefault(zoom, []).extend(f["properties"] for f in layer["features"])
        found[path.stem] = rows
    return found
