"""Zones: the table, one zone's panel, one zone as a sheet."""

from typing import Any

from fastapi import APIRouter, Request, Response

from zonnekaart.api.answers import JSON, Body, answer
from zonnekaart.api.dependencies import ResultsNow
from zonnekaart.api.errors import NOT_FOUND, error_answer
from zonnekaart.api.models import ErrorBody
from zonnekaart.api.sheets import zone_sheet
from zonnekaart.io.published import ZoneDetail, ZoneRow

router = APIRouter(tags=["zones"])
_MISSING: dict[int | str, dict[str, Any]] = {NOT_FOUND.status: {"model": ErrorBody}}


@router.get("/api/zones", response_model=list[ZoneRow])
def zones(request: Request, results: ResultsNow) -> Response:
    """Return all zones, highest yield first."""
    return answer(request, results.zones_body)


# Before the route without ending, which would take `.csv` for a part of the id. Ids are
# municipal and may hold a slash.
@router.get("/api/zones/{zone_id:path}.csv", responses=_MISSING)
def zone_csv(request: Request, results: ResultsNow, zone_id: str) -> Response:
    """Return one zone's figures and reasons as CSV."""
    found = results.zone(zone_id)
    if found is None:
        return error_answer(NOT_FOUND)
    name = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in zone_id)
    return answer(
        request,
        Body(zone_sheet(found).encode("utf-8-sig"), "text/csv; charset=utf-8"),
        headers={"content-disposition": f'attachment; filename="zone-{name}.csv"'},
    )


@router.get("/api/zones/{zone_id:path}", response_model=ZoneDetail, responses=_MISSING)
def zone(request: Request, results: ResultsNow, zone_id: str) -> Response:
    """Return everything the panel shows of one zone."""
    found = results.zone(zone_id)
    if found is None:
        return error_answer(NOT_FOUND)
    return answer(request, Body(found.model_dump_json().encode(), JSON))
