"""Take clips away and close the gaps they leave (extract).

track         V1 |A|B|C|   - B   ->   V1 |A|C|
              A1 |a a|c|              A1 |a a|c|       other tracks stay
sync_locked   V1 |A|B|C|   - B   ->   V1 |A|C|
              A1 |a| |c|              A1 |a|c|         every unlocked track closes up
all           the same; a locked track on which something would have to move refuses
"""

from bisect import bisect_right
from collections.abc import Container, Iterable
from typing import Literal

from timeline_service.domain import errors, surgery, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordIds
from timeline_service.domain.state import Record, State

Span = tuple[int, int]
"""Ticks [start, end)."""


class RippleDelete(Gesture):
    """Remove clips; what lies later moves left by exactly their lengths.

    `scope` track: each track closes its own gaps. sync_locked: all unlocked tracks close all gaps together (tracks have
    no sync lock of their own yet). all: locked ones as well, refused if one of them would have to move. Content of
    another clip across a gap is refused (`scope_conflict`). `ripple_markers`: the markers of the timeline move too;
    markers inside a gap go with it.
    """

    type: Literal["ripple_delete"] = "ripple_delete"
    clip_ids: RecordIds
    scope: Literal["track", "sync_locked", "all"] = "track"
    ripple_markers: bool = False

    example = {"clip_ids": ["intro"], "scope": "track"}
    refuses = ("clip_missing", "scope_conflict", "shift_not_invertible", "track_locked")

    def decide(self, draft: Draft) -> None:
        own: dict[str, list[Span]] = {}
        for id in self.clip_ids:
            clip = draft.get("clip", id).value
            own.setdefault(clip["track_id"], []).append((clip["start"], clip["start"] + clip["duration"]))
        surgery.remove(draft, *self.clip_ids)
        gaps = _merged(span for spans in own.values() for span in spans)
        closing: dict[str | None, list[Span]]
        if self.scope == "track":
            closing = {track: _merged(spans) for track, spans in own.items()}
            if self.ripple_markers and any(spans != gaps for spans in closing.values()):
                raise errors.ScopeConflict(reason="the tracks close different gaps; markers can follow only one ground")
        else:
            closing = {track.id: gaps for track in self._scope(draft, own, gaps)}
            for track in closing:
                assert track is not None
                _check_free(draft, track, gaps)
        if self.ripple_markers:
            closing[None] = gaps
        for track in sorted(closing, key=str):
            for start, end in reversed(closing[track]):
                surgery.close(draft, track, start, end)

    def _scope(self, draft: Draft, own: Container[str], gaps: list[Span]) -> list[Record]:
        """The tracks whose ground moves. A locked one without anything behind the first gap stays as it is."""

        def has_to_move(track: Record) -> bool:
            return any(_end(rider, at) > gaps[0][0] for rider, at in draft.riders(track.id))

        return [
            track
            for track in surgery.tracks(draft.state)
            if not track.value["locked"] or track.id in own or (self.scope == "all" and has_to_move(track))
        ]

    def describe(self, before: State) -> str:
        where = {"track": "", "sync_locked": " on all unlocked tracks", "all": " on all tracks"}[self.scope]
        gap = "gap" if len(self.clip_ids) == 1 else "gaps"
        return f"deleted {wording.listed(before, self.clip_ids)} and closed the {gap}{where}"


def _end(rider: Record, at: int) -> int:
    return at + max(int(rider.value["duration"]), 1)


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Disjoint spans in the order of time; those that touch are one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _check_free(draft: Draft, track: str, gaps: list[Span]) -> None:
    ends = [end for _, end in gaps]
    for clip in draft.state.inside(track, "clip"):
        at = clip.value["start"]
        place = bisect_right(ends, at)
        if place < len(gaps) and gaps[place][0] < at + clip.value["duration"]:
            raise errors.ScopeConflict(track_id=track, clip_id=clip.id, start=gaps[place][0], end=gaps[place][1])
