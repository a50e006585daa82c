"""Tiles that were asked for before."""

from __future__ import annotations

import threading
from collections import OrderedDict

from zonnekaart.api.answers import Body

_CACHE_BYTES = 64 << 20
NOTHING = Body(b"", "application/octet-stream", compress=False)
TileKey = tuple[str, int, int, int]


class TileCache:
    """
    The tiles asked for last, up to a number of bytes; tiles that do not exist are kept too.

    Parameters
    ----------
    limit : int
        Bytes of bodies to keep.
    """

    def __init__(self, limit: int = _CACHE_BYTES) -> None:
        self._limit = limit
        self._bytes = 0
        self._kept: OrderedDict[TileKey, Body] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: TileKey) -> Body | None:
        """Return a kept body; one without content stands for a tile that does not exist."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: TileKey, body: Body | None) -> Body:
        """Keep a body, or that there is none; the oldest leave."""
        kept = body or NOTHING
        with self._lock:
            previous = self._kept.pop(key, None)
            self._bytes += _cost(kept) - (_cost(previous) if previous else 0)
            self._kept[key] = kept
            while self._bytes > self._limit and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= _cost(dropped)
        return kept


def _cost(body: Body) -> int:
    # A tag, a key and three objects; so that empty tiles count as well.
    return body.size + 512
