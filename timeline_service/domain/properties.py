"""What can be animated: the properties, where they live, what they hold, and from where their time counts.

crop        clip            source ticks      {x, y, width, height}   ppm of the picture
transform   clip            clip ticks        {x, y, scale_x, scale_y}   ppm of the frame, of the fitted size
opacity     clip            clip ticks        0 to 1 000 000   ppm
rotation    clip            clip ticks        millidegrees clockwise
volume      clip, track     clip, timeline    millibel
params.*    effect          as its parent     whole numbers, or lists of them
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from timeline_service.domain import errors, geometry

WHOLE: Final = 1_000_000
FURTHEST: Final = 100 * WHOLE
"""How far off the frame a picture may lie, and how large it may grow: a hundred frames."""
LOUDEST: Final = 100_000
TURNS: Final = 360_000 * 100
MOST_VALUES: Final = 64
IDENTITY: Final = {"x": 0, "y": 0, "scale_x": WHOLE, "scale_y": WHOLE}


class Property(NamedTuple):
    """`parents`: kinds of records that have it; `words`: what it holds; `source_timed`: it stays on the picture."""

    parents: tuple[str, ...]
    holds: Callable[[Any], bool]
    words: str
    default: Any
    source_timed: bool = False


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_window(value: Any) -> bool:
    if not _is_map(value, ("height", "width", "x", "y")):
        return False
    try:
        geometry.check_window(value)
    except errors.BadRectangle:
        return False
    return True


def _is_transform(value: Any) -> bool:
    return _is_map(value, ("scale_x", "scale_y", "x", "y")) and min(value["scale_x"], value["scale_y"]) > 0


def _is_map(value: Any, keys: tuple[str, ...]) -> bool:
    whole = _whole(-FURTHEST, FURTHEST)
    return isinstance(value, dict) and tuple(sorted(value)) == keys and all(whole(v) for v in value.values())


def _is_param(value: Any) -> bool:
    whole = _whole(-(2**53) + 1, 2**53 - 1)
    if isinstance(value, list):
        return 0 < len(value) <= MOST_VALUES and all(whole(part) for part in value)
    return whole(value)


_WINDOW: Final = "x, y, width and height: a window inside the picture, in ppm of it"
_POSE: Final = "x, y (ppm of the frame), scale_x and scale_y (ppm, more than 0), each at most 100000000"
PROPERTIES: Final[dict[str, Property]] = {
    "crop": Property(
        ("clip",), _is_window, _WINDOW, {"x": 0, "y": 0, "width": WHOLE, "height": WHOLE}, source_timed=True
    ),
    "transform": Property(("clip",), _is_transform, _POSE, IDENTITY),
    "opacity": Property(("clip",), _whole(0, WHOLE), f"0 to {WHOLE} (ppm)", WHOLE),
    "rotation": Property(("clip",), _whole(-TURNS, TURNS), f"-{TURNS} to {TURNS} (millidegrees clockwise)", 0),
    "volume": Property(("clip", "track"), _whole(-LOUDEST, LOUDEST), f"-{LOUDEST} to {LOUDEST} (millibel)", 0),
}
PARAM: Final = Property(("effect",), _is_param, f"a whole number, or a list of 1 to {MOST_VALUES} of them", 0)
SOURCE_TIMED: Final = frozenset(name for name, known in PROPERTIES.items() if known.source_timed)


def known(name: str, parent_kind: str) -> Property:
    """The property of that name on that kind of record. Raises BadValue where there is none."""
    found = PARAM if name.startswith("params.") and len(name) > len("params.") else PROPERTIES.get(name)
    if found is None or parent_kind not in found.parents:
        own = [each for each, of in PROPERTIES.items() if parent_kind in of.parents]
        raise errors.BadValue(parent=parent_kind, properties=[*own, *(["params.*"] if parent_kind == "effect" else [])])
    return found


def check(name: str, parent_kind: str, value: Any) -> None:
    """Refuse (BadValue) a property that a kind of record does not have, or a value that it does not take."""
    found = known(name, parent_kind)
    if not found.holds(value):
        raise errors.BadValue(parent=parent_kind, expected=found.words)
