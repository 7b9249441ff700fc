"""Change the window or the interpolation of a crop keyframe; it stays at its frame.

frame 100 [0, 0, 500000, 1000000]   ->   frame 100 [250000, 0, 500000, 1000000]
"""

from typing import Any, Literal

from timeline_service.domain import crop, easing, geometry
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture
from timeline_service.domain.state import State


class UpdateCropKeyframe(crop.Address, Gesture):
    """Set what is given of x, y, width, height and interpolation; the rest stays."""

    type: Literal["update_crop_keyframe"] = "update_crop_keyframe"
    x: crop.Side | None = None
    y: crop.Side | None = None
    width: crop.Side | None = None
    height: crop.Side | None = None
    unit: geometry.Unit = "ppm"
    interpolation: crop.Interpolation | None = None

    example = {"keyframe_id": "k1", "x": 250_000, "width": 500_000}
    refuses = (
        "keyframe_missing",
        "bad_rectangle",
        "media_size_unknown",
        "outside_clip",
        "no_handle",
        "clip_missing",
        "track_locked",
    )

    def grounds(self, state: State) -> dict[str, str | None]:
        return crop.grounds(state, self.clip_id, self.at)

    def decide(self, draft: Draft) -> None:
        keyframe = crop.find(draft, self)
        given = {"x": self.x, "y": self.y, "width": self.width, "height": self.height}
        sides = {name: side for name, side in given.items() if side is not None}
        media = draft.get("clip", keyframe.value["parent_id"]).value["media"]
        window = {**keyframe.value["value"], **geometry.window(sides, self.unit, media)}
        after: dict[str, Any] = {"value": geometry.check_window(window)}
        if self.interpolation is not None:
            after["interpolation"] = easing.stored(self.interpolation)
        draft.set(keyframe.id, after)

    def describe(self, before: State) -> str:
        return f"changed {crop.told_address(before, self)}"
