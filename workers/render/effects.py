"""The effects that are drawn, on a source picture before it is placed. Amounts in ppm.

brightness   adds so much of the whole range         contrast     about the middle grey; 1 000 000 changes nothing
saturation   of the colours; 0 is grey               blur         radius, of the height of what is shown
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from workers.render.colour import Pixmap, widened
from workers.render.sample import Bytes
from workers.render.windows import FIX, Window

PPM: Final = 1_000_000
RANGE, MIDDLE, NEUTRAL = 219, 126, 128
ONE: Final = 1 << 12
"""Factors are whole numbers of this."""
MOST: Final = 64 * ONE
WIDEST: Final = 200
"""Pixels of the largest radius; more looks no different."""


def applied(pixmap: Pixmap, effects: Sequence[tuple[str, int]], window: Window) -> Pixmap:
    """The picture after its effects, in order."""
    for kind, amount in effects:
        if kind == "blur":
            pixmap = _blurred(pixmap, amount * window[3] // (FIX * PPM // 100))
        else:
            pixmap = _graded(pixmap, kind, amount)
    return pixmap


def _graded(pixmap: Pixmap, kind: str, amount: int) -> Pixmap:
    """Luma and chroma each times a factor about a middle, plus an offset."""
    factor = max(-MOST, min(MOST, amount * ONE // PPM))
    y, u, v = pixmap.planes
    full, half = pixmap.alpha or (None, None)
    if kind == "brightness":
        y = _line(y, ONE, MIDDLE, factor * RANGE, full)
    elif kind == "contrast":
        y = _line(y, factor, MIDDLE, 0, full)
    if kind in {"contrast", "saturation"}:
        u, v = (_line(plane, factor, NEUTRAL, 0, half) for plane in (u, v))
    return Pixmap((y, u, v), pixmap.alpha, pixmap.box)


def _line(plane: Bytes, factor: int, middle: int, offset: int, alpha: Bytes | None) -> Bytes:
    """Middle + (value - middle) · factor + offset, as a table; multiplied by alpha where there is one."""
    constant = middle * (ONE - factor) + offset
    if alpha is None:
        table = (np.arange(256, dtype=np.int64) * factor + constant + ONE // 2) // ONE
        return np.clip(table, 0, 255).astype(np.uint8)[plane]
    wide = widened(alpha).astype(np.int64)
    value = (plane * np.int64(factor) + (constant * wide >> 8) + ONE // 2) // ONE
    limited: Bytes = np.clip(value, 0, alpha).astype(np.uint8)
    return limited


def _blurred(pixmap: Pixmap, radius: int) -> Pixmap:
    """Gaussian, `radius` in 1/100 px of luma."""
    if radius <= 0:
        return pixmap
    pixels = min(radius / 100, WIDEST)
    steps = (1, 2, 2, 1, 2)
    planes = [_soft(plane, pixels / step) for plane, step in zip(pixmap.all_planes, steps, strict=False)]
    return Pixmap((planes[0], planes[1], planes[2]), (planes[3], planes[4]) if pixmap.alpha else None)


def _soft(plane: Bytes, radius: float) -> Bytes:
    picture = Image.fromarray(np.ascontiguousarray(plane)).filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(picture)
