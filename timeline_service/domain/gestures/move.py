"""Move clips in time and over tracks; among themselves they keep their distances. They leave gaps.

refuse      |A|B| | |   A +2 frames   ->   refused: overlap
            |A|B| | |   B +1          ->   |A| |B| |
overwrite   |A|B B B|   A to 2        ->   | |B|A|B|     what they cover is cut or dropped
insert      |A|B|C| |   C to 1        ->   |A|C|B| |     what starts later moves right by the length of the group
"""

from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from timeline_service.domain import errors, surgery, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, RecordIds
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import Time


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


class Move(Gesture):
    """Move clips by `delta` and `track_offset`, or `to` a place. One undo step and one unit.

    `track_offset` counts tracks of the clip's own kind, + towards the top. `to.track_id` takes the clips of the kind of
    the first along over as many tracks; those of other kinds stay on theirs.
    """

    type: Literal["move"] = "move"
    clip_ids: RecordIds
    delta: Time | None = None
    track_offset: Annotated[int, Field(ge=-10_000, le=10_000)] = 0
    to: Destination | None = None
    on_overlap: Literal["refuse", "overwrite", "insert"] = "refuse"

    example = {"clip_ids": ["beach"], "delta": 25, "on_overlap": "refuse"}
    refuses = ("overlap", "negative_time", "kind_mismatch", "off_grid", "clip_missing", "track_missing", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        first = state.find(self.clip_ids[0], "clip")
        if self.to is None or self.to.start is None or first is None:
            return {}
        return {"to.start": self.to.track_id or first.value["track_id"]}

    def decide(self, draft: Draft) -> None:
        clips = [draft.get("clip", id) for id in self.clip_ids]
        landings = self._landings(draft, clips, self._delta(draft, clips[0]))
        start = min(landing.start for landing in landings)
        if start < 0:
            raise errors.NegativeTime(clip_ids=[landing.clip_id for landing in landings if landing.start < 0])
        if self.on_overlap == "overwrite":
            for landing in landings:
                surgery.clear(draft, landing.track_id, landing.start, landing.end, self.clip_ids)
        elif self.on_overlap == "insert":
            length = max(landing.end for landing in landings) - start
            for track in sorted({landing.track_id for landing in landings}):
                surgery.make_room(draft, track, start, length, self.clip_ids)
        for landing in landings:
            draft.set(landing.clip_id, {"track_id": landing.track_id, "start": landing.start})

    def _delta(self, draft: Draft, first: Record) -> int:
        if self.to is None:
            return 0 if self.delta is None else draft.ticks(self.delta)
        if self.delta is not None or self.track_offset:
            raise errors.Wrong(reason="give either to, or delta and track_offset")
        start: int = first.value["start"]
        return 0 if self.to.start is None else draft.ticks(self.to.start) - start

    def _landings(self, draft: Draft, clips: list[Record], delta: int) -> list[Landing]:
        first = draft.get("track", clips[0].value["track_id"])
        offset = self.track_offset
        if self.to is not None and self.to.track_id is not None:
            offset = _distance(draft, first, draft.get("track", self.to.track_id))
        targets = {}
        for track_id in dict.fromkeys(clip.value["track_id"] for clip in clips):
            track = draft.get("track", track_id)
            carried_along = self.to is None or track.value["kind"] == first.value["kind"]
            targets[track_id] = _beside(draft, track, offset).id if carried_along and offset else track_id
        starts = [(clip, clip.value["start"] + delta) for clip in clips]
        return [
            Landing(clip.id, targets[clip.value["track_id"]], start, start + clip.value["duration"])
            for clip, start in starts
        ]

    def describe(self, before: State) -> str:
        said = f"moved {wording.listed(before, self.clip_ids)}"
        if self.to is None:
            by = 0 if self.delta is None else self.delta.in_ticks(before.rate)
            if by:
                said += f" {wording.frames(by, before.rate)} {'later' if by > 0 else 'earlier'}"
            if self.track_offset:
                count = abs(self.track_offset)
                tracks = "track" if count == 1 else "tracks"
                said += f" {count} {tracks} {'up' if self.track_offset > 0 else 'down'}"
            return said
        if self.to.start is not None:
            said += f" to {wording.timecode(self.to.start.in_ticks(before.rate), before.rate)}"
        if self.to.track_id is not None:
            said += f" {'on' if self.to.start is not None else 'to'} {before.name_of(self.to.track_id)}"
        return said


def _stack(draft: Draft, track: Record) -> list[str]:
    return [other.id for other in surgery.tracks(draft.state, track.value["kind"], track.value["sequence_id"])]


def _distance(draft: Draft, source: Record, target: Record) -> int:
    """How many tracks lie between two of one kind. Raises KindMismatch."""
    stack = _stack(draft, source)
    if target.id not in stack:
        raise errors.KindMismatch(track_id=target.id, kind=target.value["kind"])
    return stack.index(target.id) - stack.index(source.id)


def _beside(draft: Draft, track: Record, offset: int) -> Record:
    """The track so many places above (or below) among those of its kind. Raises RecordMissing."""
    stack = _stack(draft, track)
    place = stack.index(track.id) + offset
    if not 0 <= place < len(stack):
        raise errors.RecordMissing(kind="track", track_offset=offset, beside=track.id)
    return draft.get("track", stack[place])
