"""Take clips out of their groups. A group of one is none.

[A] [B] [C]   - C   ->   [A] [B] |C|   - B   ->   |A| |B| |C|
"""

from typing import Literal

from timeline_service.domain import bonds, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, RecordIds
from timeline_service.domain.state import State


class Ungroup(Gesture):
    """Release the clips named, each from its own group, or all of the group `group_id`."""

    type: Literal["ungroup"] = "ungroup"
    clip_ids: RecordIds | None = None
    group_id: RecordId | None = None

    example = {"clip_ids": ["logo"]}
    refuses = ("clip_missing", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        bonds.part(draft, "group_id", self.clip_ids, self.group_id)

    def describe(self, before: State) -> str:
        if self.clip_ids is None:
            return f"dissolved the group {self.group_id}"
        return f"ungrouped {wording.listed(before, self.clip_ids)}"
