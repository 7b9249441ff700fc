"""Set the crop window of a clip at one frame of its source.

source   0----------100---------200
window   [full picture]  ->  [x, y, width, height] from frame 100 on, interpolated between keyframes
"""

from typing import Literal

from timeline_service.domain import crop, easing, geometry, records
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class AddCropKeyframe(Gesture):
    """A new crop keyframe at `frame` of the source, or at what the clip shows `at` a timeline time.

    `frame` counts from media time zero at the media's rate (the timeline's where that is unknown) and may lie in the
    handles. The window is stored in ppm of the picture.
    """

    type: Literal["add_crop_keyframe"] = "add_crop_keyframe"
    keyframe_id: RecordId | None = None
    clip_id: RecordId
    frame: crop.Frame | None = None
    at: Time | None = None
    x: crop.Side
    y: crop.Side
    width: crop.Side
    height: crop.Side
    unit: geometry.Unit = "ppm"
    interpolation: crop.Interpolation = "linear"

    mints = {"keyframe_id": "keyframe"}
    example = {
        "clip_id": "intro",
        "frame": 50,
        "x": 656,
        "y": 0,
        "width": 608,
        "height": 1080,
        "unit": "px",
        "interpolation": "linear",
    }
    refuses = (
        "keyframe_exists",
        "bad_rectangle",
        "media_size_unknown",
        "outside_clip",
        "no_handle",
        "clip_missing",
        "id_taken",
        "track_locked",
    )

    def grounds(self, state: State) -> dict[str, str | None]:
        return crop.grounds(state, self.clip_id, self.at)

    def decide(self, draft: Draft) -> None:
        clip = draft.get("clip", self.clip_id)
        sides = {"x": self.x, "y": self.y, "width": self.width, "height": self.height}
        value = records.new(
            "keyframe",
            parent_id=clip.id,
            property=crop.PROPERTY,
            time=crop.source_tick(draft.state, clip, self._spot()),
            value=geometry.check_window(geometry.window(sides, self.unit, clip.value["media"])),
            interpolation=easing.stored(self.interpolation),
        )
        assert self.keyframe_id is not None
        draft.put("keyframe", self.keyframe_id, value)

    def _spot(self) -> crop.Spot:
        return crop.Spot(frame=self.frame, at=self.at)

    def describe(self, before: State) -> str:
        return f"added a crop keyframe {crop.told(before, self._spot())} to {before.name_of(self.clip_id)}"
