"""Windows: the part of a source picture that is shown, and where it goes in the output picture. Pure and exact."""

from fractions import Fraction
from typing import Final

from workers.render import interpolate

FIX: Final = 65536
"""Window coordinates are whole numbers of 1/65536 source pixel."""

Window = tuple[int, int, int, int]
"""x, y, width, height in 1/65536 px of the source picture."""
Place = tuple[int, int, int, int]
"""x, y, width, height in even pixels of the output picture."""


def window_of(rectangle: interpolate.Rectangle, width: int, height: int) -> Window:
    """A rectangle in ppm as a window in 1/65536 px of a picture of that size, each edge rounded once, half to even."""
    x, y, w, h = rectangle
    unit_x, unit_y = Fraction(width * FIX, interpolate.PPM), Fraction(height * FIX, interpolate.PPM)
    return round(x * unit_x), round(y * unit_y), max(FIX, round(w * unit_x)), max(FIX, round(h * unit_y))


def fit(window: Window, width: int, height: int) -> tuple[Window, Place]:
    """A window contained in a picture of width x height: (the window to sample, where its pixels go).

    Places are even, so that chroma stays whole; the window grows or shrinks about its centre by what the place was
    rounded (one output pixel at most), so that the scale is exact and nothing jumps while a window moves.
    """
    x, y, w, h = window
    if w * height >= h * width:
        place_height = _even(Fraction(h * width, w), height)
        rows = round(Fraction(w * place_height, width))
        return (x, y + (h - rows) // 2, w, rows), (0, _centre(height, place_height), width, place_height)
    place_width = _even(Fraction(w * height, h), width)
    columns = round(Fraction(h * place_width, height))
    return (x + (w - columns) // 2, y, columns, h), (_centre(width, place_width), 0, place_width, height)


def _even(length: Fraction, limit: int) -> int:
    """The nearest even length of 2..limit; lengths within two pixels of the limit are the limit."""
    if limit - length <= 2:  # a bar of one pixel would flicker while a window moves
        return limit
    return min(limit, max(2, 2 * round(length / 2)))


def _centre(outer: int, inner: int) -> int:
    return (outer - inner) // 4 * 2
