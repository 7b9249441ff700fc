"""Limits: how far something can be trimmed, rolled, slipped, slid or moved before it is refused.

   before       after
[::::|   A   |:::::::]    handles of the source; a transition on the edge needs its part of them
 | P |   A   |  | N |     neighbours that stay, and zero
     |-> <-|              a clip keeps one frame, and what its transitions cover

They are read from the state when a gesture was refused; to decide one, they are not needed. The horizon of 147 days is
no limit here.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from timeline_service.domain import clip_time, free, media, neighbours, records, ripple, surgery, transitions
from timeline_service.domain.state import Record, State


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both included, in ticks; None: without an end."""

    low: int | None = None
    high: int | None = None

    def within(self, other: "Range") -> "Range":
        """What lies in both."""
        lows = [low for low in (self.low, other.low) if low is not None]
        highs = [high for high in (self.high, other.high) if high is not None]
        return Range(max(lows, default=None), min(highs, default=None))

    def on_grid(self, step: int) -> "Range":
        """The multiples of a step in it."""
        low = None if self.low is None else -(-self.low // step) * step
        return Range(low, None if self.high is None else self.high // step * step)

    def is_empty(self) -> bool:
        return self.low is not None and self.high is not None and self.low > self.high

    def as_span(self, clip: Record) -> dict[str, Any]:
        """What a clip covers that moves by no more than this."""
        start = clip.value["start"]
        end = None if self.high is None else ripple.end_of(clip) + self.high
        return {"start": max(0, start + (self.low or 0)), "end": end}

    def as_legal(self) -> dict[str, Any]:
        """For the details of a refusal."""
        return {"delta": {"min": self.low, "max": self.high}}


ITEMS: Final = ("clip", "caption")
MOST_SPANS: Final = 8
"""A refusal names so many free spans."""
FREE: Final = Range()
NONE: Final = Range(0, 0)


def edges(state: State, starts: Iterable[str], ends: Iterable[str], carried: Collection[str] = ()) -> Range:
    """How far these starts and ends of clips can move together, what is shown staying where it is in time.

    trim: one of the two. roll: the ends of the left clips and the starts of the right ones. slide: those beside what is
    `carried` along, which moves as a whole.
    """
    motion = _Motion(frozenset(starts), frozenset(ends), frozenset(carried))
    found = FREE
    moved = motion.starts | motion.ends
    whole = {*moved, *carried}
    for id in sorted(moved):
        found = found.within(_of_clip(state, state.records[id], motion))
    return found.on_grid(_step(state, whole))


def slide(state: State, clip_ids: Collection[str]) -> Range:
    """How far clips can move over neighbours that touch them. Raises NoNeighbour."""
    ends, starts = neighbours.touching(state, clip_ids)
    return edges(state, starts, ends, clip_ids)


def slip(state: State, clip_ids: Iterable[str]) -> Range:
    """How far clips can be slipped: what they and their transitions show must be there."""
    found = FREE
    for id in clip_ids:
        clip = state.records[id].value
        if media.timeless(clip["media"]):
            continue
        head, tail = transitions.head(state, id), transitions.tail(state, id)
        before = head.value["in_offset"] if head is not None else 0
        after = tail.value["out_offset"] if tail is not None else 0
        offset = clip["map_offset"] - (after if clip["reversed"] else before)
        wide = {**clip, "duration": clip["duration"] + before + after, "map_offset": offset}
        first, end = clip_time.source_span(wide)
        available = clip["media"].get("available")
        lowest = available["start"] if available else 0
        highest = available["start"] + available["duration"] - end if available else None
        found = found.within(Range(lowest - first, highest))
    return found


def ripple_trim(state: State, clip_ids: Collection[str], edge: str, scope: ripple.Scope) -> Range:
    """How far one edge of clips can move when all that lies later follows; the first clip is the one that is named."""
    found = FREE
    for id in clip_ids:
        clip = state.records[id]
        motion = _Motion(frozenset((id,) if edge == "start" else ()), frozenset((id,) if edge == "end" else ()), None)
        found = found.within(_of_clip(state, clip, motion))
    first = state.records[next(iter(clip_ids))]
    own = {state.records[id].value["track_id"] for id in clip_ids}
    grounds = set(own)
    if scope != "track":
        at = first.value["start"] if edge == "start" else ripple.end_of(first)
        sequence = state.records[first.value["track_id"]].value["sequence_id"]
        for track in surgery.tracks(state, None, sequence):
            if track.id not in own and not (scope == "sync_locked" and track.value["locked"]):
                found = found.within(_of_ground(state, track, at, edge))
                grounds.add(track.id)
    return found.on_grid(_step_of_tracks(state, grounds))


class Extent(NamedTuple):
    """What an item covers of a track, [start, end) in ticks."""

    track_id: str
    start: int
    end: int


def fitting(state: State, extents: Iterable[Extent], besides: Collection[str] = ()) -> list[Range]:
    """The deltas by which items fit on tracks, all moving by one delta, while `besides` make room.

    In the order of time, disjoint; the last has no end.
    """
    extents = list(extents)
    found = [FREE]
    for extent in extents:
        ranges = []
        for room in free.spans(state, extent.track_id, besides):
            low = room["start"] - extent.start
            high = None if room["end"] is None else room["end"] - extent.end
            if high is None or low <= high:
                ranges.append(Range(low, high))
        found = _intersection(found, ranges)
    step = _step_of_tracks(state, {extent.track_id for extent in extents})
    return [range for range in (one.on_grid(step) for one in found) if not range.is_empty()]


def is_free(state: State, extent: Extent) -> bool:
    """Whether nothing lies there."""
    rooms_there = free.spans(state, extent.track_id)
    return any(r["start"] <= extent.start and (r["end"] is None or extent.end <= r["end"]) for r in rooms_there)


def together(state: State, clips: Iterable[tuple[str, str]], besides: Collection[str]) -> list[Range]:
    """The deltas by which clips fit on tracks: (clip, track) each (see fitting)."""
    placed = ((state.records[id], track) for id, track in clips)
    return fitting(state, [Extent(track, clip.value["start"], ripple.end_of(clip)) for clip, track in placed], besides)


def after_zero(state: State, clip_ids: Iterable[str], tracks: Iterable[str]) -> Range:
    """How far clips can be moved where all that lies there makes way."""
    return Range(-min(state.records[id].value["start"] for id in clip_ids)).on_grid(_step_of_tracks(state, tracks))


def cuttable(state: State, clip_id: str, clip_ids: Collection[str]) -> dict[str, Any]:
    """For the details of a refusal: where a clip can be cut (see cut)."""
    if state.find(clip_id, "clip") is None:
        return {}
    found = cut(state, clip_id, clip_ids)
    return {} if found.is_empty() else {"at": {"min": found.low, "max": found.high}}


def cut(state: State, clip_id: str, clip_ids: Collection[str]) -> Range:
    """Where a clip can be cut together with those of `clip_ids` that lie there: timeline ticks."""
    clip, step = state.records[clip_id], _step(state, clip_ids)
    found = Range(clip.value["start"] + 1, ripple.end_of(clip) - 1).on_grid(step)
    shown = {t.id: transitions.span(state, t.value) for id in clip_ids for t in state.inside(id, "transition")}
    for first, end in sorted(shown.values()):
        if found.low is not None and first < found.low < end:
            found = found.within(Range(end))
    for first, end in sorted(shown.values(), reverse=True):
        if found.high is not None and first < found.high < end:
            found = found.within(Range(None, first))
    return found.on_grid(step)


def rooms(state: State, track_id: str, duration: int, at: int) -> list[dict[str, Any]]:
    """The free spans of a track that are long enough, some of the nearest, in the order of time."""
    step = _step_of_tracks(state, [track_id])
    found = []
    for span in free.spans(state, track_id):
        start = -(-span["start"] // step) * step
        if span["end"] is None or span["end"] - start >= duration:
            found.append({"start": start, "end": span["end"]})
    return near(found, at)


def near(spans: Iterable[dict[str, Any]], at: int) -> list[dict[str, Any]]:
    """Some of the spans, those nearest to a tick, in the order of time."""
    nearest_ones = sorted(spans, key=lambda span: _distance(span, at))[:MOST_SPANS]
    return sorted(nearest_ones, key=lambda span: int(span["start"]))


def nearest(ranges: Iterable[Range], asked: int) -> list[Range]:
    """Some of the ranges, those nearest to what was asked first."""
    spans = [(_distance({"start": r.low, "end": r.high}, asked), n, r) for n, r in enumerate(ranges)]
    return [r for _, _, r in sorted(spans, key=lambda row: row[:2])[:MOST_SPANS]]


def told(ranges: Iterable[Range], asked: int, first: Record) -> dict[str, Any]:
    """For the details of a refusal: the delta nearest to what was asked, and what the first clip may cover."""
    found = nearest(ranges, asked)
    return {**found[0].as_legal(), "free": [one.as_span(first) for one in found]} if found else {}


def starting(ranges: list[Range], first: int, length: int) -> dict[str, Any]:
    """The same of something new that begins at `first` and is `length` long: where it may begin, what it may cover."""
    if not ranges:
        return {}
    starts = [Range(first + (r.low or 0), None if r.high is None else first + r.high) for r in ranges]
    free_spans = [{"start": r.low, "end": None if r.high is None else r.high + length} for r in starts]
    return {"at": {"min": starts[0].low, "max": starts[0].high}, "free": free_spans}


def _distance(span: dict[str, Any], at: int) -> int:
    start, end = span["start"], span["end"]
    if start is not None and at < start:
        return int(start - at)
    return max(0, at - int(end)) if end is not None else 0


class _Motion(NamedTuple):
    """Which starts and ends of clips move, what moves as a whole; `carried` None: all that is beside them follows."""

    starts: frozenset[str]
    ends: frozenset[str]
    carried: frozenset[str] | None

    def start_moves(self, clip_id: str) -> bool:
        return self.carried is None or clip_id in self.starts or clip_id in self.carried

    def end_moves(self, clip_id: str) -> bool:
        return self.carried is None or clip_id in self.ends or clip_id in self.carried


def _of_clip(state: State, clip: Record, motion: _Motion) -> Range:
    start_moves, end_moves = clip.id in motion.starts, clip.id in motion.ends
    head, tail = _kept(state, clip, motion)
    found = _by_neighbours(state, clip, motion)
    before, after = transitions.room(clip.value)
    if start_moves and before is not None:
        found = found.within(Range(-max(0, before - _offset(head, "in_offset"))))
    if end_moves and after is not None:
        found = found.within(Range(None, max(0, after - _offset(tail, "out_offset"))))
    if start_moves != end_moves:
        covered = _offset(head, "out_offset") + _offset(tail, "in_offset")
        spare = max(0, clip.value["duration"] - max(covered, _step(state, [clip.id])))
        found = found.within(Range(None, spare) if start_moves else Range(-spare))
    return found


def _kept(state: State, clip: Record, motion: _Motion) -> tuple[Record | None, Record | None]:
    """The transitions at its edges that stay: those whose other side moves as this one does."""
    head, tail = transitions.head(state, clip.id), transitions.tail(state, clip.id)
    if motion.carried is None:
        return head, tail
    left = head.value["left_id"] if head is not None else None
    right = tail.value["right_id"] if tail is not None else None
    if left is not None and motion.end_moves(left) != (clip.id in motion.starts):
        head = None
    if right is not None and motion.start_moves(right) != (clip.id in motion.ends):
        tail = None
    return head, tail


def _by_neighbours(state: State, clip: Record, motion: _Motion) -> Range:
    """Clips that stay where they are, and zero, are as far as an edge goes."""
    if motion.carried is None:
        return FREE
    previous, following = neighbours.beside(state, clip)
    low = high = None
    if clip.id in motion.starts and (previous is None or not motion.end_moves(previous.id)):
        low = (ripple.end_of(previous) if previous is not None else 0) - clip.value["start"]
    if clip.id in motion.ends and following is not None and not motion.start_moves(following.id):
        high = following.value["start"] - ripple.end_of(clip)
    return Range(low, high)


def _of_ground(state: State, track: Record, at: int, edge: str) -> Range:
    """How far an edge at `at` may move before a ripple meets what lies on another track of its scope."""
    found = FREE
    riders = (state.records[id] for id in state.members.get(track.id, ()))
    for rider in riders:
        field = records.KINDS[rider.kind].time
        if field is None or (rider.kind not in ITEMS and not track.value["locked"]):
            continue
        start = rider.value[field]
        end = start + max(rider.value.get("duration", 0), 1)
        if start < at < end or (track.value["locked"] and end > at):
            return NONE
        if edge == "start" and start >= at:
            found = found.within(Range(None, start - at))
        elif edge == "end" and end <= at:
            found = found.within(Range(end - at))
    return found


def _intersection(one: list[Range], other: list[Range]) -> list[Range]:
    """What lies in both of two lists of disjoint ranges in order."""
    found: list[Range] = []
    i = j = 0
    while i < len(one) and j < len(other):
        both = one[i].within(other[j])
        if not both.is_empty():
            found.append(both)
        first, second = one[i].high, other[j].high
        if second is None or (first is not None and first <= second):
            i += 1
        else:
            j += 1
    return found


def _offset(transition: Record | None, name: str) -> int:
    return 0 if transition is None else int(transition.value[name])


def _step(state: State, clip_ids: Iterable[str]) -> int:
    return _step_of_tracks(state, {state.records[id].value["track_id"] for id in clip_ids})


def _step_of_tracks(state: State, track_ids: Iterable[str]) -> int:
    """A frame where one of the tracks is of video, else a tick."""
    video = any(state.records[id].value["kind"] == "video" for id in track_ids)
    return state.rate.ticks_per_frame if video else 1
