"""zonnekaart: sun-zoning maps that join solar supply and electricity demand, with reasons."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

__version__ = "0.1.0"


def _keep_kernels_apart() -> None:
    """
    Give numba a cache folder of its own for each state of our source.

    numba looks only at the file of the kernel itself: a kernel that calls one in a changed module
    would be taken from the cache with the old code inside, and be silently wrong.
    """
    package = Path(__file__).resolve().parent
    digest = hashlib.sha256(__version__.encode())
    for room in ("solar", "energy", "zoning", "geo"):
        for module in sorted((package / room).glob("*.py")):
            digest.update(module.read_bytes())
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "zonnekaart" / "kernels" / digest.hexdigest()[:16]
    os.environ.setdefault("NUMBA_CACHE_DIR", str(folder))


_keep_kernels_apart()
