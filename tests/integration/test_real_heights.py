"""Checks on real heights: silent on what is sound, and not on the same heights with a flaw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest

from zonnekaart.geo.heights import AS_IT_IS
from zonnekaart.geo.roofs import shifted
from zonnekaart.io.raster import HeightReader
from zonnekaart.pipelines.checks.findings import Inspection
from zonnekaart.pipelines.checks.layers import Layer
from zonnekaart.pipelines.checks.position import check_offset, measure_offset
from zonnekaart.pipelines.checks.scan import scan_heights

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.shared

HEIGHTS = {
    "essen dsm": "essen-be-dhmv/essen_dsm_1m.tif",
    "essen dtm": "essen-be-dhmv/essen_dtm_1m.tif",
    "delfshaven dsm": "delfshaven-lod2/delfshaven_dsm.tif",
    "delfshaven dtm": "delfshaven-lod2/delfshaven_dtm.tif",
}
PLACES = {
    "essen": ("essen-be-dhmv/essen_dsm_1m.tif", "essen-be-dhmv/essen_footprints_DERIVED.gpkg"),
    "delfshaven": (
        "delfshaven-lod2/delfshaven_dsm.tif",
        "delfshaven-lod2/delfshaven_footprints.gpkg",
    ),
}


@pytest.mark.parametrize("name", HEIGHTS)
def test_real_heights_have_no_seams_holes_or_many_spikes(name: str, shared_data: Path) -> None:
    scan = scan_heights(shared_data / HEIGHTS[name], np.empty((0, 2)))
    assert scan.flaws.seams() == []
    assert scan.flaws.holes() == []
    assert scan.flaws.spikes <= 2
    assert scan.codes == 0


def offset_of(place: str, folder: Path, shift: tuple[float, float]) -> Inspection:
    heights, footprints = (folder / part for part in PLACES[place])
    frame = gpd.read_file(footprints)
    moved = gpd.GeoSeries(shifted(frame.geometry.to_numpy(), shift), crs=frame.crs)
    layer = Layer(Inspection("inputs.buildings", ""), frame.set_geometry(moved), comparable=True)
    with HeightReader(heights) as reader:
        box = reader.geobox
    check_offset(measure_offset(heights, layer, box, AS_IT_IS), (0.0, 0.0), layer.inspection)
    return layer.inspection


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("shift", "severities"),
    [
        ((0.0, 0.0), []),
        ((0.5, 0.0), []),
        ((-1.4, 1.4), ["warning"]),
        ((0.0, -2.0), ["warning"]),
        ((5.0, 0.0), ["error"]),
        ((-3.5, -3.5), ["error"]),
    ],
)
def test_shift_of_real_footprints(
    place: str, shift: tuple[float, float], severities: list[str], shared_data: Path
) -> None:
    inspection = offset_of(place, shared_data, shift)
    assert [f.severity for f in inspection.findings] == severities
    assert inspection.facts["offset_east_m"] == pytest.approx(-shift[0], abs=0.4)
    assert inspection.facts["offset_north_m"] == pytest.approx(-shift[1], abs=0.4)


@pytest.mark.parametrize("place", PLACES)
def test_footprints_far_beyond_reach_claim_nothing(place: str, shared_data: Path) -> None:
    inspection = offset_of(place, shared_data, (83.0, 57.0))
    assert inspection.findings == []
