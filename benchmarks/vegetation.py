"""Trees that let light through: errors against the ray march, what they change on the roofs of
Essen, and what they cost; prints the tables of docs/validation/vegetation.md."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.irradiation import data_folder
from benchmarks.irradiation_accuracy import WEATHER, percent, read
from zonnekaart.io.crowns import crown_transmissivity
from zonnekaart.io.sources.weather_epw import read_epw
from zonnekaart.pipelines.masks import footprint_mask
from zonnekaart.pipelines.vegetation import crowns_file
from zonnekaart.solar.horizon import Frame
from zonnekaart.solar.irradiation import irradiation, seasonal_irradiation
from zonnekaart.solar.reference import Crowns, reference_among_crowns
from zonnekaart.solar.sky import build_sky
from zonnekaart.solar.transposition import sun_series
from zonnekaart.solar.vegetation import CanopyLayers, canopy_layers, derived_tops

LATITUDE = 51.0
CELLS = 80
NEAR_M = 100.0
FAR_M = 500.0
WORKERS = os.cpu_count() or 1
CROP = (1000, 1200, 1000, 1000)
PATCH = (1200, 1500, 300, 300)
BASES = (0.0, 0.25, 0.4)


def street(rows: int = 160, cols: int = 160) -> tuple[CanopyLayers, np.ndarray]:
    """Two rows of gabled houses, street trees of 14 m between them; layers and roofs."""
    y, x = np.mgrid[0:rows, 0:cols]
    ground = np.full((rows, cols), 10.0, dtype=np.float32)
    surface, roofs = ground.copy(), np.zeros((rows, cols), dtype=bool)
    for top in (50, 82):
        own = (y >= top) & (y < top + 10) & (x > 10) & (x < cols - 10)
        rise = np.minimum(y - top, top + 9 - y)
        surface = np.where(own, 16.0 + 0.8 * rise, surface).astype(np.float32)
        roofs |= own
    tops = np.full((rows, cols), np.nan, dtype=np.float32)
    for col in range(15, cols - 10, 10):
        for row in (66, 75):
            ball = (y - row) ** 2 + (x - col) ** 2
            crown = 19.0 + 5.0 * np.sqrt(np.maximum(1.0 - ball / 12.25, 0.0))
            tops = np.where(ball <= 12.25, crown, tops).astype(np.float32)
    return canopy_layers(surface, ground, tops, roofs, 1.0), roofs


def essen(part: tuple[int, int, int, int]) -> tuple[CanopyLayers, np.ndarray]:
    folder = data_folder() / "essen-be-dhmv"
    dsm = folder / "essen_dsm_1m.tif"
    surface, ground = read(dsm, part), read(folder / "essen_dtm_1m.tif", part)
    with tempfile.TemporaryDirectory() as out:
        mask = footprint_mask(dsm, folder / "essen_footprints_DERIVED.gpkg", Path(out))
        roofs = read(mask, part) == 1.0
    tops = derived_tops(surface, ground, roofs, 1.0)
    return canopy_layers(surface, ground, tops, roofs, 1.0), roofs


def beside(covered: np.ndarray) -> np.ndarray:
    near = np.pad(covered, 1)
    rows, cols = covered.shape
    return np.any([near[r : r + rows, c : c + cols] for r in range(3) for c in range(3)], axis=0)


def errors(weather, shares: tuple[float, ...]) -> None:
    sky, sun = build_sky(weather, 64, transmissivity=shares), sun_series(weather, 6)
    print("| scene | crowns begin at | bias | MAE | p95 | worst month: bias | MAE |")
    for name, (layers, roofs) in {
        "street with trees, roofs": street(),
        "street with trees, ground": street(),
        "Essen, roofs among derived trees": essen(PATCH),
    }.items():
        wanted = ~roofs if name.endswith("ground") else roofs
        wanted = wanted & ~beside(layers.covered)
        wanted[:40], wanted[-40:], wanted[:, :20], wanted[:, -20:] = False, False, False, False
        inside = np.argwhere(wanted)
        points = inside[np.random.default_rng(3).choice(len(inside), CELLS, replace=False)]
        mask = np.zeros(wanted.shape, dtype=bool)
        mask[points[:, 0], points[:, 1]] = True
        frame = Frame(0, 0, *wanted.shape, workers=WORKERS)
        fast = seasonal_irradiation(layers, 1.0, sky, NEAR_M, mask, frame)
        found = fast[:, points[:, 0], points[:, 1]].T
        for base in BASES:
            truth = reference_among_crowns(Crowns(layers, shares, base), 1.0, points, sun, NEAR_M)
            error = found - truth
            bias, mae = percent(error[:, 0], truth[:, 0])
            p95 = 100.0 * np.quantile(np.abs(error[:, 0]), 0.95) / truth[:, 0].mean()
            months = np.array([percent(error[:, m], truth[:, m]) for m in range(1, 13)])
            worst = months[np.abs(months[:, 0]).argmax(), 0], months[:, 1].max()
            print(
                f"| {name} | {base:.0%} of the height | {bias:+.2f} % | {mae:.2f} % | "
                f"{p95:.2f} % | {worst[0]:+.2f} % | {worst[1]:.2f} % |",
                flush=True,
            )


def changes(weather, shares: dict[str, tuple[float, ...]]) -> None:
    layers, roofs = essen(CROP)
    frame = Frame(0, 0, *roofs.shape, workers=WORKERS)
    print(
        f"{roofs.sum()} roof cells, {layers.covered.mean():.1%} of the square under derived trees"
    )
    plain = build_sky(weather, 64)
    irradiation(layers.opaque[:80, :80], 1.0, plain, 40.0)
    start = time.perf_counter()
    opaque = irradiation(layers.opaque, 1.0, plain, FAR_M, roofs, frame)
    once = time.perf_counter() - start
    base = opaque[:, roofs]
    print(
        "| trees | mean of roofs, kWh/m2 | change | roofs that gain 2 % | 10 % | p95 | Jan | Jul |"
    )
    print(f"| opaque | {base[0].mean():.1f} | | | | | | |")
    for name, months in shares.items():
        sky = build_sky(weather, 64, transmissivity=months)
        start = time.perf_counter()
        found = seasonal_irradiation(layers, 1.0, sky, FAR_M, roofs, frame)[:, roofs]
        twice = time.perf_counter() - start
        gain = found[0] / base[0] - 1.0
        mean = [found[m].mean() / base[m].mean() - 1.0 for m in (0, 1, 7)]
        print(
            f"| {name} | {found[0].mean():.1f} | {mean[0]:+.2%} | {(gain > 0.02).mean():.1%} | "
            f"{(gain > 0.10).mean():.1%} | {np.quantile(gain, 0.95):+.1%} | {mean[1]:+.2%} | "
            f"{mean[2]:+.2%} |",
            flush=True,
        )
    print(
        f"{once:.1f} s with opaque trees, {twice:.1f} s with seasons; load {os.getloadavg()[0]:.1f}"
    )


def main() -> None:
    if not data_folder().is_dir():
        print("no input data")
        return
    weather = read_epw(data_folder() / WEATHER, 0.0)

    def crown(name: str, bound="value") -> tuple[float, ...]:
        return crown_transmissivity(crowns_file(), name, LATITUDE, bound)

    errors(weather, crown("deciduous"))
    changes(
        weather,
        {
            "deciduous, low": crown("deciduous", "low"),
            "deciduous": crown("deciduous"),
            "deciduous, high": crown("deciduous", "high"),
            "evergreen": crown("evergreen"),
            "mixed": crown("mixed"),
            "none at all": (1.0,) * 12,
        },
    )


if __name__ == "__main__":
    sys.exit(main())
