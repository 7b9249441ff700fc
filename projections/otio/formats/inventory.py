"""What an OTIO file holds, flat: the facts that a loss report compares. Times are seconds, as doubles.

{"name", "start", "size", "tracks": [{"kind", "name", "enabled", "markers"}],
 "clips": [{"track", "start", "duration", "source", "name", "media", "speed", "enabled",
            "effects", "markers", "color"}],
 "transitions": [{"track", "at", "before", "after", "kind"}],
 "gaps", "nests", "nested_clips", "markers", "ours": [ids of ours]}
"""

from collections.abc import Iterator
from typing import Any

from projections.otio.schema import NAMESPACE, Json


def take(file: Json) -> Json:
    """The inventory of a decoded file: a timeline, or a collection whose first timeline counts."""
    timeline = _timeline(file)
    found: Json = {
        "name": timeline.get("name") or "",
        "start": _seconds(timeline.get("global_start_time")) or 0.0,
        "tracks": [],
        "clips": [],
        "transitions": [],
        "gaps": 0,
        "nests": 0,
        "nested_clips": 0,
        "markers": len(timeline.get("markers") or ()),
        "ours": sorted(set(_ours(file))),
    }
    stack = timeline.get("tracks") or {}
    found["markers"] += len(stack.get("markers") or ())
    for child in stack.get("children") or ():
        track = child if _kind(child) == "Track" else {"kind": "Video", "children": [child]}
        _take_track(track, found)
    return found


def _timeline(file: Json) -> Json:
    if _kind(file) == "Timeline":
        return file
    children = file.get("children") or []
    for child in children:
        if _kind(child) == "Timeline":
            return dict(child)
    loose = [{"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [child]} for child in children]
    return {"OTIO_SCHEMA": "Timeline.1", "name": file.get("name"), "tracks": {"children": loose}}


def _take_track(track: Json, found: Json) -> None:
    index, at = len(found["tracks"]), 0.0
    found["tracks"].append(
        {
            "kind": str(track.get("kind", "")).lower(),
            "name": track.get("name") or "",
            "enabled": bool(track.get("enabled", True)),
            "markers": len(track.get("markers") or ()),
        }
    )
    found["markers"] += len(track.get("markers") or ())
    for child in track.get("children") or ():
        kind = _kind(child)
        if kind == "Transition":
            found["transitions"].append(_transition(child, index, at))
            continue
        duration = length(child)
        found["markers"] += len(child.get("markers") or ())
        if kind == "Gap":
            found["gaps"] += 1
        else:
            found["clips"].append(_clip(child, index, at, duration))
            if kind in {"Stack", "Track"}:
                found["nests"] += 1
                found["nested_clips"] += sum(1 for inner in _inside(child) if _kind(inner) == "Clip")
                found["markers"] += sum(len(inner.get("markers") or ()) for inner in _inside(child))
        at += duration


def _clip(item: Json, track: int, at: float, duration: float) -> Json:
    source = item.get("source_range") or _media(item).get("available_range") or {}
    return {
        "track": track,
        "start": at,
        "duration": duration,
        "source": _seconds(source.get("start_time")) or 0.0,
        "name": item.get("name") or "",
        "media": _media(item).get("target_url") or _media(item).get("generator_kind") or "",
        "speed": _speed(item),
        "enabled": bool(item.get("enabled", True)),
        "effects": sum(1 for effect in item.get("effects") or () if not _is_speed(effect)),
        "markers": len(item.get("markers") or ()),
        "color": item.get("color"),
    }


def _transition(item: Json, track: int, at: float) -> Json:
    before, after = (_seconds(item.get(end)) or 0.0 for end in ("in_offset", "out_offset"))
    return {"track": track, "at": at, "before": before, "after": after, "kind": item.get("transition_type") or ""}


def length(item: Json) -> float:
    """How long an item lies on its track, in seconds."""
    ranged = item.get("source_range") or _media(item).get("available_range")
    if ranged:
        return _seconds(ranged.get("duration")) or 0.0
    lengths = [length(child) for child in item.get("children") or () if _kind(child) != "Transition"]
    return max(lengths, default=0.0) if _kind(item) == "Stack" else sum(lengths)


def _speed(item: Json) -> float:
    speed = 1.0
    for effect in item.get("effects") or ():
        if _is_speed(effect):
            speed *= 0.0 if _kind(effect) == "FreezeFrame" else float(effect.get("time_scalar", 1.0))
    return speed


def _is_speed(effect: Json) -> bool:
    return _kind(effect) in {"LinearTimeWarp", "FreezeFrame"} and effect.get("enabled") is not False


def _media(item: Json) -> Json:
    references = item.get("media_references") or {}
    found = references.get(item.get("active_media_reference_key")) or item.get("media_reference") or {}
    return found if isinstance(found, dict) else {}


def _inside(item: Json) -> Iterator[Json]:
    for child in item.get("children") or ():
        yield child
        yield from _inside(child)


def _ours(thing: Any) -> Iterator[str]:
    """The ids of records that lie in the file as we keep them."""
    if isinstance(thing, dict):
        ours = thing.get(NAMESPACE)
        if isinstance(ours, dict):
            yield from _ids(ours)
        for key, value in thing.items():
            if key != NAMESPACE:
                yield from _ours(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from _ours(value)


def _ids(ours: Any) -> Iterator[str]:
    if isinstance(ours, dict):
        if isinstance(ours.get("id"), str):
            yield ours["id"]
        for value in ours.values():
            yield from _ids(value)
    elif isinstance(ours, list):
        for value in ours:
            yield from _ids(value)


def _kind(thing: Json) -> str:
    return str(thing.get("OTIO_SCHEMA", "")).partition(".")[0]


def _seconds(time: Json | None) -> float | None:
    if not time or not time.get("rate"):
        return None
    return float(time["value"]) / float(time["rate"])
