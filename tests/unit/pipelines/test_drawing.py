"""The map on paper: places, holes, scale."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import geopandas as gpd
import pytest
import shapely

from zonnekaart.pipelines.drawing.curves import day_curve, month_bars, top_of_days
from zonnekaart.pipelines.drawing.drawn import DrawnLayer, Note, Picture, Shape
from zonnekaart.pipelines.drawing.svg import svg_map

SVG = "{http://www.w3.org/2000/svg}"


def drawing(shapes, bounds, looks=None, notes=()):
    geometry = gpd.GeoSeries(shapes, crs="EPSG:31370")
    looks = looks or [Shape("#ff0000", "#000000")] * len(shapes)
    text = svg_map(Picture([DrawnLayer("x", "X", geometry, looks)], bounds, notes), 200, 100, "map")
    return ET.fromstring(text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))  # noqa: S314 - ours


def paths(found):
    return [p.get("d") for p in found.find(f"{SVG}g[@id='layer-x']").findall(f"{SVG}path")]


def test_north_is_up_and_the_whole_is_in_view():
    found = drawing([shapely.box(0, 0, 100, 100)], (0.0, 0.0, 100.0, 100.0))
    numbers = [float(v) for v in re.findall(r"-?\d+\.?\d*", paths(found)[0])]
    x, y = numbers[0::2], numbers[1::2]
    # The square fills the height and stands in the middle of the width.
    assert (min(x), max(x)) == (50.0, 150.0)
    assert (min(y), max(y)) == (0.0, 100.0)
    south_west = drawing([shapely.box(0, 0, 10, 10)], (0.0, 0.0, 100.0, 100.0))
    low = [float(v) for v in re.findall(r"-?\d+\.?\d*", paths(south_west)[0])][1::2]
    assert min(low) == 90.0


def test_a_hole_stays_a_hole_and_what_is_away_is_not_drawn():
    ring = shapely.box(0, 0, 100, 100).difference(shapely.box(40, 40, 60, 60))
    found = drawing([ring, shapely.box(900, 900, 950, 950)], (0.0, 0.0, 100.0, 100.0))
    (only,) = paths(found)
    assert only.count("M") == only.count("Z") == 2
    assert found.find(f"{SVG}g[@id='layer-x']").get("fill-rule") == "evenodd"


def test_the_scale_bar_has_the_length_it_says():
    found = drawing([shapely.box(0, 0, 100, 100)], (0.0, 0.0, 1000.0, 500.0))
    bar = found.find(f"{SVG}g[@class='scale']")
    left, right = re.match(r"M(\S+) \S+V\S+H(\S+)V", bar.find(f"{SVG}path").get("d")).groups()
    assert bar.find(f"{SVG}text").text == "200 m"
    # A fifth of a metre per pixel: 1000 m on 200 px.
    assert float(right) - float(left) == pytest.approx(40.0)


def test_words_are_text():
    look = [Shape("#ff0000", "#000000", symbol="<b>")]
    note = Note(50.0, 50.0, ["a & b"], "<script>")
    found = drawing([shapely.box(0, 0, 100, 100)], (0.0, 0.0, 100.0, 100.0), look, [note])
    said = [t.text for t in found.iter(f"{SVG}text")]
    assert {"<b>", "a & b", "<script>"} <= set(said)


def test_a_remark_stays_on_the_map():
    note = Note(0.0, 100.0, ["at the edge"], "zone")
    found = drawing([shapely.box(0, 0, 100, 100)], (0.0, 0.0, 100.0, 100.0), notes=[note])
    box = found.find(f"{SVG}g[@class='remark']/{SVG}rect")
    x, y, width, height = (float(box.get(k)) for k in ("x", "y", "width", "height"))
    assert x >= 0
    assert y >= 0
    assert x + width <= 200
    assert y + height <= 100


def test_both_days_have_one_scale_and_unknown_demand_no_line():
    texts = {"title": "juni", "language": "nl"}
    day = [0.0] * 40 + [83.0] * 16 + [0.0] * 40
    top = top_of_days(day, [None] * 96)
    assert top == 100.0
    known = day_curve(day, [20.0] * 96, top, (240, 120), texts)
    unknown = day_curve(day, [None] * 96, top, (240, 120), texts)
    assert "100\u00a0kW" in known
    assert 'stroke-width="1.8"' in known
    assert 'stroke-width="1.8"' not in unknown


def test_a_month_that_is_not_known_has_no_bar():
    texts = {"title": "x", "months": "JFMAMJJASOND", "language": "nl"}
    made = month_bars([100.0] * 12, [None] * 11 + [50.0], (240, 120), texts)
    assert made.count("<rect") == 13
    nothing = month_bars([None] * 12, [None] * 12, (240, 120), texts)
    assert nothing.count("<rect") == 0
