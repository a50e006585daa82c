"""The catalogue of one publication: what it was made from, what it holds, under which terms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zonnekaart.io.catalog import CatalogInfo, Dataset, Distribution, Service, build_catalog
from zonnekaart.io.files import sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.io.published import LayerInfo, PublishedProject, SourceInfo

_DAY = re.compile(r"^\d{4}(-\d{2}-\d{2})?$")
_MEDIA_TYPES = {".pmtiles": "application/vnd.pmtiles", ".tif": "image/tiff"}


def catalogue(project: PublishedProject, build: Path) -> str:
    """
    Return the catalogue as JSON-LD text.

    Parameters
    ----------
    project : PublishedProject
        What is published.
    build : Path
        Build folder; files are named by a URN, because they do not know where they will be served.
    """
    day = project.built_utc[:10]
    info = CatalogInfo(
        id=project.slug,
        title={
            "nl": f"Zon-zoneringskaart {project.name}",
            "fr": f"Carte de zonage solaire {project.name}",
            "en": f"Sun-zoning map {project.name}",
        },
        description={**project.summary.model_dump()},
        publisher="zonnekaart",
        modified=day,
    )
    inputs = [_input(source) for source in project.sources]
    used = [dataset.id for dataset in inputs]
    results = [_result(project, layer, build, used) for layer in project.layers]
    features = Service(
        id="ogc",
        title={"nl": "OGC API", "fr": "OGC API", "en": "OGC API"},
        endpoint=_place(project, "ogc"),
        serves=[f"result-{layer.id}" for layer in project.layers if layer.kind == "vector"],
    )
    return build_catalog(info, [*inputs, *results], [features])


def _place(project: PublishedProject, name: str) -> str:
    """Return a name that the server replaces by an address, when it knows its own."""
    return f"urn:zonnekaart:{project.slug}:{project.run_id}:{name}"


def _input(source: SourceInfo) -> Dataset:
    known_day = _DAY.match(source.date)
    return Dataset(
        id=f"input-{source.role}",
        title={"nl": source.title},
        description={"nl": source.limits or source.title},
        publisher=source.attribution or source.title,
        temporal=(source.date, source.date) if known_day else None,
        keywords=[source.role, "input"],
        rights=f"licence: {source.licence}. date: {source.date}",
    )


def _result(project: PublishedProject, layer: LayerInfo, build: Path, used: list[str]) -> Dataset:
    name = f"tiles/{layer.id}.pmtiles" if layer.kind == "vector" else f"serving/{layer.id}.tif"
    path = build / name
    return Dataset(
        id=f"result-{layer.id}",
        title=layer.title.model_dump(),
        description=(layer.limits or layer.title).model_dump(),
        publisher="zonnekaart",
        distributions=[
            Distribution(
                url=_place(project, name),
                title=name,
                media_type=_MEDIA_TYPES[path.suffix],
                sha256=sha256_of(path),
                size_bytes=path.stat().st_size,
            )
        ],
        keywords=[layer.group, project.preset.id, project.rule_set.id],
        bounds_lonlat=project.bounds_lonlat,
        crs="EPSG:3857",
        modified=project.built_utc[:10],
        derived_from=used,
        rights=project.disclaimer,
    )
