"""Inputs of the supply side: heights, trees, weather, buildings, cadastre, panels, sites."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Literal

from pydantic import Field, model_validator

from zonnekaart.config.base import InputPath, MonthlyShares, SourceTable, Table, ZonesInput
from zonnekaart.geo.heights import Corrections
from zonnekaart.io.cadastre_options import CadastreOptions
from zonnekaart.io.sources.weather_options import Label, Reader, Unit, WeatherOptions


class RasterInput(Table):
    """A height raster, with what is stated about the numbers in it."""

    path: InputPath
    unit: Literal["m", "dm", "cm", "mm", "ft", "us_ft"] = "m"
    despike: bool = Field(default=False, description="replace single cells that are far off")
    fill_holes_m: float = Field(default=0.0, ge=0.0, le=50.0, description="widest hole to fill")
    source: SourceTable | None = None

    @property
    def corrections(self) -> Corrections:
        """What is done while reading the raster."""
        return Corrections(self.unit, self.despike, self.fill_holes_m)


class VegetationInput(Table):
    """``[inputs.vegetation]``: trees apart from the surface, and what light they let through."""

    path: InputPath | None = Field(default=None, description="heights of crowns; none when derived")
    kind: Literal["canopy_height", "canopy_top"] = Field(
        default="canopy_height", description="above the ground, or above the datum of the heights"
    )
    derive: bool = Field(
        default=False, description="true: all that stands outside footprints counts as trees"
    )
    transmissivity: Literal["deciduous", "evergreen", "mixed"] | MonthlyShares = Field(
        default="deciduous", description="type of trees, or twelve shares, January to December"
    )
    min_height_m: float = Field(default=2.5, ge=0.5, le=20.0)
    source: SourceTable | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> VegetationInput:
        if self.derive == (self.path is not None):
            raise ValueError("give either path, or derive = true")
        return self


class OtherWeather(Table):
    """A further weather year or source, for the interval of the irradiation."""

    path: InputPath
    reader: Reader = Field(default="auto", description="format; auto looks at the file")
    utc_offset_hours: float | None = Field(
        default=None,
        ge=-12.0,
        le=14.0,
        description="clock of the file minus UTC, where it is not told or known to be wrong",
    )
    label: Label | None = Field(
        default=None, description="which edge of the interval a time names (CSV)"
    )
    irradiance_unit: Unit | None = Field(default=None, description="of the columns (CSV)")
    year: int | None = Field(default=None, description="central year of a file with several")
    latitude_deg: float | None = Field(default=None, ge=-90.0, le=90.0)
    longitude_deg: float | None = Field(default=None, ge=-180.0, le=180.0)
    altitude_m: float | None = Field(default=None, ge=-500.0, le=9000.0)
    source: SourceTable | None = None

    @property
    def options(self) -> WeatherOptions:
        """What the reader is told."""
        return WeatherOptions(**self.reading)

    @property
    def reading(self) -> dict[str, Any]:
        """What decides the values that are read, besides the file."""
        return self.model_dump(include={field.name for field in fields(WeatherOptions)})


class WeatherInput(OtherWeather):
    """The central weather year, and others that make an interval around it."""

    others: tuple[OtherWeather, ...] = Field(
        default=(), description="further years or sources: they give lowest and highest year"
    )


class BuildingsInput(Table):
    """Footprint polygons; columns map the provider's names to ours."""

    path: InputPath
    layer: str | None = None
    id_column: str = "building_id"
    use_column: str | None = None
    dwellings_column: str | None = None
    floor_area_column: str | None = None
    existing_kwp_column: str | None = None
    heritage_column: str | None = None
    owner_column: str | None = None
    construction_year_column: str | None = None
    shift_m: tuple[float, float] = Field(
        default=(0.0, 0.0), description="east and north: moves the footprints onto the heights"
    )
    derived: bool = Field(default=False, description="true when taken from heights, not a register")
    source: SourceTable | None = None


class CadastreInput(Table, CadastreOptions):
    """An existing solar cadastre: roofs without heights, or light beside them."""

    path: InputPath
    source: SourceTable | None = None


class ExistingPvInput(Table):
    """Installed panels per area: what no footprint column tells."""

    path: InputPath
    reader: Literal["zonnekaart", "fluvius_installations"] = "zonnekaart"
    area_column: str | None = Field(
        default=None, description="fluvius_installations: column of the area; postcode when absent"
    )
    period: str | None = Field(
        default=None, description="fluvius_installations: month to keep, such as 2026-07"
    )
    areas: ZonesInput | None = Field(
        default=None, description="areas these figures speak of, when other than inputs.areas"
    )
    source: SourceTable | None = None


class SitesInput(Table):
    """Places for panels that are no roofs, of one kind."""

    path: InputPath
    kind: Literal["parking", "ground", "noise_barrier", "water"]
    layer: str | None = None
    id_column: str = "site_id"
    name_column: str | None = None
    owner_column: str | None = None
    height_column: str | None = Field(
        default=None, description="noise barriers: height of the wall above the ground [m]"
    )
    source: SourceTable | None = None
