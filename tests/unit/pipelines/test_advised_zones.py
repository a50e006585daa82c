"""Advised zones of a row of six judged zones: figures, names, reasons, and what stays hidden."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from zonnekaart.config import parse_project
from zonnekaart.pipelines.advised_zones import COMPLETE_SUMS, KNOWN_SUMS, advised_zones
from zonnekaart.quantities import INDICATORS, QUANTITIES, ZONE_CLASSES

CRS = "EPSG:31370"
CLASSES = ("delen", "delen", "onbekend", "overschot", "overschot", "vraag")


def reason(rule, severity="high"):
    return {"rule_id": rule, "severity": severity}


def zones():
    rows = []
    for k, name in enumerate(CLASSES):
        hidden = name == "onbekend"
        figures = dict.fromkeys(INDICATORS, np.nan)
        figures |= dict.fromkeys((*KNOWN_SUMS, *COMPLETE_SUMS), 10.0 * (k + 1))
        figures |= {
            "connections": 4.0 if hidden else 40.0,
            "consumption_kwh": np.nan if hidden else 1000.0 * (k + 1),
        }
        rows.append(
            {
                "zone_id": f"W1-{k}",
                "name": f"Noord · vak {k + 1}" if k < 3 else f"Zuid · vak {k - 2}",
                "zone_class": name,
                "class_probabilities": {c: 0.8 if c == name else 0.04 for c in ZONE_CLASSES},
                "indicators": figures,
                "bottlenecks": [reason("net-vol")] * (k % 2),
                "opportunities": [reason("delen-loont"), reason("goede-zon", "low")][: 1 + k % 2],
                "published": not hidden,
                "geometry": shapely.box(100 * k, 0, 100 * k + 100, 90),
            }
        )
    return gpd.GeoDataFrame(rows, crs=CRS)


def project(**advised):
    raw = {
        "project": {"name": "Rij", "crs": CRS},
        "inputs": {key: {"path": "absent"} for key in ("dsm", "buildings", "weather")},
        "zoning": {"advised": advised},
    }
    return parse_project(raw, Path("zonnekaart.toml"))


def test_every_zone_is_in_one_advised_zone_that_covers_it_exactly():
    given = zones()
    found = advised_zones(given, project())
    assert sorted(z for row in found["member_zones"] for z in row) == given["zone_id"].tolist()
    shapes = given.set_index("zone_id").geometry
    for row in found.itertuples():
        whole = shapely.union_all(shapes[list(row.member_zones)].to_numpy())
        assert row.geometry.symmetric_difference(whole).area == pytest.approx(0.0, abs=1e-6)
        assert row.geometry.geom_type == "Polygon"
        assert row.zones == len(row.member_zones) == len(row.member_classes)
    assert found.area.sum() == pytest.approx(given.area.sum())
    assert found.union_all().area == pytest.approx(given.area.sum())


def test_the_island_joins_and_keeps_its_own_class():
    found = advised_zones(zones(), project())
    assert found["zone_class"].tolist() == ["delen", "overschot", "vraag"]
    assert found["member_classes"].tolist()[0] == ["delen", "delen", "onbekend"]
    assert found["advised_id"].tolist() == ["adv-W1-0", "adv-W1-3", "adv-W1-5"]
    assert found["name"].tolist() == ["Noord", "Zuid · gebied 1", "Zuid · gebied 2"]


def test_a_larger_least_area_merges_more():
    found = advised_zones(zones(), project(min_area_m2=20_000))
    assert len(found) < 3


def test_figures_add_up_and_confidence_is_weighted_by_yield():
    found = advised_zones(zones(), project()).set_index("advised_id")
    first = found.loc["adv-W1-0"]
    for name in (*KNOWN_SUMS, *COMPLETE_SUMS):
        assert first[name] == pytest.approx(84.0 if name == "connections" else 60.0), name
    assert first["confidence"] == pytest.approx((10 * 0.8 + 20 * 0.8 + 30 * 0.04) / 60)


def test_shared_reasons_say_in_how_many_zones_they_hold():
    found = advised_zones(zones(), project()).set_index("advised_id")
    told = [
        (r["rule_id"], r["zones"], r["of"]) for r in found.loc["adv-W1-0", "shared_opportunities"]
    ]
    assert told == [("delen-loont", 3, 3), ("goede-zon", 1, 3)]
    assert found.loc["adv-W1-0", "shared_bottlenecks"][0]["zones"] == 1


def test_the_consumption_is_the_sum_of_what_is_shown_so_subtraction_gives_nothing():
    given = zones()
    found = advised_zones(given, project()).set_index("advised_id")
    assert found.loc["adv-W1-0", "consumption_kwh"] == 3000.0
    assert found.loc["adv-W1-0", "zones_with_demand"] == 2
    # Even a figure that slipped through does not count while its zone is not published.
    given.loc[2, "indicators"]["consumption_kwh"] = 123_456.0
    again = advised_zones(given, project()).set_index("advised_id")
    assert again.drop(columns="geometry").equals(found.drop(columns="geometry"))


def test_nothing_shown_is_not_known_and_not_zero():
    given = zones()
    given["published"] = False
    found = advised_zones(given, project())
    assert found["consumption_kwh"].isna().all()
    assert (found["zones_with_demand"] == 0).all()


def test_the_order_of_rows_does_not_matter():
    given = zones()
    plain = advised_zones(given, project())
    turned = advised_zones(given.iloc[::-1], project())
    columns = ["advised_id", "name", "member_zones", "member_classes", "confidence"]
    assert plain[columns].to_dict("records") == turned[columns].to_dict("records")


def test_every_column_is_registered():
    assert set(advised_zones(zones(), project()).columns) <= set(QUANTITIES)
