"""What a project file may say about a weather file; no more than words and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reader = Literal["auto", "epw", "pvgis", "csv", "monthly"]
Label = Literal["start", "middle", "end"]
Unit = Literal["W/m2", "kW/m2", "Wh/m2", "kWh/m2", "kJ/m2", "MJ/m2", "J/cm2"]


@dataclass(frozen=True)
class WeatherOptions:
    """
    What a project file may say about a weather file.

    Parameters
    ----------
    reader : str
        Format; ``auto`` looks at the file.
    utc_offset_hours : float, optional
        Clock of the file minus UTC. [h]
    label : str, optional
        Which edge of the interval a time names; for CSV.
    irradiance_unit : str, optional
        Unit of the irradiance columns of a CSV; W/m2 when left out.
    year : int, optional
        Central year of a file with several.
    latitude_deg, longitude_deg, altitude_m : float, optional
        Place of a CSV or of monthly means that does not say it itself. [degree, m]
    """

    reader: Reader = "auto"
    utc_offset_hours: float | None = None
    label: Label | None = None
    irradiance_unit: Unit | None = None
    year: int | None = None
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    altitude_m: float | None = None
