"""What holds in every state: checked on what a draft touched, for gestures, undo and restore alike."""

from collections.abc import Iterable
from typing import Any, Final

from timeline_service.domain import changes, clip_time, errors, media, records
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import MAX_TICKS

EXTENT: Final = frozenset({"track_id", "start", "duration"})
FEW: Final = 4
"""Up to so many clips of a track are compared with their neighbours one by one; more, by sorting the track."""


MAX_RECORDS: Final = 100_000
"""Records of one timeline, tombstones included: some 160 MB of memory, and a second to fold."""


def check(before: State, after: State, written: Iterable[changes.Change]) -> None:
    """Refuse if what the changes wrote breaks a law of the timeline."""
    if len(after.records) > max(MAX_RECORDS, len(before.records)):
        raise errors.TimelineFull(limit=MAX_RECORDS)
    touched, placed, shifts = _written(written)
    for id in sorted(touched):
        _check_locks(before, after, id)
    living = [record for id in sorted(touched) if (record := after.find(id)) is not None]
    _check_records(after, living)
    for track in sorted(shifts, key=str):
        _check_shifted(after, track, shifts[track])
    by_track: dict[str, list[Record]] = {}
    for record in living:
        if record.id in placed and record.kind == "clip" and record.value["track_id"] not in shifts:
            by_track.setdefault(record.value["track_id"], []).append(record)
    vacated = {id for id in touched if id in placed or after.find(id) is None}
    for id, clips in by_track.items():
        _check_placed(before, after, id, clips, vacated)


def _written(written: Iterable[changes.Change]) -> tuple[set[str], set[str], dict[str | None, list[changes.Shift]]]:
    """Records that were written; those of them whose extent was; shifts that move, by track."""
    touched: set[str] = set()
    placed: set[str] = set()
    shifts: dict[str | None, list[changes.Shift]] = {}
    for change in written:
        if isinstance(change, changes.Shift):
            if change.moves:
                shifts.setdefault(change.track, []).append(change)
            continue
        touched.add(change.id)
        if isinstance(change, changes.Put) or (isinstance(change, changes.Set) and EXTENT & change.fields.keys()):
            placed.add(change.id)
    return touched, placed, shifts


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


def _check_records(state: State, living: Iterable[Record]) -> None:
    animated: set[str] = set()
    for record in living:
        if record.kind == "clip":
            _check_clip(state, record)
        elif record.kind == "keyframe":
            _check_parent(state, record)
            animated.add(record.value["parent_id"])
        elif record.kind == "marker":
            _check_parent(state, record)
            if record.value["time"] < 0 or record.value["duration"] < 0:
                raise errors.NegativeTime(marker_id=record.id)
            _check_horizon(record.value["time"] + record.value["duration"], marker_id=record.id)
    for clip in sorted(animated):
        _check_keyframes(state, clip)


def _check_clip(state: State, clip: Record) -> None:
    value = clip.value
    track = state.find(value["track_id"], "track")
    if track is None:
        raise errors.RecordMissing(kind="track", id=value["track_id"])
    kind = track.value["kind"]
    if not media.fits(value["media"], kind):
        raise errors.KindMismatch(clip_id=clip.id, track_id=track.id, kind=kind)
    if value["start"] < 0:
        raise errors.NegativeTime(clip_id=clip.id)
    if value["duration"] <= 0:
        raise errors.TooShort(clip_id=clip.id)
    _check_horizon(value["start"] + value["duration"], clip_id=clip.id)
    if kind == "video":
        frame = state.rate.ticks_per_frame
        if value["start"] % frame or value["duration"] % frame:
            raise errors.OffGrid(clip_id=clip.id, ticks_per_frame=frame)
    _check_handles(clip.id, value)


def _check_horizon(end: int, **record: str) -> None:
    if end > MAX_TICKS:
        raise errors.BadRange(reason="further than 147 days", **record)


def _check_handles(id: str, value: dict[str, Any]) -> None:
    """The media must hold what the clip shows of it. Media whose length is unknown is trusted."""
    if media.timeless(value["media"]):
        return
    available = value["media"].get("available")
    first, end = clip_time.source_span(value)
    lowest = available["start"] if available else 0
    if first < lowest:
        raise errors.NoHandle(clip_id=id, source_in=first, available=available)
    if available and end > available["start"] + available["duration"]:
        raise errors.NoHandle(clip_id=id, source_out=end, available=available)


def _check_parent(state: State, record: Record) -> None:
    reference = records.KINDS[record.kind].references[0]
    parent = state.find(record.value[reference.field])
    if parent is None or parent.kind not in reference.kinds:
        kind = reference.kinds[0] if len(reference.kinds) == 1 else "record"
        raise errors.RecordMissing(kind=kind, id=record.value[reference.field])


def _check_keyframes(state: State, clip: str) -> None:
    there: dict[tuple[str, int], str] = {}
    for keyframe in state.inside(clip, "keyframe"):
        place = (keyframe.value["property"], keyframe.value["time"])
        other = there.setdefault(place, keyframe.id)
        if other != keyframe.id:
            raise errors.KeyframeExists(clip_id=clip, keyframe_ids=sorted((other, keyframe.id)), time=place[1])


def _check_shifted(state: State, track: str | None, shifts: list[changes.Shift]) -> None:
    """What a shift moved without touching it: locks, the grid, zero, the seams between what moved and what did not."""
    holder = None if track is None else state.find(track, "track")
    if track is not None and holder is None:
        raise errors.RecordMissing(kind="track", id=track)
    for marker in state.inside(track or state.timeline_id, "marker"):
        if marker.value["time"] < 0:
            raise errors.NegativeTime(marker_id=marker.id)
        _check_horizon(marker.value["time"] + marker.value["duration"], marker_id=marker.id)
    if holder is None:
        return
    if holder.value["locked"]:
        raise errors.TrackLocked(track_id=holder.id)
    _check_track(state, holder.id)
    frame = state.rate.ticks_per_frame
    if holder.value["kind"] == "video" and any(shift.by % frame for shift in shifts):
        for clip in state.inside(holder.id, "clip"):
            if clip.value["start"] % frame:
                raise errors.OffGrid(clip_id=clip.id, ticks_per_frame=frame)


def _check_placed(before: State, after: State, track: str, clips: list[Record], vacated: Iterable[str]) -> None:
    """Clips that were placed on a track overlap neither each other nor what lay there.

    What stays within the old extent of something that left it (a trim inwards, the halves of a split, what overwrites)
    can meet none of the others, as the state before was valid: only what reaches further is compared with all of them.
    A clip that was touched in another way, a new colour say, has left nothing.
    """
    if len(clips) > FEW:
        _check_track(after, track)
        return
    spans = sorted((*_extent(clip), clip.id) for clip in clips)
    for (_, end, id), (following, _, other) in zip(spans, spans[1:], strict=False):
        if end > following:
            raise errors.Overlap(clip_id=id, with_clip_id=other)
    were = [before.find(id, "clip") for id in vacated]
    old = [_extent(clip) for clip in were if clip is not None and clip.value["track_id"] == track]
    reaching = [span for span in spans if not any(at <= span[0] and span[1] <= end for at, end in old)]
    if reaching:
        _check_neighbours(after, track, reaching, {clip.id for clip in clips})


def _extent(clip: Record) -> tuple[int, int]:
    start = clip.value["start"]
    return start, start + clip.value["duration"]


def _check_neighbours(state: State, track: str, spans: list[tuple[int, int, str]], placed: set[str]) -> None:
    all_records = state.records
    for other in state.members[track]:
        record = all_records[other]
        if record.kind != "clip" or other in placed:
            continue
        value = record.value
        at = value["start"]
        for start, end, id in spans:
            if at < end and at + value["duration"] > start:
                raise errors.Overlap(clip_id=id, with_clip_id=other)


def _check_track(state: State, track: str) -> None:
    clips = sorted((c.value["start"], c.value["duration"], c.id) for c in state.inside(track, "clip"))
    if clips and clips[0][0] < 0:
        raise errors.NegativeTime(clip_id=clips[0][2])
    for (start, duration, id), (following, _, other) in zip(clips, clips[1:], strict=False):
        if start + duration > following:
            raise errors.Overlap(clip_id=id, with_clip_id=other)
    if clips:
        _check_horizon(clips[-1][0] + clips[-1][1], clip_id=clips[-1][2])
