"""What holds in every state: checked on what a draft touched, for gestures, undo and restore alike."""

from collections.abc import Iterable
from typing import Any, Final

from timeline_service.domain import changes, clip_time, errors, media, nests, properties, records, transitions
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import MAX_TICKS

EXTENT: Final = frozenset({"track_id", "start", "duration"})
ITEMS: Final = ("clip", "caption")
"""Kinds that lie on tracks and take up room there; a track holds one of them only."""
NOTES: Final = ("marker", "annotation")
FEW: Final = 4
"""Up to so many items of a track are compared with their neighbours one by one; more, by sorting the track."""


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
    _check_transitions(after, living, shifts)
    nests.check(before, after, touched)
    by_track: dict[str | None, list[Record]] = {}
    for record in living:
        if record.id in placed and record.kind in ITEMS:
            by_track.setdefault(record.value["track_id"], []).append(record)
    for track in sorted(shifts, key=str):
        _check_shifted(after, track, shifts[track], by_track.pop(track, []))
    vacated = {id for id in touched if id in placed or after.find(id) is None}
    for holder, items in by_track.items():
        assert holder is not None
        _check_placed(before, after, holder, items, vacated)


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
    """The track that a record lies on, however deep; None for what lies on none (a track itself, the timeline)."""
    if record.kind == "track":
        return None
    for field in records.KINDS[record.kind].containers:
        holder = state.find(record.value[field] or "")
        if holder is not None:
            return holder if holder.kind == "track" else _track_of(state, holder)
    return None


def _check_records(state: State, living: Iterable[Record]) -> None:
    animated: set[str] = set()
    for record in living:
        if record.kind == "clip":
            _check_clip(state, record)
        elif record.kind == "caption":
            _check_caption(state, record)
        elif record.kind in ("keyframe", "effect"):
            _check_parent(state, record)
            if record.kind == "keyframe":
                holder = state.records[record.value["parent_id"]]
                properties.check(record.value["property"], holder.kind, record.value["value"])
                animated.add(record.value["parent_id"])
        elif record.kind in NOTES:
            _check_parent(state, record)
            _check_marked(record)
    for parent in sorted(animated):
        _check_keyframes(state, parent)


def _check_marked(record: Record) -> None:
    named = {f"{record.kind}_id": record.id}
    if record.value["time"] < 0 or record.value["duration"] < 0:
        raise errors.NegativeTime(**named)
    _check_horizon(record.value["time"] + record.value["duration"], **named)


def _check_caption(state: State, caption: Record) -> None:
    value = caption.value
    track = state.find(value["track_id"], "track")
    if track is None:
        raise errors.RecordMissing(kind="track", id=value["track_id"])
    if track.value["kind"] != "caption":
        raise errors.KindMismatch(caption_id=caption.id, track_id=track.id, kind=track.value["kind"])
    if value["start"] < 0:
        raise errors.NegativeTime(caption_id=caption.id)
    if value["duration"] <= 0:
        raise errors.TooShort(caption_id=caption.id)
    _check_horizon(value["start"] + value["duration"], caption_id=caption.id)


def _check_transitions(state: State, living: Iterable[Record], shifts: Iterable[str | None]) -> None:
    """Those that were written, those of clips that were, and those of tracks that moved."""
    found: dict[str, Record] = {}
    clips: dict[str, Record] = {}
    for record in living:
        if record.kind == "transition":
            found[record.id] = record
        elif record.kind == "clip" and record.id in state.members:
            clips[record.id] = record
    for track in shifts:
        found.update({} if track is None else {moved.id: moved for moved in state.transitions_of(track)})
    for transition in found.values():
        sides = (state.find(transition.value[side] or "", "clip") for side in transitions.SIDES)
        clips.update({clip.id: clip for clip in sides if clip is not None})
    for id in sorted(clips):
        of_clip = state.inside(id, "transition")
        if of_clip:
            transitions.check_clip(state, clips[id])
            found.update({transition.id: transition for transition in of_clip})
    for id in sorted(found):
        transitions.check(state, found[id])


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
    id = record.value[reference.field]
    parent = state.find(id)
    if parent is None or parent.kind not in reference.kinds:
        gone = state.records.get(id)
        kind = gone.kind if gone is not None and gone.kind in reference.kinds else "record"
        raise errors.RecordMissing(kind=kind, id=id)


def _check_keyframes(state: State, parent: str) -> None:
    there: dict[tuple[str, int], str] = {}
    for keyframe in state.inside(parent, "keyframe"):
        place = (keyframe.value["property"], keyframe.value["time"])
        other = there.setdefault(place, keyframe.id)
        if other != keyframe.id:
            named = {f"{state.records[parent].kind}_id": parent}
            raise errors.KeyframeExists(**named, keyframe_ids=sorted((other, keyframe.id)), time=place[1])


def _check_shifted(state: State, track: str | None, shifts: list[changes.Shift], placed: list[Record]) -> None:
    """What a shift moved without touching it: locks, the grid, zero, the seams between what moved and what did not."""
    holder = None if track is None else state.find(track, "track")
    if track is not None and holder is None:
        raise errors.RecordMissing(kind="track", id=track)
    if holder is not None and holder.value["locked"]:
        raise errors.TrackLocked(track_id=holder.id)
    riders = [state.records[id] for id in state.members.get(track or state.timeline_id, ())]
    for record in riders:
        if record.kind in NOTES:
            _check_marked(record)
    if holder is None:
        return
    items = [record for record in riders if record.kind in ITEMS]
    frame = state.rate.ticks_per_frame
    if holder.value["kind"] == "video" and any(shift.by % frame for shift in shifts):
        _check_grid(items, frame)
    if len(shifts) > 1 or len(placed) > FEW:
        _check_track(state, holder.id)
        return
    _check_seam(state, items, shifts[0])
    if placed:
        spans = _check_apart(state, placed)
        _check_neighbours(state, holder.id, spans, {item.id for item in placed})


def _check_grid(clips: Iterable[Record], frame: int) -> None:
    for clip in clips:
        if clip.value["start"] % frame:
            raise errors.OffGrid(clip_id=clip.id, ticks_per_frame=frame)


def _check_seam(state: State, items: list[Record], shift: changes.Shift) -> None:
    """One shift kept the order on both its sides; only what reaches over the edge of the moved ground can clash."""
    if not items:
        return
    last = max(items, key=lambda item: item.value["start"])
    _check_horizon(_extent(last)[1], **{f"{last.kind}_id": last.id})
    edge = min(shift.start, shift.start + shift.by)
    across = [item for item in items if item.value["start"] < edge < item.value["start"] + item.value["duration"]]
    if shift.by > 0 or not across:
        return
    later = [item for item in items if item.value["start"] >= edge]
    if later:
        nearest = min(later, key=lambda item: (item.value["start"], item.id))
        if nearest.value["start"] < max(_extent(item)[1] for item in across):
            raise _overlap(state, across[0].id, nearest.id)


def _check_placed(before: State, after: State, track: str, items: list[Record], vacated: Iterable[str]) -> None:
    """Clips that were placed on a track overlap neither each other nor what lay there.

    What stays within the old extents of what left them (a trim inwards, the halves of a split, what overwrites, a cut
    that rolls) can meet none of the others, as the state before was valid: only what reaches further is compared with
    all of them. A clip that was touched in another way, a new colour say, has left nothing.
    """
    if len(items) > FEW:
        _check_track(after, track)
        return
    spans = _check_apart(after, items)
    were = [before.find(id) for id in vacated]
    old = _runs(_extent(r) for r in were if r is not None and r.kind in ITEMS and r.value["track_id"] == track)
    reaching = [span for span in spans if not any(at <= span[0] and span[1] <= end for at, end in old)]
    if reaching:
        _check_neighbours(after, track, reaching, {item.id for item in items})


def _runs(extents: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Extents that touch are one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(extents):
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _check_apart(state: State, items: Iterable[Record]) -> list[tuple[int, int, str]]:
    """The spans of some items in order: (start, end, id). Raises Overlap where two of them meet."""
    spans = sorted((*_extent(item), item.id) for item in items)
    for (_, end, id), (following, _, other) in zip(spans, spans[1:], strict=False):
        if end > following:
            raise _overlap(state, id, other)
    return spans


def _extent(item: Record) -> tuple[int, int]:
    start = item.value["start"]
    return start, start + item.value["duration"]


def _overlap(state: State, id: str, other: str) -> errors.Overlap:
    kind = state.records[id].kind
    return errors.Overlap(**{f"{kind}_id": id, f"with_{kind}_id": other})


def _check_neighbours(state: State, track: str, spans: list[tuple[int, int, str]], placed: set[str]) -> None:
    all_records = state.records
    for other in state.members[track]:
        record = all_records[other]
        if record.kind not in ITEMS or other in placed:
            continue
        value = record.value
        at = value["start"]
        for start, end, id in spans:
            if at < end and at + value["duration"] > start:
                raise _overlap(state, id, other)


def _check_track(state: State, track: str) -> None:
    found = (item for kind in ITEMS for item in state.inside(track, kind))
    items = sorted((item.value["start"], item.value["duration"], item.id) for item in found)
    if items and items[0][0] < 0:
        raise errors.NegativeTime(clip_id=items[0][2])
    for (start, duration, id), (following, _, other) in zip(items, items[1:], strict=False):
        if start + duration > following:
            raise _overlap(state, id, other)
    if items:
        _check_horizon(items[-1][0] + items[-1][1], clip_id=items[-1][2])
