"""Bodies that do not change until the next publish: entity tag, compression, cache rules."""

from __future__ import annotations

import gzip
import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

import brotli
from fastapi import Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = "application/json"
REVALIDATE = "no-cache"
IMMUTABLE = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"

_SMALL = 512
"""Bodies below this gain nothing from compression. [bytes]"""
_GZIP_LEVEL = 6
_BROTLI_QUALITY = 6


class Body:
    """
    One body with its encodings, each made when first asked for and then kept.

    Parameters
    ----------
    content : bytes
        The body itself, or its gzip form when `stored_gzipped`.
    media_type : str
        ``Content-Type``.
    compress : bool
        False for what is compressed by nature, such as PNG and woff2.
    stored_gzipped : bool
        True for tiles that stand compressed in their archive.
    """

    def __init__(
        self,
        content: bytes,
        media_type: str,
        *,
        compress: bool = True,
        stored_gzipped: bool = False,
    ) -> None:
        self._content = content
        self._stored_gzipped = stored_gzipped
        self.media_type = media_type
        self.compress = compress and (stored_gzipped or len(content) >= _SMALL)
        self.tag = hashlib.blake2b(content, digest_size=12).hexdigest()

    @cached_property
    def plain(self) -> bytes:
        """The body without encoding."""
        return gzip.decompress(self._content) if self._stored_gzipped else self._content

    @cached_property
    def gzipped(self) -> bytes:
        """The body as gzip, without a time stamp so that it is always the same."""
        if self._stored_gzipped:
            return self._content
        return gzip.compress(self._content, _GZIP_LEVEL, mtime=0)

    @cached_property
    def brotlied(self) -> bytes:
        """The body as brotli."""
        done: bytes = brotli.compress(self.plain, quality=_BROTLI_QUALITY)
        return done

    @property
    def size(self) -> int:
        """Bytes held, before further encodings."""
        return len(self._content)

    def encoded(self, accepted: str) -> tuple[bytes, str]:
        """Return the best body for an ``Accept-Encoding`` header, and its encoding."""
        if not self.compress:
            return self.plain, ""
        wanted = _accepted(accepted)
        if self._stored_gzipped and "gzip" in wanted:
            return self.gzipped, "gzip"
        if "br" in wanted and not self._stored_gzipped:
            return self.brotlied, "br"
        if "gzip" in wanted:
            return self.gzipped, "gzip"
        return self.plain, ""


def best_type(header: str, offered: tuple[str, ...]) -> str:
    """
    Return the media type that an ``Accept`` header likes most; the first when it likes none.

    Parameters
    ----------
    header : str
        The header, with weights; ``*/*`` and ``text/*`` count.
    offered : tuple of str
        What there is, best first.
    """
    weights = {}
    for part in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weights[name] = _weight(parameters)

    def liked(media_type: str) -> float:
        ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
        return next((weights[r] for r in ranges if r in weights), 0.0)

    # The first of equals, because max keeps it.
    return max(offered, key=liked)


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _accepted(header: str) -> set[str]:
    """Return the encodings a header names, without those it refuses by ``q=0``."""
    found = set()
    for part in header.split(","):
        name, _, weight = part.strip().partition(";")
        if weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            found.add(name.strip().lower())
    return found


def answer(
    request: Request,
    body: Body,
    cache: str = REVALIDATE,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """
    Send a body in the best encoding, or 304 when the client has it already.

    Parameters
    ----------
    request : Request
        For its ``Accept-Encoding`` and ``If-None-Match``.
    body : Body
        What to send.
    cache : str
        ``Cache-Control``.
    headers : mapping, optional
        Further headers.
    """
    content, encoding = body.encoded(request.headers.get("accept-encoding", ""))
    tag = f'"{body.tag}{"-" + encoding if encoding else ""}"'
    common = {"etag": tag, "cache-control": cache}
    if body.compress:
        common["vary"] = "Accept-Encoding"
    common |= headers or {}
    if _matches(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=common)
    if encoding:
        common["content-encoding"] = encoding
    return Response(content, media_type=body.media_type, headers=common)


def _matches(header: str, tag: str) -> bool:
    candidates = {part.strip().removeprefix("W/") for part in header.split(",")}
    return tag in candidates or "*" in candidates
