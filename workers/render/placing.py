"""Where a moved picture lands in the frame: boxes, covers and windows of upright ones. Turned ones: `turning`.

place (fitted) ─ scaled, turned about the frame's centre, shifted ─> rectangle in 1/65536 px ─> even box around it
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from workers.render.canvas import ONE, Covers
from workers.render.colour import Box, Cover, Pixmap
from workers.render.plan_parts import Motion
from workers.render.windows import FIX, Place, Window

PPM: Final = 1_000_000
SMALLEST: Final = FIX // 16
"""What is thinner than this many 1/65536 px is not seen, and to sample it would take a filter of millions of pixels."""
QUARTER: Final = 90_000
"""Millidegrees of a quarter turn."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """An upright rectangle, or one to be turned about its centre: all in 1/65536 px of the frame."""

    centre_x: int
    centre_y: int
    width: int
    height: int


def moved(place: Place, motion: Motion, frame: tuple[int, int]) -> Rectangle:
    """A place after its motion, not yet turned."""
    x, y, width, height = place
    # A fitted place lies about the centre to a pixel: what is left of it moves along, so that nothing jumps.
    aside_x, aside_y = (2 * x + width - frame[0]) * FIX // 2, (2 * y + height - frame[1]) * FIX // 2
    return Rectangle(
        centre_x=frame[0] * FIX // 2 + motion.x + aside_x * motion.scale_x // PPM,
        centre_y=frame[1] * FIX // 2 + motion.y + aside_y * motion.scale_y // PPM,
        width=round(width * FIX * motion.scale_x / PPM),
        height=round(height * FIX * motion.scale_y / PPM),
    )


def swapped(rectangle: Rectangle) -> Rectangle:
    """The rectangle after a quarter turn."""
    return Rectangle(rectangle.centre_x, rectangle.centre_y, rectangle.height, rectangle.width)


def oriented(pixmap: Pixmap, window: Window, motion: Motion) -> tuple[Pixmap, Window]:
    """A picture after the quarter turns of a motion, and its window there."""
    turns = motion.rotation // QUARTER if motion.rotation % QUARTER == 0 else 0
    if not turns:
        return pixmap, window
    height, width = pixmap.planes[0].shape
    x, y, w, h = window
    for _ in range(turns):
        x, y, w, h, width, height = height * FIX - y - h, x, h, w, height, width
    planes = [np.ascontiguousarray(np.rot90(plane, -turns)) for plane in pixmap.all_planes]
    alpha = (planes[3], planes[4]) if pixmap.alpha else None
    return Pixmap((planes[0], planes[1], planes[2]), alpha), (x, y, w, h)


def box_around(left: int, top: int, right: int, bottom: int, frame: tuple[int, int]) -> Box | None:
    """The even box of whole pixels around a rectangle, inside the frame; None where they do not meet."""
    x, y = max(0, left // (2 * FIX) * 2), max(0, top // (2 * FIX) * 2)
    width = min(frame[0], -(-right // (2 * FIX)) * 2) - x
    height = min(frame[1], -(-bottom // (2 * FIX)) * 2) - y
    return (x, y, width, height) if width > 0 and height > 0 else None


def upright(rectangle: Rectangle, window: Window, frame: tuple[int, int]) -> tuple[Box, Window, Covers] | None:
    """The box of a rectangle, the window that fills that box, and how much the rectangle covers of each pixel of it."""
    left, top = rectangle.centre_x - rectangle.width // 2, rectangle.centre_y - rectangle.height // 2
    box = box_around(left, top, left + rectangle.width, top + rectangle.height, frame)
    if box is None or min(rectangle.width, rectangle.height) < SMALLEST:
        return None
    x, y, width, height = box
    part = (
        window[0] + (x * FIX - left) * window[2] // rectangle.width,
        window[1] + (y * FIX - top) * window[3] // rectangle.height,
        max(1, width * FIX * window[2] // rectangle.width),
        max(1, height * FIX * window[3] // rectangle.height),
    )
    columns = _covered(x, width, left, rectangle.width)
    rows = _covered(y, height, top, rectangle.height)
    return box, part, (_crossed(columns, rows), _crossed(_paired(columns), _paired(rows)))


def faded(covers: Covers, opacity: int) -> Covers:
    """Covers times an opacity in ppm."""
    share = opacity_of(opacity)
    if share == ONE:
        return covers
    full, half = (_scaled(cover, share) for cover in covers)
    return full, half


def _scaled(cover: int | Cover, share: int) -> int | Cover:
    if isinstance(cover, int):
        return cover * share >> 8
    return ((cover.astype(np.uint32) * share + 128) >> 8).astype(np.uint16)


def opacity_of(ppm: int) -> int:
    """Ppm as a cover."""
    return round(ppm * ONE / PPM)


def wiped(part: int, width: int) -> Covers:
    """What a wipe has uncovered: everything to the left of `part` ppm of the width."""
    columns = _covered(0, width, 0, part * width * FIX // PPM)
    return columns[None, :], _paired(columns)[None, :]


def _covered(first: int, count: int, start: int, length: int) -> Cover:
    """How much of each of `count` pixels from `first` on lies in [start, start + length), 0..256."""
    edges = np.arange(first, first + count + 1, dtype=np.int64) * FIX
    inside = np.minimum(edges[1:], start + length) - np.maximum(edges[:-1], start)
    cover: Cover = ((np.clip(inside, 0, FIX) * ONE + FIX // 2) // FIX).astype(np.uint16)
    return cover


def _paired(cover: Cover) -> Cover:
    pairs: Cover = (cover[::2] + cover[1::2]) // np.uint16(2)
    return pairs


def _crossed(columns: Cover, rows: Cover) -> int | Cover:
    """The covers of all pixels; one number where nothing is left open."""
    if columns.min() == ONE and rows.min() == ONE:
        return ONE
    crossed: Cover = ((columns.astype(np.uint32)[None, :] * rows[:, None] + 128) >> 8).astype(np.uint16)
    return crossed
