"""Link clips: what trims, cuts, slips or moves one of them does it to all.

V1 | A |        V1 | A |
                     ~          one link
A1 | a |   ->   A1 | a |
"""

from typing import Literal

from timeline_service.domain import bonds, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, RecordIds
from timeline_service.domain.state import State


class Link(Gesture):
    """Bind clips in time. They leave the links that they were in; with the label of a link they join it."""

    type: Literal["link"] = "link"
    clip_ids: RecordIds
    link_id: RecordId | None = None

    mints = {"link_id": "link"}
    example = {"clip_ids": ["beach", "sea"], "link_id": "sync2"}
    refuses = ("clip_missing", "kind_mismatch", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        assert self.link_id is not None
        bonds.join(draft, "link_id", self.clip_ids, self.link_id)

    def describe(self, before: State) -> str:
        return f"linked {wording.listed(before, self.clip_ids)}"
