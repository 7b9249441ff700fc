"""Group clips: what moves or copies one of them takes all along.

V1 |A|   |B|        V1 [A]   [B]
V2    |C|      ->   V2    [C]         one group
"""

from typing import Literal

from timeline_service.domain import bonds, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, RecordIds
from timeline_service.domain.state import State


class Group(Gesture):
    """Bind clips in place. They leave the groups that they were in; with the label of a group they join it."""

    type: Literal["group"] = "group"
    clip_ids: RecordIds
    group_id: RecordId | None = None

    mints = {"group_id": "group"}
    example = {"clip_ids": ["beach", "title1"], "group_id": "opening"}
    refuses = ("clip_missing", "kind_mismatch", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        assert self.group_id is not None
        bonds.join(draft, "group_id", self.clip_ids, self.group_id)

    def describe(self, before: State) -> str:
        return f"grouped {wording.listed(before, self.clip_ids)}"
