"""What holds in every state: checked on what a draft touched, for gestures, undo and restore alike."""

from collections.abc import Iterable
from typing import Any

from timeline_service.domain import changes, clip_time, errors
from timeline_service.domain.state import Record, State


def check(before: State, after: State, written: Iterable[changes.Change]) -> None:
    """Refuse if what the changes wrote breaks a law of the timeline."""
    touched: set[str] = set()
    moved_tracks: set[str] = set()
    for change in written:
        if not isinstance(change, changes.Shift):
            touched.add(change.id)
        elif change.moves and change.track is not None:
            moved_tracks.add(change.track)
    for id in sorted(touched):
        _check_locks(before, after, id)
        record = after.find(id)
        if record is not None:
            _check_record(after, record, moved_tracks)
    for track in sorted(moved_tracks):
        _check_track(after, track)


def _check_locks(before: State, after: State, id: str) -> None:
    for state in (before, after):
        record = state.find(id)
        track = None if record is None else _track_of(state, record)
        if track is not None and track.value["locked"]:
            raise errors.TrackLocked(track_id=track.id)


def _track_of(state: State, record: Record) -> Record | None:
    if record.kind == "clip":
        return state.find(record.value["track_id"], "track")
    if record.kind in ("keyframe", "marker"):
        parent = state.find(record.value["parent_id"])
        return parent if parent is None or parent.kind == "track" else _track_of(state, parent)
    return None


def _check_record(state: State, record: Record, whole_tracks: set[str]) -> None:
    if record.kind == "clip":
        _check_clip(state, record)
        if record.value["track_id"] not in whole_tracks:
            _check_neighbours(state, record)
    elif record.kind == "keyframe":
        _check_keyframe(state, record)
    elif record.kind == "marker":
        _check_marker(state, record)


def _check_clip(state: State, clip: Record) -> None:
    value = clip.value
    track = state.find(value["track_id"], "track")
    if track is None:
        raise errors.RecordMissing(kind="track", id=value["track_id"])
    start, duration = value["start"], value["duration"]
    if start < 0:
        raise errors.NegativeTime(clip_id=clip.id)
    if duration <= 0:
        raise errors.TooShort(clip_id=clip.id)
    if track.value["kind"] == "video":
        frame = state.rate.ticks_per_frame
        if start % frame or duration % frame:
            raise errors.OffGrid(clip_id=clip.id, ticks_per_frame=frame)
    _check_handles(clip.id, value)


def _check_handles(id: str, value: dict[str, Any]) -> None:
    """The media must hold what the clip shows of it. Media whose length is unknown is trusted."""
    available = value["media"].get("available")
    first, end = clip_time.source_span(value)
    lowest = available["start"] if available else 0
    if first < lowest:
        raise errors.NoHandle(clip_id=id, source_in=first, available=available)
    if available and end > available["start"] + available["duration"]:
        raise errors.NoHandle(clip_id=id, source_out=end, available=available)


def _check_neighbours(state: State, clip: Record) -> None:
    start = clip.value["start"]
    end = start + clip.value["duration"]
    for other in state.inside(clip.value["track_id"], "clip"):
        at = other.value["start"]
        if at < end and at + other.value["duration"] > start and other.id != clip.id:
            raise errors.Overlap(clip_id=clip.id, with_clip_id=other.id)


def _check_track(state: State, track: str) -> None:
    clips = sorted((c.value["start"], c.value["duration"], c.id) for c in state.inside(track, "clip"))
    if clips and clips[0][0] < 0:
        raise errors.NegativeTime(clip_id=clips[0][2])
    for (start, duration, id), (following, _, other) in zip(clips, clips[1:], strict=False):
        if start + duration > following:
            raise errors.Overlap(clip_id=id, with_clip_id=other)


def _check_keyframe(state: State, keyframe: Record) -> None:
    value = keyframe.value
    parent = state.find(value["parent_id"], "clip")
    if parent is None:
        raise errors.RecordMissing(kind="clip", id=value["parent_id"])
    for other in state.inside(parent.id, "keyframe"):
        same = other.value["property"] == value["property"] and other.value["time"] == value["time"]
        if same and other.id != keyframe.id:
            raise errors.KeyframeExists(clip_id=parent.id, keyframe_id=other.id)


def _check_marker(state: State, marker: Record) -> None:
    if state.find(marker.value["parent_id"]) is None:
        raise errors.RecordMissing(id=marker.value["parent_id"])
    if marker.value["time"] < 0 or marker.value["duration"] < 0:
        raise errors.NegativeTime(marker_id=marker.id)
