"""One town under all presets, and the yield of a free south roof by our losses and by pvlib.

``python -m benchmarks presets`` prints a table per place (the embedded town, Essen, Delfshaven,
each with the clock of its project file) and one per weather file. Shares and modules are compared
for our own preset; each place is surveyed once.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import pvlib

from zonnekaart.config import CHECKOUT, load_project, share_folder
from zonnekaart.energy.pv import performance
from zonnekaart.io.presets import read_preset
from zonnekaart.io.sources.weather import read_epw
from zonnekaart.pipelines import registry, roofs
from zonnekaart.pipelines.rooftops import survey
from zonnekaart.pipelines.runs import StageContext, run_stage
from zonnekaart.pipelines.town.write import build_town
from zonnekaart.solar.irradiation import plane_irradiation
from zonnekaart.solar.sky import build_sky

NAMES = ("zonnekaart_vlaanderen", "zonatlas", "deloitte", "nrel", "zonnekaart")
PRESETS = share_folder("data") / "presets"
FLEET = "850-1093"
"""Belgian fleet, 2020-2025. [kWh/kWp]"""
SOUTH_TILT_DEG = 35.0
GAMMA_PER_K = -0.0035
LOW_LIGHT_K = 0.005
"""Marion's correction: power lost at 200 W/m2, as a share of the nameplate. [-]"""


def presets():
    """Yield a title and a preset: those on file, and ours with shares instead of modules."""
    for name in NAMES:
        found = read_preset(name, PRESETS)
        yield f"{name} ({found.method})", found
        if found.method == "modules":
            shares = replace(found, method="share")
            yield f"{name} (share)", shares


def figures(title, planes):
    capacity = planes["capacity_kwp"]
    gwh = [planes[f"annual_yield_{bound}kwh"].sum() / 1e6 for bound in ("low_", "", "high_")]
    unfit = sum("no_module_fits" in flags for flags in planes["flags"])
    return (
        f"{title:32s} {100 * planes['usable_area_m2'].sum() / planes['roof_area_m2'].sum():6.1f} %"
        f" {capacity.sum() / 1e3:8.2f} {gwh[0]:8.2f} {gwh[1]:8.2f} {gwh[2]:8.2f}"
        f" {1e6 * gwh[1] / capacity.sum():7.0f} {planes['panels'].sum():9.0f} {unfit:6d}"
    )


def by_size(modules, shares):
    """Print capacity with modules over capacity with shares, by mounting and size of the plane."""
    edges = (0.0, 15.0, 30.0, 60.0, 120.0, 300.0, np.inf)
    counted = shares["capacity_kwp"] > 0.0
    for mounting in sorted(set(modules.loc[counted, "mounting"])):
        cells = []
        for low, high in itertools.pairwise(edges):
            chosen = counted & (modules["mounting"] == mounting)
            chosen &= (modules["roof_area_m2"] > low) & (modules["roof_area_m2"] <= high)
            ratio = modules.loc[chosen, "capacity_kwp"].sum()
            ratio /= max(shares.loc[chosen, "capacity_kwp"].sum(), 1e-9)
            cells.append(f"{low:.0f}-{high:.0f} m2: {ratio:.2f} ({int(chosen.sum())})")
        print(f"  modules/share {mounting}: " + "  ".join(cells))


def south_median(planes):
    chosen = planes["tilt_deg"].between(30, 45) & planes["azimuth_deg"].between(160, 200)
    chosen &= planes["capacity_kwp"] > 0
    some = planes[chosen]
    return float((some["annual_yield_kwh"] / some["capacity_kwp"]).median()), len(some)


def place(name, project, folder):
    context = StageContext(project, Path(folder) / "build", workers=os.cpu_count() or 1)
    run_stage(registry.stage("irradiation"), context)
    every = [preset for _, preset in presets()]
    edges = {
        getattr(p.layout, key).value for p in every for key in ("edge_tilted_m", "edge_flat_m")
    }
    job = replace(roofs.job_of(project, context.build), workers=context.workers)
    layer, kept = roofs.read_buildings(project), []

    def once(footprints, heights, _edges, progress):
        if not kept:
            kept.append(survey(footprints, heights, tuple(sorted(edges)), progress))
        return kept[0]

    made = {}
    for title, preset in presets():
        with ExitStack() as patches:
            patches.enter_context(mock.patch.object(roofs, "survey", once))
            patches.enter_context(mock.patch.object(roofs, "read_preset", lambda *_, p=preset: p))
            made[title] = roofs.roofs_of(layer, job).planes
    print(
        f"\n{name}: {len(layer)} buildings\n{'preset':32s} usable      MWp"
        "      low  GWh/yr     high kWh/kWp    panels  unfit"
    )
    for title, planes in made.items():
        print(figures(title, planes))
    by_size(made["zonnekaart (modules)"], made["zonnekaart (share)"])
    median, count = south_median(made["zonnekaart (modules)"])
    print(f"  south within 20 deg at 30-45 deg: median {median:.0f} kWh/kWp of {count} planes")


def free_south_kwh_kwp(path, utc_offset_hours, preset):
    """Return irradiation and yield of a free south plane by our tables and losses."""
    sky = build_sky(read_epw(path, utc_offset_hours))
    horizon = np.zeros((1, sky.directions))
    tilt, facing = np.array([SOUTH_TILT_DEG]), np.array([180.0])
    light = float(plane_irradiation(sky, tilt, facing, horizon)[0, 0])
    return light, light * performance(preset.losses)


def by_pvlib(path, utc_offset_hours, preset):
    """Return the irradiation and the yield step by step, hour by hour, by pvlib alone."""
    data, meta = pvlib.iotools.read_epw(str(path))
    hours = 0.0 if utc_offset_hours is None else meta["TZ"] - utc_offset_hours
    # An EPW hour is the mean of the hour that begins at pvlib's stamp.
    middle = data.index + pd.Timedelta(hours=0.5 + hours)
    sun = pvlib.solarposition.get_solarposition(
        middle, meta["latitude"], meta["longitude"], meta["altitude"]
    )
    plane = pvlib.irradiance.get_total_irradiance(
        SOUTH_TILT_DEG,
        180.0,
        sun["apparent_zenith"].to_numpy(),
        sun["azimuth"].to_numpy(),
        data["dni"].to_numpy(),
        data["ghi"].to_numpy(),
        data["dhi"].to_numpy(),
        dni_extra=pvlib.irradiance.get_extra_radiation(middle).to_numpy(),
        albedo=0.2,
        model="perez",
    )
    parts = {key: np.nan_to_num(np.asarray(value)) for key, value in plane.items()}
    angle = pvlib.irradiance.aoi(SOUTH_TILT_DEG, 180.0, sun["apparent_zenith"], sun["azimuth"])
    diffuse = pvlib.iam.marion_diffuse("physical", SOUTH_TILT_DEG)
    passed = parts["poa_direct"] * np.nan_to_num(pvlib.iam.physical(angle.to_numpy()))
    passed += parts["poa_sky_diffuse"] * diffuse["sky"]
    passed += parts["poa_ground_diffuse"] * diffuse["ground"]
    passed *= 1.0 - preset.losses["soiling"].value
    cell = pvlib.temperature.faiman(
        passed, data["temp_air"].to_numpy(), data["wind_speed"].to_numpy()
    )
    cool = pvlib.pvsystem.pvwatts_dc(passed, 25.0, 1.0, GAMMA_PER_K)
    warm = pvlib.pvsystem.pvwatts_dc(passed, cell, 1.0, GAMMA_PER_K)
    dim = pvlib.pvsystem.pvwatts_dc(passed, cell, 1.0, GAMMA_PER_K, k=LOW_LIGHT_K)
    rest = ("mismatch", "light_induced_degradation", "nameplate", "wiring", "connections")
    late = ("availability", "degradation")
    cables = np.prod([1.0 - preset.losses[key].value for key in rest])
    after = np.prod([1.0 - preset.losses[key].value for key in late])
    # An inverter of the modules' own power.
    sold = pvlib.inverter.pvwatts(dim * cables, 1.0 / 0.96, 0.96)
    light = parts["poa_global"].sum() / 1000.0
    glass = light * (1.0 - preset.losses["soiling"].value)
    return {
        "light": light,
        "yield": float(np.nansum(sold)) * after,
        "reflection": 1.0 - passed.sum() / 1000.0 / glass,
        "temperature": 1.0 - warm.sum() / cool.sum(),
        "low_irradiance": 1.0 - dim.sum() / warm.sum(),
        "inverter": 1.0 - np.nansum(sold) / (dim.sum() * cables),
    }


def weather_files():
    shared = os.environ.get("ZONNEKAART_DATA") or str(CHECKOUT.parent / "shared" / "data")
    folder = Path(shared) / "weather-brussels"
    # The header of the TMYx file is an hour off; see VALIDATION.md.
    for name, offset in (
        ("BEL_Brussels.Natl.AP.064510_TMYx.epw", 0.0),
        ("BEL_Brussels.064510_IWEC.epw", None),
    ):
        if (folder / name).is_file():
            yield folder / name, offset


def losses():
    preset = read_preset("zonnekaart", PRESETS)
    print(f"\nfree roof, {SOUTH_TILT_DEG:.0f} deg south, chain {performance(preset.losses):.4f}")
    for path, offset in weather_files():
        light, ours = free_south_kwh_kwp(path, offset, preset)
        other = by_pvlib(path, offset, preset)
        differ = 100 * (ours / other["yield"] - 1)
        print(
            f"{path.stem}: {light:.0f} kWh/m2 (pvlib {other['light']:.0f}), ours {ours:.0f}"
            f" kWh/kWp, pvlib {other['yield']:.0f} ({differ:+.1f} %); fleet {FLEET}"
        )
        for key in ("reflection", "low_irradiance", "temperature", "inverter"):
            known = preset.losses[key]
            print(
                f"  {key:16s} preset {100 * known.value:4.1f} % ({100 * known.low:.1f}-"
                f"{100 * known.high:.1f}), pvlib {100 * other[key]:4.1f} %"
            )


def main() -> None:
    losses()
    with tempfile.TemporaryDirectory() as folder:
        place("Zonnedorp", load_project(build_town(Path(folder) / "town")), folder)
    for name in ("delfshaven", "essen"):
        project = load_project(CHECKOUT / "data" / "projects" / f"{name}.toml")
        if not project.inputs.dsm.path.is_file():
            print(f"{name} skipped: the real input is not on this machine (ZONNEKAART_DATA)")
            continue
        with tempfile.TemporaryDirectory() as folder:
            place(project.project.name, project, folder)


if __name__ == "__main__":
    main()
