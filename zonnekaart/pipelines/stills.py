"""Pages on paper: PDF and PNG by the Chromium of this machine, network off."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

from zonnekaart.errors import ConfigError, MissingInputError
from zonnekaart.io.files import replacing

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
)
_PX_PER_MM = 96.0 / 25.4
_SHARPNESS = 2
"""Pixels of a PNG per pixel of the page."""

PaperName = Literal["A4", "A3"]
_PAPER_MM: dict[str, tuple[float, float]] = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}


@dataclass(frozen=True)
class Paper:
    """A sheet of paper; sizes in pixels are those of the page at 96 per inch."""

    name: PaperName = "A4"
    landscape: bool = True

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height in mm."""
        short, long = _PAPER_MM[self.name]
        return (long, short) if self.landscape else (short, long)

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height in px."""
        width, height = self.size_mm
        return round(width * _PX_PER_MM), round(height * _PX_PER_MM)


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


def can_print() -> bool:
    """Tell whether this machine has a Chromium and playwright."""
    try:
        import playwright.sync_api  # noqa: F401 - only whether it is there

        find_browser()
    except ImportError:
        return False
    except MissingInputError:
        return False
    return True


class Printer:
    """
    One browser without network that prints many pages.

    Raises
    ------
    MissingInputError
        If Chromium or playwright is not installed.
    """

    def __init__(self) -> None:
        try:
            from playwright.sync_api import sync_playwright
        except ImportError as error:
            raise MissingInputError(
                "playwright", "not installed", "the extra [pdf]", "pip install 'zonnekaart[pdf]'"
            ) from error
        self._path = find_browser()
        self._manager = sync_playwright()
        self._tab: Any = None

    def __enter__(self) -> Self:
        """Start the browser."""
        driver = self._manager.__enter__()
        browser = driver.chromium.launch(executable_path=self._path, args=list(_ARGUMENTS))
        context = browser.new_context(offline=True, device_scale_factor=_SHARPNESS)
        self._tab = context.new_page()
        self._faults: list[str] = []
        self._tab.on("pageerror", lambda error: self._faults.append(str(error)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the browser."""
        self._manager.__exit__(kind, value, trace)

    def print(self, page: str, out: Path, paper: Paper) -> Path:
        """
        Print a page to PDF or PNG, chosen by the ending of `out`, atomically.

        Parameters
        ----------
        page : str
            HTML that needs nothing from outside.
        out : Path
            The file.
        paper : Paper
            Its size.

        Raises
        ------
        ConfigError
            If `out` is neither.
        RuntimeError
            If a script of the page fails.
        """
        if out.suffix not in {".pdf", ".png"}:
            raise ConfigError("--format", out.suffix, "pdf or png", "choose one of them")
        width, height = paper.size_px
        self._faults.clear()
        with replacing(out) as temporary:
            self._tab.set_viewport_size({"width": width, "height": height})
            self._tab.set_content(page, wait_until="load")
            self._tab.evaluate("document.fonts.ready.then(() => true)")
            if self._faults:
                raise RuntimeError(f"{out.stem} has a script error: {self._faults[0]}")
            if out.suffix == ".png":
                self._tab.screenshot(path=str(temporary))
            else:
                self._tab.pdf(
                    path=str(temporary),
                    format=paper.name,
                    landscape=paper.landscape,
                    print_background=True,
                    margin=dict.fromkeys(("top", "right", "bottom", "left"), "0"),
                )
        return out
