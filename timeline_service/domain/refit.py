"""Windows for another aspect: what a crop shows of a picture when the frame becomes higher or wider.

frame 16:9          frame 9:16
┌──────────┐        ┌──────────┐
│ ┌──────┐ │        │   ┌──┐   │     the height stays, the width follows the aspect, the anchor (the centre) stays;
│ └──────┘ │   ->   │   └──┘   │     a window wider than the picture becomes as wide as it, and lower;
└──────────┘        └──────────┘     one that would leave the picture is pushed back inside

Rounding: width, or height where that gives way, and then x and y, each once, from exact fractions, half to even;
no side is less than 1 ppm.
"""

from fractions import Fraction
from typing import Any, Final

from timeline_service.domain.geometry import WHOLE

FULL: Final = {"x": 0, "y": 0, "width": WHOLE, "height": WHOLE}

Size = tuple[int, int]
"""Width and height in pixels."""


def picture_of(media: dict[str, Any], frame: Size) -> Size | None:
    """The size of a clip's picture; that of the frame for a nest; None where it is not known."""
    if media.get("sequence_id") is not None:
        return frame
    if "width" not in media or "height" not in media:
        return None
    return media["width"], media["height"]


def refitted(window: dict[str, int], picture: Size, frame: Size, anchor: tuple[int, int]) -> dict[str, int]:
    """A window of the frame's aspect for one of any. `anchor`: the point of the window that stays, in ppm of it."""
    ratio = Fraction(frame[0] * picture[1], frame[1] * picture[0])
    """The width of a window of the frame's aspect whose height is 1, both as parts of the picture."""
    width, height = _whole(window["height"] * ratio), window["height"]
    if window["height"] * ratio > WHOLE:
        width, height = WHOLE, _whole(WHOLE / ratio)
    return {
        "x": _inside(window["x"], window["width"], width, anchor[0]),
        "y": _inside(window["y"], window["height"], height, anchor[1]),
        "width": width,
        "height": height,
    }


def _whole(side: Fraction) -> int:
    return min(WHOLE, max(1, round(side)))


def _inside(at: int, length: int, after: int, anchor: int) -> int:
    moved = round(at + Fraction((length - after) * anchor, WHOLE))
    return min(max(0, moved), WHOLE - after)
