"""Cut a clip into segments that can have speeds of their own. Nothing moves, and every frame looks as before.

|   A   |   ->   | A : new_id |     both are clips, and share a label
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from timeline_service.domain import errors, limits, links, retiming, segments, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class SplitSegment(Gesture):
    """Cut a clip (or a segment) `at` a timeline time; the right one is `new_id`.

    Linked partners that lie across are cut too unless `single`, left linked with left and right with right; `new_ids`
    names their right halves. As `split` does, and the halves share params.segments beside it.
    """

    type: Literal["split_segment"] = "split_segment"
    clip_id: RecordId
    at: Time
    new_id: RecordId | None = None
    new_ids: Annotated[dict[RecordId, RecordId], Field(max_length=100)] = {}
    single: bool = False

    mints = {"new_id": "right"}
    mints_each = {"new_ids": "right"}
    example = {"clip_id": "beach", "at": 150, "new_id": "beach-2"}
    refuses = ("at_edge", "off_grid", "in_transition", "id_taken", "clip_missing", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        clip = state.find(self.clip_id, "clip")
        return {} if clip is None else {"at": clip.value["track_id"]}

    def decide(self, draft: Draft) -> None:
        assert self.new_id is not None
        at, clip = draft.ticks(self.at), draft.get("clip", self.clip_id)
        together = links.following(draft.state, clip.id, self.single)
        start, duration = clip.value["start"], clip.value["duration"]
        if not 0 < at - start < duration:
            raise errors.AtEdge(clip_id=clip.id, at=at, start=start, duration=duration)
        rights = retiming.cut(draft, together, at, {**self.new_ids, clip.id: self.new_id})
        for left, right in rights.items():
            label = segments.label_of(draft.get("clip", left)) or draft.new_id("segments", left)
            for half in (left, right):
                draft.set(half, {segments.LABEL: label})

    def legal(self, state: State) -> dict[str, Any]:
        return limits.cuttable(state, self.clip_id, links.following(state, self.clip_id, self.single))

    def describe(self, before: State) -> str:
        at = wording.timecode(self.at.in_ticks(before.rate), before.rate)
        return f"split {before.name_of(self.clip_id)} into segments at {at}"
