"""Pictures turned by any angle: for each pixel of the frame, the place in the picture, between four of its pixels.

The picture comes here at the size it will have (`flat`), made by the sampler, so that it shrinks without gaps.
Everything is whole numbers: positions in 1/65536 px, the sine and cosine rounded to 2^-30.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workers.render.canvas import ONE, Covers
from workers.render.colour import Box, Cover, Pixmap
from workers.render.placing import Rectangle, box_around
from workers.render.sample import Bytes
from workers.render.windows import FIX

TRIG_BITS: Final = 30
STRIP: Final = 64
"""Rows worked on at a time: the positions of a whole large picture would take gigabytes."""

Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Turn:
    """A rectangle, turned clockwise by an angle in millidegrees about its centre."""

    rectangle: Rectangle
    angle: int

    @property
    def trig(self) -> tuple[int, int]:
        """Cosine and sine in 1/2^30."""
        radians = math.radians(self.angle / 1000)
        return round(math.cos(radians) * (1 << TRIG_BITS)), round(math.sin(radians) * (1 << TRIG_BITS))

    def box(self, frame: tuple[int, int]) -> Box | None:
        """The even box around it inside the frame."""
        cosine, sine = (abs(part) for part in self.trig)
        own = self.rectangle
        across = ((cosine * own.width + sine * own.height) >> (TRIG_BITS + 1)) + FIX
        down = ((sine * own.width + cosine * own.height) >> (TRIG_BITS + 1)) + FIX
        return box_around(own.centre_x - across, own.centre_y - down, own.centre_x + across, own.centre_y + down, frame)

    def positions(self, x: Longs, y: Longs) -> tuple[Longs, Longs]:
        """Points of the frame (1/65536 px) as points of the unturned rectangle, from its corner."""
        cosine, sine = self.trig
        across, down = x - self.rectangle.centre_x, y - self.rectangle.centre_y
        u = (cosine * across + sine * down) >> TRIG_BITS
        v = (cosine * down - sine * across) >> TRIG_BITS
        return u + self.rectangle.width // 2, v + self.rectangle.height // 2


def turned(flat: Pixmap, turn: Turn, box: Box) -> tuple[Pixmap, Covers]:
    """What the box shows of a picture that fills the turned rectangle, and how much the rectangle covers there."""
    _, _, width, height = box
    size = (flat.planes[0].shape[1], flat.planes[0].shape[0])
    planes = [
        np.empty((height // step, width // step), np.uint8)
        for step, _ in zip((1, 2, 2, 1, 2), flat.all_planes, strict=False)
    ]
    covers = [np.empty((height // step, width // step), np.uint16) for step in (1, 2)]
    for step in (1, 2):
        chosen = [n for n in range(len(planes)) if (1, 2, 2, 1, 2)[n] == step]
        for top in range(0, height // step, STRIP):
            x, y = _sites(box, step, top)
            u, v = turn.positions(x, y)
            strip = slice(top, top + STRIP)
            covers[step - 1][strip] = _cover(u, v, turn.rectangle)
            across, down = _part(u, size[0], turn.rectangle.width), _part(v, size[1], turn.rectangle.height)
            for n in chosen:
                planes[n][strip] = _between(flat.all_planes[n], *_indices(across, down, step))
    alpha = (planes[3], planes[4]) if flat.alpha else None
    return Pixmap((planes[0], planes[1], planes[2]), alpha), (covers[0], covers[1])


def _part(along: Longs, size: int, length: int) -> Longs:
    """A position in a rectangle of that length as one in a picture of `size` pixels.

    One product of doubles, which all machines round alike; whole numbers would overflow in large pictures.
    """
    found: Longs = np.floor(along * (size * FIX / length)).astype(np.int64)
    return found


def _sites(box: Box, step: int, top: int) -> tuple[Longs, Longs]:
    """Where the samples of some rows of the box lie in the frame: luma in the middle of pixels, chroma left of it."""
    x, y, width, height = box
    columns = np.arange(width // step, dtype=np.int64) * step * FIX + x * FIX + FIX // 2
    rows = np.arange(top, min(top + STRIP, height // step), dtype=np.int64) * step * FIX + y * FIX + step * FIX // 2
    return columns[None, :], rows[:, None]


def _indices(across: Longs, down: Longs, step: int) -> tuple[Longs, Longs]:
    """Positions in the picture (from its corner) as positions among a plane's samples, 0 in the first one's middle."""
    return (across - FIX // 2) // step, down // step - FIX // 2


def _cover(u: Longs, v: Longs, rectangle: Rectangle) -> Cover:
    """How much of the pixel around each point lies inside, by its distance from the nearest edge."""
    inside = np.minimum(np.minimum(u, rectangle.width - u), np.minimum(v, rectangle.height - v)) + FIX // 2
    cover: Cover = ((np.clip(inside, 0, FIX) * ONE + FIX // 2) // FIX).astype(np.uint16)
    return cover


def _between(plane: Bytes, x: Longs, y: Longs) -> Bytes:
    """The plane at these positions, weighted between four samples; outside, its edge."""
    height, width = plane.shape
    left, top = x >> 16, y >> 16
    right_share, lower_share = (x >> 8) & 0xFF, (y >> 8) & 0xFF
    lefts, rights = np.clip(left, 0, width - 1), np.clip(left + 1, 0, width - 1)
    tops, lowers = np.clip(top, 0, height - 1) * width, np.clip(top + 1, 0, height - 1) * width
    flat = np.ascontiguousarray(plane).reshape(-1)
    upper = flat[tops + lefts] * (ONE - right_share) + flat[tops + rights] * right_share
    lower = flat[lowers + lefts] * (ONE - right_share) + flat[lowers + rights] * right_share
    mixed: Bytes = ((upper * (ONE - lower_share) + lower * lower_share + (1 << 15)) >> 16).astype(np.uint8)
    return mixed
