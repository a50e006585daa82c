"""The map page and the files it loads."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from zonnekaart.api.answers import A_DAY, REVALIDATE, Body, answer
from zonnekaart.api.dependencies import OutsideHost, Static
from zonnekaart.api.errors import NOT_FOUND, UNAVAILABLE, error_answer
from zonnekaart.api.security import content_security_policy

router = APIRouter(tags=["page"], include_in_schema=False)

_VENDOR_MISSING = """<!doctype html>
<html lang="nl"><head><meta charset="utf-8"><title>zonnekaart</title></head>
<body><main><h1>De kaart is nog niet compleet</h1>
<p>De bestanden van derden (MapLibre, lettertype) ontbreken in <code>web/vendor</code>.
Vul die map met:</p><pre>make vendor</pre>
<p lang="en">Third-party files are missing; fill <code>web/vendor</code> with
<code>make vendor</code> and start the server again.</p></main></body></html>
"""


@router.get("/")
def page(request: Request, static: Static, outside: OutsideHost) -> Response:
    """Return the map page, or how to complete it."""
    if static.vendor_missing:
        return HTMLResponse(_VENDOR_MISSING, status_code=UNAVAILABLE)
    found = _file(request, static.own("index.html"), REVALIDATE)
    if outside:
        found.headers["content-security-policy"] = content_security_policy(outside)
    return found


@router.get("/static/{name:path}")
def own_file(request: Request, static: Static, name: str) -> Response:
    """Return one of the page's own files."""
    return _file(request, static.own(name), REVALIDATE)


@router.get("/vendor/{name:path}")
def vendor_file(request: Request, static: Static, name: str) -> Response:
    """Return a third-party file."""
    return _file(request, static.vendor(name), A_DAY)


@router.get("/favicon.ico")
def favicon(request: Request, static: Static) -> Response:
    """Return the sign of the tab."""
    return _file(request, static.own("favicon.svg"), A_DAY)


def _file(request: Request, body: Body | None, cache: str) -> Response:
    return error_answer(NOT_FOUND) if body is None else answer(request, body, cache)
