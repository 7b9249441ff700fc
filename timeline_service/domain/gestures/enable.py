"""Switch clips off, so that they are neither seen nor heard, or on again.

V1 |A|B|C|              V1 |A|(B)|C|     it keeps its place
A1 |a|b|c|   B off ->   A1 |a|(b)|c|     linked partners too
"""

from typing import Literal

from timeline_service.domain import links, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordIds
from timeline_service.domain.state import State


class Enable(Gesture):
    """Set `enabled` of clips and, unless `single`, of their linked partners.

    Each clip that is named can be undone alone, together with its partners.
    """

    type: Literal["enable"] = "enable"
    clip_ids: RecordIds
    enabled: bool = True
    single: bool = False

    example = {"clip_ids": ["beach"], "enabled": False}
    refuses = ("clip_missing", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        for unit, clip_id in enumerate(self.clip_ids):
            for id in links.following(draft.state, draft.get("clip", clip_id).id, self.single):
                draft.set(id, {"enabled": self.enabled}, unit=unit)

    def describe(self, before: State) -> str:
        return f"switched {wording.listed(before, self.clip_ids)} {'on' if self.enabled else 'off'}"
