"""A catalogue in the notations of RDF that portals harvest."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from rdflib import Graph

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON_LD = "application/ld+json"
CATALOG_FORMATS: Mapping[str, str] = MappingProxyType(
    {JSON_LD: "json-ld", "text/turtle": "turtle", "application/rdf+xml": "xml"}
)
"""Media type → what rdflib calls it; the first is how publish writes it."""


def catalog_as(text: str, media_type: str) -> str:
    """
    Return a JSON-LD catalogue in another notation.

    Parameters
    ----------
    text : str
        The catalogue as publish wrote it, its context inside.
    media_type : str
        A key of `CATALOG_FORMATS`.
    """
    if media_type == JSON_LD:
        return text
    graph = Graph().parse(data=text, format="json-ld")
    return graph.serialize(format=CATALOG_FORMATS[media_type])
