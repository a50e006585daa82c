"""The real server on a real build of the embedded town, and a browser that looks at it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from zonnekaart.api.app import create_app
from zonnekaart.config import Settings, share_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import TownBuild

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
]
DESKTOP = {"width": 1440, "height": 900}
DRAWN_MS = 60_000
"""Software drawing on a busy machine is slow; a page that hangs still fails."""


@pytest.fixture(scope="session")
def town(town_build: TownBuild) -> Path:
    """Build folder of the embedded town after all stages."""
    return town_build.build


def _serve(build: Path) -> Iterator[str]:
    app = create_app(Settings(build=build))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            pytest.fail("the server did not start")
        threading.Event().wait(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="session")
def site(town: Path) -> Iterator[str]:
    """Address of the running server."""
    if not (share_folder("web") / "vendor" / "maplibre-gl.mjs").exists():
        pytest.skip("web/vendor is empty; run: make vendor")
    yield from _serve(town)


@pytest.fixture(scope="session")
def zones(site: str) -> list[dict[str, object]]:
    """Answer of ``/api/zones``."""
    found: list[dict[str, object]] = httpx.get(f"{site}/api/zones").raise_for_status().json()
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    if not CHROMIUM.exists():
        pytest.skip("no Chromium at /usr/bin/chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@dataclass
class Visit:
    """A page that is open, and what it asked for and complained about."""

    page: Page
    site: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, state: str = "") -> Page:
        """Open the map in a state of its address and wait until it is drawn."""
        self.page.goto(f"{self.site}/#{state}" if state else self.site)
        self.page.wait_for_selector("#panel[aria-busy=false]", timeout=DRAWN_MS)
        self.page.wait_for_selector("#map[aria-busy=false]", timeout=DRAWN_MS, state="attached")
        return self.page

    def foreign(self) -> list[str]:
        """Addresses asked for outside the server."""
        own = (self.site, "data:", f"blob:{self.site}")
        return [url for url in self.requests if not url.startswith(own)]


def _visit(context: BrowserContext, site: str) -> Visit:
    visit = Visit(context.new_page(), site)
    visit.page.on("request", lambda request: visit.requests.append(request.url))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on(
        "console",
        lambda said: visit.complaints.append(said.text) if said.type == "error" else None,
    )
    return visit


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Visit]:
    """A fresh visit on a desktop screen."""
    context = browser.new_context(viewport=DESKTOP, locale="nl-BE", reduced_motion="reduce")
    yield _visit(context, site)
    context.close()


@pytest.fixture
def phone(browser: Browser, site: str) -> Iterator[Visit]:
    """A fresh visit on the narrowest phone."""
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, locale="nl-BE", has_touch=True
    )
    yield _visit(context, site)
    context.close()
