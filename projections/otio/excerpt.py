"""A part of a timeline as a timeline of its own: some of its root tracks, or what lies between two times.

    |   A   | B |  C  |    from = 4, to = 10   ->   | A | B | C|      at zero; the timecode says where it was
        [       )

Clips are cut as the editor cuts them; a transition across either end goes. Sequences that are shown come along whole.
"""

from collections.abc import Collection
from typing import Any, Final

from timeline_service.domain import errors, settle, surgery
from timeline_service.domain.draft import Draft, Facts
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import MAX_TICKS

NOTES: Final = ("marker", "annotation")


def extract(
    state: State, tracks: Collection[str] | None = None, start: int | None = None, end: int | None = None
) -> State:
    """The state of the part. Times in ticks, on the frame grid. Raises RecordMissing, BadRange, OffGrid."""
    first, last = start or 0, MAX_TICKS if end is None else end
    if not 0 <= first < last <= MAX_TICKS:
        raise errors.BadRange(start=first, end=last)
    frame = state.rate.ticks_per_frame
    if first % frame or (end is not None and last % frame):
        raise errors.OffGrid(ticks_per_frame=frame)
    draft = Draft(state, Facts("excerpt"))
    _leave_tracks(draft, tracks)
    if start is not None or end is not None:
        for track in surgery.tracks(draft.state):
            _cut_track(draft, track, first, last)
        _move_notes(draft, draft.state.timeline_id, first, last)
        timecode = draft.state.records[draft.state.timeline_id].value["start_timecode"]
        draft.set(draft.state.timeline_id, {"start_timecode": timecode + first})
    _leave_shown_sequences(draft)
    settle.settle(draft)
    return draft.state


def described(tracks: Collection[str] | None, start: int | None, end: int | None) -> dict[str, Any] | None:
    """How a file says what it is an excerpt of; None for the whole."""
    told = {"tracks": None if tracks is None else sorted(tracks), "from": start, "to": end}
    said = {name: value for name, value in told.items() if value is not None}
    return said or None


def _leave_tracks(draft: Draft, wanted: Collection[str] | None) -> None:
    if wanted is None:
        return
    there = {track.id for track in draft.state.inside(None, "track")}
    for id in sorted(wanted):
        if id not in there:
            raise errors.RecordMissing(kind="track", id=id)
    for id in sorted(there.difference(wanted)):
        _drop_track(draft, id)


def _drop_track(draft: Draft, id: str) -> None:
    for kind in ("clip", "caption"):
        for item in sorted(draft.state.inside(id, kind), key=lambda item: item.id):
            draft.drop(item.id)
    draft.drop(id)


def _cut_track(draft: Draft, track: Record, first: int, last: int) -> None:
    surgery.clear(draft, track.id, last, MAX_TICKS)
    if first:
        surgery.clear(draft, track.id, 0, first)
    for caption in sorted(draft.state.inside(track.id, "caption"), key=lambda caption: caption.id):
        _cut_caption(draft, caption, first, last)
    for clip in sorted(draft.state.inside(track.id, "clip"), key=lambda clip: clip.id):
        draft.set(clip.id, {"start": clip.value["start"] - first})
    _move_notes(draft, track.id, first, last)
    _move_automation(draft, track.id, first)
    for effect in draft.state.inside(track.id, "effect"):
        _move_automation(draft, effect.id, first)


def _cut_caption(draft: Draft, caption: Record, first: int, last: int) -> None:
    start, end = caption.value["start"], caption.value["start"] + caption.value["duration"]
    if end <= first or start >= last:
        draft.drop(caption.id)
        return
    start, end = max(start, first), min(end, last)
    draft.set(caption.id, {"start": start - first, "duration": end - start})


def _move_notes(draft: Draft, parent: str, first: int, last: int) -> None:
    for kind in NOTES:
        for note in sorted(draft.state.inside(parent, kind), key=lambda note: note.id):
            if first <= note.value["time"] < last:
                draft.set(note.id, {"time": note.value["time"] - first})
            else:
                draft.drop(note.id)


def _move_automation(draft: Draft, parent: str, first: int) -> None:
    """Timeline times, which may lie before zero: what came before still leads to what follows."""
    for keyframe in sorted(draft.state.inside(parent, "keyframe"), key=lambda keyframe: keyframe.id):
        draft.set(keyframe.id, {"time": keyframe.value["time"] - first})


def _leave_shown_sequences(draft: Draft) -> None:
    """Sequences that no clip of what is left shows, however deep, are no part of it."""
    shown: set[str] = set()
    waiting: list[str | None] = [None]
    while waiting:
        for track in draft.state.inside(waiting.pop(), "track"):
            for clip in draft.state.inside(track.id, "clip"):
                id = clip.value["media"].get("sequence_id")
                if id is not None and id not in shown:
                    shown.add(id)
                    waiting.append(id)
    gone = sorted(sequence.id for sequence in draft.state.living("sequence") if sequence.id not in shown)
    for id in gone:
        for track in sorted(draft.state.inside(id, "track"), key=lambda track: track.id):
            _drop_track(draft, track.id)
    for id in gone:
        draft.drop(id)
