"""Set what a property is at one time; between keyframes it goes from one value to the next.

opacity    ────────        + 0 at 12 frames   ->   ────╲
                                                        ╲●
"""

from typing import Literal

from timeline_service.domain import easing, keyframes, records
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class AddKeyframe(Gesture):
    """A new keyframe of `property` of a clip, an effect or a track.

    It lies at `time` in the property's own time base (of clips: since the start, in the handles too; crop: of the
    source; of tracks: of the timeline), or where the property is `at` a timeline time.

    A property with keyframes goes by them alone: its static value waits until the last is deleted. `interpolation`
    rules the way to the next keyframe: hold, linear, bezier, or {"bezier": [x1, y1, x2, y2]} in ppm.
    """

    type: Literal["add_keyframe"] = "add_keyframe"
    keyframe_id: RecordId | None = None
    parent_id: RecordId
    property: keyframes.PropertyName
    time: Time | None = None
    at: Time | None = None
    value: keyframes.Value
    interpolation: easing.Interpolation = "linear"

    mints = {"keyframe_id": "keyframe"}
    example = {
        "keyframe_id": "fade-1",
        "parent_id": "intro",
        "property": "opacity",
        "time": 12,
        "value": 250_000,
        "interpolation": {"bezier": [420_000, 0, 580_000, 1_000_000]},
    }
    refuses = (
        "keyframe_exists",
        "bad_value",
        "outside_clip",
        "kind_mismatch",
        "no_handle",
        "negative_time",
        "record_missing",
        "id_taken",
        "track_locked",
    )

    def grounds(self, state: State) -> dict[str, str | None]:
        return keyframes.grounds(state, self.parent_id, self._moment())

    def decide(self, draft: Draft) -> None:
        parent = keyframes.parent_of(draft, self.parent_id)
        keyframes.check_value(draft, parent, self.property, self.value)
        if parent.kind == "clip" and self.property in keyframes.PICTURE:
            keyframes.check_shown(draft.state, parent)
        value = records.new(
            "keyframe",
            parent_id=parent.id,
            property=self.property,
            time=keyframes.tick(draft, parent, self.property, self._moment()),
            value=self.value,
            interpolation=easing.stored(self.interpolation),
        )
        assert self.keyframe_id is not None
        draft.put("keyframe", self.keyframe_id, value)

    def _moment(self) -> keyframes.Moment:
        return keyframes.Moment(time=self.time, at=self.at)

    def describe(self, before: State) -> str:
        place = keyframes.told(before, self.parent_id, self.property, self._moment())
        return f"added a keyframe of {self.property} {place}"
