"""Stills of an exported page: PDF and PNG by the Chromium of this machine, network off."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from zonnekaart.errors import ConfigError, MissingInputError
from zonnekaart.io.files import replacing

if TYPE_CHECKING:
    from pathlib import Path

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
)
_VIEWPORT = {".png": (1440, 900), ".pdf": (1440, 1018)}
"""Size of the page before it is drawn; the PDF one has the shape of A4 landscape. [px]"""
_PDF_SCALE = 0.779
"""A4 landscape is 1122 px wide at 96 px per inch; this fits 1440 px on it."""


def find_browser() -> str:
    """
    Return the path of a Chromium.

    Raises
    ------
    MissingInputError
        If this machine has none.
    """
    for name in _BROWSERS:
        path = shutil.which(name)
        if path:
            return path
    raise MissingInputError(
        "chromium", "no Chromium on this machine", "one for PDF and PNG", "apt install chromium"
    )


def make_still(page: Path, out: Path) -> Path:
    """
    Print an HTML file to PDF (A4 landscape) or PNG, chosen by the ending of `out`.

    Raises
    ------
    MissingInputError
        If Chromium or playwright is not installed.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise MissingInputError(
            "playwright", "not installed", "the extra [pdf]", "pip install 'zonnekaart[pdf]'"
        ) from error
    if out.suffix not in {".pdf", ".png"}:
        raise ConfigError("--format", out.suffix, "pdf or png", "choose one of them")
    width, height = _VIEWPORT[out.suffix]
    with sync_playwright() as driver, replacing(out) as temporary:
        browser = driver.chromium.launch(executable_path=find_browser(), args=list(_ARGUMENTS))
        context = browser.new_context(offline=True, viewport={"width": width, "height": height})
        tab = context.new_page()
        faults: list[str] = []
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.goto(page.resolve().as_uri())
        tab.wait_for_load_state("load")
        tab.evaluate("document.fonts.ready.then(() => true)")
        if faults:
            raise RuntimeError(f"{page.name} has a script error: {faults[0]}")
        if out.suffix == ".png":
            tab.screenshot(path=str(temporary))
        else:
            tab.pdf(
                path=str(temporary),
                format="A4",
                landscape=True,
                print_background=True,
                scale=_PDF_SCALE,
            )
        browser.close()
    return out
