"""Places by name, for the search box."""

from typing import Annotated

from fastapi import APIRouter, Query

from zonnekaart.api.dependencies import ResultsNow
from zonnekaart.io.places import Place, find_places

router = APIRouter(tags=["places"])
Typed = Annotated[str, Query(min_length=2, max_length=80, description="start of a name")]


@router.get("/api/places", response_model=list[Place])
def places(results: ResultsNow, q: Typed) -> list[Place]:
    """Return up to eight areas, streets, addresses and buildings whose name fits."""
    return find_places(results.warehouse, q)
