"""Cut a clip in two. Nothing moves, and every frame looks as before.

V1 |   A   |            V1 | A | new_id |
A1 |   a   |    ->      A1 | a |  new   |      linked partners are cut too: left with left, right with right
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from timeline_service.domain import limits, links, surgery, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class Split(Gesture):
    """Cut a clip `at` a timeline time. The left half keeps its id, the right half is `new_id`.

    `new_ids` names the right halves of linked partners, {partner id: new id}; the others get derived ids. Both halves
    keep all keyframes, those in their handles too; a marker goes with its picture; a fade that reaches over the cut
    ends at it. Partners stay whole if `single`; what begins at or after the cut is linked among itself from then on.
    """

    type: Literal["split"] = "split"
    clip_id: RecordId
    at: Time
    new_id: RecordId | None = None
    new_ids: Annotated[dict[RecordId, RecordId], Field(max_length=100)] = {}
    single: bool = False

    mints = {"new_id": "right"}
    mints_each = {"new_ids": "right"}
    example = {"clip_id": "beach", "at": 150, "new_id": "beach-2"}
    refuses = ("at_edge", "in_transition", "off_grid", "id_taken", "clip_missing", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        clip = state.find(self.clip_id, "clip")
        return {} if clip is None else {"at": clip.value["track_id"]}

    def decide(self, draft: Draft) -> None:
        at = draft.ticks(self.at)
        assert self.new_id is not None
        rights = {draft.get("clip", self.clip_id).id: self.new_id}
        for id in links.following(draft.state, self.clip_id, self.single)[1:]:
            partner = draft.state.records[id].value
            if 0 < at - partner["start"] < partner["duration"]:
                rights[id] = self.new_ids.get(id) or draft.new_id("right", id)
        for clip_id, right_id in rights.items():
            surgery.cut(draft, clip_id, at, right_id)
        links.part(draft, rights.values())

    def legal(self, state: State) -> dict[str, Any]:
        return limits.cuttable(state, self.clip_id, links.following(state, self.clip_id, self.single))

    def describe(self, before: State) -> str:
        at = wording.timecode(self.at.in_ticks(before.rate), before.rate)
        return f"split {before.name_of(self.clip_id)} at {at}"
