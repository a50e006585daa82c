"""Is the process alive, and can it answer."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from zonnekaart import __version__
from zonnekaart.api.dependencies import ResultsNow
from zonnekaart.api.errors import NOT_BUILT
from zonnekaart.api.models import BrokenPart, ErrorBody, Health, Readiness
from zonnekaart.errors import NotBuiltError

router = APIRouter(tags=["health"])
_NOT_READY = {NOT_BUILT.status: {"model": ErrorBody}}


@router.get("/healthz")
async def health() -> Health:
    """Say that the process lives."""
    return Health(status="ok", version=__version__)


@router.get("/readyz", responses=_NOT_READY)  # type: ignore[arg-type]
async def readiness(results: ResultsNow) -> Readiness:
    """Say which results are open and which parts of them are not; 503 when there are none."""
    await run_in_threadpool(results.warehouse.rows, "tables")
    stages = sorted(path.stem for path in (results.build / "manifests").glob("*.json"))
    broken = [
        BrokenPart(
            part=name, reason="missing" if isinstance(error, NotBuiltError) else "unreadable"
        )
        for name, error in results.broken.items()
    ]
    return Readiness(
        status="degraded" if broken else "ready",
        project=results.project.slug,
        run_id=results.project.run_id,
        stages=stages,
        broken=broken,
    )
