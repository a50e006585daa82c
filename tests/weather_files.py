"""Weather files in the published formats, filled with the made-up year of the solar tests."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tests.solar_cases import BRUSSELS
from zonnekaart.solar.decomposition import sun_heights

if TYPE_CHECKING:
    from pathlib import Path

LATITUDE, LONGITUDE = BRUSSELS


def light(midpoints: np.ndarray, step_hours: float = 1.0, seed: int = 7) -> dict[str, np.ndarray]:
    """Irradiance whose parts close, under clear and cloudy sky; air that is told apart by row."""
    return _light(midpoints.astype("datetime64[ns]").tobytes(), step_hours, seed)


@lru_cache(maxsize=16)
def _light(nanoseconds: bytes, step_hours: float, seed: int) -> dict[str, np.ndarray]:
    midpoints = np.frombuffer(nanoseconds, dtype="datetime64[ns]")
    sun = sun_heights(midpoints, step_hours, LATITUDE, LONGITUDE)
    up = sun.cosine_up
    # One sky per hour of the day count, so that finer steps see the same clouds.
    hour = midpoints.astype("datetime64[h]").astype(np.int64)
    clear = np.random.default_rng(seed).random(int(hour.max() - hour.min()) + 1)[hour - hour.min()]
    dni = np.where(up > 0.0, 850.0 * clear**0.7 * np.exp(-0.12 / np.maximum(up, 0.05)), 0.0)
    dhi = up * (90.0 + 230.0 * (1.0 - clear))
    return {
        "ghi": dni * up + dhi,
        "dni": dni,
        "dhi": dhi,
        "temp": 10.0 + np.arange(len(midpoints)) % 7,
        "wind": 2.0 + np.arange(len(midpoints)) % 3,
    }


def hours(first: str, last: str, minute: int = 0, step: int = 60) -> np.ndarray:
    """Times from the first to the last day, both whole."""
    start = np.datetime64(first, "ns") + np.timedelta64(minute, "m")
    end = np.datetime64(last, "ns") + np.timedelta64(1, "D")
    return np.arange(start, end, np.timedelta64(step, "m")).astype("datetime64[ns]")


def typical_hours(minute: int = 0) -> np.ndarray:
    """Months of 2018, 2007 and 2016, in turn, as a PVGIS typical year has them."""
    parts = []
    for month in range(1, 13):
        year = (2018, 2007, 2015)[month % 3]
        first = np.datetime64(f"{year}-{month:02d}", "M")
        span = np.arange(first.astype("datetime64[h]"), (first + 1).astype("datetime64[h]"))
        parts.append(span.astype("datetime64[ns]") + np.timedelta64(minute, "m"))
    return np.concatenate(parts)


def stamp(moment: np.datetime64) -> str:
    text = str(moment.astype("datetime64[m]"))
    return text[:10].replace("-", "") + ":" + text[11:].replace(":", "")


def write_pvgis_tmy(
    path: Path, *, offset_h: float | None = 0.1761, true_offset_h: float = 0.1761
) -> Path:
    """Write a TMY as the service lays it out: stamps at the hour, irradiance a little later."""
    times = typical_hours()
    moved = times + np.timedelta64(round(true_offset_h * 3600), "s")
    # The service's values belong to a moment.
    values = light(moved, 1.0 / 60.0)
    chosen = [{"month": m, "year": (2018, 2007, 2015)[m % 3]} for m in range(1, 13)]
    if path.suffix == ".json":
        place = {"latitude": LATITUDE, "longitude": LONGITUDE, "elevation": 58.0}
        if offset_h is not None:
            place["irradiance_time_offset"] = offset_h
        rows = [
            {
                "time(UTC)": stamp(t),
                "T2m": float(values["temp"][i]),
                "RH": 80.0,
                "G(h)": round(float(values["ghi"][i]), 2),
                "Gb(n)": round(float(values["dni"][i]), 2),
                "Gd(h)": round(float(values["dhi"][i]), 2),
                "IR(h)": 300.0,
                "WS10m": float(values["wind"][i]),
                "WD10m": 257.0,
                "SP": 99870.0,
            }
            for i, t in enumerate(times)
        ]
        content = {
            "inputs": {
                "location": place,
                "meteo_data": {"radiation_db": "PVGIS-SARAH3", "meteo_db": "ERA5"},
            },
            "outputs": {"months_selected": chosen, "tmy_hourly": rows},
            "meta": {"inputs": {}, "outputs": {}},
        }
        path.write_text(json.dumps(content), encoding="utf-8")
        return path
    lines = [
        f"Latitude (decimal degrees): {LATITUDE:.3f}",
        f"Longitude (decimal degrees): {LONGITUDE:.3f}",
        "Elevation (m): 58.0",
    ]
    if offset_h is not None:
        lines.append(f"Irradiance Time Offset (h): {offset_h}")
    lines += ["month,year", *(f"{c['month']},{c['year']}" for c in chosen)]
    lines.append("time(UTC),T2m,RH,G(h),Gb(n),Gd(h),IR(h),WS10m,WD10m,SP")
    lines += [
        f"{stamp(t)},{values['temp'][i]},80.0,{values['ghi'][i]:.2f},{values['dni'][i]:.2f},"
        f"{values['dhi'][i]:.2f},300.0,{values['wind'][i]},257.0,99870.0"
        for i, t in enumerate(times)
    ]
    lines += ["", "T2m: 2-m air temperature (degree Celsius)", "", "PVGIS (c) European Union, 2024"]
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    return path


def write_pvgis_hourly(
    path: Path,
    times: np.ndarray,
    *,
    slope: int = 0,
    components: bool = True,
    tracking: bool = False,
) -> Path:
    """Write a series of the hourly tool; `times` are its stamps, :10 for SARAH."""
    values = light(times)
    beam = values["ghi"] - values["dhi"]
    if path.suffix == ".json":
        rows = []
        for i, t in enumerate(times):
            row = {"time": stamp(t)}
            if components:
                row.update({"Gb(i)": beam[i], "Gd(i)": values["dhi"][i], "Gr(i)": 0.0})
            else:
                row["G(i)"] = values["ghi"][i]
            rows.append({**row, "H_sun": 0.0, "T2m": 9.0, "WS10m": 2.0, "Int": 0.0})
        plane = {"slope": {"value": slope, "optimal": False}, "azimuth": {"value": 0}}
        content = {
            "inputs": {
                "location": {"latitude": LATITUDE, "longitude": LONGITUDE, "elevation": 58.0},
                "meteo_data": {"radiation_db": "PVGIS-SARAH3", "meteo_db": "ERA5"},
                "mounting_system": {"two_axis" if tracking else "fixed": plane},
            },
            "outputs": {"hourly": rows},
            "meta": {"inputs": {}, "outputs": {}},
        }
        path.write_text(json.dumps(content), encoding="utf-8")
        return path
    names = "Gb(i),Gd(i),Gr(i)" if components else "G(i)"
    lines = [
        f"Latitude (decimal degrees):\t{LATITUDE:.3f}",
        f"Longitude (decimal degrees):\t{LONGITUDE:.3f}",
        "Elevation (m):\t58",
        "Radiation database:\tPVGIS-SARAH",
        "",
        "",
        f"Slope: {slope} deg. ",
        "Azimuth: 0 deg. ",
        f"time,{names},H_sun,T2m,WS10m,Int",
    ]
    for i, t in enumerate(times):
        power = (
            f"{beam[i]:.3f},{values['dhi'][i]:.3f},0.0" if components else f"{values['ghi'][i]:.3f}"
        )
        lines.append(f"{stamp(t)},{power},0.0,9.0,2.0,0.0")
    lines += ["", "Gb(i): Beam (direct) irradiance on the inclined plane (W/m2)", ""]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_csv(
    path: Path,
    midpoints: np.ndarray,
    *,
    step: int = 60,
    label: str = "end",
    told: bool = True,
    columns: tuple[str, ...] = ("ghi", "dni", "dhi", "temp_air_c", "wind_speed_m_s"),
    zone: str = "Z",
    factor: float = 1.0,
) -> Path:
    """Write our own columns; times name the edge that `label` says."""
    values = light(midpoints, step / 60.0)
    half = np.timedelta64(step * 30, "s")
    at = midpoints + {"start": -half, "middle": 0 * half, "end": half}[label]
    lines = [f"# latitude_deg: {LATITUDE}", f"# longitude_deg: {LONGITUDE}", "# altitude_m: 58"]
    if told:
        lines.append(f"# label: {label}")
    lines.append(",".join(("time", *columns)))
    named = {"temp_air_c": values["temp"], "wind_speed_m_s": values["wind"]}
    named |= {n: values[n] * factor for n in ("ghi", "dni", "dhi")}
    for i, t in enumerate(at):
        row = [f"{t.astype('datetime64[s]')!s}{zone}"]
        lines.append(",".join([*row, *(f"{named[c][i]:.6g}" for c in columns)]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_monthly(path: Path, sums: list[float], column: str = "ghi_kwh_m2", **more: float) -> Path:
    """Write twelve monthly means."""
    lines = [f"# latitude_deg: {LATITUDE}", f"# longitude_deg: {LONGITUDE}"]
    lines.append(",".join(["month", column, *more]))
    lines += [",".join(map(str, [m, v, *more.values()])) for m, v in enumerate(sums, 1)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
