"""Chosen zones as a file."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from zonnekaart.api.dependencies import ResultsNow
from zonnekaart.api.errors import NOT_FOUND, error_answer
from zonnekaart.api.models import ErrorBody
from zonnekaart.io.selection import Wanted

router = APIRouter(tags=["selection"])

MOST_ZONES = 5_000
ZoneId = Annotated[str, Field(min_length=1, max_length=128)]


class SelectionRequest(BaseModel):
    """Which zones, as what."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    zone_ids: list[ZoneId] = Field(min_length=1, max_length=MOST_ZONES)
    format: Literal["gpkg", "fgb", "parquet", "csv", "xlsx", "geojson"]
    crs: Literal["project", "EPSG:31370", "EPSG:3812", "EPSG:4326"] = "project"
    language: Literal["nl", "fr", "en"] = "nl"


@router.post(
    "/api/selection",
    response_class=Response,
    responses={
        200: {
            "content": {"application/zip": {}},
            "description": "a workbook, or a ZIP with the file and its metadata",
        },
        **{status: {"model": ErrorBody} for status in (400, 404, 429, 451, 503)},
    },
)
async def selection(results: ResultsNow, wanted: SelectionRequest) -> Response:
    """Return the chosen zones as GPKG, FlatGeobuf, GeoParquet, CSV, GeoJSON (in a ZIP) or XLSX."""
    crs = results.project.crs if wanted.crs == "project" else wanted.crs
    chosen = Wanted(wanted.zone_ids, wanted.format, crs, wanted.language)
    found = await results.writing.run(results.download, chosen)
    if found is None:
        return error_answer(NOT_FOUND)
    return Response(
        found.content,
        media_type=found.media_type,
        headers={
            "content-disposition": f'attachment; filename="{found.name}"',
            "cache-control": "no-store",
        },
    )
