"""Take a transition away; the cut is hard again.

|   A [::|::] B   |   ->   |   A   |   B   |
"""

from typing import Literal

from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class RemoveTransition(Gesture):
    """Remove a transition; its clips stay as they are."""

    type: Literal["remove_transition"] = "remove_transition"
    transition_id: RecordId

    example = {"transition_id": "x1"}
    refuses = ("transition_missing", "track_locked")

    def decide(self, draft: Draft) -> None:
        draft.drop(draft.get("transition", self.transition_id).id)

    def describe(self, before: State) -> str:
        value = before.records[self.transition_id].value
        clips = [before.name_of(value[side]) for side in ("left_id", "right_id") if value[side] is not None]
        where = "between" if len(clips) == 2 else "of"
        return f"removed the {value['kind']} {where} {' and '.join(clips)}"
