"""Speed segments: clips one after the other that share a label, so that each part of what was one clip has its speed.

| A A A A A A |   split   ->   | A : A A A : A A |   x2 in the middle   ->   | A : a : A A |
                                params.segments = "s"                         the later ones of the chain follow

A chain is what lies side by side on one track under one label: it ends where a gap or another clip begins.
"""

from fractions import Fraction
from math import floor
from typing import Any, Final, NamedTuple

from timeline_service.domain import errors, retiming, ripple, surgery, transitions
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import Record, State

LABEL: Final = "params.segments"
ROUNDING: Final = 2
"""Source ticks that floors may take from the two sides of a cut."""


def label_of(clip: Record) -> str | None:
    """The label that a clip shares with the other segments of its chain; None where it was never split."""
    found = clip.value.get(LABEL)
    return found if isinstance(found, str) else None


def later(state: State, clip: Record) -> list[Record]:
    """The segments behind this one, in the order of time."""
    chain = [clip, *(other for other in _siblings(state, clip) if other.value["start"] > clip.value["start"])]
    for index in range(1, len(chain)):
        if _end(chain[index - 1]) != chain[index].value["start"]:
            return chain[1:index]
    return chain[1:]


def before(state: State, clip: Record) -> Record | None:
    """The segment that ends where this one begins."""
    return next((other for other in _siblings(state, clip) if _end(other) == clip.value["start"]), None)


def _siblings(state: State, clip: Record) -> list[Record]:
    label = label_of(clip)
    if label is None:
        return []
    found = [c for c in state.inside(clip.value["track_id"], "clip") if label_of(c) == label and c.id != clip.id]
    return sorted(found, key=lambda other: (other.value["start"], other.id))


class Change(NamedTuple):
    """A segment that became longer or shorter: its end as it was and as it is, and the segments behind it."""

    clip_id: str
    was: int
    now: int
    behind: list[str]


def follow(draft: Draft, changed: list[Change], scope: ripple.Scope | None, ripple_markers: bool) -> None:
    """Move what lies behind changed segments by exactly the change.

    Without a scope only the segments behind them move (and overlap is refused); with one all that lies later does.
    """
    if scope is None:
        for change in changed:
            for other in change.behind:
                draft.set(other, {"start": draft.get("clip", other).value["start"] + change.now - change.was})
        return
    moved = [change for change in changed if change.was != change.now]
    if len({change.now - change.was for change in moved}) > 1:
        raise errors.ScopeConflict(reason="linked segments change by different lengths; ripple them one by one")
    if not moved:
        return
    _, was, now, _ = moved[0]
    tracks = {draft.get("clip", change.clip_id).value["track_id"]: change for change in moved}
    if now > was:
        opened = {track: change.was for track, change in tracks.items()}
        spared = [change.clip_id for change in moved]
        ripple.open_at(draft, opened, was, now - was, scope, ripple_markers, cut=False, spared=spared)
    else:
        closed = {track: [(change.now, change.was)] for track, change in tracks.items()}
        ripple.close(draft, closed, [(now, was)], scope, ripple_markers)


def retime(draft: Draft, clip: Record, speed: Fraction) -> tuple[int, int]:
    """Give a segment another speed; it keeps its beginning and its part of the source. Its end as it was and as it is.

    Its part goes up to where the next segment begins, so that no rounding adds up: there and back is where it was.
    """
    start, was = clip.value["start"], _end(clip)
    if not retiming.speed_of(clip.value):  # a frozen one has no source to keep
        retiming.place(draft, clip, speed, start, start, was)
        return was, was
    grid = retiming.grid_of(draft.state, clip)
    part = abs(_source_end(draft.state, clip) - retiming.source_place(clip.value, start))
    end = start + max(grid, _length(part, speed, grid))
    retiming.place(draft, clip, speed, start, start, end)
    return was, end


def join(draft: Draft, left: Record, right: Record) -> tuple[int, int]:
    """Make one clip of a segment and the one before it, at the speed of the left one. Its end as it was and as it is.

    What the right one alone had of effects and keyframes goes with it; its notes, its fade and its transition at the
    end stay. Raises NotContiguous where they are not pieces of one source, one behind the other.
    """
    stands = [not retiming.speed_of(half.value) for half in (left, right)]
    if stands[0] != stands[1] or not _goes_on(draft.state, left.value, right.value):
        raise errors.NotContiguous(left_id=left.id, right_id=right.id)
    was, fade_out, start = _end(right), right.value["fade_out"], left.value["start"]
    part = abs(_source_end(draft.state, right) - retiming.source_place(left.value, start))
    speed = retiming.speed_of(left.value)
    end = start + _length(part, speed, retiming.grid_of(draft.state, left)) if speed else was
    notes = [*draft.state.inside(right.id, "marker"), *draft.state.inside(right.id, "annotation")]
    for note in sorted(notes, key=lambda n: n.id):
        draft.set(note.id, {"parent_id": left.id})
    tail = transitions.tail(draft.state, right.id)
    if tail is not None:
        draft.set(tail.id, {"left_id": left.id})
    draft.drop(right.id)
    surgery.trim_end(draft, left.id, end - _end(left))
    draft.set(left.id, {"fade_out": fade_out})
    return was, end


def _length(part: Fraction, speed: Fraction, grid: int) -> int:
    """How long a part of a source lasts at a speed, floored to the grid; a floored source tick costs no frame."""
    floored = ROUNDING if grid > 1 else 0
    return floor((part + floored) / speed / grid) * grid


def _source_end(state: State, clip: Record) -> Fraction:
    """Where the part of the source that a segment has ends: where the next one goes on, if it does."""
    following = later(state, clip)[:1]
    if following and _goes_on(state, clip.value, following[0].value):
        return retiming.source_place(following[0].value, following[0].value["start"])
    return retiming.source_place(clip.value, _end(clip))


def _goes_on(state: State, left: dict[str, Any], right: dict[str, Any]) -> bool:
    """Whether one clip shows the source where the other leaves off, up to what the grid took or gave."""
    speed = retiming.speed_of(left)
    if left["media"] != right["media"] or left["reversed"] != right["reversed"]:
        return False
    if not speed:  # a picture that stands goes on only as one
        return not retiming.speed_of(right) and left["source_in"] == right["source_in"]
    cut = right["start"]
    missing = retiming.source_place(right, cut) - retiming.source_place(left, cut)
    frame = state.rate.ticks_per_frame
    taken = speed * frame + ROUNDING
    given = taken if left["duration"] <= frame else ROUNDING  # a segment of one frame may be longer than its part
    return -given < (-missing if left["reversed"] else missing) < taken


def _end(clip: Record) -> int:
    return int(clip.value["start"] + clip.value["duration"])


def release(draft: Draft, clip_id: str) -> None:
    """The last segment of a label has no others to share it with."""
    clip = draft.get("clip", clip_id)
    if not _siblings(draft.state, clip):
        draft.set(clip_id, {LABEL: None})


def check_scope(draft: Draft, clip_ids: list[str], scope: ripple.Scope | None, ripple_markers: bool) -> None:
    """Refuse markers that are to ripple where nothing does (invalid), and a track that would move twice."""
    if scope is None:
        if ripple_markers:
            raise errors.Wrong(reason="ripple_markers goes with a scope")
        return
    if len({draft.get("clip", id).value["track_id"] for id in clip_ids}) < len(clip_ids):
        raise errors.ScopeConflict(reason="linked segments of one track would move it twice; ripple them one by one")
