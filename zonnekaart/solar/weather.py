"""A weather year as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.errors import ShapeMismatchError, WeatherError

if TYPE_CHECKING:
    import numpy.typing as npt

MAX_IRRADIANCE_W_M2 = 1500.0
"""Above the solar constant nothing but a unit mistake is found at ground level. [W/m2]"""


@dataclass(frozen=True)
class WeatherYear:
    """
    Irradiance and air of one year, in equal steps.

    Parameters
    ----------
    time_utc : ndarray of datetime64[ns], shape (time,)
        MIDPOINT of each interval, UTC, ascending and equally spaced.
    step_hours : float
        Length of an interval. [h]
    ghi, dni, dhi : ndarray of float64, shape (time,)
        Global horizontal, direct normal, diffuse horizontal irradiance, interval mean. [W/m2]
    temp_air_c : ndarray of float64, shape (time,)
        Air temperature. [degree C]
    wind_speed_m_s : ndarray of float64, shape (time,)
        Wind speed at 10 m. [m/s]
    latitude_deg, longitude_deg : float
        Place; north and east positive. [degree]
    altitude_m : float
        Height above sea level. [m]
    name : str
        Station and kind, for screens and manifests.
    utc_offset_hours : float
        Local standard time minus UTC; decides which month an hour belongs to. [h]
    assumptions : tuple of str
        What the source did not say and was worked out or assumed, in plain words; empty when the
        values stand in the file.

    Raises
    ------
    ShapeMismatchError
        If the series differ in length.
    WeatherError
        If a value is missing, negative or impossible, or the times are not equally spaced.
    """

    time_utc: npt.NDArray[np.datetime64]
    step_hours: float
    ghi: npt.NDArray[np.float64]
    dni: npt.NDArray[np.float64]
    dhi: npt.NDArray[np.float64]
    temp_air_c: npt.NDArray[np.float64]
    wind_speed_m_s: npt.NDArray[np.float64]
    latitude_deg: float
    longitude_deg: float
    altitude_m: float
    name: str
    utc_offset_hours: float = 0.0
    assumptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check lengths, spacing and values."""
        for word in ("ghi", "dni", "dhi", "temp_air_c", "wind_speed_m_s"):
            values = getattr(self, word)
            if values.shape != self.time_utc.shape:
                raise ShapeMismatchError(f"weather {word}", values.shape, self.time_utc.shape)
            if not np.isfinite(values).all():
                raise WeatherError(
                    f"{self.name}: {word}",
                    f"no value at {_some_times(self.time_utc[~np.isfinite(values)])}",
                    "a value in every interval",
                    "use a gap-free year, such as a TMY",
                )
        self._check_spacing()
        self._check_irradiance()

    def _check_spacing(self) -> None:
        step = np.timedelta64(round(self.step_hours * 3600e9), "ns")
        jumps = np.flatnonzero(np.diff(self.time_utc) != step)
        if jumps.size:
            raise WeatherError(
                f"{self.name}: time_utc",
                f"a gap or repeat after {_some_times(self.time_utc[jumps])}",
                f"one value every {self.step_hours:g} h",
                "fill or re-sort the series",
            )

    def _check_irradiance(self) -> None:
        for word in ("ghi", "dni", "dhi"):
            values = getattr(self, word)
            wrong = (values < 0.0) | (values > MAX_IRRADIANCE_W_M2)
            if wrong.any():
                raise WeatherError(
                    f"{self.name}: {word}",
                    f"{values[wrong][0]:g} W/m2 at {_some_times(self.time_utc[wrong])}",
                    f"0 to {MAX_IRRADIANCE_W_M2:g} W/m2",
                    "check the unit: interval means in W/m2",
                )

    @property
    def month(self) -> npt.NDArray[np.int64]:
        """Month 1..12 of each interval in local standard time, shape (time,)."""
        local = self.time_utc + np.timedelta64(round(self.utc_offset_hours * 3600e9), "ns")
        return local.astype("datetime64[M]").astype(np.int64) % 12 + 1

    @property
    def annual_ghi_kwh_m2(self) -> float:
        """Global horizontal irradiation of the whole series. [kWh/m2]."""
        return float(self.ghi.sum() * self.step_hours / 1000.0)


def _some_times(times: npt.NDArray[np.datetime64]) -> str:
    """Name the first three times and count the rest."""
    shown = ", ".join(f"{t.astype('datetime64[m]')}Z" for t in times[:3])
    return shown if len(times) <= 3 else f"{shown} and {len(times) - 3} more"
