"""How a solar cadastre of another maker is to be read: which columns, units and conventions."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal["raster", "roofs", "buildings"]
PER_M2_KWH = {"kWh/m2": 1.0, "Wh/m2": 1e-3, "MJ/m2": 1.0 / 3.6}
"""Units of irradiation per area, in kWh/m2."""
TOTAL_KWH = {"kWh": 1.0, "MWh": 1e3}
"""Units of energy, in kWh."""
Grade = Literal["unsuitable", "limited", "usable", "ideal"]
MONTHS = 12


class CadastreOptions(BaseModel):
    """
    Options of ``[inputs.cadastre]`` besides its path and source.

    Notes
    -----
    Nothing that changes a figure is guessed: a unit has a default only where every known cadastre
    uses it, and a convention that cadastres disagree on (zero of the azimuth, losses in the yield)
    must be stated as soon as its column is named.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind = Field(description="what a feature of the cadastre is")
    layer: str | None = None
    # Of kind raster.
    annual_band: int | None = Field(default=None, ge=1, description="band of the year, from 1")
    nodata_value: float | None = Field(
        default=None, description="further code for unknown, besides the file's own"
    )
    split: Literal["patches", "building"] = "patches"
    # Of kinds raster and roofs.
    irradiation_unit: Literal["kWh/m2", "Wh/m2", "MJ/m2", "kWh", "MWh"] = "kWh/m2"
    surface: Literal["sloped", "horizontal_projection"] = "sloped"
    # Of kind roofs.
    irradiation_column: str | None = None
    monthly_irradiation_columns: tuple[str, ...] = ()
    tilt_column: str | None = None
    azimuth_column: str | None = None
    azimuth_zero: Literal["north", "south"] | None = None
    class_column: str | None = None
    class_values: Annotated[
        dict[str, Grade], Field(description="the cadastre's words for its classes, and ours")
    ] = {}
    # Of kinds roofs and buildings.
    building_id_column: str | None = None
    area_column: str | None = None
    area_kind: Literal["sloped", "plan"] | None = None
    kwp_column: str | None = None
    yield_column: str | None = None
    yield_unit: Literal["kWh", "MWh"] = "kWh"
    yield_includes_losses: bool | None = None
    absent: Literal["unknown", "no_potential"] = Field(
        default="unknown", description="what a building that is not in the cadastre means"
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Refuse options that leave a figure open to guessing."""
        for problem in (self._unstated(), self._nothing_to_read(), self._bad_months()):
            if problem:
                raise ValueError(problem)
        return self

    def _unstated(self) -> str | None:
        """Return which convention of a named column is missing."""
        needed = {
            "azimuth_zero": (self.azimuth_column, "north or south"),
            "area_kind": (self.area_column, "sloped or plan"),
            "yield_includes_losses": (self.yield_column, "true or false"),
        }
        for key, (column, values) in needed.items():
            if column is not None and getattr(self, key) is None:
                return f"{key} = {values}, because column {column} means nothing without it"
        if self.class_column is not None and not self.class_values:
            return "class_values, which says what the words of class_column mean"
        return None

    def _nothing_to_read(self) -> str | None:
        """Return what a cadastre of this kind lacks to say anything of supply."""
        if self.kind == "raster" and self.irradiation_unit in TOTAL_KWH:
            return "irradiation_unit = kWh/m2, Wh/m2 or MJ/m2 for a raster"
        yields = (self.yield_column, self.kwp_column)
        if self.kind == "buildings" and yields == (None, None):
            return "yield_column or kwp_column for kind = buildings"
        if self.kind == "roofs" and (self.irradiation_column, *yields) == (None, None, None):
            return "irradiation_column, yield_column or kwp_column for kind = roofs"
        return None

    def _bad_months(self) -> str | None:
        if len(self.monthly_irradiation_columns) not in {0, MONTHS}:
            return f"{MONTHS} names in monthly_irradiation_columns, January first"
        return None

    @property
    def named_columns(self) -> dict[str, str]:
        """Columns that the options name, by key; the months by ``monthly_irradiation_columns``."""
        found = {
            key: str(getattr(self, key))
            for key in type(self).model_fields
            if key.endswith("_column") and getattr(self, key) is not None
        }
        months = self.monthly_irradiation_columns
        return found | {f"monthly_irradiation_columns.{n}": m for n, m in enumerate(months, 1)}
