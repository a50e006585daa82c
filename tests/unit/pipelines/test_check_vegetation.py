"""Vegetation: terrain, lattice, units, and no buildings among the trees."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from tests.unit.pipelines.test_check_heights import NORTH, SIZE, WEST, codes, write
from zonnekaart.config import parse_project
from zonnekaart.pipelines.checks.buildings import check_buildings
from zonnekaart.pipelines.checks.findings import Inspection
from zonnekaart.pipelines.checks.heights import open_lattice
from zonnekaart.pipelines.checks.place import Place
from zonnekaart.pipelines.checks.vegetation import check_vegetation


@pytest.fixture
def check(tmp_path):
    """Return a function that checks crowns over ten houses."""
    shapes = [
        shapely.box(WEST + c, NORTH - 30, WEST + c + 10, NORTH - 20) for c in range(10, 110, 10)
    ]
    frame = gpd.GeoDataFrame({"building_id": [str(i) for i in range(10)]}, geometry=shapes)
    frame.set_crs("EPSG:31370").to_file(tmp_path / "buildings.gpkg")
    write(tmp_path / "dsm.tif", np.full((SIZE, SIZE), 30.0))

    def run(crowns=None, *, dtm=True, cadastre=False, cell_m=1.0, **table):
        if crowns is not None:
            write(tmp_path / "crowns.tif", crowns, cell_m=cell_m)
            table["path"] = "crowns.tif"
        inputs = {
            "dsm": {"path": "dsm.tif"},
            "buildings": {"path": "buildings.gpkg"},
            "weather": {"path": "none.epw"},
            "vegetation": table,
        }
        if dtm:
            inputs["dtm"] = {"path": "dsm.tif"}
        if cadastre:
            light = {"irradiation_unit": "kWh/m2", "surface": "sloped"}
            inputs["cadastre"] = {"path": "light.tif", "kind": "raster", **light}
        raw = {"project": {"name": "Wood", "crs": "EPSG:31370"}, "inputs": inputs}
        project = parse_project(raw, tmp_path / "zonnekaart.toml")
        box = open_lattice(tmp_path / "dsm.tif", Inspection("inputs.dsm", "dsm.tif"))
        place = Place("EPSG:31370", box)
        return check_vegetation(project, place, check_buildings(project, place))

    return run


def crowns_over(houses: int, height: float = 9.0) -> np.ndarray:
    crowns = np.zeros((SIZE, SIZE))
    crowns[100:140, 50:90] = height
    crowns[20:30, 10 : 10 + 10 * houses] = height
    return crowns


def test_trees_beside_houses_have_no_findings(check):
    inspection = check(crowns_over(2))
    assert inspection.findings == []
    assert inspection.facts["crown_share"] == pytest.approx(1800 / SIZE**2, rel=0.05)


@pytest.mark.parametrize(("houses", "severity"), [(3, "warning"), (8, "error")])
def test_houses_among_the_trees_are_told(check, houses, severity):
    finding = check(crowns_over(houses)).findings[0]
    assert (finding.code, finding.severity) == ("vegetation.buildings", severity)


def test_heights_above_the_datum_are_no_trees_above_the_ground(check):
    assert codes(check(crowns_over(1, 90.0))) == ["vegetation.unit"]
    assert codes(check(crowns_over(1, 90.0), kind="canopy_top")) == []


def test_a_code_that_would_be_the_highest_tree_is_told(check):
    crowns = crowns_over(1)
    crowns[:20] = 9999.0
    assert codes(check(crowns)) == ["heights.undeclared_nodata"]


def test_other_cells_and_a_missing_terrain_stop_the_run(check):
    assert codes(check(crowns_over(1), cell_m=2.0)) == ["heights.misaligned"]
    assert codes(check(crowns_over(1), dtm=False)) == ["vegetation.ground"]


def test_derived_trees_are_told_as_an_estimate(check):
    finding = check(derive=True).findings[0]
    assert (finding.code, finding.severity) == ("vegetation.derived", "info")


def test_trees_beside_the_light_of_a_cadastre_stop_the_run(check):
    assert codes(check(crowns_over(1), cadastre=True)) == ["vegetation.cadastre"]
