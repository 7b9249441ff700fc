"""Cut a clip in two. Nothing moves, and every frame looks as before.

V1 |   A   |            V1 | A | new_id |
A1 |   a   |    ->      A1 | a |  new   |      linked partners are cut too: left with left, right with right
"""

from typing import Annotated, Literal

from pydantic import Field

from timeline_service.domain import surgery, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import Time


class Split(Gesture):
    """Cut a clip `at` a timeline time. The left half keeps its id, the right half is `new_id`.

    `new_ids` names the right halves of linked partners, {partner id: new id}; the others get derived ids. Both halves
    keep all keyframes, those in their handles too; a marker goes with its picture.
    """

    type: Literal["split"] = "split"
    clip_id: RecordId
    at: Time
    new_id: RecordId | None = None
    new_ids: Annotated[dict[RecordId, RecordId], Field(max_length=100)] = {}

    mints = {"new_id": "right"}
    mints_each = {"new_ids": "right"}
    example = {"clip_id": "beach", "at": 150, "new_id": "beach-2"}
    refuses = ("at_edge", "off_grid", "id_taken", "clip_missing", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        clip = state.find(self.clip_id, "clip")
        return {} if clip is None else {"at": clip.value["track_id"]}

    def decide(self, draft: Draft) -> None:
        at = draft.ticks(self.at)
        link = draft.get("clip", self.clip_id).value["link_id"]
        linked = [] if link is None else draft.state.bound("link_id", link)
        assert self.new_id is not None
        rights = {self.clip_id: self.new_id}
        for partner in linked:
            if partner.id != self.clip_id and 0 < at - partner.value["start"] < partner.value["duration"]:
                rights[partner.id] = self.new_ids.get(partner.id) or draft.new_id("right", partner.id)
        for clip_id, right_id in rights.items():
            surgery.cut(draft, clip_id, at, right_id)
        if link is not None:
            self._link_again(draft, link, at, [*linked, *(draft.state.records[id] for id in rights.values())])

    def _link_again(self, draft: Draft, link: str, at: int, clips: list[Record]) -> None:
        """What begins at or after the cut belongs together from now on, and so does what lies before it."""
        right = [clip.id for clip in clips if clip.value["start"] >= at]
        left = [clip.id for clip in clips if clip.value["start"] < at]
        for ids, label in ((left, link), (right, draft.new_id("link", link))):
            for id in ids:
                draft.set(id, {"link_id": label if len(ids) > 1 else None})

    def describe(self, before: State) -> str:
        at = wording.timecode(self.at.in_ticks(before.rate), before.rate)
        return f"split {before.name_of(self.clip_id)} at {at}"
