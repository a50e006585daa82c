"""The server as a whole: its projects, and how it is doing."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from zonnekaart.api.dependencies import PROJECT_PREFIX, Meters, Projects
from zonnekaart.api.models import ProjectLink

router = APIRouter(tags=["server"])


# Plain functions: they may have to open results, which belongs in a thread.
@router.get("/api/projects")
def projects(publications: Projects) -> list[ProjectLink]:
    """Return the named projects; empty when the server has one without a name."""
    return [
        ProjectLink(id=name, title=title or name, href=f"/p/{name}/", ready=title is not None)
        for name, title in publications.names().items()
    ]


@router.get(PROJECT_PREFIX, include_in_schema=False)
def page_without_slash(publications: Projects, project_id: str) -> RedirectResponse:
    """Lead to the page of a project; its own addresses start from the slash."""
    publications.find(project_id)
    return RedirectResponse(f"/p/{project_id}/", status_code=308)


@router.get("/metrics", include_in_schema=False)
async def metrics(meters: Meters) -> Response:
    """Return counts and times for Prometheus."""
    return Response(meters.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
