from __future__ import annotations

import io

import numpy as np
from PIL import Image

from zonnekaart.io.png import TRANSPARENT, Palette, palette_png


def _palette() -> Palette:
    colors = np.stack([np.arange(256), 255 - np.arange(256), np.full(256, 7)], axis=1)
    return Palette(0.0, 254.0, colors.astype(np.uint8))


def test_another_decoder_sees_the_same_colours():
    palette = _palette()
    values = np.array([[np.nan, 0.0, 127.0], [254.0, 999.0, -5.0]], dtype=np.float32)
    png = palette_png(palette.indices(values), palette.colors)
    image = Image.open(io.BytesIO(png))
    assert image.size == (3, 2)
    pixels = np.array(image.convert("RGBA"))
    assert pixels[0, 0, 3] == 0
    assert (pixels[..., 3].ravel()[1:] == 255).all()
    assert pixels[0, 1].tolist() == [1, 254, 7, 255]
    assert pixels[0, 2].tolist() == [128, 127, 7, 255]
    assert pixels[1, 0].tolist() == [255, 0, 7, 255]


def test_beyond_the_range_takes_the_end_colour():
    palette = _palette()
    indices = palette.indices(np.array([[-5.0, 999.0]], dtype=np.float32))
    assert indices.tolist() == [[1, 255]]


def test_fewer_shades_keep_the_ends_and_the_unknown():
    values = np.array([[np.nan, 0.0, 1.0], [0.1, 0.5, 0.9]], dtype=np.float32)
    colors = np.zeros((256, 3), dtype=np.uint8)
    few = Palette(0.0, 1.0, colors, shades=3).indices(values)
    assert few.tolist() == [[TRANSPARENT, 1, 255], [1, 128, 255]]
    ramp = np.linspace(0.0, 1.0, 10_000, dtype=np.float32)[None, :]
    assert len(np.unique(Palette(0.0, 1.0, colors, shades=48).indices(ramp))) == 48
    assert len(np.unique(Palette(0.0, 1.0, colors).indices(ramp))) == 255
