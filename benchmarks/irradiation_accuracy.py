"""Errors of the irradiation against the ray march and pvlib; prints the tables of
docs/validation/irradiation.md. Takes some minutes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import rasterio

from benchmarks.irradiation import data_folder
from zonnekaart.io.sources.weather_epw import read_epw
from zonnekaart.pipelines.masks import footprint_mask
from zonnekaart.solar.horizon import Frame, horizon_profile
from zonnekaart.solar.irradiation import irradiation, plane_irradiation
from zonnekaart.solar.reference import reference_irradiation
from zonnekaart.solar.sky import build_sky
from zonnekaart.solar.surface import surface_azimuth, surface_gradient, surface_tilt
from zonnekaart.solar.transposition import sun_series

CELLS = 300
RADIUS_M = 100.0
DIRECTIONS = (16, 32, 64, 128)
WEATHER = "weather-brussels/BEL_Brussels.Natl.AP.064510_TMYx.epw"
CROPS = {
    "Delfshaven, roofs": ("delfshaven-lod2/delfshaven_dsm.tif", 0.5, (400, 700, 600, 600)),
    "Essen, roofs": ("essen-be-dhmv/essen_dsm_1m.tif", 1.0, (1200, 1500, 400, 400)),
    "Essen, 2.5 m above ground (roofs and trees)": (
        "essen-be-dhmv/essen_dsm_1m.tif",
        1.0,
        (1200, 1500, 400, 400),
    ),
}
FOOTPRINTS = {
    "Delfshaven, roofs": "delfshaven-lod2/delfshaven_footprints.gpkg",
    "Essen, roofs": "essen-be-dhmv/essen_footprints_DERIVED.gpkg",
}


def read(path: Path, part: tuple[int, int, int, int]) -> np.ndarray:
    row, col, rows, cols = part
    with rasterio.open(path) as dataset:
        values = dataset.read(1, window=rasterio.windows.Window(col, row, cols, rows))
    return values.astype(np.float32)


def roofs_of(name: str, dsm: Path, part: tuple[int, int, int, int]) -> np.ndarray:
    if name not in FOOTPRINTS:
        ground = dsm.with_name(dsm.name.replace("dsm", "dtm"))
        return read(dsm, part) - read(ground, part) > 2.5
    with tempfile.TemporaryDirectory() as folder:
        mask = footprint_mask(dsm, data_folder() / FOOTPRINTS[name], Path(folder))
        return read(mask, part) == 1.0


def percent(error: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    mean = truth.mean()
    return 100.0 * error.mean() / mean, 100.0 * np.abs(error).mean() / mean


def main() -> None:
    if not data_folder().is_dir():
        print("no input data")
        return
    # The header of this file names UTC+1; its rows run on UTC.
    weather = read_epw(data_folder() / WEATHER, 0.0)
    print(f"load {os.getloadavg()[0]:.1f}; {CELLS} cells each, radius {RADIUS_M:g} m")
    print(
        "| cells | directions | bias | MAE | p95 | tables alone: bias | MAE | months: bias | MAE |"
    )
    for name, (file, cell_m, part) in CROPS.items():
        dsm = data_folder() / file
        height = read(dsm, part)
        mask = roofs_of(name, dsm, part)
        inside = np.argwhere(mask)
        points = inside[np.random.default_rng(3).choice(len(inside), CELLS, replace=False)]
        rows, cols = points.T
        truth = reference_irradiation(height, cell_m, points, sun_series(weather, 6), RADIUS_M)
        slope = [rise[rows, cols] for rise in surface_gradient(height, cell_m)]
        tilt, azimuth = surface_tilt(*slope), surface_azimuth(*slope)
        for directions in DIRECTIONS:
            sky = build_sky(weather, directions)
            frame = Frame(0, 0, *height.shape, workers=os.cpu_count() or 1)
            fast = irradiation(height, cell_m, sky, RADIUS_M, mask, frame)[:, rows, cols].T
            horizon = horizon_profile(height, cell_m, rows, cols, directions, RADIUS_M)
            tables = plane_irradiation(sky, tilt, azimuth, horizon)
            bias, mae = percent(fast[:, 0] - truth[:, 0], truth[:, 0])
            t_bias, t_mae = percent(tables[:, 0] - truth[:, 0], truth[:, 0])
            p95 = 100.0 * np.percentile(np.abs(fast[:, 0] - truth[:, 0]), 95) / truth[:, 0].mean()
            months = np.array(
                [percent(fast[:, m] - truth[:, m], truth[:, m]) for m in range(1, 13)]
            )
            worst = months[np.abs(months[:, 0]).argmax(), 0]
            print(
                f"| {name} | {directions} | {bias:+.2f} % | {mae:.2f} % | {p95:.2f} % "
                f"| {t_bias:+.2f} % | {t_mae:.2f} % | {worst:+.2f} % "
                f"| {months[:, 1].max():.2f} % |",
                flush=True,
            )


if __name__ == "__main__":
    main()
