"""Mock-ups that stand in the build folder: read, never made here."""

import re
from html import escape
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response

from zonnekaart.api.answers import REVALIDATE, Body, answer
from zonnekaart.api.dependencies import ResultsNow
from zonnekaart.api.errors import NOT_FOUND, error_answer

router = APIRouter(tags=["mockups"], include_in_schema=False)

_FOLDER: Final = "mockups"
_FILE = re.compile(r"^[a-z0-9-]{1,64}-(nl|fr|en)\.html$")
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_HEAD_CHARACTERS = 4096
_HTML = "text/html; charset=utf-8"
_POLICY = "; ".join(
    (
        # A page of its own, apart from the map's: its script reaches no cookie and no API.
        "sandbox allow-scripts",
        "default-src 'none'",
        "script-src 'unsafe-inline'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "font-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_NONE = (
    "<p>Er zijn nog geen mock-ups: <code>zonnekaart mockup PROJECT.toml</code>.</p>"
    '<p lang="en">No mock-ups yet: run <code>zonnekaart mockup PROJECT.toml</code>.</p>'
)
_LIST = (
    '<!doctype html><html lang="nl"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>{name}: mock-ups</title><style>"
    "body{{font:16px/1.5 sans-serif;max-width:640px;margin:32px auto;padding:0 16px;"
    "color:#2b2a27;background:#fffdf8}}li{{margin:8px 0}}a{{color:#004f7c}}"
    "</style></head><body><main><h1>{name}: mock-ups</h1>{body}</main></body></html>"
)


def _found(build: Path) -> dict[str, Path]:
    """Return the mock-ups by id; a link is left out, it may point anywhere."""
    folder = build / _FOLDER
    if not folder.is_dir():
        return {}
    return {
        path.stem: path
        for path in sorted(folder.iterdir())
        if _FILE.match(path.name) and path.is_file() and not path.is_symlink()
    }


@router.get("/mockups")
def mockups(request: Request, results: ResultsNow) -> Response:
    """Return a list of the mock-ups that were made."""
    rows = [
        f'<li><a href="mockups/{stem}">{_title(path, stem)}</a> ({stem[-2:]})</li>'
        for stem, path in _found(results.build).items()
    ]
    body = f"<ul>{''.join(rows)}</ul>" if rows else _NONE
    page = _LIST.format(name=escape(results.project.name), body=body)
    return answer(request, Body(page.encode(), _HTML), REVALIDATE)


@router.get("/mockups/{mockup_id}")
def mockup(request: Request, results: ResultsNow, mockup_id: str) -> Response:
    """Return one mock-up, shut in so that its script reaches nothing else."""
    path = _found(results.build).get(mockup_id)
    if path is None:
        return error_answer(NOT_FOUND)
    found = answer(request, Body(path.read_bytes(), _HTML), REVALIDATE)
    found.headers["content-security-policy"] = _POLICY
    return found


def _title(path: Path, stem: str) -> str:
    """Return the title of a page, which stands escaped in it."""
    with path.open(encoding="utf-8") as stream:
        found = _TITLE.search(stream.read(_HEAD_CHARACTERS))
    return found[1] if found and "<" not in found[1] else escape(stem)
