"""Values between their keyframes: pure, exact, the same for every property, for preview and export.

value
  ┤        ●────── hold after the last
  ┤      ╱
  ┤    ╱            linear: straight
  ┤  ╱              hold:   stays, then jumps
  ┤●                bezier: eased, flat at both ends, or by the four numbers of its own curve
  └┬───────┬────
   k0      k1       a keyframe's interpolation rules the way to the next one

Before the first keyframe its value holds too.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from timeline_service.domain import easing
from workers.render import errors

Interpolation = str | dict[str, list[int]]
"""As records keep it (see `domain.easing`)."""
INTERPOLATIONS: Final = ("hold", "linear", "bezier")
PPM: Final = 1_000_000

Values = tuple[Fraction, ...]
Rectangle = tuple[Fraction, ...]
"""x, y, width, height in ppm of the picture."""


@dataclass(frozen=True, slots=True)
class Key:
    """A keyframe of any property: its time in ticks of the property's time base, its whole values."""

    time: int
    values: tuple[int, ...]
    interpolation: Interpolation = "linear"


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
        if isinstance(self.interpolation, str) and self.interpolation not in INTERPOLATIONS:
            raise errors.BadCrop(time=self.time, interpolation=self.interpolation)

    @property
    def values(self) -> tuple[int, ...]:
        return self.x, self.y, self.width, self.height

    @property
    def rectangle(self) -> Rectangle:
        return tuple(map(Fraction, self.values))


@dataclass(frozen=True, slots=True)
class Curve:
    """A property of a clip: its keyframes, and what it is where there are none."""

    static: tuple[int, ...]
    keys: tuple[Key, ...] = ()

    def at(self, tick: int) -> Values:
        """Its values at a tick of its time base."""
        return values_at(self.keys, tick) if self.keys else tuple(map(Fraction, self.static))


def rectangle_at(keys: Sequence[CropKey], tick: int) -> Rectangle:
    """The window at a source tick. Keys are in order of time; without any it is the full picture."""
    if not keys:
        return Fraction(0), Fraction(0), Fraction(PPM), Fraction(PPM)
    return values_at(keys, tick)


def values_at(keys: Sequence[Key | CropKey], tick: int) -> Values:
    """The values at a tick. There is at least one key; keys are in order of time."""
    after = bisect_right(keys, tick, key=_time)
    if after == 0:
        return tuple(map(Fraction, keys[0].values))
    left = keys[after - 1]
    if after == len(keys) or left.interpolation == "hold":
        return tuple(map(Fraction, left.values))
    right = keys[after]
    part = easing.ease(left.interpolation, Fraction(tick - left.time, right.time - left.time))
    return tuple(a + (b - a) * part for a, b in zip(left.values, right.values, strict=True))


def _time(key: Key | CropKey) -> int:
    return key.time
