"""Palette PNG: one byte per pixel, small and quick to make."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

TRANSPARENT = 0
"""Palette index of unknown pixels."""

_SHADES = 255
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LEVEL = 6


@dataclass(frozen=True)
class Palette:
    """
    How numbers become palette indices.

    Parameters
    ----------
    low, high : float
        Values drawn with the first and the last colour; values beyond take the end colour.
    colors : ndarray of uint8, shape (256, 3)
        The first entry is never seen: it is the index of unknown pixels.
    shades : int
        Different colours to use, 2 to 255; fewer make smaller files.
    """

    low: float
    high: float
    colors: npt.NDArray[np.uint8]
    shades: int = _SHADES

    def indices(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
        """
        Return an index per value.

        Parameters
        ----------
        values : ndarray of float32, shape (rows, cols)
            NaN is unknown.

        Returns
        -------
        ndarray of uint8, shape (rows, cols)
            `TRANSPARENT` for unknown, else 1 to 255.
        """
        share = np.clip((values - self.low) / (self.high - self.low), 0.0, 1.0)
        steps = self.shades - 1
        shades = (np.nan_to_num(share) * steps).round() * ((_SHADES - 1) / steps) + 1.0
        return np.where(np.isnan(values), TRANSPARENT, shades.round()).astype(np.uint8)


def palette_png(indices: npt.NDArray[np.uint8], colors: npt.NDArray[np.uint8]) -> bytes:
    """
    Encode an indexed image; index `TRANSPARENT` is see-through.

    Parameters
    ----------
    indices : ndarray of uint8, shape (rows, cols)
        Palette index of each pixel.
    colors : ndarray of uint8, shape (256, 3)
        Red, green, blue of each index.

    Returns
    -------
    bytes
        A PNG file [1]_.

    References
    ----------
    .. [1] W3C, Portable Network Graphics (PNG) Specification, third edition, sections 11.2-11.3.
    """
    rows, cols = indices.shape
    header = struct.pack(">IIBBBBB", cols, rows, 8, 3, 0, 0, 0)
    # Each line starts with its filter type; 0 (none) is best for palettes.
    lines = np.zeros((rows, cols + 1), dtype=np.uint8)
    lines[:, 1:] = indices
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", colors.astype(np.uint8).tobytes()),
            _chunk(b"tRNS", b"\x00"),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), _LEVEL)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
