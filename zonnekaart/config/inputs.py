"""``[inputs]``: the files a project reads."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from zonnekaart.config.base import PointsInput, Table, ZonesInput
from zonnekaart.config.constraint_inputs import (
    HeritageInput,
    OwnersInput,
    RoofStateInput,
    SocialInput,
)
from zonnekaart.config.demand_inputs import ConsumptionInput, MeasuredInput, ProfilesInput
from zonnekaart.config.supply_inputs import (
    BuildingsInput,
    CadastreInput,
    ExistingPvInput,
    RasterInput,
    SitesInput,
    VegetationInput,
    WeatherInput,
)


class InputsTable(Table):
    """``[inputs]``: the files a project reads."""

    dsm: RasterInput | None = Field(default=None, description="needed without a cadastre")
    dtm: RasterInput | None = None
    vegetation: VegetationInput | None = None
    cadastre: CadastreInput | None = None
    buildings: BuildingsInput
    areas: ZonesInput | None = Field(
        default=None,
        description="areas the consumption figures speak of; the extent of the heights when absent",
    )
    weather: WeatherInput
    consumption: ConsumptionInput | None = None
    profiles: ProfilesInput | None = None
    measured: MeasuredInput | None = None
    existing_pv: ExistingPvInput | None = None
    sites: tuple[SitesInput, ...] = ()
    heritage: tuple[HeritageInput, ...] = ()
    owners: OwnersInput | None = None
    roof_state: RoofStateInput | None = None
    social: SocialInput | None = None
    cabins: PointsInput | None = None
    sharing_areas: ZonesInput | None = Field(
        default=None,
        description="areas of cabins or feeders, sites, postcodes or drawn by hand, for sharing",
    )
    water: ZonesInput | None = None
    roads: ZonesInput | None = None
    addresses: ZonesInput | None = Field(
        default=None, description="points with an address in name_column, for the search box"
    )

    @model_validator(mode="after")
    def _one_supply(self) -> Self:
        """Refuse none or two sources of roofs; heights and a raster of light go together."""
        if self.dsm is None and self.cadastre is None:
            raise ValueError("[inputs.dsm] or [inputs.cadastre]: one of them tells of the roofs")
        if self.dsm is not None and self.cadastre is not None and self.cadastre.kind != "raster":
            raise ValueError(
                f"either [inputs.dsm] or [inputs.cadastre] of kind {self.cadastre.kind}: "
                "both tell where the roof planes lie"
            )
        if self.dtm is not None and self.dsm is None:
            raise ValueError("[inputs.dsm] beside [inputs.dtm]: bare ground shows no roofs")
        if self.sites and self.dsm is None:
            raise ValueError("[inputs.dsm] for [[inputs.sites]]: heights tell what shades them")
        if self.social is not None and self.areas is None:
            raise ValueError("[inputs.areas] beside [inputs.social]: its figures speak of areas")
        if self.vegetation is not None and self.dsm is None:
            raise ValueError("[inputs.dsm] beside [inputs.vegetation]: trees are set into heights")
        return self
