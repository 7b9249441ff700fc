"""Neighbours: the clips right before and behind one on its track, whether they touch it or not."""

from collections.abc import Iterable

from timeline_service.domain import errors
from timeline_service.domain.state import Record, State


def beside(state: State, clip: Record) -> tuple[Record | None, Record | None]:
    """The nearest clip that ends before this one begins, and the nearest that begins after it ends."""
    start = clip.value["start"]
    before: Record | None = None
    after: Record | None = None
    for other in state.inside(clip.value["track_id"], "clip"):
        at = other.value["start"]
        if at < start and (before is None or at > before.value["start"]):
            before = other
        elif at > start and (after is None or at < after.value["start"]):
            after = other
    return before, after


def touch(left: Record, right: Record) -> bool:
    """Whether the second begins where the first ends, on one track."""
    one, other = left.value, right.value
    return bool(one["track_id"] == other["track_id"] and one["start"] + one["duration"] == other["start"])


def touching(state: State, clip_ids: Iterable[str]) -> tuple[list[str], list[str]]:
    """The clips that end where one of these begins, and those that begin where one of these ends; these left out.

    Raises NoNeighbour where one of them does not touch a clip on both sides.
    """
    ids = list(clip_ids)
    ends: list[str] = []
    starts: list[str] = []
    for id in ids:
        clip = state.records[id]
        before, after = beside(state, clip)
        if before is None or not touch(before, clip):
            raise errors.NoNeighbour(clip_id=id, edge="start")
        if after is None or not touch(clip, after):
            raise errors.NoNeighbour(clip_id=id, edge="end")
        ends += [before.id] if before.id not in ids else []
        starts += [after.id] if after.id not in ids else []
    return ends, starts
