"""The crop window between its keyframes: pure, exact, the same for preview and export.

value
  ┤        ●────── hold after the last
  ┤      ╱
  ┤    ╱            linear: straight
  ┤  ╱              hold:   stays, then jumps
  ┤●                bezier: eased, flat at both ends
  └┬───────┬────
   k0      k1       a keyframe's interpolation rules the way to the next one

Before the first keyframe its value holds too.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from workers.render import errors

Interpolation = Literal["hold", "linear", "bezier"]
INTERPOLATIONS: Final = ("hold", "linear", "bezier")
PPM: Final = 1_000_000

Rectangle = tuple[Fraction, Fraction, Fraction, Fraction]
"""x, y, width, height in ppm of the picture."""


@dataclass(frozen=True, slots=True)
class CropKey:
    """A crop keyframe: time in source ticks, rectangle in whole ppm of the picture."""

    time: int
    x: int
    y: int
    width: int
    height: int
    interpolation: Interpolation = "linear"

    def __post_init__(self) -> None:
        if self.width <= 0 or self.height <= 0:
            raise errors.BadCrop(time=self.time, width=self.width, height=self.height)
        if self.interpolation not in INTERPOLATIONS:
            raise errors.BadCrop(time=self.time, interpolation=self.interpolation)

    @property
    def rectangle(self) -> Rectangle:
        return Fraction(self.x), Fraction(self.y), Fraction(self.width), Fraction(self.height)


def rectangle_at(keys: Sequence[CropKey], tick: int) -> Rectangle:
    """The window at a source tick. Keys are in order of time; without any it is the full picture."""
    if not keys:
        return Fraction(0), Fraction(0), Fraction(PPM), Fraction(PPM)
    after = bisect_right(keys, tick, key=lambda key: key.time)
    if after == 0:
        return keys[0].rectangle
    left = keys[after - 1]
    if after == len(keys) or left.interpolation == "hold":
        return left.rectangle
    right = keys[after]
    part = ease(left.interpolation, Fraction(tick - left.time, right.time - left.time))
    x, y, width, height = (Fraction(a) + (b - a) * part for a, b in zip(left.rectangle, right.rectangle, strict=True))
    return x, y, width, height


def ease(interpolation: Interpolation, part: Fraction) -> Fraction:
    """How much of the way to the next keyframe is done after `part` (0..1) of the time.

    bezier is the cubic with control points (0,0) (1/3,0) (2/3,1) (1,1): its time axis is linear, so no solving and no
    rounding is needed: 3u² - 2u³.
    """
    if interpolation == "hold":
        return Fraction(0)
    if interpolation == "bezier":
        return part * part * (3 - 2 * part)
    return part
