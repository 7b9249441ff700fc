"""Nests: clips that show a sequence of the same timeline, and the law that none contains itself.

root     V1 | intro |  nest  | end |
nest          V1 | A | B |             a sequence with tracks of its own; `media.sequence_id` of the clip names it
"""

from collections.abc import Iterable
from typing import Any, Final

from timeline_service.domain import errors
from timeline_service.domain.state import Record, State

MIRRORS: Final = "metadata.mirrors"
"""On a track of a nest: the id of the track from which its clips were nested."""
PLAIN: Final[dict[str, Any]] = {"enabled": True, "muted": False, "solo": False, "gain": 0}
"""A track that leaves what lies on it as it is."""


def sequence_of(clip: Record) -> str | None:
    """The sequence that a clip shows; None for all other media."""
    found: str | None = clip.value["media"].get("sequence_id")
    return found


def shown_by(state: State, sequence_id: str) -> list[Record]:
    """The clips that show a sequence."""
    return sorted((c for c in state.living("clip") if sequence_of(c) == sequence_id), key=lambda clip: clip.id)


def check(before: State, after: State, touched: Iterable[str]) -> None:
    """Refuse a nest of nothing (sequence_missing), one that contains itself, and dropping what is still shown."""
    for id in sorted(touched):
        record = after.find(id)
        if record is None:
            gone = before.find(id, "sequence")
            shown = [] if gone is None else shown_by(after, id)
            if shown:
                raise errors.InUse(id=id, by=shown[0].id)
        elif record.kind == "clip" and sequence_of(record) is not None:
            _check_nest(after, record)
        elif record.kind == "track" and record.value["sequence_id"] is not None:
            _check_sequence(after, record.value["sequence_id"])


def _check_nest(state: State, clip: Record) -> None:
    shown = sequence_of(clip)
    if shown is None or state.find(shown, "sequence") is None:
        raise errors.RecordMissing(kind="sequence", id=shown)
    inside = state.records[clip.value["track_id"]].value["sequence_id"]
    if inside is not None and inside in _contained(state, shown):
        raise errors.CircularNest(clip_id=clip.id, sequence_id=shown)


def _check_sequence(state: State, sequence_id: str) -> None:
    if state.find(sequence_id, "sequence") is None:
        raise errors.RecordMissing(kind="sequence", id=sequence_id)
    if any(sequence_id in _contained(state, child) for child in _children(state, sequence_id)):
        raise errors.CircularNest(sequence_id=sequence_id)


def _children(state: State, sequence_id: str) -> set[str]:
    clips = (clip for track in state.inside(sequence_id, "track") for clip in state.inside(track.id, "clip"))
    return {shown for clip in clips if (shown := sequence_of(clip)) is not None}


def _contained(state: State, sequence_id: str) -> set[str]:
    """A sequence and all that are nested in it."""
    found: set[str] = set()
    waiting = [sequence_id]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += _children(state, one)
    return found
