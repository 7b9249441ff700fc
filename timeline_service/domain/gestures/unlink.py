"""Take clips out of their links. A link of one is none.

V1 | A |        V1 | A |
     ~     ->                    both stay where they are; each goes its own way now
A1 | a |        A1 | a |
"""

from typing import Literal

from timeline_service.domain import bonds, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, RecordIds
from timeline_service.domain.state import State


class Unlink(Gesture):
    """Release the clips named, each from its own link, or all of the link `link_id`."""

    type: Literal["unlink"] = "unlink"
    clip_ids: RecordIds | None = None
    link_id: RecordId | None = None

    example = {"clip_ids": ["voice"]}
    refuses = ("clip_missing", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        bonds.part(draft, "link_id", self.clip_ids, self.link_id)

    def describe(self, before: State) -> str:
        if self.clip_ids is None:
            return f"dissolved the link {self.link_id}"
        return f"unlinked {wording.listed(before, self.clip_ids)}"
