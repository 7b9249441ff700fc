"""What a property is at a time: its keyframes where it has any, else its static value. Exact.

value
  │       ●───      the last keyframe holds, and so does the first
  │     ╱
  │───●             in between the way is that of the earlier one (see easing)
  └─────────── t    in the property's own time base (see properties)
"""

from bisect import bisect_right
from fractions import Fraction
from typing import Any

from timeline_service.domain import easing, properties
from timeline_service.domain.state import Record, State

Value = Fraction | dict[str, Fraction] | list[Fraction]


def keyframes_of(state: State, parent_id: str, name: str) -> list[Record]:
    """The keyframes of one property in the order of time."""
    found = (k for k in state.inside(parent_id, "keyframe") if k.value["property"] == name)
    return sorted(found, key=lambda keyframe: (keyframe.value["time"], keyframe.id))


def value_at(state: State, parent_id: str, name: str, t: int) -> Value:
    """The value of a property of a clip, an effect or a track at a tick of its time base."""
    keys = [keyframe.value for keyframe in keyframes_of(state, parent_id, name)]
    if not keys:
        return _exact(static(state.records[parent_id], name))
    after = bisect_right(keys, t, key=lambda key: key["time"])
    left = keys[max(0, after - 1)]
    if after in (0, len(keys)):
        return _exact(left["value"])
    right = keys[after]
    part = Fraction(t - left["time"], right["time"] - left["time"])
    return _between(left["value"], right["value"], easing.ease(left["interpolation"], part))


def static(parent: Record, name: str) -> Any:
    """The value of a property that is not animated."""
    if name == "volume":
        return parent.value["gain"]
    key = name if name.startswith("params.") else f"params.{name}"
    return parent.value.get(key, properties.known(name, parent.kind).default)


def resting(name: str, value: Any) -> dict[str, Any]:
    """The field of a clip that holds a static value; the default takes the key away."""
    return {f"params.{name}": None if value == properties.PROPERTIES[name].default else value}


def shape(value: Any) -> Any:
    """What two values must share for there to be a way between them."""
    if isinstance(value, dict):
        return tuple(sorted(value))
    return len(value) if isinstance(value, list) else None


def rounded(value: Value) -> Any:
    """A value in whole numbers, as a keyframe holds it; half to even."""
    if isinstance(value, dict):
        return {name: round(part) for name, part in value.items()}
    return [round(part) for part in value] if isinstance(value, list) else round(value)


def _exact(value: Any) -> Value:
    if isinstance(value, dict):
        return {name: Fraction(part) for name, part in value.items()}
    return [Fraction(part) for part in value] if isinstance(value, list) else Fraction(value)


def _between(left: Any, right: Any, part: Fraction) -> Value:
    if shape(left) != shape(right):  # there is no way between them: a foreign file may hold such keyframes
        return _exact(left)
    if isinstance(left, dict):
        return {name: left[name] + (right[name] - left[name]) * part for name in left}
    if isinstance(left, list):
        return [a + (b - a) * part for a, b in zip(left, right, strict=True)]
    return Fraction(left + (right - left) * part)
