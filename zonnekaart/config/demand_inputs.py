"""Inputs of the demand side: consumption per area at several levels, profiles, measurements."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from zonnekaart.config.base import InputPath, SourceTable, Table, ZonesInput


class AreaMap(Table):
    """A table that says which of the project's areas each of the provider's areas belongs to."""

    path: InputPath
    from_column: str
    to_column: str


class ConsumptionLevel(Table):
    """A further table of totals, of other areas, that demand must sum to as well."""

    path: InputPath
    reader: Literal["zonnekaart", "fluvius_sector", "fluvius_street", "fluvius_volume"] = (
        "zonnekaart"
    )
    year: int | None = None
    municipality: str | None = Field(default=None, description="name, as the table writes it")
    area_column: str = "area_id"
    building_column: str | None = Field(
        default=None, description="column of the footprints that names the area, such as a street"
    )
    areas: ZonesInput | None = Field(default=None, description="polygons of these areas")
    complete: bool = Field(
        default=False, description="the footprints hold every building of every area named"
    )
    source: SourceTable | None = None


class ConsumptionInput(Table):
    """A consumption table per area."""

    path: InputPath
    reader: Literal["zonnekaart", "fluvius_sector", "fluvius_nace"] = "zonnekaart"
    year: int | None = None
    area_column: str = "area_id"
    metering: Literal["offtake", "net", "gross"] = Field(
        default="offtake",
        description="what the table counts of homes with panels: taken from the network, that less "
        "what was injected, or all that is used",
    )
    area_map: AreaMap | None = None
    levels: tuple[ConsumptionLevel, ...] = Field(
        default=(), description="further tables, the more trusted later; this table wins"
    )
    source: SourceTable | None = None


class ProfileInput(Table):
    """One load profile in a file."""

    path: InputPath
    reader: Literal["csv", "synergrid"] = "csv"
    column: str = Field(description="heading of the profile in the file")
    source: SourceTable | None = None


class ProfilesInput(Table):
    """Load profiles in quarter-hours; a standard profile stands in for those left out."""

    residential: ProfileInput | None = None
    non_residential: ProfileInput | None = None
    agriculture: ProfileInput | None = None


class MeasuredInput(Table):
    """Measured quarter-hours of single buildings, used under a mandate; internal."""

    path: InputPath
    source: SourceTable | None = None
