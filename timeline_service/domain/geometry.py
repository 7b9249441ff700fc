"""Windows on a picture, in integer parts per million of its sides, so that they hold for every proxy of it."""

from fractions import Fraction
from typing import Any, Final, Literal

from timeline_service.domain import errors

WHOLE: Final = 1_000_000

Unit = Literal["ppm", "px"]


def to_ppm(pixels: int, side: int) -> int:
    """Pixels of a side of the picture in ppm, rounded half to even."""
    return round(Fraction(pixels * WHOLE, side))


def window(sides: dict[str, int], unit: Unit, media: dict[str, Any]) -> dict[str, int]:
    """The given ones of x, y, width, height in ppm. Raises MediaSizeUnknown for pixels of a picture without a size."""
    if unit == "ppm":
        return dict(sides)
    if "width" not in media or "height" not in media:
        raise errors.MediaSizeUnknown()
    across = {"x": "width", "width": "width", "y": "height", "height": "height"}
    return {name: to_ppm(pixels, media[across[name]]) for name, pixels in sides.items()}


def check_window(value: dict[str, int]) -> dict[str, int]:
    """The same window. Raises BadRectangle unless it has a width and a height and lies inside the picture."""
    for at, length in ((value["x"], value["width"]), (value["y"], value["height"])):
        if at < 0 or length <= 0 or at + length > WHOLE:
            raise errors.BadRectangle(window=value)
    return value
