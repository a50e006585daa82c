"""Roofs and ground around some buildings: unit of the heights, and what the models hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from zonnekaart.geo.heights import METRES, Corrections
from zonnekaart.io.raster import HeightReader
from zonnekaart.pipelines.checks.findings import Inspection, share

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.geo.geobox import GeoBox
    from zonnekaart.pipelines.checks.layers import Layer
    from zonnekaart.pipelines.checks.scan import HeightScan

    FloatArray = npt.NDArray[np.float32]

MOST_MEDIAN_HEIGHT_M = 100.0
"""No district has half its buildings higher than this; a shed of 1 m in centimetres is. [m]"""

MOST_SLENDER = 4.0
"""Height over the root of the footprint: 0.7 for a house, 2 for a tower, 7 for a house in dm."""

LEAST_IN_DECIMETRES = 25.0
MOST_GROUND_DIFFERENCE_M = 50.0
"""Terrain model against the low cells around buildings; datums differ by 2.3 m here. [m]"""

LOW_ROOF_M = 1.5
HOLE_SHARE = 0.1
BUILT_OVER_M = 0.3
"""Mean terrain under a building over the one around it, as a share of the building's height."""

LEAST_STANDING_M = 2.5
_LOCAL_BUILDINGS = 300
_AROUND_M = 15.0
_LOW_QUANTILE = 0.1
_UNIT_WORDS = {"dm": "decimetres", "cm": "centimetres", "mm": "millimetres"}


@dataclass(frozen=True)
class Relief:
    """
    Heights around sampled buildings, shape (buildings,).

    Parameters
    ----------
    roof, ground : ndarray of float32
        Median inside and low cells outside each footprint. [m]
    side : ndarray of float32
        Root of the footprint's area. [m]
    unknown : ndarray of float32
        Share of each footprint's cells that have no height. [-]
    """

    roof: FloatArray
    ground: FloatArray
    side: FloatArray
    unknown: FloatArray

    @property
    def standing(self) -> FloatArray:
        """Height of the roofs over the ground; NaN without heights. [m]."""
        return self.roof - self.ground

    @property
    def height(self) -> float:
        """Median height of the buildings; NaN when none has one. [m]."""
        known = self.standing[np.isfinite(self.standing)]
        return float(np.median(known)) if known.size else float("nan")

    @property
    def unit(self) -> str:
        """Unit in which these buildings have heights that buildings have."""
        return unit_of(self.height, float(np.median(self.side)) if self.side.size else 0.0)


def measure_relief(
    path: Path, buildings: Layer, box: GeoBox, corrections: Corrections, *, rim: float = _AROUND_M
) -> Relief:
    """
    Measure roof and ground around some buildings in one raster alone.

    Parameters
    ----------
    path : Path
        The raster.
    buildings : Layer
        The footprints.
    box : GeoBox
        Its lattice.
    corrections : Corrections
        What the project states about its numbers.
    rim : float
        How far around a footprint the ground is looked for. [m]
    """
    shapes = buildings.geometry
    shapes = shapes[shapely.is_valid(shapes) & ~shapely.is_empty(shapes)]
    chosen = shapes[np.unique(np.linspace(0, len(shapes) - 1, _LOCAL_BUILDINGS).astype(int))]
    rows = []
    with HeightReader(path, corrections) as reader:
        for shape in chosen:
            inside, outside = _around(reader, shape, box, max(rim, 3 * box.cell_m))
            if inside.size:
                rows.append(_measured(inside, outside, float(np.sqrt(shapely.area(shape)))))
    table = np.array(rows, dtype=np.float32).reshape(-1, 4)
    return Relief(*table.T)


def _around(
    reader: HeightReader, shape: shapely.Geometry, box: GeoBox, rim: float
) -> tuple[FloatArray, FloatArray]:
    """Return the heights inside a footprint and in its bounding box with a rim."""
    west, south, east, north = shapely.bounds(shape)
    row = int((box.north - north - rim) // box.cell_m)
    col = int((west - rim - box.west) // box.cell_m)
    rows = int((north - south + 2 * rim) / box.cell_m) + 1
    cols = int((east - west + 2 * rim) / box.cell_m) + 1
    block = reader.read(row, col, rows, cols)
    x = box.west + (col + np.arange(cols) + 0.5) * box.cell_m
    y = box.north - (row + np.arange(rows) + 0.5) * box.cell_m
    xs, ys = np.meshgrid(x, y)
    on_raster = (xs > box.west) & (xs < box.east) & (ys > box.south) & (ys < box.north)
    inside = shapely.contains_xy(shape, xs, ys)
    return block[inside & on_raster], block[~inside & on_raster]


def _measured(
    inside: FloatArray, outside: FloatArray, side: float
) -> tuple[float, float, float, float]:
    known, around = inside[np.isfinite(inside)], outside[np.isfinite(outside)]
    roof = float(np.median(known)) if known.size else float("nan")
    ground = float(np.quantile(around, _LOW_QUANTILE)) if around.size else float("nan")
    return roof, ground, side, 1.0 - known.size / inside.size


def unit_of(height: float, side: float = 10.0) -> str:
    """
    Return the unit in which buildings of this height and width would be buildings.

    Parameters
    ----------
    height : float
        Median height of buildings, in the file's unit.
    side : float
        Root of their footprint's area. [m]

    Examples
    --------
    >>> unit_of(7.0), unit_of(70.0), unit_of(740.0), unit_of(7400.0), unit_of(70.0, 40.0)
    ('m', 'dm', 'cm', 'mm', 'm')
    """
    if height > 20 * MOST_MEDIAN_HEIGHT_M:
        return "mm"
    if height > MOST_MEDIAN_HEIGHT_M:
        return "cm"
    slender = height > LEAST_IN_DECIMETRES and height > MOST_SLENDER * side
    return "dm" if slender else "m"


def check_relief(relief: Relief, inspection: Inspection) -> None:
    """Note heights that are not in metres, missing roofs, and holes in roofs."""
    known = np.isfinite(relief.standing)
    _check_roof_holes(relief, inspection)
    if not known.any():
        return
    height = relief.height
    low = int(np.count_nonzero(relief.standing[known] < LOW_ROOF_M))
    total = int(known.sum())
    inspection.facts["median_building_height_m"] = height
    if relief.unit != "m":
        factor = METRES[relief.unit]
        inspection.error(
            "heights.unit",
            f"buildings that stand {height:.0f} above the ground (median): "
            f"{_UNIT_WORDS[relief.unit]}?",
            f"heights in metres, with buildings under {MOST_MEDIAN_HEIGHT_M:g} m (median)",
            f'state unit = "{relief.unit}" in [{inspection.input}], or convert the file: '
            f'gdal_calc.py -A IN --calc="A*{factor:g}" --type=Float32 --outfile=OUT',
        )
    elif 2 * low > total:
        inspection.error(
            "heights.no_roofs",
            f"no roof at {share(low, total)} of the footprints "
            f"(less than {LOW_ROOF_M:g} m above the ground; median {height:.1f} m)",
            "a surface model, with roofs where the footprints are",
            "see whether a terrain model was given as dsm, the unit stated is wrong, or the "
            "footprints are shifted",
        )
    elif low:
        inspection.info(
            "heights.low_roofs",
            f"{share(low, total)} of {total} sampled footprints stand less "
            f"than {LOW_ROOF_M:g} m above the ground",
            "roofs where the footprints are",
            "these are newer than the heights, or gone; they are flagged, not computed as zero",
        )


def _check_roof_holes(relief: Relief, inspection: Inspection) -> None:
    holed = int(np.count_nonzero((relief.unknown > HOLE_SHARE) & (relief.unknown < 1.0)))
    if not holed:
        return
    inspection.warning(
        "heights.roof_holes",
        f"holes in {share(holed, relief.unknown.size)} of {relief.unknown.size} sampled "
        f"footprints (over {100 * HOLE_SHARE:g} % of their cells without a height)",
        "heights on whole roofs",
        "state fill_holes_m to fill small holes while reading, or fill the file: "
        "gdal_fillnodata.py; what stays unknown gets no planes",
    )


def check_terrain_relief(
    relief: Relief, under: Relief, terrain: HeightScan, inspection: Inspection
) -> None:
    """
    Compare the terrain with the low cells around buildings, and with the buildings.

    Parameters
    ----------
    relief, under : Relief
        Of the surface and of the terrain model.
    terrain : HeightScan
        The terrain model.
    inspection : Inspection
        Of the terrain model.
    """
    known = np.isfinite(relief.ground)
    if not known.any() or not terrain.sample.size:
        return
    ground, level = float(np.median(relief.ground[known])), float(np.median(terrain.sample))
    if relief.unit != "m" and abs(level - ground) < 0.5 * abs(ground):
        inspection.error(
            "heights.unit",
            f"a terrain at {level:.0f}, like the surface model that is not in metres",
            "heights in metres",
            f'state unit = "{relief.unit}" in [inputs.dtm] too, or convert both to metres: '
            f'gdal_calc.py -A IN --calc="A*{METRES[relief.unit]:g}" --type=Float32 --outfile=OUT',
        )
    elif relief.unit == "m" and abs(level - ground) > MOST_GROUND_DIFFERENCE_M:
        inspection.error(
            "heights.terrain",
            f"a terrain at {level:.1f} (median) where the surface has its ground at {ground:.1f}",
            f"a terrain within {MOST_GROUND_DIFFERENCE_M:g} m of that",
            'see whether the terrain model is in centimetres (unit = "cm"), or of another place '
            "or datum",
        )
    elif relief.height > LEAST_STANDING_M and under.height > BUILT_OVER_M * relief.height:
        inspection.error(
            "heights.built_terrain",
            f"a terrain that rises {under.height:.1f} m under the buildings (median), which stand "
            f"{relief.height:.1f} m over their surroundings",
            "bare ground: buildings and trees taken out",
            "see whether the surface model was given as dtm; leave [inputs.dtm] out when there is "
            "no terrain model",
        )
