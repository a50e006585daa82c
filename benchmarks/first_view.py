"""The first view of the map in a browser: bytes over the wire, requests, time. Promise: <= 800 kB.

Needs playwright and a Chromium (``/usr/bin/chromium``). Shaders run on the processor here, so the
time says little; the bytes do not depend on it.
"""

from __future__ import annotations

import os
import re
import runpy
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

from benchmarks._http import PORT, ours

SAMPLE = Path(__file__).resolve().parent.parent / "tests" / "api" / "sample.py"
CHROMIUM = "/usr/bin/chromium"
GRAPHICS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
_METER = re.compile(
    r'^zonnekaart_(response_bytes|requests)_total\{route="([^"]+)".*\} (\S+)$', re.MULTILINE
)
QUIET_S = 3.0
"""The view is there when nothing came for so long."""


def _meters() -> Counter[str]:
    """Bytes and requests by route, as the server counts them: workers ask for tiles themselves."""
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/metrics") as answer:
        text = answer.read().decode()
    found: Counter[str] = Counter()
    for name, route, value in _METER.findall(text):
        if route not in {"/metrics", "/readyz"}:
            found[f"{name} {route}"] += int(float(value))
    return found


def _look(address: str) -> float:
    """Open the page; return the time until nothing came any more. [s]"""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=GRAPHICS)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        begin = last = time.perf_counter()
        page.goto(address)
        seen = _meters()
        while time.perf_counter() - last < QUIET_S:
            page.wait_for_timeout(100)
            now = _meters()
            if now != seen:
                seen, last = now, time.perf_counter()
        browser.close()
    return last - begin


def main() -> None:
    if not Path(CHROMIUM).exists():
        print(f"no {CHROMIUM}: the first view is not measured")
        return
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    given = os.environ.get("ZONNEKAART_BUILD")
    with tempfile.TemporaryDirectory() as folder:
        build = (
            Path(given) if given else runpy.run_path(str(SAMPLE))["publish_sample"](Path(folder))
        )
        with ours(build):
            before = _meters()
            seconds = _look(f"http://127.0.0.1:{PORT}/")
            sent = _meters() - before
    sizes = {k.partition(" ")[2]: n for k, n in sent.items() if k.startswith("response_bytes")}
    count = sum(n for k, n in sent.items() if k.startswith("requests"))
    for route, size in sorted(sizes.items(), key=lambda pair: -pair[1]):
        print(f"  {route:<40} {size / 1000:8.0f} kB")
    print(
        f"first view: {sum(sizes.values()) / 1000:.0f} kB without headers, {count} requests, "
        f"last byte after {seconds:.1f} s"
    )


if __name__ == "__main__":
    main()
