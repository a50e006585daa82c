from __future__ import annotations

import pytest
from rdflib import Graph
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT

from zonnekaart.api.answers import best_type
from zonnekaart.io.catalog_formats import CATALOG_FORMATS

# rdflib's own JSON-LD parser still makes one
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


@pytest.mark.parametrize(("kind", "name"), CATALOG_FORMATS.items())
def test_every_notation_says_the_same(client, kind, name):
    answer = client.get("/catalog", headers={"accept": kind})
    assert answer.headers["content-type"].startswith(kind)
    assert "Accept" in answer.headers["vary"]
    mine = Graph().parse(data=answer.text, format=name)
    plain = Graph().parse(data=client.get("/catalog").text, format="json-ld")
    assert isomorphic(mine, plain)


def test_every_address_of_the_server_in_it_answers(client):
    graph = Graph().parse(data=client.get("/catalog").text, format="json-ld")
    places = {str(o) for p in (DCAT.accessURL, DCAT.endpointURL) for o in graph.objects(None, p)}
    ours = {place for place in places if place.startswith("http://testserver")}
    assert "http://testserver/ogc" in ours
    assert len(ours) == 12
    assert not [place for place in places if place.startswith("urn:")]
    for place in ours:
        assert client.get(place).status_code == 200


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/ld+json"),
        ("*/*", "application/ld+json"),
        ("text/html", "application/ld+json"),
        ("text/*;q=0.5, application/rdf+xml;q=0.4", "text/turtle"),
        ("text/turtle;q=0.1, application/ld+json;q=0.2", "application/ld+json"),
        ("text/turtle;q=x, application/rdf+xml", "application/rdf+xml"),
        ("TEXT/TURTLE", "text/turtle"),
    ],
)
def test_the_notation_liked_most_is_chosen(accept, kind):
    assert best_type(accept, tuple(CATALOG_FORMATS)) == kind
