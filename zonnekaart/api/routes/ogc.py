"""OGC API: the landing page, what it holds to, and its collections."""

from typing import Any

from fastapi import APIRouter, Request, Response

from zonnekaart.api.answers import answer
from zonnekaart.api.dependencies import Base, ResultsNow
from zonnekaart.api.models import ErrorBody
from zonnekaart.api.ogc import (
    CONFORMANCE,
    collection,
    document,
    feature_layers,
    link,
    picture_layers,
    require_known,
    shown_layer,
    tiles_link,
)
from zonnekaart.api.ogc_models import Collection, Collections, Conformance, Landing
from zonnekaart.api.routes.tiles import LayerId

router = APIRouter(tags=["ogc"])
OGC_FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorBody} for status in (400, 404, 503)
}
_OPENAPI = "application/vnd.oai.openapi+json;version=3.1"


@router.get("/ogc", response_model=Landing, responses=OGC_FAILURES)
def landing(request: Request, results: ResultsNow, base: Base) -> Response:
    """Lead to all that the API has."""
    require_known(request, ())
    here = f"{base}/ogc"
    description = Landing(
        title=results.project.name,
        description=results.project.summary.en,
        links=[
            link(here, "self"),
            link(f"{str(request.base_url).rstrip('/')}/api/openapi.json", "service-desc", _OPENAPI),
            link(f"{base}/", "alternate", "text/html", "Map"),
            link(f"{here}/conformance", "conformance"),
            link(f"{here}/conformance", "http://www.opengis.net/def/rel/ogc/1.0/conformance"),
            link(f"{here}/collections", "data"),
            link(f"{here}/collections", "http://www.opengis.net/def/rel/ogc/1.0/data"),
            link(f"{here}/tileMatrixSets", "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"),
            link(f"{base}/catalog", "describedby", "application/ld+json", "DCAT-AP"),
            *(tiles_link(layer, base) for layer in picture_layers(results)),
        ],
    )
    return answer(request, document(description))


@router.get("/ogc/conformance", response_model=Conformance, responses=OGC_FAILURES)
def conformance(request: Request, results: ResultsNow) -> Response:
    """Say which parts of the standards are held to."""
    require_known(request, ())
    return answer(request, document(Conformance(conforms_to=CONFORMANCE)))


@router.get("/ogc/collections", response_model=Collections, responses=OGC_FAILURES)
def collections(request: Request, results: ResultsNow, base: Base) -> Response:
    """Return all layers that have features."""
    require_known(request, ())
    found = [collection(results, layer, base) for layer in feature_layers(results)]
    systems = list(dict.fromkeys(uri for each in found for uri in each.crs))
    body = Collections(
        collections=found, crs=systems, links=[link(f"{base}/ogc/collections", "self")]
    )
    return answer(request, document(body))


@router.get("/ogc/collections/{layer}", response_model=Collection, responses=OGC_FAILURES)
def one_collection(request: Request, results: ResultsNow, base: Base, layer: LayerId) -> Response:
    """Return one layer."""
    require_known(request, ())
    return answer(request, document(collection(results, shown_layer(results, layer), base)))
