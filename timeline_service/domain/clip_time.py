"""The time map of a clip: which tick of its source it shows at a tick of its own.

    source(t) = source_in + floor((t + map_offset) * speed.num / speed.den)      t = 0 at the clip's start

Trim and split only move `map_offset` (folded into `source_in` at speed 1), so that split and join are exact inverses
at every speed. `reversed` mirrors t: a reversed clip shows source(duration - 1 - t).
"""

from typing import Any


def source_at(clip: dict[str, Any], t: int) -> int:
    """The source tick shown `t` ticks after the clip's start."""
    if clip["reversed"]:
        t = clip["duration"] - 1 - t
    speed = clip["speed"]
    source: int = clip["source_in"] + (t + clip["map_offset"]) * speed["num"] // speed["den"]
    return source


def source_span(clip: dict[str, Any]) -> tuple[int, int]:
    """The source ticks a clip uses: [first, end)."""
    speed, offset = clip["speed"], clip["map_offset"]
    first = clip["source_in"] + offset * speed["num"] // speed["den"]
    last = clip["source_in"] + (clip["duration"] - 1 + offset) * speed["num"] // speed["den"]
    return first, last + 1


def cut_start(clip: dict[str, Any], delta: int) -> dict[str, int]:
    """The fields that let a clip begin `delta` ticks later in its source (earlier if negative), end unmoved.

    A reversed clip is mirrored: its beginning is the end of its source span, so the map stays where it is.
    """
    if clip["reversed"]:
        return {}
    return _advance(clip, delta)


def cut_end(clip: dict[str, Any], delta: int) -> dict[str, int]:
    """The fields of the map that change when the end moves by `delta` ticks; only a reversed clip has any."""
    return _advance(clip, -delta) if clip["reversed"] else {}


def _advance(clip: dict[str, Any], delta: int) -> dict[str, int]:
    if clip["speed"]["num"] == clip["speed"]["den"] and not clip["map_offset"]:
        return {"source_in": clip["source_in"] + delta}
    return {"map_offset": clip["map_offset"] + delta}
