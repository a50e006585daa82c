"""Inputs of the grid: cabins, their areas, and capacity on medium voltage."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from zonnekaart.config.base import InputPath, SourceTable, Table, ZonesInput


class CabinsInput(Table):
    """``[inputs.cabins]``: distribution cabins as points."""

    path: InputPath
    layer: str | None = None
    id_column: str = "cabin_id"
    rated_kva_column: str | None = None
    headroom_kw_column: str | None = Field(
        default=None, description="room for solar power as the operator gives it; replaces ours"
    )
    source: SourceTable | None = None


class CabinAreasInput(CabinsInput):
    """``[inputs.cabin_areas]``: the area that each cabin serves, as polygons."""


class MvCapacityInput(Table):
    """``[[inputs.mv_capacity]]``: capacity left on medium voltage, of one operator."""

    path: InputPath
    layer: str | None = None
    capacity_column: str = "capacity_kw"
    unit: Literal["kW", "MW", "kVA", "MVA"] | None = Field(
        default=None, description="of the capacity; kVA counts as kW"
    )
    unit_column: str | None = Field(default=None, description="column with the unit, all the same")
    x_column: str | None = Field(default=None, description="CSV: east in the project CRS")
    y_column: str | None = Field(default=None, description="CSV: north in the project CRS")
    id_column: str | None = Field(default=None, description="CSV: id of the area in `areas`")
    areas: ZonesInput | None = Field(default=None, description="CSV: polygons the rows speak of")
    source: SourceTable | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Refuse a capacity without a unit, and a table that lies nowhere."""
        if (self.unit is None) == (self.unit_column is None):
            raise ValueError('either unit = "kW" (or MW, kVA, MVA), or unit_column')
        if (self.x_column is None) != (self.y_column is None):
            raise ValueError("x_column and y_column together")
        if (self.id_column is None) != (self.areas is None):
            raise ValueError("id_column and areas together")
        table = self.path.suffix.lower() in {".csv", ".tsv", ".txt"}
        placed = self.x_column is not None or self.areas is not None
        if table != placed or (self.x_column is not None and self.areas is not None):
            raise ValueError("a CSV with x_column and y_column, or with id_column and areas")
        return self
