"""The data matrix and the experience matrix: their pages, and what these read."""

from fastapi import APIRouter, Request, Response

from zonnekaart.api.answers import REVALIDATE, answer
from zonnekaart.api.dependencies import ResultsNow, Static
from zonnekaart.api.errors import NOT_FOUND, error_answer

router = APIRouter(tags=["matrix"])

_PAGES = {"matrix": "matrix.html", "ervaring": "experience.html", "stappenplan": "steps.html"}


@router.get("/api/matrix", response_model=dict[str, object])
def matrix(request: Request, results: ResultsNow) -> Response:
    """Return both matrices, what was measured in the project, and what each gap touches."""
    return answer(request, results.matrix_body)


@router.get("/matrix", include_in_schema=False)
@router.get("/ervaring", include_in_schema=False)
@router.get("/stappenplan", include_in_schema=False)
def page(request: Request, static: Static) -> Response:
    """Return the page of an address."""
    body = static.own(_PAGES[request.url.path.rpartition("/")[2]])
    return error_answer(NOT_FOUND) if body is None else answer(request, body, REVALIDATE)
