"""How much of their own panels' production homes and firms use, by production over consumption.

``python -m benchmarks own_use`` prints the table that ``[own_use]`` in ``data/demand`` holds: our
own balance in quarter-hours, both Brussels years, panels to the south, east and west, each
connection with its own rhythm.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from zonnekaart.config import CHECKOUT
from zonnekaart.energy.balance import balance
from zonnekaart.energy.production import sky_year
from zonnekaart.energy.profiles import quarter_hours
from zonnekaart.energy.series import Loads, Year
from zonnekaart.energy.variation import use_table
from zonnekaart.io.sources.bdew import read_bdew
from zonnekaart.io.sources.weather import read_weather
from zonnekaart.io.sources.weather_options import WeatherOptions
from zonnekaart.pipelines.quarters import lay_out_planes, sky_series

RATIOS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)
SIDES = (180.0, 90.0, 270.0)
FILES = {
    "BEL_Brussels.064510_IWEC.epw": None,
    "BEL_Brussels.Natl.AP.064510_TMYx.epw": 0.0,
}
USERS = {"homes": (0, 1.0, 4000.0), "firms": (1, 0.6, 20_000.0)}
"""Profile, spread of one connection, yearly consumption [kWh]."""


def shares(folder: Path, name: str) -> np.ndarray:
    """Return self-consumption, shape (files, sides, ratios)."""
    profile, spread, kwh = USERS[name]
    clock = quarter_hours(2021)
    profiles = read_bdew(clock)
    cases = [(side, ratio) for side in SIDES for ratio in RATIOS]
    ids = pd.Series([f"b{n}" for n in range(len(cases))])
    roofs = pd.DataFrame(
        {
            "building_id": ids,
            "module_tilt_deg": 35.0,
            "module_azimuth_deg": [side for side, _ in cases],
            "mounting": "flush",
            "horizon_deg": [np.zeros(64)] * len(cases),
            "annual_yield_kwh": [ratio * kwh for _, ratio in cases],
        }
    )
    planes = lay_out_planes(roofs, ids)
    count = len(cases)
    loads = Loads(
        np.column_stack([np.full(count, kwh), np.zeros(count)]),
        np.column_stack([np.ones(count), np.zeros(count)]),
        np.tile([profile, 1], (count, 1)),
        np.array([spread, 0.0]),
    )
    found = []
    for file, offset in FILES.items():
        weather = read_weather(folder / file, WeatherOptions(utc_offset_hours=offset))
        sky = sky_year(sky_series(weather, clock, 64))
        result, units = balance(
            Year(clock, sky, profiles), planes, loads, np.zeros(count, np.int64), use_table()
        )
        for _ in units:
            pass
        share = result.self_consumed_kwh / result.annual_yield_kwh
        found.append(share.reshape(len(SIDES), len(RATIOS)))
    return np.array(found)


def main() -> None:
    root = Path(os.environ.get("ZONNEKAART_DATA") or CHECKOUT.parent / "shared" / "data")
    folder = root / "weather-brussels"
    if not folder.is_dir():
        print("skipped: the real input is not on this machine (ZONNEKAART_DATA)")
        return
    print("ratio " + " ".join(f"{ratio:6.2f}" for ratio in RATIOS))
    for name in USERS:
        each = shares(folder, name)
        for label, value in (("mean", each.mean((0, 1))), ("low", each.min((0, 1))),
                             ("high", each.max((0, 1)))):  # fmt: skip
            print(f"{name:6s} {label:5s}" + " ".join(f"{v:6.3f}" for v in value))


if __name__ == "__main__":
    main()
