from __future__ import annotations

from xml.etree import ElementTree as ET

from zonnekaart.cartography.classes import CLASSES
from zonnekaart.cartography.qml import zone_qml


def test_is_xml_with_one_symbol_per_class():
    root = ET.fromstring(zone_qml("fr"))  # noqa: S314 - our own text
    categories = root.findall(".//category")
    assert [c.get("value") for c in categories] == list(CLASSES)
    assert categories[1].get("label") == "⚭ partage"
    symbols = {s.get("name"): s for s in root.findall(".//symbols/symbol")}
    assert all(c.get("symbol") in symbols for c in categories)


def test_colours_are_the_classes_own():
    root = ET.fromstring(zone_qml())  # noqa: S314 - our own text
    first = root.find(".//symbols/symbol/layer")
    options = {o.get("name"): o.get("value") for o in first.iter("Option") if o.get("name")}
    assert options["color"] == "0,158,115,153"
    assert options["style"] == "solid"
