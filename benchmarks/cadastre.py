"""Round trip: the embedded town from heights, and again from its own results as a cadastre.

The irradiation raster, the roof planes and the buildings that a run from heights made are given
back as a cadastre of each kind; all stages run on each. What the zones then say is compared with
the run from heights. Usage: ``python -m benchmarks.cadastre [--out DIR]``.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from zonnekaart.config import load_project
from zonnekaart.io.vector import write_layer
from zonnekaart.pipelines import registry
from zonnekaart.pipelines.runs import StageContext
from zonnekaart.pipelines.town.write import build_town

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE = """
[inputs.cadastre.source]
title = "Round trip of the embedded town"
licence = "CC0-1.0"
date = "2026"
"""
TABLES = {
    "raster": 'kind = "raster"\npath = "cadastre.tif"',
    "raster, one plane": 'kind = "raster"\npath = "cadastre.tif"\nsplit = "building"',
    "raster and heights": 'kind = "raster"\npath = "cadastre.tif"',
    "roofs": """kind = "roofs"
path = "cadastre_roofs.gpkg"
building_id_column = "gebouw"
irradiation_column = "instraling"
tilt_column = "helling"
azimuth_column = "richting"
azimuth_zero = "south"
area_column = "opp"
area_kind = "sloped"
""",
    "roofs, only light": """kind = "roofs"
path = "cadastre_roofs.gpkg"
irradiation_column = "instraling"
""",
    "buildings": """kind = "buildings"
path = "cadastre_buildings.gpkg"
building_id_column = "gebouw"
yield_column = "opbrengst_mwh"
yield_unit = "MWh"
yield_includes_losses = true
kwp_column = "vermogen"
""",
    "buildings, only kWh": """kind = "buildings"
path = "cadastre_buildings.gpkg"
yield_column = "opbrengst_mwh"
yield_unit = "MWh"
yield_includes_losses = true
""",
}


def export(town: Path) -> None:
    """Write what the run from heights made as other makers would publish it."""
    build = town / "build"
    shutil.copyfile(build / "irradiation.tif", town / "cadastre.tif")
    planes = gpd.read_parquet(build / "roof_planes.parquet")
    roofs = gpd.GeoDataFrame(
        {
            "gebouw": planes["building_id"],
            "instraling": planes["annual_irradiation_kwh_m2"],
            "helling": planes["tilt_deg"],
            # South is zero here, west positive: the Swiss way.
            "richting": (planes["azimuth_deg"] + 180.0) % 360.0,
            "opp": planes["roof_area_m2"],
        },
        geometry=planes.geometry,
        crs=planes.crs,
    )
    write_layer(roofs, town / "cadastre_roofs.gpkg", "GPKG", layer="roofs")
    buildings = gpd.read_parquet(build / "buildings.parquet")
    known = buildings[buildings["annual_yield_kwh"].notna()]
    figures = gpd.GeoDataFrame(
        {
            "gebouw": known["building_id"],
            "opbrengst_mwh": known["annual_yield_kwh"] / 1000.0,
            "vermogen": known["capacity_kwp"],
        },
        geometry=known.geometry,
        crs=known.crs,
    )
    write_layer(figures, town / "cadastre_buildings.gpkg", "GPKG", layer="buildings")


def project_text(town: Path, name: str) -> str:
    """Return the town's project file with a cadastre in the place of its heights."""
    text = (town / "zonnekaart.toml").read_text(encoding="utf-8")
    if name != "raster and heights":
        # Sites need heights: without them nothing tells what shades them.
        start, stop = text.index("[[inputs.sites]]"), text.index("[inputs.cabins]")
        text = text[:start] + text[stop:]
    start, stop = text.index("[inputs.dsm]"), text.index("[inputs.buildings]")
    heights = text[start:stop] if name == "raster and heights" else ""
    table = f"[inputs.cadastre]\n{TABLES[name]}\n{SOURCE}\n"
    return text[:start] + heights + table + text[stop:]


def run(path: Path, build: Path) -> None:
    """Run every stage of a project."""
    registry.run_project(StageContext(load_project(path), build, workers=2))


def zones_of(build: Path) -> pd.DataFrame:
    """Return figures and class of each zone."""
    zones = gpd.read_parquet(build / "zones.parquet").set_index("zone_id")
    figures = pd.DataFrame(list(zones["indicators"]), index=zones.index, dtype=float)
    balance = pd.read_parquet(build / "balance.parquet")
    balance = balance[balance["unit"] == "zone"].set_index("unit_id")
    return pd.DataFrame(
        {
            "class": zones["zone_class"],
            "capacity_kwp": figures["capacity_kwp"],
            "annual_yield_kwh": figures["annual_yield_kwh"],
            "low": figures["annual_yield_low_kwh"],
            "high": figures["annual_yield_high_kwh"],
            "consumption_kwh": balance["consumption_kwh"],
            "self_consumption": balance["self_consumption"],
            "pooled": balance["self_consumption_pooled"],
            "peak_injection_kw": balance["peak_injection_kw"],
        }
    )


def compared(heights: pd.DataFrame, other: pd.DataFrame) -> list[str]:
    """Return one row of the table: changes of sums, and the spread over zones."""
    sums = [
        f"{100 * (other[c].sum() / heights[c].sum() - 1):+.1f} %"
        for c in ("capacity_kwp", "annual_yield_kwh", "consumption_kwh")
    ]
    worst = 100 * (other["annual_yield_kwh"] / heights["annual_yield_kwh"] - 1).abs().max()
    change = {c: 100 * (other[c] - heights[c]) for c in ("self_consumption", "pooled")}
    points = [f"{part.mean():+.1f} ({part.abs().max():.1f})" for part in change.values()]
    peak = 100 * (other["peak_injection_kw"].sum() / heights["peak_injection_kw"].sum() - 1)
    width = (other["high"] - other["low"]).sum() / other["annual_yield_kwh"].sum()
    inside = (heights["annual_yield_kwh"] >= other["low"]) & (
        heights["annual_yield_kwh"] <= other["high"]
    )
    same = f"{int((other['class'] == heights['class']).sum())} / {len(heights)}"
    return [
        *sums[:2],
        f"{worst:.1f} %",
        *points,
        f"{peak:+.1f} %",
        same,
        f"{100 * width:.0f} %",
        f"{int(inside.sum())} / {len(heights)}",
    ]


HEADINGS = (
    "input",
    "capacity",
    "yield",
    "worst zone",
    "own use, points (worst)",
    "pooled, points (worst)",
    "peak injection",
    "same class",
    "width of interval",
    "heights inside",
)


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="folder to keep the projects in")
    parser.add_argument("--town", type=Path, help="a town that has run, to save time")
    parser.add_argument("--only", nargs="*", choices=list(TABLES), help="some kinds")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        out = options.out or Path(scratch)
        town = options.town or out / "town"
        if options.town is None:
            run(build_town(town), town / "build")
        export(town)
        heights = zones_of(town / "build")
        rows = [["heights", *compared(heights, heights)]]
        for name in TABLES:
            if options.only and name not in options.only:
                continue
            slug = name.replace(",", "").replace(" ", "-")
            path = town / f"{slug}.toml"
            path.write_text(project_text(town, name), encoding="utf-8")
            build = town / f"build-{slug}"
            run(path, build)
            found = zones_of(build)
            rows.append([name, *compared(heights, found)])
            changed = heights["class"] != found["class"]
            for zone in heights.index[changed]:
                print(
                    f"{name}: {zone} {heights.loc[zone, 'class']} -> {found.loc[zone, 'class']}",
                    file=sys.stderr,
                )
    print("| " + " | ".join(HEADINGS) + " |")
    print("|---" * len(HEADINGS) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    return 0


if __name__ == "__main__":
    np.seterr(all="raise", under="ignore", invalid="ignore")
    sys.exit(main(sys.argv[1:]))
