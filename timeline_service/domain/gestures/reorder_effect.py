"""Apply an effect earlier or later than others of its clip or track.

blur, brightness, tint   tint before brightness   ->   blur, tint, brightness
"""

from typing import Literal

from timeline_service.domain import errors, ordering
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class ReorderEffect(Gesture):
    """Put an effect right before (`before_id`) or right behind (`after_id`) another one of the same clip or track."""

    type: Literal["reorder_effect"] = "reorder_effect"
    effect_id: RecordId
    before_id: RecordId | None = None
    after_id: RecordId | None = None

    example = {"effect_id": "fx2", "before_id": "fx1"}
    refuses = ("effect_missing", "kind_mismatch", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        effect = draft.get("effect", self.effect_id)
        beside = draft.get("effect", ordering.neighbour(self.before_id, self.after_id))
        parent = effect.value["parent_id"]
        if beside.id == effect.id or beside.value["parent_id"] != parent:
            raise errors.KindMismatch(effect_id=beside.id, parent_id=parent)
        effects = draft.state.inside(parent, "effect")
        ordering.put_beside(draft, effect, beside.id, effects, before=self.before_id is not None)

    def describe(self, before: State) -> str:
        side = "before" if self.before_id is not None else "after"
        beside = self.before_id or self.after_id or ""
        one, other = (before.records[id].value for id in (self.effect_id, beside))
        return f"put the effect {one['name'] or one['kind']} {side} {other['name'] or other['kind']}"
