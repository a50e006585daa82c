"""City models: the same house in CityJSON and CityGML, and files that are none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zonnekaart.errors import CrsError, VectorError
from zonnekaart.io.citymodels import read_city_model

if TYPE_CHECKING:
    from pathlib import Path

CORNERS = [[0, 0, 0], [8, 0, 0], [8, 6, 0], [0, 6, 0], [0, 0, 4], [8, 0, 4], [8, 6, 7], [0, 6, 7]]
GROUND, ROOF = [3, 2, 1, 0], [4, 5, 6, 7]


def cityjson(**changes: object) -> dict[str, object]:
    house = {
        "type": "Building",
        "attributes": {"storeys": 2},
        "geometry": [
            {
                "type": "Solid",
                "lod": "2.2",
                "boundaries": [[[GROUND], [ROOF]]],
                "semantics": {
                    "surfaces": [{"type": "GroundSurface"}, {"type": "RoofSurface"}],
                    "values": [[0, 1]],
                },
            }
        ],
    }
    content: dict[str, object] = {
        "type": "CityJSON",
        "version": "2.0",
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/7415"},
        "transform": {"scale": [0.5, 0.5, 0.5], "translate": [100.0, 200.0, 1.0]},
        "CityObjects": {"h1": house},
        "vertices": (np.array(CORNERS) * 2).tolist(),
    }
    return content | changes


def saved(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def gml(path: Path, *, crs: str = 'srsName="urn:ogc:def:crs:EPSG::28992"', head: str = "") -> Path:
    def surface(kind: str, corners: list[int]) -> str:
        ring = [[c + o for c, o in zip(CORNERS[i], (100, 200, 1), strict=True)] for i in corners]
        text = " ".join(f"{v}" for corner in [*ring, ring[0]] for v in corner)
        return (
            f"<b:boundedBy><b:{kind}><b:lod2MultiSurface><g:MultiSurface><g:surfaceMember>"
            f"<g:Polygon><g:exterior><g:LinearRing><g:posList>{text}</g:posList></g:LinearRing>"
            f"</g:exterior></g:Polygon></g:surfaceMember></g:MultiSurface></b:lod2MultiSurface>"
            f"</b:{kind}></b:boundedBy>"
        )

    path.write_text(
        f'<?xml version="1.0"?>{head}<CityModel xmlns:g="http://www.opengis.net/gml" '
        f'xmlns:b="http://www.opengis.net/citygml/building/2.0"><g:Envelope {crs}/>'
        f'<cityObjectMember><b:Building g:id="h1"><b:function>home</b:function>'
        f"{surface('GroundSurface', GROUND)}{surface('RoofSurface', ROOF)}"
        f"</b:Building></cityObjectMember></CityModel>"
    )
    return path


def test_both_formats_give_the_same_house(tmp_path: Path) -> None:
    first = read_city_model(saved(tmp_path / "a.json", cityjson()))
    second = read_city_model(gml(tmp_path / "a.gml"))
    assert first.crs == second.crs == "EPSG:28992"
    for model in (first, second):
        (house,) = model.buildings
        assert house.building_id == "h1"
        assert house.roofs[0].outer.tolist() == [
            [100, 200, 5], [108, 200, 5], [108, 206, 8], [100, 206, 8],
        ]  # fmt: skip
        assert len(house.grounds) == 1
    assert first.buildings[0].attributes == {"storeys": 2}
    assert second.buildings[0].attributes == {"function": "home"}


def test_parts_join_their_building(tmp_path: Path) -> None:
    content = cityjson()
    objects = content["CityObjects"]
    assert isinstance(objects, dict)
    part = objects["h1"] | {"type": "BuildingPart", "parents": ["h1"], "attributes": {}}
    objects["h1"] = {"type": "Building", "children": ["p"], "attributes": {"a": 1}}
    objects["p"] = part
    (house,) = read_city_model(saved(tmp_path / "a.json", content)).buildings
    assert (house.building_id, len(house.roofs), house.attributes) == ("h1", 1, {"a": 1})


def test_a_model_without_crs_needs_one(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.json", cityjson(metadata={}))
    with pytest.raises(CrsError, match="--crs"):
        read_city_model(path)
    assert read_city_model(path, "EPSG:28992").crs == "EPSG:28992"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"type": "FeatureCollection", "features": []}, "type FeatureCollection"),
        (cityjson(vertices=[[0, 0, 0]]), "refers to what is not there"),
        (cityjson(CityObjects={"t": {"type": "TINRelief"}}), "without a roof face"),
    ],
)
def test_what_is_no_city_model_is_named(tmp_path: Path, content: object, said: str) -> None:
    with pytest.raises(VectorError, match=said):
        read_city_model(saved(tmp_path / "a.json", content))


def test_half_a_file_is_refused(tmp_path: Path) -> None:
    for path in (saved(tmp_path / "a.json", cityjson()), gml(tmp_path / "a.gml")):
        path.write_text(path.read_text()[:-30])
        with pytest.raises(VectorError, match=r"no whole JSON|XML that cannot be read"):
            read_city_model(path)


def test_entities_are_refused(tmp_path: Path) -> None:
    path = gml(tmp_path / "a.gml", head='<!DOCTYPE x [<!ENTITY e "boom">]>')
    with pytest.raises(VectorError, match="DTD"):
        read_city_model(path)
