"""Our kernel against GRASS r.sun under the same clear sky, on days; the tables of
docs/validation/grass.md.

GRASS: `r.horizon` (64 directions, 50 m) and `r.sun` every six minutes, in the variants of `KINDS`.
Its own beam and diffuse light on a horizontal plane, read every fifteen minutes, is the weather
that our kernel gets. Install GRASS with ``apt-get install grass-core``. Takes some minutes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio

from benchmarks.irradiation import data_folder
from zonnekaart.geo.crs import transformer
from zonnekaart.solar.horizon import Frame
from zonnekaart.solar.irradiation import irradiation, plane_irradiation
from zonnekaart.solar.position import solar_position
from zonnekaart.solar.sky import build_sky
from zonnekaart.solar.surface import surface_azimuth, surface_gradient, surface_tilt
from zonnekaart.solar.weather import WeatherYear

DIRECTIONS = 64
RADIUS_M = 50.0
LINKE = 3.0
ALBEDO = 0.2
DAYS = {
    "21 March": (80, "2021-03-21"),
    "21 June": (172, "2021-06-21"),
    "21 December": (355, "2021-12-21"),
}
STEP_H = 0.25
WORKERS = os.cpu_count() or 1
SITES = {
    "Essen": ("essen-be-dhmv/essen_dsm_1m.tif", (1200, 1500, 300, 300)),
    "Delfshaven": ("delfshaven-lod2/delfshaven_dsm.tif", (650, 950, 300, 300)),
}
PARTS = ("beam", "glob")
KINDS = {
    "s": ("ours", "r.sun's own rays"),
    "o": ("ours", "r.horizon, never below 0"),
    "n": ("ours", "r.horizon as it is"),
    "h": ("Horn", "r.horizon, never below 0"),
}
"""Runs of r.sun: whose planes, and where its shade comes from."""


@dataclass(frozen=True)
class Site:
    """Heights of a crop, where it lies, and the part that is compared."""

    name: str
    height: np.ndarray
    cell_m: float
    west: float
    north: float
    crs: str
    latitude: float
    longitude: float

    @property
    def inner(self) -> tuple[slice, slice]:
        margin = int(RADIUS_M / self.cell_m)
        return np.s_[margin:-margin, margin:-margin]


def site_of(name: str) -> Site:
    file, (row, col, rows, cols) = SITES[name]
    with rasterio.open(data_folder() / file) as dataset:
        window = rasterio.windows.Window(col, row, cols, rows)
        height = dataset.read(1, window=window).astype(np.float32)
        if dataset.nodata is not None:
            height[height == dataset.nodata] = np.nan
        box = dataset.window_transform(window)
        crs = dataset.crs.to_string()
    middle = (box.c + cols * box.a / 2.0, box.f + rows * box.e / 2.0)
    longitude, latitude = transformer(crs, "EPSG:4326").transform(*middle)
    return Site(name, height, box.a, box.c, box.f, crs, float(latitude), float(longitude))


def write(path: Path, values: np.ndarray, site: Site) -> None:
    box = rasterio.Affine(site.cell_m, 0.0, site.west, 0.0, -site.cell_m, site.north)
    profile = {
        "driver": "GTiff",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": "float32",
        "transform": box,
        "crs": site.crs,
        "nodata": np.nan,
    }
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(values.astype(np.float32), 1)


def script(site: Site, folder: Path) -> list[str]:
    """The whole GRASS session: planes of both kinds, horizons, days, and the open sky."""
    sun = f"linke_value={LINKE} albedo_value={ALBEDO} nprocs={WORKERS} --quiet"
    lines = [
        "set -e",
        *(
            f"r.in.gdal -o input={folder}/{name}.tif output={name} --quiet"
            for name in ("dsm", "slope_o", "aspect_o")
        ),
        "g.region raster=dsm",
        "r.slope.aspect elevation=dsm slope=slope_h aspect=aspect_h --quiet",
        f"r.horizon elevation=dsm step={360.0 / DIRECTIONS} maxdistance={RADIUS_M:g} "
        "output=hor --quiet",
        "for map in $(g.list type=raster pattern='hor_*'); do",
        '  r.mapcalc expression="up${map#hor} = max($map, 0.0)" --quiet',
        "done",
    ]
    step = f"horizon_step={360.0 / DIRECTIONS}"
    shades = {
        "s": "",
        "o": f"horizon_basename=up {step}",
        "n": f"horizon_basename=hor {step}",
        "h": f"horizon_basename=up {step}",
        "p": "-p",
    }
    for day, _ in DAYS.values():
        for kind, flags in shades.items():
            planes = "h" if kind == "h" else "o"
            maps = " ".join(f"{part}_rad={part}_{kind}_{day}" for part in PARTS)
            lines.append(
                f"r.sun elevation=dsm slope=slope_{planes} aspect=aspect_{planes} {flags} "
                f"day={day} step=0.1 {maps} {sun}"
            )
            lines += [
                f"r.out.gdal -cf input={part}_{kind}_{day} output={folder}/{part}_{kind}_{day}.tif "
                "type=Float32 format=GTiff --quiet"
                for part in PARTS
            ]
    level = float(np.nanmean(site.height))
    x, y = site.west + 2.5 * site.cell_m, site.north - 2.5 * site.cell_m
    lines += [
        f"g.region n={site.north} s={site.north - 5 * site.cell_m} w={site.west} "
        f"e={site.west + 5 * site.cell_m} res={site.cell_m}",
        f'r.mapcalc expression="level = {level}" --quiet',
    ]
    for day, _ in DAYS.values():
        names = []
        for number, hour in enumerate(hours()):
            lines.append(
                f"r.sun -p elevation=level day={day} time={hour} beam_rad=b{number} "
                f"diff_rad=d{number} incidout=i{number} {sun} --overwrite"
            )
            names += [f"{kind}{number}" for kind in "bdi"]
        lines.append(
            f"r.what map={','.join(names)} coordinates={x},{y} null_value=0 "
            f"> {folder}/open_{day}.txt"
        )
    return lines


def hours() -> np.ndarray:
    """Middles of the quarters of a day in solar time, while the sun can be up."""
    every = np.arange(STEP_H / 2.0, 24.0, STEP_H)
    return every[(every > 3.0) & (every < 21.0)]


def run_grass(site: Site, folder: Path) -> bool:
    program = shutil.which("grass")
    if program is None:
        print("GRASS is not installed: apt-get install grass-core")
        return False
    east, north = surface_gradient(site.height, site.cell_m)
    write(folder / "dsm.tif", site.height, site)
    tilt, azimuth = surface_tilt(east, north), surface_azimuth(east, north)
    write(folder / "slope_o.tif", tilt, site)
    # GRASS counts from east, counter-clockwise; 0 stands for none.
    turned = np.mod(90.0 - np.nan_to_num(azimuth), 360.0)
    turned = np.where(np.isnan(azimuth), 0.0, np.where(turned == 0.0, 360.0, turned))
    write(folder / "aspect_o.tif", np.where(np.isnan(tilt), np.nan, turned), site)
    (folder / "session.sh").write_text("\n".join(script(site, folder)) + "\n")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PROJ_", "PYTHON", "GDAL"))}
    command = [program, "--tmp-location", site.crs, "--exec", "bash", str(folder / "session.sh")]
    done = subprocess.run(command, env=kept, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"GRASS failed:\n{done.stderr[-2000:]}")
    return done.returncode == 0


def weather_of(site: Site, folder: Path, day: int, date: str, *, beam_only: bool) -> WeatherYear:
    """GRASS's own clear day on the horizontal, as a weather of one day in UTC."""
    fields = (folder / f"open_{day}.txt").read_text().split("|")[3:]
    values = np.array([float(v) for v in fields]).reshape(-1, 3)
    beam, diffuse, elevation = values.T
    minutes = np.datetime64(f"{date}T00:00", "ns") + np.arange(0, 1440) * np.timedelta64(60, "s")
    up, azimuth = solar_position(minutes, site.latitude, site.longitude)
    noon = minutes[np.argmin(np.where(up > 0.0, np.abs(azimuth - 180.0), np.inf))]
    shift = np.array([(h - 12.0) * 3600e9 for h in hours()]).astype("timedelta64[ns]")
    time = noon + shift
    ours, _ = solar_position(time, site.latitude, site.longitude)
    lit = (elevation > 1.0) & (ours > 1.0)
    print(
        f"{site.name} {date}: horizontal beam {beam.sum() * STEP_H:.0f} and diffuse "
        f"{diffuse.sum() * STEP_H:.0f} Wh/m2; sun {np.mean((ours - elevation)[lit]):+.2f} degrees "
        f"higher than GRASS's (at most {np.abs((ours - elevation)[lit]).max():.2f})"
    )
    direct = np.where(ours > 0.0, beam / np.maximum(np.sin(np.radians(ours)), 0.01), 0.0)
    direct = np.minimum(direct, 1100.0)
    spread = np.zeros_like(diffuse) if beam_only else diffuse
    return WeatherYear(
        time_utc=time,
        step_hours=STEP_H,
        ghi=beam + spread,
        dni=direct,
        dhi=spread,
        temp_air_c=np.full(len(time), 15.0),
        wind_speed_m_s=np.zeros(len(time)),
        latitude_deg=site.latitude,
        longitude_deg=site.longitude,
        altitude_m=0.0,
        name="clear day of GRASS",
    )


def classes(site: Site, sky) -> dict[str, np.ndarray]:
    """Cells by slope, and by how much of the open plane's beam they get."""
    east, north = surface_gradient(site.height, site.cell_m)
    tilt, azimuth = surface_tilt(east, north), surface_azimuth(east, north)
    ours = irradiation(site.height, site.cell_m, sky, RADIUS_M, None, whole_of(site))[0]
    flat = np.stack([tilt.ravel(), azimuth.ravel()])
    open_plane = np.concatenate(
        [
            plane_irradiation(sky, *part, np.zeros((part.shape[1], DIRECTIONS)))[:, 0]
            for part in np.array_split(flat, max(flat.shape[1] // 20000, 1), axis=1)
        ]
    ).reshape(tilt.shape)
    lit = ours > 0.98 * open_plane
    rough = np.isnan(ours)
    return {
        "all": ~rough,
        "flat (< 5°), open": lit & (tilt < 5.0),
        "flat (< 5°), shaded": ~lit & (tilt < 5.0),
        "sloped (5–60°), open": lit & (tilt >= 5.0) & (tilt < 60.0),
        "sloped (5–60°), shaded": ~lit & (tilt >= 5.0) & (tilt < 60.0),
        "steep (≥ 60°)": tilt >= 60.0,
    }


def whole_of(site: Site) -> Frame:
    return Frame(0, 0, *site.height.shape, workers=WORKERS)


def compare(site: Site, folder: Path, label: str) -> None:
    day, date = DAYS[label]
    inner = site.inner
    sky_beam = build_sky(
        weather_of(site, folder, day, date, beam_only=True), DIRECTIONS, albedo=0.0
    )
    sky_all = build_sky(
        weather_of(site, folder, day, date, beam_only=False), DIRECTIONS, albedo=ALBEDO
    )
    groups = classes(site, sky_beam)
    for part, sky in (("beam", sky_beam), ("glob", sky_all)):
        ours = irradiation(site.height, site.cell_m, sky, RADIUS_M, None, whole_of(site))[0] * 1000
        for kind, (whose, shade) in KINDS.items():
            with rasterio.open(folder / f"{part}_{kind}_{day}.tif") as dataset:
                theirs = dataset.read(1)
            for name, group in groups.items():
                chosen = group[inner] & np.isfinite(theirs[inner]) & np.isfinite(ours[inner])
                if not chosen.any():
                    continue
                row = (
                    f"{site.name} | {label} | {part} | {whose} | {shade} | {name} | "
                    f"{chosen.mean():.0%}"
                )
                report(row, ours[inner][chosen], theirs[inner][chosen])
    with rasterio.open(folder / f"beam_p_{day}.tif") as dataset:
        theirs = dataset.read(1)[inner]
    east, north = surface_gradient(site.height, site.cell_m)
    tilt, azimuth = (f(east, north)[inner] for f in (surface_tilt, surface_azimuth))
    pick = np.random.default_rng(1).choice(tilt.size, min(20000, tilt.size), replace=False)
    some = ~np.isnan(tilt.ravel()[pick])
    pick = pick[some]
    planes = plane_irradiation(
        sky_beam,
        tilt.ravel()[pick],
        azimuth.ravel()[pick],
        np.zeros((len(pick), DIRECTIONS)),
    )[:, 0]
    for name, low, high in (("< 5°", 0, 5), ("5–60°", 5, 60), ("≥ 60°", 60, 91)):
        own = (tilt.ravel()[pick] >= low) & (tilt.ravel()[pick] < high)
        row = f"{site.name} | {label} | beam | ours | nothing around | {name} | "
        report(row, 1000 * planes[own], theirs.ravel()[pick][own])


def report(row: str, found: np.ndarray, other: np.ndarray) -> None:
    error, mean = found - other, max(float(other.mean()), 1e-9)
    print(
        f"| {row} | {mean:.0f} | {100 * error.mean() / mean:+.1f} % | "
        f"{100 * np.abs(error).mean() / mean:.1f} % | {np.median(error):+.0f} | "
        f"{np.quantile(np.abs(error), 0.95):.0f} |",
        flush=True,
    )


def main() -> None:
    if not data_folder().is_dir():
        print("no input data")
        return
    head = "place | day | light | planes | shade | cells | share | GRASS Wh/m2 | bias | MAE"
    print(f"| {head} | median | p95 |")
    for name in SITES:
        site = site_of(name)
        with tempfile.TemporaryDirectory() as folder:
            if run_grass(site, Path(folder)):
                for label in DAYS:
                    compare(site, Path(folder), label)


if __name__ == "__main__":
    main()
