"""Roof planes against planes that are known: the city model of Delfshaven and the embedded town.

``python -m benchmarks.roof_planes`` prints one line per place and noise, by sloped area:
right = cells whose plane is within 5 degrees of tilt and, where the roof is tilted, 15 degrees of
azimuth; the same for each true plane's best match; errors; area; planes found, missed and split.
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from zonnekaart.io.burning import cell_owners
from zonnekaart.io.raster import HeightReader
from zonnekaart.io.vector import read_layer
from zonnekaart.pipelines.town.write import build_town
from zonnekaart.solar.planegrowth import OUTSIDE
from zonnekaart.solar.roofplanes import RoofPlanes, roof_planes

NOISES_M = (0.0, 0.05, 0.10, 0.15)
TILT_DEG, AZIMUTH_DEG, TILTED_DEG = 5.0, 15.0, 5.0
FOUND_SHARE = 0.5
LEAST_M2 = 3.0


@dataclass(frozen=True)
class Place:
    name: str
    dsm: Path
    footprints: object
    truth: object


def delfshaven() -> Place:
    root = Path(__file__).resolve().parent.parent
    shared = os.environ.get("ZONNEKAART_DATA") or str(root.parent / "shared" / "data")
    folder = Path(shared) / "delfshaven-lod2"
    truth = read_layer(folder / "delfshaven_roofplanes_TRUTH.gpkg")
    # Where planes lie above one another, the highest is the roof.
    truth = truth.sort_values("zmax", ascending=False, ignore_index=True)
    truth = truth.rename(columns={"area3d_m2": "roof_area_m2"})
    buildings = read_layer(folder / "delfshaven_footprints.gpkg")
    return Place("Delfshaven 0.5 m", folder / "delfshaven_dsm.tif", buildings, truth)


def town(folder: Path) -> Place:
    build_town(folder)
    found = {path.name: path for path in folder.rglob("*")}
    truth = read_layer(found["roof_planes.gpkg"])
    truth = truth[truth["surveyed"].astype(bool)].reset_index(drop=True)
    buildings = read_layer(found["buildings.gpkg"])
    dsm = found.get("dsm.tif") or found["heights/dsm.tif"]
    return Place("Zonnedorp, noise added to its own", dsm, buildings, truth)


@dataclass(frozen=True)
class Cells:
    """Roof cells that a true plane holds: true plane, plane found, weight by sloped area."""

    true: np.ndarray
    mine: np.ndarray
    weight: np.ndarray
    tilt: np.ndarray
    azimuth: np.ndarray
    found: RoofPlanes

    def share(self, mask, within=None):
        within = np.ones(len(mask), bool) if within is None else within
        return float((self.weight * mask)[within].sum() / self.weight[within].sum())

    def median(self, values):
        known = ~np.isnan(values)
        order = np.argsort(values[known])
        sums = np.cumsum(self.weight[known][order])
        return float(values[known][order][np.searchsorted(sums, sums[-1] / 2.0)])

    def mean(self, values):
        known = ~np.isnan(values)
        return float((values * self.weight)[known].sum() / self.weight[known].sum())

    def errors(self, plane):
        """Return whether right, and the errors of tilt and azimuth, of a plane for each cell."""
        known = plane >= 0
        near = np.maximum(plane, 0)
        off = np.where(known, np.abs(self.found.tilt_deg[near] - self.tilt), np.nan)
        turn = np.abs((self.found.facing_deg[near] - self.azimuth + 180.0) % 360.0 - 180.0)
        tilted = self.tilt > TILTED_DEG
        turn = np.where(known & tilted, turn, np.nan)
        return known & (off <= TILT_DEG) & (~tilted | (turn <= AZIMUTH_DEG)), off, turn


def labels_of(found, shape):
    labels = np.full(shape, OUTSIDE)
    for number, (row, col, rows, cols) in enumerate(found.windows):
        if rows:
            part = found.window_labels(number)[1:-1, 1:-1]
            view = labels[row + 1 : row + rows - 1, col + 1 : col + cols - 1]
            view[part != OUTSIDE] = part[part != OUTSIDE]
    return labels


def matches(cells, count):
    """Return each true plane's plane with most cells, how many, and how many planes share it."""
    pairs, counts = np.unique(np.stack([cells.true, cells.mine]), axis=1, return_counts=True)
    match, best, parts = np.full(count, -1), np.zeros(count), np.zeros(count)
    total = np.bincount(cells.true, minlength=count)
    for k in np.argsort(counts, kind="stable"):
        plane, number = pairs[:, k]
        if number >= 0:
            match[plane], best[plane] = number, counts[k]
            parts[plane] += counts[k] >= 0.1 * total[plane]
    return match, best, parts, total


def measure(place: Place, noise_m: float) -> dict[str, float]:
    with HeightReader(place.dsm) as reader:
        height, box = reader.read(), reader.geobox
    height += np.float32(noise_m) * np.random.default_rng(1).standard_normal(
        height.shape, np.float32
    )
    footprints = list(shapely.force_2d(place.footprints.geometry.to_numpy()))
    owner = cell_owners(footprints, box)
    started = time.perf_counter()
    found = roof_planes(height, owner, box.cell_m, len(footprints))
    seconds = time.perf_counter() - started
    labels = labels_of(found, height.shape)
    truth_cells = cell_owners(list(place.truth.geometry), box)
    both = (truth_cells >= 0) & (labels != OUTSIDE)
    true = truth_cells[both]
    tilt = place.truth["tilt_deg"].to_numpy(float)[true]
    azimuth = place.truth["azimuth_deg"].to_numpy(float)[true]
    weight = 1.0 / np.cos(np.radians(np.minimum(tilt, 80.0)))
    cells = Cells(true, labels[both], weight, tilt, azimuth, found)
    match, best, parts, total = matches(cells, len(place.truth))
    right, _, _ = cells.errors(cells.mine)
    matched, off, turn = cells.errors(match[true])
    large = total * box.cell_m**2 >= LEAST_M2
    own = cells.mine[cells.mine >= 0]
    return {
        "seconds": seconds,
        "right": cells.share(right),
        "right_tilted": cells.share(right, tilt > TILTED_DEG),
        "matched": cells.share(matched),
        "matched_tilted": cells.share(matched, tilt > TILTED_DEG),
        "tilt_median": cells.median(off),
        "tilt_mean": cells.mean(off),
        "azimuth_median": cells.median(turn),
        "azimuth_mean": cells.mean(turn),
        "area": float((1.0 / np.cos(np.radians(found.tilt_deg[own]))).sum() / weight.sum()),
        "true": int(large.sum()),
        "found": int((large & (best >= FOUND_SHARE * total)).sum()),
        "missed": int((large & (match < 0)).sum()),
        "split": int((large & (parts > 1)).sum()),
        "planes": len(found.tilt_deg),
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for place in (delfshaven(), town(Path(folder))):
            measure(place, 0.0)
            for noise in NOISES_M:
                row = measure(place, noise)
                text = "  ".join(
                    f"{name} {value:.3f}" if isinstance(value, float) else f"{name} {value}"
                    for name, value in row.items()
                )
                print(f"{place.name}  noise {noise:.2f} m  {text}")


if __name__ == "__main__":
    main()
