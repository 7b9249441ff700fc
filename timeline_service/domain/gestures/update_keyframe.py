"""Change the value or the interpolation of a keyframe; it stays at its time.

opacity   ──●           to 500000   ->      ╲
             ╲                               ●──
"""

from typing import Any, Literal

from timeline_service.domain import easing, keyframes
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class UpdateKeyframe(Gesture):
    """Set what is given of value and interpolation. Of a value with names (crop, transform) what is left out stays."""

    type: Literal["update_keyframe"] = "update_keyframe"
    keyframe_id: RecordId
    value: keyframes.Value | None = None
    interpolation: easing.Interpolation | None = None

    example = {"keyframe_id": "k1", "value": {"x": 125_000}, "interpolation": "bezier"}
    refuses = ("keyframe_missing", "bad_value", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        keyframe = draft.get("keyframe", self.keyframe_id)
        after: dict[str, Any] = {}
        if self.value is not None:
            after["value"] = value = self._merged(keyframe.value["value"])
            parent = draft.state.records[keyframe.value["parent_id"]]
            keyframes.check_value(draft, parent, keyframe.value["property"], value, keyframe.id)
        if self.interpolation is not None:
            after["interpolation"] = easing.stored(self.interpolation)
        draft.set(keyframe.id, after)

    def _merged(self, old: Any) -> Any:
        return {**old, **self.value} if isinstance(old, dict) and isinstance(self.value, dict) else self.value

    def describe(self, before: State) -> str:
        return f"changed {keyframes.told_keyframe(before, self.keyframe_id)}"
