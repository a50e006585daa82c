from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zonnekaart.io.features import OPERATORS, Condition, FeatureLayer, FeatureQuery, FilterError
from zonnekaart.io.reference_systems import CRS84, LONLAT, offered_systems, system_of
from zonnekaart.io.warehouse import Warehouse, write_warehouse

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
WEST, SOUTH = 180_000.0, 198_000.0
COUNT = 50


def _zones() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "zone_id": [f"Z{n}" for n in range(COUNT)],
            "name": ["O'Hara; DROP TABLE zones --" if n == 1 else f"é {n}" for n in range(COUNT)],
            "capacity_kwp": [np.nan if n == 0 else float(n) for n in range(COUNT)],
            "published": [n % 2 == 0 for n in range(COUNT)],
            "flags": [json.dumps([f"f{n}"]) for n in range(COUNT)],
        },
        geometry=[
            shapely.box(x, SOUTH, x + 80, SOUTH + 80)
            for x in (WEST + 100 * n for n in range(COUNT))
        ],
        crs="EPSG:31370",
    )


@pytest.fixture(scope="module")
def layer(tmp_path_factory):
    path = tmp_path_factory.mktemp("features") / "w.duckdb"
    write_warehouse(path, {"zones": _zones()}, {})
    return FeatureLayer(Warehouse(path), "zones", "EPSG:31370")


def _ids(layer, **wish) -> set[str]:
    page = layer.page(FeatureQuery(limit=1000, **wish))
    found = [json.loads(text)["id"] for text in page.features]
    assert len(set(found)) == len(found) == page.matched
    return set(found)


@pytest.mark.parametrize("code", [31370, 3812, 3857])
def test_coordinates_are_those_of_geopandas(layer, code):
    expected = _zones().set_index("zone_id").to_crs(code)
    system = layer.systems[f"{EPSG}{code}"]
    for text in layer.page(FeatureQuery(system=system)).features:
        feature = json.loads(text)
        shape = shapely.geometry.shape(feature["geometry"])
        assert shapely.hausdorff_distance(shape, expected.geometry[feature["id"]]) < 2e-4


def test_latitude_comes_first_only_where_the_system_says_so(layer):
    lonlat = json.loads(layer.one("Z3"))["geometry"]["coordinates"][0]
    latlon = json.loads(layer.one("Z3", layer.systems[f"{EPSG}4326"]))["geometry"]["coordinates"][0]
    assert [[y, x] for x, y in lonlat] == latlon
    assert 4 < lonlat[0][0] < 6
    expected = _zones().to_crs(4326).geometry[3]
    assert shapely.hausdorff_distance(shapely.Polygon(lonlat), expected) < 2e-9


def test_records_are_unpacked_and_unknown_is_null(layer):
    properties = json.loads(layer.one("Z0"))["properties"]
    assert properties["flags"] == ["f0"]
    assert properties["capacity_kwp"] is None
    assert set(properties) == {"zone_id", "name", "capacity_kwp", "published", "flags"}


def test_pages_hold_everything_once(layer):
    found = []
    for offset in range(0, COUNT + 7, 7):
        page = layer.page(FeatureQuery(limit=7, offset=offset))
        assert page.matched == COUNT
        found += [json.loads(text)["id"] for text in page.features]
    assert sorted(found) == sorted(_zones()["zone_id"])


@pytest.mark.parametrize("code", [31370, 3812, 3857, 4326])
def test_a_box_meets_what_touches_it_in_every_system(layer, code):
    zones = _zones()
    window = shapely.box(WEST + 330, SOUTH + 20, WEST + 730, SOUTH + 40)
    expected = set(zones[zones.intersects(window)]["zone_id"])
    inside = gpd.GeoSeries([window], crs=31370).to_crs(code).total_bounds
    system = layer.systems[f"{EPSG}{code}"]
    assert (
        _ids(layer, box=tuple(inside), box_system=system)
        == expected
        == {f"Z{n}" for n in range(3, 8)}
    )


def test_the_whole_world_is_a_box_too_even_round_the_back(layer):
    assert len(_ids(layer, box=(-180.0, -90.0, 180.0, 90.0))) == COUNT
    assert len(_ids(layer, box=(4.0, -90.0, 3.0, 90.0))) == COUNT
    assert _ids(layer, box=(170.0, -90.0, -170.0, 90.0)) == set()
    assert (
        _ids(layer, box=(1e300, 0.0, 1e301, 1.0), box_system=layer.systems[f"{EPSG}3857"]) == set()
    )


def test_values_are_bound_whatever_they_hold(layer):
    assert _ids(layer, conditions=(Condition("name", "=", "O'Hara; DROP TABLE zones --"),)) == {
        "Z1"
    }
    assert _ids(layer, conditions=(Condition("name", "=", "' OR 1=1 --"),)) == set()


def test_comparisons(layer):
    def ids(*conditions: tuple[str, str, str]) -> set[str]:
        return _ids(layer, conditions=tuple(Condition(*c) for c in conditions))

    assert ids(("capacity_kwp", ">=", "48")) == {"Z48", "Z49"}
    assert ids(("capacity_kwp", "<", "2"), ("published", "=", "false")) == {"Z1"}
    # Unknown meets nothing, not even "is not".
    assert "Z0" not in ids(("capacity_kwp", "<>", "5"))
    assert ids(("published", "=", "TRUE"), ("capacity_kwp", "<=", "2")) == {"Z2"}


@pytest.mark.parametrize(
    "condition",
    [
        ("nope", "=", "1"),
        ("geometry", "=", "1"),
        ("xmin", "=", "1"),
        ("flags", "=", "1"),
        ("rowid", "=", "1"),
        ('name" OR "1', "=", "1"),
        ("name", "LIKE", "%"),
        ("name", "= ? OR 1=1 --", "1"),
        ("capacity_kwp", "=", "many"),
        ("capacity_kwp", "=", "nan"),
        ("capacity_kwp", "=", "inf"),
        ("published", "=", "1"),
        ("published", "<", "true"),
    ],
)
def test_what_does_not_fit_is_refused_without_repeating_it(layer, condition):
    with pytest.raises(FilterError) as caught:
        layer.page(FeatureQuery(conditions=(Condition(*condition),)))
    assert "1=1" not in str(caught.value)
    assert "OR" not in str(caught.value)


@settings(max_examples=80, deadline=None)
@given(
    column=st.one_of(st.sampled_from(["name", "capacity_kwp", "published", "flags"]), st.text()),
    operator=st.one_of(st.sampled_from(OPERATORS), st.text(max_size=5)),
    value=st.one_of(
        st.text(), st.floats().map(str), st.sampled_from(["true", "' OR ''='", "1e999"])
    ),
)
def test_conditions_from_nowhere_are_answered_or_refused(layer, column, operator, value):
    try:
        page = layer.page(FeatureQuery(conditions=(Condition(column, operator, value),)))
    except FilterError:
        return
    assert column in layer.columns
    assert operator in OPERATORS
    assert page.matched <= COUNT


def test_systems_that_do_not_fit_the_place_are_not_offered(layer):
    assert list(layer.systems)[:2] == [CRS84, f"{EPSG}31370"]
    essen = offered_systems("EPSG:28992", (90_000.0, 435_000.0, 95_000.0, 440_000.0))
    assert f"{EPSG}31370" not in essen
    assert list(essen)[1] == f"{EPSG}28992"


def test_a_compound_system_is_its_flat_part():
    assert system_of("EPSG:7415").code == "EPSG:28992"
    assert not LONLAT.north_first
    assert system_of("EPSG:4326").north_first
    assert not system_of("EPSG:31370").north_first
