"""How text looks: the parameters of titles and captions, whole numbers in ppm of the frame.

size        height of the letters, of the frame's height        x, y     centre of the text in the frame
color       #rrggbb                                             align    left, center, right
background  #rrggbb behind the text, or null: none
"""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

WHOLE: Final = 1_000_000
FURTHEST: Final = 100 * WHOLE
COLOR: Final = r"^#[0-9a-f]{6}$"
WORDS: Final = (
    "size, x and y (ppm of the frame), color and background (#rrggbb, small letters), align (left, center, right); "
    "null takes one away"
)

Color = Annotated[str, StringConstraints(pattern=COLOR)]
"""Red, green and blue, as in `#ff8000`."""


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_color(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(COLOR, value) is not None


_HOLDS: Final[dict[str, Callable[[Any], bool]]] = {
    "size": _whole(1, 10 * WHOLE),
    "color": _is_color,
    "background": _is_color,
    "x": _whole(-FURTHEST, FURTHEST),
    "y": _whole(-FURTHEST, FURTHEST),
    "align": lambda value: value in ("left", "center", "right"),
}


def check(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters themselves; null takes one away. Raises PydanticCustomError for what text does not have."""
    for name, value in params.items():
        holds = _HOLDS.get(name)
        if holds is None or (value is not None and not holds(value)):
            raise PydanticCustomError("text_style", WORDS)
    return params


Style = Annotated[dict[str, Any], AfterValidator(check)]
"""Any of size, color, background, x, y, align; null takes one away."""


def without_null(params: dict[str, Any]) -> dict[str, Any]:
    """What is left when the keys that are null are taken away."""
    return {name: value for name, value in params.items() if value is not None}


def fields(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters as flat fields of a record: `params.size`."""
    return {f"params.{name}": value for name, value in params.items()}
