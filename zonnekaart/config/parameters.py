"""How a project is computed: one table per stage."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from zonnekaart.config.base import InputPath, SourceTable, Table

STAGE_ORDER = (
    "check",
    "irradiation",
    "roofs",
    "sites",
    "demand",
    "constraints",
    "balance",
    "scenarios",
    "sharing",
    "zoning",
    "economics",
    "publish",
)
"""Names of the stages that ``run`` performs, in order."""


class ZonesTable(Table):
    """``[zones]``: the policy units of the map."""

    unit: Literal["areas", "cells"] = "areas"
    cell_m: float = Field(default=200.0, ge=25.0, le=5000.0)
    min_connections: int = Field(default=10, ge=5)


class IrradiationTable(Table):
    """``[irradiation]``: parameters of the fast path."""

    directions: int = Field(default=64, ge=8, le=360)
    radius_m: float = Field(default=500.0, gt=0.0, le=5000.0)
    albedo: float = Field(default=0.2, ge=0.0, le=1.0)
    window_cells: int = Field(default=2048, ge=64, le=8192)
    periods: tuple[str, ...] = Field(
        default=(), description="days with a band of their own: MM-DD or MM-DD:MM-DD"
    )


class RoofsTable(Table):
    """``[roofs]``: suitability preset and survey date."""

    preset: str = "zonnekaart"
    survey_year: int | None = Field(default=None, description="year the heights were flown")


class DemandOverride(Table):
    """A figure of the municipality's own; it wins, and the one it replaces is kept."""

    building_id: str | None = None
    area_id: str | None = None
    category: Literal["residential", "non_residential"]
    consumption_kwh: float = Field(ge=0.0)
    by: str = Field(min_length=1, description="who says so")
    date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    reason: str = Field(min_length=1)

    @model_validator(mode="after")
    def _of_one_place(self) -> DemandOverride:
        if (self.building_id is None) == (self.area_id is None):
            raise ValueError("either building_id or area_id")
        return self


class DemandTable(Table):
    """``[demand]``: how totals are spread."""

    profiles: Literal["bdew"] = "bdew"
    profile_year: int = 2021
    residential_kwh_per_dwelling: float | None = Field(
        default=None, gt=0.0, description="fallback where no total is known; marked as estimate"
    )
    non_residential_kwh_per_m2: float | None = Field(default=None, gt=0.0)
    fallback_source: str = ""
    overrides: tuple[DemandOverride, ...] = Field(
        default=(), description="figures of the municipality's own, with who, when and why"
    )


class ConstraintsTable(Table):
    """``[constraints]``: duties to place panels."""

    on: str = Field(
        default="2030-01-01",
        pattern=r"^\d{4}-\d{2}-\d{2}$",
        description="day whose steps of the duties count",
    )


class EconomicsTable(Table):
    """``[economics]``: what panels cost and bring per owner type."""

    assume_private_homes: bool = Field(
        default=False,
        description="true: homes without a known owner count as lived in by their owner",
    )


class DevelopmentsInput(Table):
    """Planned homes: polygons with a number of dwellings."""

    path: InputPath
    layer: str | None = None
    id_column: str = "development_id"
    dwellings_column: str = "dwellings"
    kwh_per_dwelling: float = Field(default=3000.0, gt=0.0, description="electricity of a year")
    source: SourceTable | None = None


class ScenariosTable(Table):
    """``[scenarios]``: what is balanced beside today."""

    ids: tuple[str, ...] = Field(
        default=(), description="names of files in data/scenarios, or paths of own files"
    )
    developments: DevelopmentsInput | None = None


Perimeter = Literal[
    "none",
    "building",
    "pair_distance",
    "radius",
    "zone",
    "sector",
    "cabin",
    "site",
    "municipality",
    "postcode",
    "drawn",
]
"""Who may share with whom in space; ``none`` is no limit."""


class FinderTable(Table):
    """``[sharing.finder]``: proposals of groups."""

    enabled: bool = True
    perimeter: Perimeter = "pair_distance"
    max_members: int = Field(default=10, ge=2, le=200, description="buildings; 2 is a pair")
    min_gain_kwh: float = Field(default=100.0, ge=0.0, description="least a member must add a year")
    partners: int = Field(default=48, ge=4, le=512, description="partners looked at per building")
    starts: int = Field(default=2, ge=1, le=64, description="orders tried; the best is kept")


class SharingTable(Table):
    """``[sharing]``: one perimeter and its rule."""

    perimeter: Perimeter = "zone"
    radius_m: float = Field(default=200.0, gt=0.0, description="around a building in the middle")
    max_distance_m: float = Field(default=250.0, gt=0.0, description="between any two members")
    rule_id: str = "be-vlg-2024"
    key: Literal["rule", "fixed", "relative", "cascade", "optimal"] = "rule"
    equal_shares: bool = Field(default=False, description="fixed key: the same share for each")
    cascade: tuple[str, ...] = Field(
        default=("apartments", "residential"),
        description="cascade key: uses of buildings served first, in this order; then the others",
    )
    finder: FinderTable = FinderTable()


class ZoningTable(Table):
    """``[zoning]``: rule set, its uncertainty draws."""

    rules: str = Field(default="default", description="name of a set in data/rules or a path")
    draws: int = Field(default=200, ge=0, le=10000)
    seed: int = 20210402


class MapTable(Table):
    """``[map]``: what the map page draws beside the project's own layers."""

    background_wmts: str | None = Field(
        default=None,
        pattern=r"^https://[A-Za-z0-9.-]+(:\d+)?/[^\s{}'\";,]*(\{[zxy]\}[^\s{}'\";,]*){3}$",
        description="tiles of an outside background, with {z}, {x} and {y}; off when absent",
    )
    background_attribution: str = ""


class PrivacyTable(Table):
    """``[privacy]``: what may be published."""

    k: int = Field(default=10, ge=5)
    min_buildings: int = Field(default=3, ge=2, description="least buildings behind a figure")
    dominance: float = Field(
        default=0.8, gt=0.0, le=1.0, description="largest share one user may have in a total"
    )
