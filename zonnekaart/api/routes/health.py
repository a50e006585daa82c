"""Is the process alive, and can it answer."""

from fastapi import APIRouter

from zonnekaart import __version__
from zonnekaart.api.dependencies import ResultsNow
from zonnekaart.api.models import Health, Readiness

router = APIRouter(tags=["health"])


@router.get("/healthz")
def health() -> Health:
    """Say that the process lives."""
    return Health(status="ok", version=__version__)


@router.get("/readyz")
def readiness(results: ResultsNow) -> Readiness:
    """Say which results are open; 503 when there are none."""
    stages = sorted(path.stem for path in (results.build / "manifests").glob("*.json"))
    return Readiness(
        status="ready", project=results.project.slug, run_id=results.project.run_id, stages=stages
    )
