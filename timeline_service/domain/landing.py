"""Landing: where clips come to lie when they are moved or copied as a whole, and how what lies there makes way.

V2 |   |            V2 |   |B|        track_offset +1, delta +4: all keep their distances,
V1 |A|B|      ->    V1 |   |A|        in time and over the tracks of their kind
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from timeline_service.domain import errors, links, ripple, surgery
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


class Way(NamedTuple):
    """How what lies there makes way: `scope` and `ripple_markers` are for insert."""

    on_overlap: OnOverlap
    scope: ripple.Scope = "track"
    ripple_markers: bool = False

    def told(self) -> str:
        """For the end of a sentence of the audit log: what became of what lay there."""
        if self.on_overlap == "insert":
            return f" and moved what comes later{ripple.TOLD[self.scope]}"
        return " over what lay there" if self.on_overlap == "overwrite" else ""


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


def targets(
    draft: Draft, clips: Sequence[Record], offset: int, to: Destination | None, leading: int | None = None
) -> dict[str, str]:
    """Track → the track on which its clips land. Raises RecordMissing, KindMismatch.

    `to.track_id` takes the clips of the kind of the first along over as many tracks; other kinds stay on theirs.
    Without it an offset is for the kinds of the `leading` first clips (of all, if that is not told).
    """
    first = draft.get("track", clips[0].value["track_id"])
    kinds = {draft.get("track", clip.value["track_id"]).value["kind"] for clip in clips[:leading]}
    if to is not None and to.track_id is not None:
        offset = distance(draft.state, first, draft.get("track", to.track_id))
        kinds = {first.value["kind"]}
    found = {}
    for track_id in dict.fromkeys(clip.value["track_id"] for clip in clips):
        track = draft.get("track", track_id)
        along = offset and track.value["kind"] in kinds
        found[track_id] = beside(draft.state, track, offset) if along else track_id
    return found


def make_way(draft: Draft, landings: Iterable[Landing], way: Way, spared: Collection[str] = ()) -> None:
    """Clear what clips will cover (overwrite), or open as much room as all of them span (insert).

    The room is the same on every track of the scope: whole frames where one of them is of video, so that sound of odd
    length pushes no picture off the grid.

    Raises NegativeTime for a landing before zero, ScopeConflict. What still overlaps is refused when the event is
    checked.
    """
    landings = list(landings)
    if any(landing.start < 0 for landing in landings):
        raise errors.NegativeTime(clip_ids=[landing.clip_id for landing in landings if landing.start < 0])
    if way.on_overlap == "overwrite":
        rights: list[str] = []
        for landing in landings:
            rights += surgery.clear(draft, landing.track_id, landing.start, landing.end, spared)
        links.part(draft, rights)
    elif way.on_overlap == "insert":
        start, tracks = min(landing.start for landing in landings), {landing.track_id for landing in landings}
        step = _step(draft.state, tracks, way.scope)
        length = -(-(max(landing.end for landing in landings) - start) // step) * step
        own = dict.fromkeys(tracks, start)
        ripple.open_at(draft, own, start, length, way.scope, way.ripple_markers, cut=True, spared=spared)


def _stack(state: State, track: Record) -> list[str]:
    return [other.id for other in surgery.tracks(state, track.value["kind"], track.value["sequence_id"])]


def _step(state: State, track_ids: Collection[str], scope: ripple.Scope) -> int:
    found = [state.records[id] for id in track_ids]
    if scope != "track":
        found += surgery.tracks(state, None, found[0].value["sequence_id"])
    video = any(track.value["kind"] == "video" for track in found)
    return state.rate.ticks_per_frame if video else 1
