"""Landing: where clips come to lie when they are moved or copied as a whole, and how what lies there makes way.

V2 |   |            V2 |   |B|        track_offset +1, delta +4: all keep their distances,
V1 |A|B|      ->    V1 |   |A|        in time and over the tracks of their kind
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from timeline_service.domain import errors, links, surgery
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import RecordId
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import Time

OnOverlap = Literal["refuse", "overwrite", "insert"]
Offset = Annotated[int, Field(ge=-10_000, le=10_000)]
"""A number of tracks of one kind, + towards the top."""


class Destination(BaseModel):
    """Where the first of the clips lands; its own time or track where one is left out."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    start: Time | None = None
    track_id: RecordId | None = None


class Landing(NamedTuple):
    """Where one clip comes to lie, in ticks."""

    clip_id: str
    track_id: str
    start: int
    end: int


def beside(state: State, track: Record, offset: int) -> str:
    """The track so many places above (or below) another among those of its kind. Raises RecordMissing."""
    stack = _stack(state, track)
    place = stack.index(track.id) + offset
    if not 0 <= place < len(stack):
        raise errors.RecordMissing(kind="track", track_offset=offset, beside=track.id)
    return stack[place]


def distance(state: State, source: Record, target: Record) -> int:
    """How many tracks lie between two of one kind in one sequence. Raises KindMismatch."""
    stack = _stack(state, source)
    if target.id not in stack:
        raise errors.KindMismatch(track_id=target.id, kind=target.value["kind"])
    return stack.index(target.id) - stack.index(source.id)


def targets(draft: Draft, clips: Sequence[Record], offset: int, to: Destination | None) -> dict[str, str]:
    """Track → the track on which its clips land. Raises RecordMissing, KindMismatch.

    `to.track_id` takes the clips of the kind of the first along over as many tracks; other kinds stay on theirs.
    """
    first = draft.get("track", clips[0].value["track_id"])
    if to is not None and to.track_id is not None:
        offset = distance(draft.state, first, draft.get("track", to.track_id))
    found = {}
    for track_id in dict.fromkeys(clip.value["track_id"] for clip in clips):
        track = draft.get("track", track_id)
        along = to is None or track.value["kind"] == first.value["kind"]
        found[track_id] = beside(draft.state, track, offset) if along and offset else track_id
    return found


def make_way(draft: Draft, landings: Iterable[Landing], on_overlap: OnOverlap, spared: Collection[str] = ()) -> None:
    """Clear what clips will cover (overwrite), or open as much room as all of them span (insert).

    Raises NegativeTime for a landing before zero. What still overlaps is refused when the event is checked.
    """
    landings = list(landings)
    if any(landing.start < 0 for landing in landings):
        raise errors.NegativeTime(clip_ids=[landing.clip_id for landing in landings if landing.start < 0])
    rights: list[str] = []
    if on_overlap == "overwrite":
        for landing in landings:
            rights += surgery.clear(draft, landing.track_id, landing.start, landing.end, spared)
    elif on_overlap == "insert":
        start = min(landing.start for landing in landings)
        length = max(landing.end for landing in landings) - start
        for track in sorted({landing.track_id for landing in landings}):
            rights += surgery.make_room(draft, track, start, length, spared)
    links.part(draft, rights)


def _stack(state: State, track: Record) -> list[str]:
    return [other.id for other in surgery.tracks(state, track.value["kind"], track.value["sequence_id"])]
