"""Consumption of all Flanders at sector level, joined to wijken; needs the real input.

``python -m benchmarks flanders_demand`` prints what joins, what is missing and the totals.
"""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING

from zonnekaart.config import CHECKOUT, Project, parse_project
from zonnekaart.io.vector import read_layer
from zonnekaart.pipelines.consumption_tables import read_main_table

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "flanders-fluvius-statsec"
TABLES = {
    "fluvius_sector": ("fluvius_consumption_per_statsec_2018_2021.csv", (2018, 2019, 2020, 2021)),
    "fluvius_nace": ("fluvius_statsec_by_nace_sector_2020.csv.gz", (2020,)),
}


def project(data: Path, reader: str, name: str, year: int) -> Project:
    raw = {
        "project": {"name": "Vlaanderen", "crs": "EPSG:31370"},
        "inputs": {
            "dsm": {"path": "dsm.tif"},
            "buildings": {"path": "buildings.gpkg"},
            "weather": {"path": "weather.epw"},
            "consumption": {
                "path": data / FOLDER / name,
                "reader": reader,
                "year": year,
                "area_map": {
                    "path": data / FOLDER / "statsec2019_to_wijk_ggw72024.csv",
                    "from_column": "statsec2019",
                    "to_column": "ggw72024",
                },
            },
        },
    }
    return parse_project(raw, Path("flanders.toml"))


def line(rows: pd.DataFrame, category: str, wijken: set[str]) -> str:
    part = rows[rows["category"] == category].set_index("area_id")
    known = part["consumption_kwh"].dropna()
    whole = known[part.loc[known.index, "missing_members"] == 0]
    each = (part["consumption_kwh"] / part["connections"])[part["connections"] >= 10]
    low, middle, high = each.quantile([0.05, 0.5, 0.95])
    return (
        f"{known.sum() / 1e9:.3f} | {part['connections'].sum():,.0f} | {len(known)} | {len(whole)}"
        f" | {len(wijken - set(known.index))} | {len(set(known.index) - wijken)}"
        f" | {low:,.0f} / {middle:,.0f} / {high:,.0f}"
    )


def main() -> None:
    root = os.environ.get("ZONNEKAART_DATA") or str(CHECKOUT.parent / "shared" / "data")
    data = Path(root)
    if not (data / FOLDER).is_dir():
        print("skipped: the real input is not on this machine (ZONNEKAART_DATA)")
        return
    layer = read_layer(data / FOLDER / "wijken_ggw72024_flanders_brussels.gpkg")
    wijken = set(layer["geoitem"].astype(str))
    print(f"{len(wijken)} wijken on the map, Flanders and Brussels")
    print("| table | year | category | TWh | connections | wijken with a figure | of them whole")
    print("| on the map without | not on the map | kWh per connection 5 / 50 / 95 % | s |")
    for reader, (name, years) in TABLES.items():
        for year in years:
            start = time.perf_counter()
            figures = read_main_table(project(data, reader, name, year), wijken)
            seconds = time.perf_counter() - start
            assert figures is not None
            for category in ("residential", "non_residential"):
                print(
                    f"| {reader} | {year} | {category} | "
                    f"{line(figures.rows, category, wijken)} | {seconds:.1f} |"
                )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{peak:.2f} GiB at most")


if __name__ == "__main__":
    main()
