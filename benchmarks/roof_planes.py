"""Roof planes against planes that are known: Delfshaven, the embedded town, random roofs.

``python -m benchmarks roof_planes`` prints a table per place: white noise, correlated noise
with strip offsets, cells of 1 m, footprints shifted by half a metre. Figures are by sloped area; a
cell counts with the plane it was given to. right = within 5 degrees of tilt and, where the roof is
tilted, 15 degrees of azimuth; aim = within 1 and 2 degrees.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import numpy as np
import shapely
from scipy import ndimage

from benchmarks._plane_scores import SIZES_M2, Scene, scores
from tests import small_roofs
from tests.known_roofs import KINDS, ODD_KINDS, house, known_roofs
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.io.burning import cell_owners
from zonnekaart.io.raster import HeightReader
from zonnekaart.io.vector import read_layer
from zonnekaart.pipelines.town.write import build_town
from zonnekaart.solar.roofplanes import roof_planes

NOISES_M = (0.0, 0.05, 0.10, 0.15)
SMOOTH_M = 1.0
"""Length (standard deviation of the filter) of the smooth part of correlated noise. [m]"""
STRIP_M = 80.0
"""Width of the strips whose offsets differ. [m]"""
SHIFT_M = 0.5


def white(height, noise_m, seed=1):
    rng = np.random.default_rng(seed)
    return height + np.float32(noise_m) * rng.standard_normal(height.shape, np.float32)


def correlated(height, noise_m, cell_m, seed=2):
    """Add a smooth field, white noise of half its size, and offsets of slanting strips."""
    rng = np.random.default_rng(seed)
    field = ndimage.gaussian_filter(
        rng.standard_normal(height.shape, np.float32), SMOOTH_M / cell_m
    )
    rows, cols = np.indices(height.shape)
    strip = ((rows * 0.5 + cols) * cell_m / STRIP_M).astype(int)
    offsets = rng.uniform(-0.5, 0.5, strip.max() + 1)
    noise = field / field.std() + 0.5 * rng.standard_normal(height.shape) + offsets[strip]
    return (height + noise_m * noise).astype(np.float32)


def delfshaven(cell_m=0.5, shift_m=0.0):
    """Return the city model; at 1 m the heights are means of 2 x 2 cells."""
    root = Path(__file__).resolve().parent.parent
    shared = os.environ.get("ZONNEKAART_DATA") or str(root.parent / "shared" / "data")
    folder = Path(shared) / "delfshaven-lod2"
    if not folder.is_dir():
        return None
    truth = read_layer(folder / "delfshaven_roofplanes_TRUTH.gpkg")
    # Where planes lie above one another, the highest is the roof.
    truth = truth.sort_values("zmax", ascending=False, ignore_index=True)
    buildings = read_layer(folder / "delfshaven_footprints.gpkg")
    return _scene(folder / "delfshaven_dsm.tif", buildings, truth, cell_m, shift_m)


def town(folder, shift_m=0.0):
    build_town(folder)
    found = {path.name: path for path in folder.rglob("*")}
    truth = read_layer(found["roof_planes.gpkg"])
    truth = truth[truth["surveyed"].astype(bool)].reset_index(drop=True)
    dsm = found.get("dsm.tif") or found["heights/dsm.tif"]
    return _scene(dsm, read_layer(found["buildings.gpkg"]), truth, None, shift_m)


def _scene(dsm, buildings, truth, cell_m, shift_m):
    with HeightReader(dsm) as reader:
        height, box = reader.read(), reader.geobox
    if cell_m is not None and cell_m != box.cell_m:
        times = round(cell_m / box.cell_m)
        rows, cols = box.rows // times, box.cols // times
        height = height[: rows * times, : cols * times]
        height = height.reshape(rows, times, cols, times).mean(axis=(1, 3))
        box = GeoBox(rows, cols, cell_m, box.west, box.north, box.crs)
    footprints = shapely.force_2d(buildings.geometry.to_numpy())
    footprints = shapely.transform(footprints, lambda points: points + shift_m)
    return Scene(
        box.cell_m,
        height,
        cell_owners(list(footprints), box),
        cell_owners(list(truth.geometry), box),
        truth["tilt_deg"].to_numpy(float),
        truth["azimuth_deg"].to_numpy(float),
    )


def random_roofs(cell_m=0.5, shift_m=0.0, kinds=KINDS, seed=11, make=house):
    shift = (shift_m, shift_m)
    made = known_roofs(180, cell_m, seed, shift, kinds=kinds, make=make)
    return Scene(cell_m, made.height, made.owner, made.truth, made.tilt_deg, made.azimuth_deg)


def cases(plain, coarse, shifted):
    """Yield the disturbances of one place: name, scene, heights."""
    for noise in NOISES_M:
        yield f"white {noise:.2f}", plain, white(plain.height, noise)
    for noise in NOISES_M[1:]:
        yield f"correlated {noise:.2f}", plain, correlated(plain.height, noise, plain.cell_m)
    for noise in (0.0, 0.10):
        if coarse is not None:
            yield f"1 m, white {noise:.2f}", coarse, white(coarse.height, noise)
    for noise in (0.05,):
        if coarse is not None:
            yield f"1 m, corr. {noise:.2f}", coarse, correlated(coarse.height, noise, 1.0)
    yield "shifted, white 0.05", shifted, white(shifted.height, 0.05)


def places(folder):
    """Yield each place with its scenes: plain, with cells of 1 m, with shifted footprints."""
    if (plain := delfshaven()) is None:
        print("Delfshaven skipped: the real input is not on this machine (ZONNEKAART_DATA)")
    else:
        yield "Delfshaven", (plain, delfshaven(cell_m=1.0), delfshaven(shift_m=SHIFT_M))
    yield "random roofs", (random_roofs(), random_roofs(cell_m=1.0), random_roofs(shift_m=SHIFT_M))
    small = {
        "kinds": small_roofs.SMALL_KINDS,
        "seed": small_roofs.SEED,
        "make": small_roofs.small_house,
    }
    yield (
        "small roofs",
        (random_roofs(**small), random_roofs(1.0, **small), random_roofs(shift_m=SHIFT_M, **small)),
    )
    odd = {"kinds": ODD_KINDS, "seed": 97}
    yield (
        "odd roofs",
        (random_roofs(**odd), random_roofs(1.0, **odd), random_roofs(shift_m=SHIFT_M, **odd)),
    )
    yield "Zonnedorp (its own noise too)", (town(folder), None, town(folder, SHIFT_M))


def measured(scene, height):
    """Return seconds, figures and figures per size of the heights of a scene."""
    count = int(scene.owner.max()) + 1
    started = time.perf_counter()
    found = roof_planes(height, scene.owner, scene.cell_m, count)
    return time.perf_counter() - started, *scores(scene, found)


HEADER = (
    "noise                  right  tilted    aim  tilted | tilt  tilted  azimuth"
    " | matched: tilt azimuth | left out   area | found/missed/split of true |    s"
)


def line(name, seconds, s):
    percent = "  ".join(
        f"{100.0 * s[key]:5.1f}" for key in ("right", "right_tilted", "aim", "aim_tilted")
    )
    return (
        f"{name:21s} {percent} | {s['tilt']:5.2f} {s['tilt_tilted']:5.2f} {s['azimuth']:6.2f}"
        f"  | {s['tilt_matched']:8.2f} {s['azimuth_matched']:8.2f}    | {100 * s['left_out']:5.1f}"
        f"   {100 * (s['area'] - 1):+5.1f} | {s['found']:5d} {s['missed']:4d} {s['split']:4d}"
        f" of {s['true']:4d} | {seconds:5.2f}"
    )


def size_line(name, sizes):
    parts = [
        f"{100 * z['right']:5.1f} {z['tilt']:5.2f} {z['azimuth']:6.2f} {100 * z['found']:5.1f}"
        for z in sizes
    ]
    return f"{name:21s} " + " | ".join(parts)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, scenes in places(Path(folder)):
            measured(scenes[0], scenes[0].height)
            rows = [(case, *measured(s, h)) for case, s, h in cases(*scenes)]
            print(f"\n{name}: {HEADER}")
            for case, seconds, figures, _ in rows:
                print(line(case, seconds, figures))
            heads = " | ".join(f"{low:.0f}-{high:.0f} m2" for low, high in SIZES_M2)
            print(f"tilted planes by size: right %, tilt, azimuth, found %: {heads}")
            for case, _, _, sizes in rows:
                print(size_line(case, sizes))


if __name__ == "__main__":
    main()
