"""The triples of a DCAT-AP catalogue; every node has an identifier, so that output repeats."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, PROV, RDF, RDFS, SKOS, XSD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zonnekaart.io.catalog import CatalogInfo, Dataset, Distribution, Measurement, Service

DQV = Namespace("http://www.w3.org/ns/dqv#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
ADMS = Namespace("http://www.w3.org/ns/adms#")
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
_MEDIA = "http://www.iana.org/assignments/media-types/"
_ENERGY = URIRef("http://publications.europa.eu/resource/authority/data-theme/ENER")
_SHA256 = SPDX.checksumAlgorithm_sha256
_CONTEXT = {
    "dcat": str(DCAT),
    "dct": str(DCTERMS),
    "foaf": str(FOAF),
    "prov": str(PROV),
    "rdfs": str(RDFS),
    "skos": str(SKOS),
    "xsd": str(XSD),
    "dqv": str(DQV),
    "spdx": str(SPDX),
    "adms": str(ADMS),
}


class CatalogWriter:
    """Gathers the triples of one catalogue."""

    def __init__(self, info: CatalogInfo) -> None:
        self.info = info
        self.graph = Graph()
        self.catalog = self.iri("catalog", info.id)
        self.add(self.catalog, RDF.type, DCAT.Catalog)
        self.texts(self.catalog, DCTERMS.title, info.title)
        self.texts(self.catalog, DCTERMS.description, info.description)
        self.add(self.catalog, DCTERMS.publisher, self.agent(info.publisher))
        self.add(self.catalog, DCTERMS.license, self.licence(info.licence))
        if info.modified:
            self.add(self.catalog, DCTERMS.modified, _date(info.modified))

    def iri(self, kind: str, name: str) -> URIRef:
        """Return the identifier of a thing of our own."""
        return URIRef(f"{self.info.base}{self.info.id}:{kind}:{quote(_slug(name), safe='')}")

    def add(self, subject: URIRef, predicate: URIRef, value: URIRef | Literal) -> None:
        """Add one triple."""
        self.graph.add((subject, predicate, value))

    def texts(self, subject: URIRef, predicate: URIRef, texts: Mapping[str, str]) -> None:
        """Add a text in each of its languages."""
        for language, text in texts.items():
            self.add(subject, predicate, Literal(text, lang=language))

    def agent(self, name: str) -> URIRef:
        """Return an organisation."""
        node = self.iri("agent", name)
        self.add(node, RDF.type, FOAF.Agent)
        self.add(node, FOAF.name, Literal(name))
        return node

    def licence(self, terms: str) -> URIRef:
        """Return terms of use: their address, or a node of ours that says them in words."""
        known = terms.startswith(("http://", "https://")) and " " not in terms
        node = URIRef(terms) if known else self.iri("licence", terms)
        self.add(node, RDF.type, DCTERMS.LicenseDocument)
        if not known:
            self.add(node, RDFS.label, Literal(terms))
        return node

    def dataset(self, dataset: Dataset) -> None:
        """Add a data set with all that belongs to it."""
        node = self.iri("dataset", dataset.id)
        self.add(self.catalog, DCAT.dataset, node)
        self.add(node, RDF.type, DCAT.Dataset)
        self.add(node, DCTERMS.identifier, Literal(dataset.id))
        self.texts(node, DCTERMS.title, dataset.title)
        self.texts(node, DCTERMS.description, dataset.description)
        self.add(node, DCTERMS.publisher, self.agent(dataset.publisher))
        self.add(node, DCAT.theme, _ENERGY)
        self.add(_ENERGY, RDF.type, SKOS.Concept)
        self.texts(_ENERGY, SKOS.prefLabel, {"en": "Energy", "nl": "Energie"})
        for keyword in dataset.keywords:
            self.add(node, DCAT.keyword, Literal(keyword))
        for page in dataset.landing_pages:
            self.add(URIRef(_safe(page)), RDF.type, FOAF.Document)
            self.add(node, DCAT.landingPage, URIRef(_safe(page)))
        for source in dataset.derived_from:
            self.add(node, DCTERMS.source, self.iri("dataset", source))
            self.add(node, PROV.wasDerivedFrom, self.iri("dataset", source))
        if dataset.modified:
            self.add(node, DCTERMS.modified, _date(dataset.modified))
        if dataset.rights:
            rights = self.iri("rights", dataset.id)
            self.add(rights, RDF.type, DCTERMS.RightsStatement)
            self.add(rights, RDFS.label, Literal(dataset.rights))
            self.add(node, DCTERMS.accessRights, rights)
        self.place(node, dataset)
        for number, distribution in enumerate(dataset.distributions, start=1):
            self.distribution(node, f"{dataset.id}-{number}", distribution)
        for measurement in dataset.measurements:
            self.measurement(node, dataset.id, measurement)

    def place(self, node: URIRef, dataset: Dataset) -> None:
        """Add where and when a data set speaks of."""
        if dataset.spatial or dataset.bounds_lonlat:
            location = self.iri("place", dataset.spatial or dataset.id)
            self.add(location, RDF.type, DCTERMS.Location)
            if dataset.spatial:
                self.add(location, SKOS.prefLabel, Literal(dataset.spatial))
            if dataset.bounds_lonlat:
                self.add(location, DCAT.bbox, _box(dataset.bounds_lonlat))
            self.add(node, DCTERMS.spatial, location)
        if dataset.temporal:
            period = self.iri("period", "/".join(dataset.temporal))
            self.add(period, RDF.type, DCTERMS.PeriodOfTime)
            self.add(period, DCAT.startDate, _date(dataset.temporal[0]))
            self.add(period, DCAT.endDate, _date(dataset.temporal[1]))
            self.add(node, DCTERMS.temporal, period)
        if dataset.crs:
            standard = URIRef(_EPSG + dataset.crs.removeprefix("EPSG:"))
            self.add(standard, RDF.type, DCTERMS.Standard)
            self.add(standard, DCTERMS.title, Literal(dataset.crs))
            self.add(node, DCTERMS.conformsTo, standard)

    def distribution(self, dataset: URIRef, name: str, distribution: Distribution) -> None:
        """Add one file or address of a data set."""
        node = self.iri("distribution", name)
        address = URIRef(_safe(distribution.url))
        self.add(dataset, DCAT.distribution, node)
        self.add(node, RDF.type, DCAT.Distribution)
        self.add(node, DCTERMS.title, Literal(distribution.title))
        self.add(address, RDF.type, RDFS.Resource)
        self.add(node, DCAT.accessURL, address)
        if distribution.media_type:
            media = URIRef(_MEDIA + distribution.media_type)
            self.add(media, RDF.type, DCTERMS.MediaType)
            self.add(node, DCAT.mediaType, media)
        if distribution.licence:
            self.add(node, DCTERMS.license, self.licence(distribution.licence))
        if distribution.size_bytes is not None:
            size = Literal(distribution.size_bytes, datatype=XSD.nonNegativeInteger)
            self.add(node, DCAT.byteSize, size)
        if distribution.sha256:
            checksum = self.iri("checksum", name)
            self.add(checksum, RDF.type, SPDX.Checksum)
            self.add(checksum, SPDX.algorithm, _SHA256)
            self.add(_SHA256, RDF.type, SPDX.ChecksumAlgorithm)
            value = Literal(distribution.sha256, datatype=XSD.hexBinary)
            self.add(checksum, SPDX.checksumValue, value)
            self.add(node, SPDX.checksum, checksum)

    def measurement(self, dataset: URIRef, name: str, measurement: Measurement) -> None:
        """Add one quality figure."""
        metric = self.iri("metric", measurement.metric)
        self.add(metric, RDF.type, DQV.Metric)
        self.add(metric, SKOS.definition, Literal(measurement.label, lang="en"))
        node = self.iri("measurement", f"{name}-{measurement.metric}")
        self.add(node, RDF.type, DQV.QualityMeasurement)
        self.add(node, DQV.isMeasurementOf, metric)
        self.add(node, DQV.computedOn, dataset)
        self.add(node, DQV.value, Literal(float(measurement.value), datatype=XSD.double))
        self.add(dataset, DQV.hasQualityMeasurement, node)

    def service(self, service: Service) -> None:
        """Add an address that serves data sets."""
        node = self.iri("service", service.id)
        endpoint = URIRef(_safe(service.endpoint))
        self.add(self.catalog, DCAT.service, node)
        self.add(node, RDF.type, DCAT.DataService)
        self.texts(node, DCTERMS.title, service.title)
        self.add(endpoint, RDF.type, RDFS.Resource)
        self.add(node, DCAT.endpointURL, endpoint)
        for dataset in service.serves:
            self.add(node, DCAT.servesDataset, self.iri("dataset", dataset))

    def text(self) -> str:
        """Return the catalogue as JSON-LD, nodes in the order of their identifiers."""
        raw: dict[str, Any] = json.loads(
            self.graph.serialize(format="json-ld", context=_CONTEXT, auto_compact=False)
        )
        raw["@graph"] = sorted(raw["@graph"], key=lambda node: str(node["@id"]))
        ordered = _ordered(raw)
        return json.dumps(ordered, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _ordered(value: Any) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Sort lists of values, whose order means nothing in JSON-LD."""
    if isinstance(value, dict):
        return {key: _ordered(part) for key, part in value.items()}
    if isinstance(value, list):
        return sorted(
            (_ordered(part) for part in value), key=lambda v: json.dumps(v, sort_keys=True)
        )
    return value


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-")[:80]


def _safe(address: str) -> str:
    """Return an address with what may not stand in one written as %xx."""
    return quote(address, safe=":/?#[]@!$&'()*+,;=%~")


def _date(text: str) -> Literal:
    return Literal(text, datatype=XSD.gYear if len(text) == len("2026") else XSD.date)


def _box(bounds: tuple[float, float, float, float]) -> Literal:
    west, south, east, north = bounds
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    points = ", ".join(f"{x:.6f} {y:.6f}" for x, y in ring)
    wkt = URIRef("http://www.opengis.net/ont/geosparql#wktLiteral")
    return Literal(f"POLYGON (({points}))", datatype=wkt)
