"""Delfshaven with its true roof planes as a cadastre, through every stage, beside its heights.

The planes carry tilt, azimuth and area; their irradiation is computed for the free sky, so the
cadastre knows no shade. Usage: ``python -m benchmarks.cadastre_delfshaven [--heights]``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from zonnekaart.config import CHECKOUT, Project, load_project
from zonnekaart.io.sources.weather import read_epw
from zonnekaart.io.vector import read_layer, write_layer
from zonnekaart.pipelines import registry
from zonnekaart.pipelines.roof_light import free_irradiation
from zonnekaart.pipelines.runs import StageContext
from zonnekaart.solar.sky import build_sky

if TYPE_CHECKING:
    from collections.abc import Sequence

TRUTH = "delfshaven_roofplanes_TRUTH.gpkg"
TABLE = """[inputs.cadastre]
kind = "roofs"
path = "cadastre.gpkg"
building_id_column = "building"
irradiation_column = "light"
tilt_column = "tilt_deg"
azimuth_column = "azimuth_deg"
azimuth_zero = "{zero}"
area_column = "area3d_m2"
area_kind = "sloped"

[inputs.cadastre.source]
title = "Rotterdam 3D: dakvlakken LoD2 met instraling zonder schaduw"
licence = "niet vermeld bij de gegevens"
date = "2008"

"""


def write_cadastre(folder: Path, project: Project) -> gpd.GeoDataFrame:
    """Write the true planes with the light of a free sky."""
    given = project.inputs.weather
    sky = build_sky(read_epw(given.path, given.utc_offset_hours), 64)
    truth = read_layer(project.inputs.buildings.path.with_name(TRUTH))
    tilt = truth["tilt_deg"].to_numpy(float)
    light = free_irradiation(sky, tilt, truth["azimuth_deg"].to_numpy(float))
    truth = truth.set_geometry(shapely.make_valid(shapely.force_2d(truth.geometry.to_numpy())))
    truth = truth.assign(light=light)
    # Walls, and slivers that are no polygon in plan, are no roofs.
    roofs = truth[(tilt < 85.0) & (shapely.get_dimensions(truth.geometry.to_numpy()) == 2)]
    write_layer(roofs, folder / "cadastre.gpkg", "GPKG", layer="cadastre")
    return roofs


def project_with(folder: Path, zero: str) -> Path:
    """Write the project file with the cadastre in the place of the heights."""
    text = (CHECKOUT / "data" / "projects" / "delfshaven.toml").read_text(encoding="utf-8")
    start, stop = text.index("[inputs.dsm]"), text.index("[inputs.buildings]")
    path = folder / f"{zero}.toml"
    path.write_text(text[:start] + TABLE.format(zero=zero) + text[stop:], encoding="utf-8")
    return path


def row_of(name: str, build: Path, seconds: float) -> str:
    """Return sums of one run as a line of the table."""
    buildings = gpd.read_parquet(build / "buildings.parquet")
    planes = gpd.read_parquet(build / "roof_planes.parquet")
    sums = buildings[["roof_area_m2", "capacity_kwp", "annual_yield_kwh"]].sum()
    known = int(buildings["annual_yield_kwh"].notna().sum())
    return (
        f"| {name} | {len(planes)} | {known} | {sums.iloc[0]:.0f} | {sums.iloc[1]:.0f} | "
        f"{sums.iloc[2] / 1e6:.3f} | {seconds:.0f} |"
    )


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heights", action="store_true", help="also from heights")
    options = parser.parse_args(arguments)
    given = load_project(CHECKOUT / "data" / "projects" / "delfshaven.toml")
    if not given.inputs.buildings.path.is_file():
        print("no Delfshaven in ZONNEKAART_DATA")
        return 0
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        roofs = write_cadastre(folder, given)
        print(f"true planes: {len(roofs)}, {roofs['area3d_m2'].sum():.0f} m2")
        if options.heights:
            start = time.perf_counter()
            build = folder / "heights"
            registry.run_project(StageContext(given, build, workers=2), ("irradiation", "roofs"))
            rows.append(row_of("heights", build, time.perf_counter() - start))
        start = time.perf_counter()
        build = folder / "cadastre"
        project = load_project(project_with(folder, "north"))
        outcomes = registry.run_project(StageContext(project, build, workers=2))
        rows.append(row_of("true planes, no shade", build, time.perf_counter() - start))
        facts = next(o.facts for o in outcomes if o.name == "roofs")
        print({k: facts[k] for k in ("features", "unmatched", "buildings_not_in_cadastre")})
        for zero in ("north", "south"):
            wrong = load_project(project_with(folder, zero))
            build = folder / f"check-{zero}"
            registry.run_project(StageContext(wrong, build), ("check",))
            found = json.loads((build / "check.json").read_text(encoding="utf-8"))
            told = [f for f in found["findings"] if f["code"].startswith("cadastre.")]
            print(
                f"azimuth_zero = {zero}:", *(f"{f['code']}: {f['found']}" for f in told), sep="\n  "
            )
    print("| input | planes | buildings with yield | roof m2 | kWp | GWh | seconds |")
    print("|---" * 7 + "|")
    print("\n".join(rows))
    return 0


if __name__ == "__main__":
    np.seterr(invalid="ignore")
    sys.exit(main(sys.argv[1:]))
