"""The cuts that gestures share: cut a clip in two, clear a range, make room, close a gap."""

from typing import Any

from timeline_service.domain import clip_time, errors
from timeline_service.domain.draft import Draft, derive_id
from timeline_service.domain.state import Record


def clips_of(draft: Draft, track: str) -> list[Record]:
    """The clips of a track in the order of time."""
    return sorted(draft.state.inside(track, "clip"), key=lambda clip: (clip.value["start"], clip.id))


def cut(draft: Draft, clip_id: str, at: int, right_id: str) -> None:
    """Split a clip at a timeline tick; the left half keeps its id, keyframes stay on their picture.

    |   A   |   ->   | A | right |
    """
    left = dict(draft.get("clip", clip_id).value)
    offset = at - left["start"]
    if not 0 < offset < left["duration"]:
        raise errors.AtEdge(clip_id=clip_id, at=at)
    rest = left["duration"] - offset
    right = {**left, "start": at, "duration": rest, **clip_time.cut_start(left, offset)}
    draft.set(clip_id, {"duration": offset, **clip_time.cut_end(left, -rest)})
    draft.put("clip", right_id, right)
    _share_out(draft, clip_id, right_id)


def _share_out(draft: Draft, left_id: str, right_id: str) -> None:
    """What lay in the clip: keyframes stay on the picture of both halves, a marker goes where its picture went.

    Both halves keep all crop keyframes, those in their handles too: the crop of every source frame is then exactly
    what it was, whatever is trimmed, slipped or joined later.
    """
    right = draft.state.records[right_id].value
    first, end = clip_time.source_span(right)
    for keyframe in sorted(draft.state.inside(left_id, "keyframe"), key=lambda k: k.id):
        copy = {**keyframe.value, "parent_id": right_id}
        draft.put("keyframe", derive_id(right_id, "keyframe", keyframe.id), copy)
    for marker in sorted(draft.state.inside(left_id, "marker"), key=lambda m: m.id):
        time = marker.value["time"]
        if (time < end) if right["reversed"] else (time >= first):
            draft.set(marker.id, {"parent_id": right_id})


def clear(draft: Draft, track: str, start: int, end: int) -> None:
    """Take away what a track holds in [start, end): cut what reaches in, drop what lies inside."""
    for clip in clips_of(draft, track):
        at, stop = clip.value["start"], clip.value["start"] + clip.value["duration"]
        if stop <= start or at >= end:
            continue
        if at < start and stop > end:
            cut(draft, clip.id, end, draft.new_id("clear", clip.id))
        _clip_off(draft, clip.id, start, end)


def _clip_off(draft: Draft, clip_id: str, start: int, end: int) -> None:
    clip: dict[str, Any] = draft.get("clip", clip_id).value
    at, stop = clip["start"], clip["start"] + clip["duration"]
    if at < start:
        draft.set(clip_id, {"duration": start - at, **clip_time.cut_end(clip, start - stop)})
    elif stop > end:
        by = end - at
        draft.set(clip_id, {"start": end, "duration": stop - end, **clip_time.cut_start(clip, by)})
    else:
        draft.drop(clip_id)


def make_room(draft: Draft, track: str, at: int, duration: int) -> None:
    """Cut what lies across a tick and move everything from there on to the right."""
    for clip in clips_of(draft, track):
        if clip.value["start"] < at < clip.value["start"] + clip.value["duration"]:
            cut(draft, clip.id, at, draft.new_id("insert", clip.id))
    draft.shift(track, at, duration)
