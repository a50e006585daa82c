"""Inputs of constraints: heritage, owners, state of roofs, income and energy poverty."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from zonnekaart.config.base import InputPath, SourceTable, Table

HeritageStatus = Literal["world_heritage", "protected", "conservation_area", "inventory"]
OwnerClass = Literal["private", "company", "public", "social_housing", "association"]
SocialFigure = Literal["median_income_eur", "protected_customers_share", "energy_poverty_share"]


class HeritageInput(Table):
    """``[[inputs.heritage]]``: polygons of protected sites, inventory items, conservation areas."""

    path: InputPath
    layer: str | None = None
    id_column: str = "heritage_id"
    name_column: str | None = None
    status_column: str | None = None
    status_values: dict[str, HeritageStatus] = Field(
        default={}, description="value in the status column = our status"
    )
    status: HeritageStatus | None = Field(
        default=None, description="of all items, when no column tells it"
    )
    overlap_share: float = Field(
        default=0.1, gt=0.0, le=1.0, description="share of a footprint that an item must cover"
    )
    complete: bool = Field(
        default=False, description="true: outside all items there is no heritage"
    )
    source: SourceTable | None = None

    @model_validator(mode="after")
    def _one_status(self) -> Self:
        if (self.status is None) == (self.status_column is None):
            raise ValueError("either status_column (with status_values), or status")
        return self


class OwnersInput(Table):
    """``[inputs.owners]``: who owns a building, from a table of buildings or a layer of parcels."""

    path: InputPath
    layer: str | None = None
    building_id_column: str | None = Field(
        default=None, description="of a CSV table; a layer of polygons is laid over the buildings"
    )
    owner_column: str = "owner"
    values: dict[str, OwnerClass] = Field(
        default={}, description="value in the owner column = our class"
    )
    source: SourceTable | None = None


class RoofStateInput(Table):
    """``[inputs.roof_state]``: asbestos and age of roofs, per building."""

    path: InputPath
    building_id_column: str = "building_id"
    asbestos_column: str | None = None
    roof_year_column: str | None = None
    old_before: int | None = Field(
        default=None, ge=1800, le=2100, description="roofs laid before this year count as old"
    )
    source: SourceTable | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.asbestos_column is None and self.roof_year_column is None:
            raise ValueError("asbestos_column or roof_year_column")
        if self.old_before is not None and self.roof_year_column is None:
            raise ValueError("roof_year_column beside old_before")
        return self


class SocialInput(Table):
    """``[inputs.social]``: income and energy poverty per area of ``[inputs.areas]``."""

    path: InputPath
    area_column: str = "area_id"
    columns: dict[SocialFigure, str] = Field(
        default={}, description="our figure = column in the file, where the names differ"
    )
    source: SourceTable | None = None
