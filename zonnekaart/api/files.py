"""The page's own and third-party files: a fixed list, made when the server starts."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zonnekaart.api.answers import Body

if TYPE_CHECKING:
    from pathlib import Path

_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_OWN = frozenset({".html", ".css", ".js", ".json", ".svg"})
_NOT_OURS = frozenset({"node_modules", "test", "vendor"})
_TOOLING = frozenset({"package.json", "package-lock.json", "jsconfig.json"})
_COMPRESSED = frozenset({".png", ".woff2"})
NEEDED_VENDOR = ("maplibre-gl.mjs", "maplibre-gl-worker.mjs", "maplibre-gl.css")
"""Without these there is no map."""


@dataclass
class StaticFiles:
    """
    Files by the name in their address. An address is looked up, never joined to a folder.

    Parameters
    ----------
    folder : Path
        ``web``: own files, with third-party ones in ``vendor``.
    """

    folder: Path
    _own: dict[str, Path] = field(init=False)
    _vendor: dict[str, Path] = field(init=False)
    _bodies: dict[Path, tuple[int, Body]] = field(init=False, default_factory=dict)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """List what may be asked for."""
        self._own = {
            path.relative_to(self.folder).as_posix(): path
            for path in _files(self.folder)
            if path.suffix in _OWN
            and path.name not in _TOOLING
            and not _NOT_OURS & set(path.relative_to(self.folder).parts)
        }
        vendor = self.folder / "vendor"
        self._vendor = {
            path.relative_to(vendor).as_posix(): path
            for path in _files(vendor)
            if path.suffix in _MEDIA_TYPES
        }

    @property
    def names(self) -> list[str]:
        """Addresses that exist."""
        return sorted([f"/static/{n}" for n in self._own] + [f"/vendor/{n}" for n in self._vendor])

    @property
    def vendor_missing(self) -> bool:
        """Whether third-party files still have to be fetched."""
        return any(name not in self._vendor for name in NEEDED_VENDOR)

    def own(self, name: str) -> Body | None:
        """Return one of our files, or None when the list has no such name."""
        return self._body(self._own.get(name))

    def vendor(self, name: str) -> Body | None:
        """Return a third-party file, or None when the list has no such name."""
        return self._body(self._vendor.get(name))

    def _body(self, path: Path | None) -> Body | None:
        """Read a file once, and again when it has changed on disk."""
        if path is None or not path.is_file():
            return None
        stamp = path.stat().st_mtime_ns
        kept = self._bodies.get(path)
        if kept and kept[0] == stamp:
            return kept[1]
        with self._lock:
            body = Body(
                path.read_bytes(),
                _MEDIA_TYPES[path.suffix],
                compress=path.suffix not in _COMPRESSED,
            )
            self._bodies[path] = (stamp, body)
        return body


def _files(folder: Path) -> list[Path]:
    """Return plain files below a folder; links are left out, they may point anywhere."""
    if not folder.is_dir():
        return []
    found = []
    for entry in sorted(folder.iterdir()):
        if entry.is_symlink() or entry.name.startswith(".") or entry.name == "node_modules":
            continue
        found += _files(entry) if entry.is_dir() else [entry]
    return found
