"""The cuts that gestures share: cut a clip in two, take one away, clear a range, make room, close a gap."""

from collections.abc import Collection
from typing import Any, Final

from timeline_service.domain import clip_time, errors
from timeline_service.domain.draft import Draft, derive_id
from timeline_service.domain.state import Record, State

BONDS: Final = ("link_id", "group_id")
"""Fields that say which clips belong together; of one alone there is no link and no group."""


def clips_of(draft: Draft, track: str) -> list[Record]:
    """The clips of a track in the order of time."""
    return sorted(draft.state.inside(track, "clip"), key=lambda clip: (clip.value["start"], clip.id))


def tracks(state: State, kind: str | None = None, sequence_id: str | None = None) -> list[Record]:
    """The tracks of a sequence in their order, lowest first; those of one kind if one is named."""
    found = [track for track in state.inside(sequence_id, "track") if kind in (None, track.value["kind"])]
    return sorted(found, key=lambda track: (track.value["order"], track.id))


def cut(draft: Draft, clip_id: str, at: int, right_id: str) -> None:
    """Split a clip at a timeline tick; the left half keeps its id, keyframes stay on their picture.

    |   A   |   ->   | A | right |
    """
    left = dict(draft.get("clip", clip_id).value)
    offset = at - left["start"]
    if not 0 < offset < left["duration"]:
        raise errors.AtEdge(clip_id=clip_id, at=at, start=left["start"], duration=left["duration"])
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


def remove(draft: Draft, *clip_ids: str) -> None:
    """Take clips away with all that lies in them; a link or group of which one clip is left is dissolved."""
    bonds: set[tuple[str, str]] = set()
    for clip_id in clip_ids:
        value = draft.get("clip", clip_id).value
        bonds.update((bond, value[bond]) for bond in BONDS if value[bond] is not None)
        draft.drop(clip_id)
    for bond, label in sorted(bonds):
        left = bound(draft.state, bond, label)
        if len(left) == 1:
            draft.set(left[0].id, {bond: None})


def bound(state: State, bond: str, label: str) -> list[Record]:
    """The clips that share a link or a group."""
    return sorted((clip for clip in state.living("clip") if clip.value[bond] == label), key=lambda clip: clip.id)


def clear(draft: Draft, track: str, start: int, end: int, spared: Collection[str] = ()) -> None:
    """Take away what a track holds in [start, end): cut what reaches in, drop what lies inside."""
    for clip in clips_of(draft, track):
        at, stop = clip.value["start"], clip.value["start"] + clip.value["duration"]
        if stop <= start or at >= end or clip.id in spared:
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
        remove(draft, clip_id)


def make_room(draft: Draft, track: str, at: int, duration: int, spared: Collection[str] = ()) -> None:
    """Cut what lies across a tick and move everything from there on to the right."""
    for clip in clips_of(draft, track):
        across = clip.value["start"] < at < clip.value["start"] + clip.value["duration"]
        if across and clip.id not in spared:
            cut(draft, clip.id, at, draft.new_id("insert", clip.id))
    draft.shift(track, at, duration)


def close(draft: Draft, track: str | None, start: int, end: int) -> None:
    """Take [start, end) out of the ground of a track that holds no clip there. None: of the timeline's markers.

    Markers that lie in the span go with it: they marked what is gone, and nothing may start inside a closing shift.
    """
    for marker in sorted(draft.state.inside(track or draft.state.timeline_id, "marker"), key=lambda m: m.id):
        if start <= marker.value["time"] < end:
            draft.drop(marker.id)
    draft.shift(track, end, start - end)
