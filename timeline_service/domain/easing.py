"""How a value goes from one keyframe to the next.

hold                           stays, then jumps
linear                         straight
bezier                         eased, flat at both ends: 3u² - 2u³
{"bezier": [x1, y1, x2, y2]}   a curve of its own, by its two inner control points: x in ppm of the time, y of the way
"""

from fractions import Fraction
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

WHOLE: Final = 1_000_000
CURVE_BITS: Final = 32
"""The parameter of a curve is found to 2^-32, downwards, in whole numbers: the same on every machine."""
FURTHEST: Final = 100 * WHOLE
"""How far a curve may overshoot."""


def _inside_the_time(points: list[int]) -> list[int]:
    if not (0 <= points[0] <= WHOLE and 0 <= points[2] <= WHOLE):
        raise ValueError("x of a control point lies in 0..1000000")
    return points


class Curve(BaseModel):
    """A cubic from (0, 0) to (1, 1); `bezier` is x1, y1, x2, y2 of its inner control points in ppm, x in 0..1000000."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    bezier: Annotated[
        list[Annotated[int, Field(ge=-FURTHEST, le=FURTHEST)]],
        Field(min_length=4, max_length=4),
        AfterValidator(_inside_the_time),
    ]


Interpolation = Literal["hold", "linear", "bezier"] | Curve
"""As a request gives it; it rules the way from its keyframe to the next."""


def stored(interpolation: Interpolation) -> str | dict[str, Any]:
    """As a record keeps it."""
    return interpolation if isinstance(interpolation, str) else interpolation.model_dump()


def ease(interpolation: str | dict[str, Any], part: Fraction) -> Fraction:
    """How much of the way is done after `part` (in [0, 1)) of the time; `interpolation` as records keep it."""
    if interpolation == "hold":
        return Fraction(0)
    if interpolation == "linear":
        return part
    if isinstance(interpolation, str):
        return part * part * (3 - 2 * part)
    x1, y1, x2, y2 = interpolation["bezier"]
    scale = 1 << CURVE_BITS
    u = 0
    for bit in reversed(range(CURVE_BITS)):  # time never runs backwards on the curve, so the last u before `part`
        further = u + (1 << bit)
        if _cubic(x1, x2, further, scale) * part.denominator <= part.numerator * WHOLE * scale**3:
            u = further
    return Fraction(_cubic(y1, y2, u, scale), WHOLE * scale**3)


def _cubic(first: int, second: int, u: int, scale: int) -> int:
    """One coordinate of the curve at u/scale, in ppm/scale³."""
    rest = scale - u
    return 3 * rest * rest * u * first + 3 * rest * u * u * second + u**3 * WHOLE
