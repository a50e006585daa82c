"""One polite client for all services: paced, patient, cached, and honest about what came back."""

from __future__ import annotations

import hashlib
import json
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from zonnekaart import __version__
from zonnekaart.errors import InputError
from zonnekaart.io.files import replacing, write_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RETRY_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_MOST_WAIT_S = 60.0
_COPY_BYTES = 1 << 18
_EXCERPT = 200
_PARTIAL, _OK_BELOW = 206, 300


class ServiceError(InputError):
    """A service that cannot be reached, refuses, or answers something else than was asked."""


@dataclass(frozen=True)
class Politeness:
    """
    How a service is treated.

    Parameters
    ----------
    requests_per_second : float
        At most so often.
    attempts : int
        Tries per request, the first one included.
    first_wait_s : float
        Wait before the second try; doubles each time, with a random part. [s]
    timeout_s : float
        Longest silence. [s]
    most_bytes : int
        A larger answer is broken off.
    """

    requests_per_second: float = 2.0
    attempts: int = 5
    first_wait_s: float = 1.0
    timeout_s: float = 60.0
    most_bytes: int = 8 << 30


@dataclass
class Counts:
    """What a client did."""

    requests: int = 0
    retries: int = 0
    resumed: int = 0
    from_cache: int = 0
    bytes: int = 0


@dataclass
class Client:
    """
    Fetches addresses into a folder; what is there already is not fetched again.

    Parameters
    ----------
    cache : Path
        Folder for answers and unfinished downloads.
    politeness : Politeness
        Pace, patience and limits.
    refresh : bool
        Ask again for what the cache holds.
    """

    cache: Path
    politeness: Politeness = field(default_factory=Politeness)
    refresh: bool = False
    counts: Counts = field(default_factory=Counts)
    _last: float = 0.0

    def __post_init__(self) -> None:
        """Open the connection pool."""
        self._http = httpx.Client(
            timeout=self.politeness.timeout_s,
            follow_redirects=True,
            max_redirects=3,
            headers={"User-Agent": f"zonnekaart/{__version__}", "Accept-Encoding": "gzip"},
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, url: str, params: Mapping[str, str | list[str]] | None = None) -> Path:
        """
        Return the file that holds the answer to one request.

        Parameters
        ----------
        url : str
            Address.
        params : mapping of str to str or list of str, optional
            Query; a list repeats its key.

        Returns
        -------
        Path
            In the cache; whole, with its checksum noted beside it.

        Raises
        ------
        ServiceError
            If the service cannot be reached, refuses, or breaks off time after time.
        """
        address = str(httpx.URL(url).copy_merge_params(params or {}))
        path = self.cache / hashlib.sha256(address.encode()).hexdigest()[:32]
        if not self.refresh and self._whole(path):
            self.counts.from_cache += 1
            return path
        wait = self.politeness.first_wait_s
        for attempt in range(1, self.politeness.attempts + 1):
            try:
                return self._download(address, path)
            except _Passing as error:
                if attempt == self.politeness.attempts:
                    raise ServiceError(
                        address,
                        f"{error} ({attempt} times)",
                        "an answer",
                        "try later, or download by hand and use zonnekaart prepare",
                    ) from error
                self.counts.retries += 1
                time.sleep(min(error.wait_s or wait * random.uniform(1.0, 1.5), _MOST_WAIT_S))  # noqa: S311 - jitter, no secret
                wait *= 2
        raise AssertionError  # the loop returns or raises

    def _whole(self, path: Path) -> bool:
        note = path.with_suffix(".json")
        if not (path.is_file() and note.is_file()):
            return False
        facts = json.loads(note.read_text())
        return bool(facts["bytes"] == path.stat().st_size)

    def _pace(self) -> None:
        gap = 1.0 / self.politeness.requests_per_second - (time.monotonic() - self._last)
        if gap > 0:
            time.sleep(gap)
        self._last = time.monotonic()

    def _download(self, address: str, path: Path) -> Path:
        """Get the answer; go on where an earlier try broke off when the service allows it."""
        self.cache.mkdir(parents=True, exist_ok=True)
        part, tag = path.with_suffix(".part"), path.with_suffix(".etag")
        headers = {}
        have = part.stat().st_size if part.is_file() and tag.is_file() else 0
        if have:
            headers = {"Range": f"bytes={have}-", "If-Range": tag.read_text()}
        self._pace()
        self.counts.requests += 1
        try:
            with self._http.stream("GET", address, headers=headers) as answer:
                self._refuse(answer, address)
                if answer.status_code == _PARTIAL and have:
                    self.counts.resumed += 1
                else:
                    have = 0
                self._note_tag(answer, tag)
                self._copy(answer, part, have, address)
                expected = _announced(answer, have)
        except httpx.TransportError as error:
            raise _Passing(str(error) or type(error).__name__) from error
        size = part.stat().st_size
        if expected is not None and size != expected:
            raise _Passing(f"{size} of {expected} bytes")
        return self._keep(address, part, path, tag)

    def _keep(self, address: str, part: Path, path: Path, tag: Path) -> Path:
        digest = hashlib.sha256()
        with part.open("rb") as stream:
            while block := stream.read(_COPY_BYTES):
                digest.update(block)
        facts = {"url": address, "bytes": part.stat().st_size, "sha256": digest.hexdigest()}
        part.replace(path)
        tag.unlink(missing_ok=True)
        write_text(path.with_suffix(".json"), json.dumps(facts))
        return path

    def _refuse(self, answer: httpx.Response, address: str) -> None:
        if answer.status_code < _OK_BELOW:
            return
        answer.read()
        said = " ".join(answer.text.split())[:_EXCERPT]
        if answer.status_code in RETRY_STATUSES:
            raise _Passing(f"HTTP {answer.status_code}", _retry_after(answer))
        raise ServiceError(
            address,
            f"HTTP {answer.status_code}: {said}",
            "data",
            "see whether the address or the collection was renamed; edit a copy of endpoints.toml",
        )

    def _note_tag(self, answer: httpx.Response, tag: Path) -> None:
        """Keep what tells that a later part belongs to the same file; none, no going on."""
        value = answer.headers.get("ETag") or answer.headers.get("Last-Modified")
        if value and not value.startswith("W/") and "Content-Encoding" not in answer.headers:
            tag.write_text(value)
        else:
            tag.unlink(missing_ok=True)

    def _copy(self, answer: httpx.Response, part: Path, have: int, address: str) -> None:
        with part.open("ab" if have else "wb") as stream:
            for block in answer.iter_bytes():
                have += len(block)
                self.counts.bytes += len(block)
                if have > self.politeness.most_bytes:
                    raise ServiceError(
                        address,
                        f"more than {self.politeness.most_bytes} bytes",
                        "an answer of a municipality's size",
                        "ask for a smaller area",
                    )
                stream.write(block)


class _Passing(Exception):  # noqa: N818 - a state, and never leaves this module
    """A failure that may pass: worth another try."""

    def __init__(self, what: str, wait_s: float | None = None) -> None:
        super().__init__(what)
        self.wait_s = wait_s


def _retry_after(answer: httpx.Response) -> float | None:
    value = answer.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None


def _announced(answer: httpx.Response, have: int) -> int | None:
    """Return how large the whole file is, where the answer says so."""
    length = answer.headers.get("Content-Length", "")
    if not length.isdigit() or "Content-Encoding" in answer.headers:
        return None
    return int(length) + have


def json_of(path: Path, address: str) -> dict[str, Any]:
    """
    Return an answer as a JSON object.

    Raises
    ------
    ServiceError
        If it is something else: a page, an exception document, half an answer.
    """
    raw = path.read_bytes()
    try:
        content = json.loads(raw)
    except ValueError as error:
        said = " ".join(raw[:2000].decode("utf-8", "replace").split())[:_EXCERPT]
        raise ServiceError(
            address,
            f"no JSON: {said}",
            "JSON",
            "the service may answer with an error page; try the address in a browser",
        ) from error
    if not isinstance(content, dict):
        raise ServiceError(
            address, f"a JSON {type(content).__name__}", "a JSON object", "see the service's manual"
        )
    return content


def saved_as(path: Path, out: Path) -> Path:
    """Copy an answer out of the cache, atomically, in blocks."""
    with replacing(out) as temporary, path.open("rb") as source, temporary.open("wb") as target:
        while block := source.read(_COPY_BYTES):
            target.write(block)
    return out
