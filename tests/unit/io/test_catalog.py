"""DCAT-AP catalogues hold to the published SHACL shapes, and the same content gives one text."""

from __future__ import annotations

import json

import pyshacl
import pytest
from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF

from zonnekaart.io.catalog import (
    CatalogInfo,
    Dataset,
    Distribution,
    Measurement,
    Service,
    build_catalog,
)

SH = Namespace("http://www.w3.org/ns/shacl#")

# rdflib's own JSON-LD parser still makes one
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


@pytest.fixture(scope="session")
def shapes(shared_standards):
    """The shapes; five of their references point at property shapes of other files and go."""
    graph = Graph()
    for name in ("dcat-ap-SHACL.ttl", "ranges.ttl"):
        graph.parse(shared_standards / "dcat-ap-3.0.1" / name)
    lost = [
        t for t in graph.triples((None, SH.property, None)) if (t[2], SH.path, None) not in graph
    ]
    assert len(lost) == 5
    for triple in lost:
        graph.remove(triple)
    return graph


def conforms(text, shapes):
    graph = Graph().parse(data=text, format="json-ld")
    ok, _, report = pyshacl.validate(graph, shacl_graph=shapes, do_owl_imports=False)
    return ok, report


def info(**options):
    return CatalogInfo(
        "essen", {"nl": "Kaart"}, {"nl": "Lagen"}, "Gemeente", modified="2026-11-23", **options
    )


def zones(**options):
    values = {
        "id": "zones",
        "title": {"nl": "Zones", "en": "Zones"},
        "description": {"nl": "Zones met klasse"},
        "publisher": "Gemeente",
        "distributions": [
            Distribution(
                "https://example.org/zones.gpkg",
                "zones.gpkg",
                "application/geopackage+sqlite3",
                "ab" * 32,
                1234,
                "CC BY 4.0",
            )
        ],
        "keywords": ["zon"],
        "spatial": "Essen",
        "bounds_lonlat": (4.42, 51.43, 4.47, 51.46),
        "temporal": ("2013", "2015-04-20"),
        "crs": "EPSG:31370",
        "modified": "2026-11-23",
        "landing_pages": ["https://example.org/a page?x=1"],
        "rights": "advisory",
        "measurements": [Measurement("covered_share", 0.17, "share of the area")],
    }
    return Dataset(**{**values, **options})


def test_full_catalogue_conforms(shapes):
    service = Service("api", {"nl": "API"}, "https://example.org/api", ["zones"])
    ok, report = conforms(build_catalog(info(), [zones()], [service]), shapes)
    assert ok, report


def test_dataset_without_anything_optional_conforms(shapes):
    bare = Dataset("x", {"nl": "X"}, {"nl": "Y"}, "Z")
    ok, report = conforms(build_catalog(info(), [bare]), shapes)
    assert ok, report


def test_the_shapes_do_catch_a_dataset_without_title(shapes):
    ok, report = conforms(build_catalog(info(), [zones(title={})]), shapes)
    assert not ok
    assert "title" in report


def test_the_same_content_gives_the_same_text():
    assert build_catalog(info(), [zones()]) == build_catalog(info(), [zones()])


def test_no_blank_nodes():
    assert "_:" not in build_catalog(info(), [zones()])


def test_what_was_written_is_what_is_read():
    text = build_catalog(
        info(base="https://example.org/"), [zones(), zones(id="b", derived_from=["zones"])]
    )
    graph = Graph().parse(data=text, format="json-ld")
    node = URIRef("https://example.org/essen:dataset:zones")
    assert (node, RDF.type, DCAT.Dataset) in graph
    assert (URIRef("https://example.org/essen:dataset:b"), DCTERMS.source, node) in graph
    assert str(graph.value(node, DCTERMS.conformsTo)).endswith("/EPSG/0/31370")
    assert str(graph.value(node, DCAT.landingPage)) == "https://example.org/a%20page?x=1"
    assert json.loads(text)["@context"]["dcat"] == str(DCAT)
