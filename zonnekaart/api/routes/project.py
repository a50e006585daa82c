"""The project as a whole: what it is, how it looks, which rules it follows."""

from fastapi import APIRouter, Request, Response

from zonnekaart.api.answers import answer, best_type
from zonnekaart.api.dependencies import Base, ResultsNow
from zonnekaart.api.models import ErrorBody, Labels, Rules
from zonnekaart.io.catalog_formats import CATALOG_FORMATS
from zonnekaart.io.live import Live
from zonnekaart.io.published import PublishedProject

router = APIRouter(tags=["project"])


@router.get("/api/project", response_model=PublishedProject)
def project(request: Request, results: ResultsNow) -> Response:
    """Return name, sources, classes, totals, strongest reasons and layers."""
    return answer(request, results.project_body)


@router.get("/api/style.json", response_model=dict[str, object])
def style(request: Request, results: ResultsNow, base: Base) -> Response:
    """Return the MapLibre style; addresses in it are absolute, as its workers need."""
    return answer(request, results.style(base))


@router.get("/api/labels.geojson", response_model=Labels)
def labels(request: Request, results: ResultsNow) -> Response:
    """Return one point per zone, for its sign and its name."""
    return answer(request, results.labels_body)


@router.get("/api/advised_labels.geojson", response_model=Labels)
def advised_labels(request: Request, results: ResultsNow) -> Response:
    """Return one point per advised zone, for its sign and its name."""
    return answer(request, results.advised_labels_body)


@router.get("/api/rules", response_model=Rules)
def rules(request: Request, results: ResultsNow) -> Response:
    """Return the rule set with reasons in three languages and its sources."""
    return answer(request, results.rules_body)


@router.get(
    "/catalog",
    response_class=Response,
    responses={
        200: {"content": {kind: {} for kind in CATALOG_FORMATS}},
        503: {"model": ErrorBody},
    },
)
async def catalog(request: Request, results: ResultsNow, base: Base) -> Response:
    """Return the catalogue of sources and results as DCAT-AP, in the notation asked for."""
    kind = best_type(request.headers.get("accept", ""), tuple(CATALOG_FORMATS))
    body = await results.asking.run(results.catalog, base, kind)
    return answer(request, body, headers={"vary": "Accept, Accept-Encoding"})


@router.get("/api/live", response_model=Live)
def live(request: Request, results: ResultsNow) -> Response:
    """Return figures, steps and scenarios with which the page judges zones while sliders move."""
    return answer(request, results.live_body)
