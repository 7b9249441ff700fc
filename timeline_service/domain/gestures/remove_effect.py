"""Take an effect away, with its keyframes.

A: blur, brightness   - blur   ->   A: brightness
"""

from typing import Literal

from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class RemoveEffect(Gesture):
    """Remove an effect from its clip or track."""

    type: Literal["remove_effect"] = "remove_effect"
    effect_id: RecordId

    example = {"effect_id": "fx1"}
    refuses = ("effect_missing", "track_locked")

    def decide(self, draft: Draft) -> None:
        draft.drop(draft.get("effect", self.effect_id).id)

    def describe(self, before: State) -> str:
        effect = before.records[self.effect_id].value
        return f"removed the effect {effect['name'] or effect['kind']} from {before.name_of(effect['parent_id'])}"
