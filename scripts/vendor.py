"""Copy the third-party files that the page serves from ``web/node_modules`` to ``web/vendor``.

Run it after ``npm ci`` in ``web/``. It writes the files, the licence texts of the packages they
come from and ``SHA256SUMS``; files in ``web/vendor`` that are not on the list are removed.
Running it again without a change writes nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path

WEB = Path(__file__).resolve().parent.parent / "web"
SUMS = "SHA256SUMS"

_BSD_3_CLAUSE = """BSD 3-Clause License

Copyright 2021 Protomaps LLC

Redistribution and use in source and binary forms, with or without modification, are permitted
provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions
   and the following disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice, this list of
   conditions and the following disclaimer in the documentation and/or other materials provided
   with the distribution.

3. Neither the name of the copyright holder nor the names of its contributors may be used to
   endorse or promote products derived from this software without specific prior written
   permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR
IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR
CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE,
DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER
IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT
OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
"""


@dataclass(frozen=True)
class Package:
    """
    One npm package and what we take from it.

    Parameters
    ----------
    name : str
        Folder under ``node_modules``.
    files : tuple of str
        Globs inside the package; the copies keep the last part of the path, unless `keep` says so.
    licence : str, optional
        File with the licence text; None when the package ships none (the text is added then).
    keep : str
        Leading part of the path that is dropped; what follows it is kept.
    """

    name: str
    files: tuple[str, ...]
    licence: str | None
    keep: str = ""


PACKAGES = (
    Package(
        "maplibre-gl",
        ("dist/maplibre-gl.mjs", "dist/maplibre-gl-worker.mjs", "dist/maplibre-gl.css"),
        "LICENSE.txt",
    ),
    Package("pmtiles", ("dist/pmtiles.js",), None),
    Package("d3", ("dist/d3.min.js",), "LICENSE"),
    Package("@observablehq/plot", ("dist/plot.umd.min.js",), "LICENSE"),
    Package("leaflet", ("dist/leaflet.js", "dist/leaflet.css"), "LICENSE"),
    Package("leaflet", ("dist/images/*.png",), "LICENSE", keep="dist/"),
    Package(
        "@fontsource/noto-sans",
        tuple(
            f"files/noto-sans-{subset}-{weight}-normal.woff2"
            for subset in ("latin", "latin-ext")
            for weight in (400, 600, 700)
        ),
        "LICENSE",
    ),
)


class VendorError(RuntimeError):
    """A file that the page needs is not in ``node_modules``."""


def contents(modules: Path) -> dict[str, bytes]:
    """
    Return every vendored file with its bytes.

    Parameters
    ----------
    modules : Path
        The ``node_modules`` folder after ``npm ci``.

    Returns
    -------
    dict of str to bytes
        Path inside ``web/vendor`` → content, licences included.

    Raises
    ------
    VendorError
        If a file or a licence is missing.
    """
    found: dict[str, bytes] = {}
    for package in PACKAGES:
        folder = modules / package.name
        for pattern in package.files:
            paths = sorted(folder.glob(pattern))
            if not paths:
                message = f"{package.name}/{pattern}: not found\nhint: run `npm ci` in web/ first"
                raise VendorError(message)
            for path in paths:
                name = path.relative_to(folder).as_posix()
                name = name.removeprefix(package.keep) if package.keep else path.name
                found[name] = path.read_bytes()
        found[_licence_name(folder, package)] = _licence(folder, package)
    return found


def _licence_name(folder: Path, package: Package) -> str:
    version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
    return f"licences/{package.name.replace('@', '').replace('/', '-')}-{version}.txt"


def _licence(folder: Path, package: Package) -> bytes:
    if package.licence is None:
        return _BSD_3_CLAUSE.encode()
    path = folder / package.licence
    if not path.is_file():
        message = f"{package.name}/{package.licence}: licence text not found"
        raise VendorError(message)
    return path.read_bytes()


def sums(files: dict[str, bytes]) -> bytes:
    """Return the content of ``SHA256SUMS`` for `files`, in the form that ``sha256sum -c`` reads."""
    lines = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    return "".join(sorted(lines, key=lambda line: line[66:])).encode()


def vendor(modules: Path, target: Path) -> list[str]:
    """
    Make `target` hold exactly the vendored files.

    Parameters
    ----------
    modules : Path
        The ``node_modules`` folder.
    target : Path
        Folder to fill; created when missing.

    Returns
    -------
    list of str
        Names that were written or removed; empty when nothing changed.
    """
    wanted = contents(modules)
    wanted[SUMS] = sums(wanted)
    changed = []
    for name, data in wanted.items():
        path = target / name
        if path.is_file() and path.read_bytes() == data:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        changed.append(name)
    for path in sorted(target.rglob("*")):
        name = path.relative_to(target).as_posix()
        if path.is_file() and name not in wanted:
            path.unlink()
            changed.append(name)
    return changed


def main() -> int:
    """Run the command; 0 done, 2 when ``node_modules`` is incomplete."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--modules", type=Path, default=WEB / "node_modules")
    parser.add_argument("--out", type=Path, default=WEB / "vendor")
    options = parser.parse_args()
    try:
        changed = vendor(options.modules, options.out)
    except VendorError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stderr.write(f"web/vendor: {len(changed)} file(s) changed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
