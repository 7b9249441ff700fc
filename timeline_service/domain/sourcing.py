"""Which part of its source a clip shows, said in the source: [start, end) of it; the length follows from the speed."""

from typing import Any

from timeline_service.domain import clip_time, errors, links, media, neighbours, transitions
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import State


def show(draft: Draft, clip_id: str, start: int, end: int, single: bool, *, shorten: bool = False) -> None:
    """Show source ticks [start, end) from where the clip begins on; linked partners slip and grow by as much.

    `shorten`: a partner whose media ends earlier ends there, instead of refusing. Raises BadRange for a freeze frame,
    TooShort.
    """
    clip = draft.get("clip", clip_id).value
    speed = clip["speed"]
    if not speed["num"]:
        raise errors.BadRange(reason="a freeze frame shows one moment only", clip_id=clip_id)
    slipped = start - clip_time.source_span(clip)[0]
    length = _floored(draft.state, clip_id, (end - start) * speed["den"] // speed["num"])
    if length <= 0:
        raise errors.TooShort(clip_id=clip_id)
    longer = length - clip["duration"]
    draft.set(clip_id, {"source_in": start, "map_offset": 0, "duration": length})
    for id in links.following(draft.state, clip_id, single)[1:]:
        partner = draft.state.records[id].value
        after = {**partner, "source_in": partner["source_in"] + slipped}
        room = _room_behind(after) if shorten else None
        grown = longer if room is None else min(longer, room)
        duration = (
            _floored(draft.state, id, partner["duration"] + grown) if grown != longer else partner["duration"] + longer
        )
        if duration <= 0:
            raise errors.TooShort(clip_id=id)
        after["duration"] = duration
        draft.set(id, {name: after[name] for name in ("source_in", "duration")})


def legal(state: State, clip_id: str) -> dict[str, Any]:
    """What can be shown: the source that there is, and how long the clip may become before it meets the next one."""
    clip = state.find(clip_id, "clip")
    if clip is None:
        return {}
    available = clip.value["media"].get("available")
    _, following = neighbours.beside(state, clip)
    longest = None if following is None else following.value["start"] - clip.value["start"]
    whole = (
        None if available is None else {"start": available["start"], "end": available["start"] + available["duration"]}
    )
    return {"source": whole, "duration": {"min": _grid(state, clip_id), "max": longest}}


def check_there(state: State, track: str, what: dict[str, Any], source_in: int, length: int) -> None:
    """Refuse (NoHandle) a new clip that shows what its media does not have, and say what could be shown."""
    if media.timeless(what):
        return
    available = what.get("available")
    lowest = available["start"] if available else 0
    end = available["start"] + available["duration"] if available else None
    if source_in >= lowest and (end is None or source_in + length <= end):
        return
    latest = None if end is None else end - length
    legal: dict[str, Any] = {}
    if latest is None or latest >= lowest:
        legal["source_in"] = {"min": lowest, "max": latest}
    if end is not None and lowest <= source_in < end:
        step = _grid_of(state, track)
        legal["duration"] = {"min": step, "max": (end - source_in) // step * step}
    raise errors.NoHandle(source_in=source_in, available=available, legal=legal)


def _room_behind(clip: dict[str, Any]) -> int | None:
    """How much longer a clip can be made at its end, reversed or not, if it grows in the later part of its source."""
    forwards = {**clip, "reversed": False}
    return transitions.room(forwards)[1]


def _floored(state: State, clip_id: str, length: int) -> int:
    step = _grid(state, clip_id)
    return length // step * step


def _grid(state: State, clip_id: str) -> int:
    return _grid_of(state, state.records[clip_id].value["track_id"])


def _grid_of(state: State, track: str) -> int:
    return state.rate.ticks_per_frame if state.records[track].value["kind"] == "video" else 1
