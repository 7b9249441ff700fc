"""Laying pictures over each other, in whole numbers: the same bytes on every machine.

canvas   an opaque picture (the frame), or one with alpha (a nest, of which what is below may be seen)
cover    how much of each pixel is covered, 0..256: the edges of a picture that lies between pixels, times opacity
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from workers.render.colour import FULL, Box, Cover, Pixmap, Planes, widened
from workers.render.sample import Bytes

BLACK: Final = (16, 128, 128)
ONE: Final = 256
"""A cover that hides what is below."""

Covers = tuple[int | Cover, int | Cover]
"""The cover of luma and of chroma; arrays may be one row or one column."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """Planes to paint on, as of a Pixmap; `alpha` None: opaque."""

    planes: Planes
    alpha: tuple[Bytes, Bytes] | None = None

    @property
    def all_planes(self) -> Sequence[Bytes]:
        return (*self.planes, *(self.alpha or ()))

    def blacken(self) -> None:
        """Paint it black; a canvas with alpha becomes transparent instead."""
        levels = (0,) * 5 if self.alpha else BLACK
        for plane, level in zip(self.all_planes, levels, strict=True):
            plane[...] = level

    def part(self, box: Box) -> Sequence[Bytes]:
        """The part of each plane that an even rectangle covers."""
        x, y, width, height = box
        full = (slice(y, y + height), slice(x, x + width))
        half = (slice(y // 2, (y + height) // 2), slice(x // 2, (x + width) // 2))
        cuts = (full, half, half, full, half)
        return [plane[cut] for plane, cut in zip(self.all_planes, cuts, strict=False)]

    def copy(self) -> "Canvas":
        """Another canvas that looks the same."""
        y, u, v = (plane.copy() for plane in self.planes)
        return Canvas((y, u, v), self.alpha and (self.alpha[0].copy(), self.alpha[1].copy()))

    def lay(self, box: Box, pixmap: Pixmap, covers: Covers) -> None:
        """Lay a picture of the box's size over what is there."""
        alphas = pixmap.alpha or (None, None)
        full, half = (covers[0], alphas[0]), (covers[1], alphas[1])
        targets = self.part(box)
        sources: Sequence[Bytes | int] = pixmap.all_planes if pixmap.alpha else (*pixmap.planes, FULL, FULL)
        shares = (full, half, half, full, half)
        for target, source, (cover, alpha) in zip(targets, sources, shares, strict=False):
            _blend(target, source, cover, alpha)


def blank(width: int, height: int, *, alpha: bool) -> Canvas:
    """A canvas of that even size, black or transparent."""
    shapes = ((height, width), (height // 2, width // 2), (height // 2, width // 2))
    y, u, v = (np.empty(shape, np.uint8) for shape in shapes)
    canvas = Canvas((y, u, v), (np.empty_like(y), np.empty_like(u)) if alpha else None)
    canvas.blacken()
    return canvas


def mix(canvas: Canvas, other: Canvas, covers: Covers) -> None:
    """Turn a canvas into a mixture with another one of its kind: `covers` is the other's share."""
    shares = (covers[0], covers[1], covers[1], covers[0], covers[1])
    for target, source, share in zip(canvas.all_planes, other.all_planes, shares, strict=False):
        _blend(target, source, share, None)


def _blend(target: Bytes, source: Bytes | int, cover: int | Cover, alpha: Bytes | None) -> None:
    if alpha is None:
        if isinstance(cover, int) and cover == ONE:
            target[...] = source
            return
        share = np.asarray(cover, np.uint16)
        # At most 255·256 + 128: sixteen bits are enough, and fast.
        mixed = np.multiply(source, share, dtype=np.uint16)
        mixed = mixed + np.multiply(target, ONE - share, dtype=np.uint16)
        mixed += 128
        target[...] = mixed >> 8
        return
    # A filter may leave a colour a little above its alpha, so that the sum has no such limit.
    share = np.asarray(cover, np.int32)
    hidden = (widened(alpha) * share + 128) >> 8
    total = (source * share + target * (ONE - hidden) + 128) >> 8
    target[...] = np.clip(total, 0, FULL)
