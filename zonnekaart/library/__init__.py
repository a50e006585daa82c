"""
The library: light on heights and roofs for arrays in memory, without project files.

A door like the command line and the API: it turns xarray and pandas into arrays, calls the ground
floor, and gives back what these libraries expect. What it computes is what the stages compute.
"""

from __future__ import annotations

from zonnekaart.library.light import (
    Light,
    horizon,
    irradiation,
    plane_irradiation,
    sky_view_factor,
)
from zonnekaart.library.weather import weather_year
from zonnekaart.solar.roofplanes import PlaneSettings, RoofPlanes, roof_planes
from zonnekaart.solar.weather import WeatherYear

__all__ = [
    "Light",
    "PlaneSettings",
    "RoofPlanes",
    "WeatherYear",
    "horizon",
    "irradiation",
    "plane_irradiation",
    "roof_planes",
    "sky_view_factor",
    "weather_year",
]
