"""Ripples: take spans out of the ground of several tracks, or open one, so that all that lies later moves together.

close [4,8)   V1 |a|    |c|   ->   V1 |a|c|          a shift per track, all of them in one unit
              A1 |s |      t|      A1 |s |  t|

Scopes: `track` moves the grounds that the gesture itself works on; `sync_locked` every unlocked track of the sequence
with them (tracks have no sync lock of their own yet); `all` locked ones too, refused where one would have to move.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from typing import Literal

from timeline_service.domain import errors, free, links, surgery
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import Record, State

Scope = Literal["track", "sync_locked", "all"]
Span = tuple[int, int]
"""Ticks [start, end)."""

TOLD = {"track": "", "sync_locked": " on all unlocked tracks", "all": " on all tracks"}
"""Scopes in the sentences of the audit log."""

AND_OTHERS = {"track": "", "sync_locked": " and all unlocked tracks", "all": " and all other tracks"}
"""The same behind the name of a track."""


def merged(spans: Iterable[Span]) -> list[Span]:
    """Disjoint spans in the order of time; those that touch are one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def close(draft: Draft, own: Mapping[str, list[Span]], shared: list[Span], scope: Scope, ripple_markers: bool) -> None:
    """Take spans out of the ground; nothing of a track may lie in those that it loses.

    `own`: what the tracks of the gesture lose. `shared`: what the other tracks of the scope and, if asked for, the
    markers of the timeline lose. Both in the order of time and disjoint. Raises ScopeConflict, NegativeTime.
    """
    closing = dict(own)
    for track in _others(draft, own, scope, shared[0][0], ripple_markers):
        closing[track] = shared
    for track, spans in closing.items():
        _check_free(draft, track, spans)
    grounds: list[tuple[str | None, list[Span]]] = [*sorted(closing.items())]
    if ripple_markers:
        grounds.insert(0, (None, shared))
    for ground, spans in grounds:
        for start, end in reversed(spans):
            surgery.close(draft, ground, start, end)


def open_at(
    draft: Draft,
    own: Mapping[str, int],
    shared: int,
    by: int,
    scope: Scope,
    ripple_markers: bool,
    *,
    cut: bool,
    spared: Collection[str] = (),
) -> None:
    """Move all that starts at or after a tick to the right by `by` ticks.

    `own`: where each track of the gesture opens. `shared`: where the other tracks of the scope and the markers do.
    `cut`: what lies across is cut in two there; else it refuses (Overlap on the gesture's tracks, ScopeConflict).
    """
    opening: dict[str, int] = dict(own)
    for track in _others(draft, own, scope, shared, ripple_markers):
        opening[track] = shared
    rights: list[str] = []
    for track in sorted(opening):
        if cut:
            rights += surgery.cut_across(draft, track, opening[track], spared)
        else:
            _check_cut(draft, track, opening[track], spared, track in own)
    links.part(draft, rights)
    for track in sorted(opening):
        draft.shift(track, opening[track], by)
    if ripple_markers:
        draft.shift(None, shared, by)


def check_free(draft: Draft, own: Collection[str], span: Span, scope: Scope) -> None:
    """Refuse (ScopeConflict) a span in which another track of the scope holds something."""
    check_grounds(draft.state, own, scope, ripple_markers=False)
    for track in _others(draft, own, scope, span[0], ripple_markers=False):
        _check_free(draft, track, [span])


def check_grounds(state: State, own: Iterable[str], scope: Scope, ripple_markers: bool) -> None:
    """Refuse (ScopeConflict) a ripple of a nest and what is around it, or of a nest and the timeline's markers."""
    sequences = {state.records[track].value["sequence_id"] for track in own}
    if ripple_markers and sequences != {None}:
        raise errors.ScopeConflict(reason="the markers of the timeline do not lie on the ground of a nest")
    if scope != "track" and len(sequences) > 1:
        raise errors.ScopeConflict(reason="the tracks of a nest and those around it do not share one ground")


def gap_at(state: State, track: str, at: int) -> Span | None:
    """The empty span in which a tick lies, if something lies behind it."""
    for span in free.spans(state, track):
        if span["end"] is not None and span["start"] <= at < span["end"]:
            return span["start"], span["end"]
    return None


def items(draft: Draft, track: str) -> list[Record]:
    """What takes up room on a track: its clips, or its captions."""
    found = (draft.state.records[id] for id in draft.state.members.get(track, ()))
    return [record for record in found if record.kind in ("clip", "caption")]


def end_of(item: Record) -> int:
    """The tick after the last one of a clip or a caption."""
    return int(item.value["start"] + item.value["duration"])


def _others(draft: Draft, own: Collection[str], scope: Scope, first: int, ripple_markers: bool) -> list[str]:
    """The tracks beside `own` whose ground moves. A locked one without anything behind `first` stays as it is."""
    for track in own:
        draft.get("track", track)
    check_grounds(draft.state, own, scope, ripple_markers)
    if scope == "track":
        return []
    sequence = draft.state.records[next(iter(own))].value["sequence_id"]

    def has_to_move(track: Record) -> bool:
        return any(at + max(int(rider.value.get("duration", 0)), 1) > first for rider, at in draft.riders(track.id))

    found = [track for track in surgery.tracks(draft.state, None, sequence) if track.id not in own]
    return [t.id for t in found if not t.value["locked"] or (scope == "all" and has_to_move(t))]


def _check_free(draft: Draft, track: str, gaps: list[Span]) -> None:
    ends = [end for _, end in gaps]
    for item in items(draft, track):
        place = bisect_right(ends, item.value["start"])
        if place < len(gaps) and gaps[place][0] < end_of(item):
            start, end = gaps[place]
            raise errors.ScopeConflict(track_id=track, **{f"{item.kind}_id": item.id}, start=start, end=end)


def _check_cut(draft: Draft, track: str, at: int, spared: Collection[str], own: bool) -> None:
    for item in items(draft, track):
        if item.value["start"] < at < end_of(item) and item.id not in spared:
            kind = errors.Overlap if own else errors.ScopeConflict
            details = {f"{item.kind}_id": item.id, "start": item.value["start"], "end": end_of(item)}
            raise kind(track_id=track, at=at, **details)
