"""Replace all crop keyframes of a clip at once: what a tracker or a reframing tool hands over.

source  --K--L------   set M, N   ->   --M------N--     one event; where the time is the same the keyframe keeps its id
"""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from timeline_service.domain import animation, crop, easing, errors, geometry, records
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import Time

MOST: Final = 10_000


class Window(BaseModel):
    """One keyframe: where it lies (see add_crop_keyframe), its window, the way to the next one."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    keyframe_id: RecordId | None = None
    frame: crop.Frame | None = None
    at: Time | None = None
    x: crop.Side
    y: crop.Side
    width: crop.Side
    height: crop.Side
    unit: geometry.Unit = "ppm"
    interpolation: easing.Interpolation = "linear"


class SetCropTrack(Gesture):
    """Set all crop keyframes of a clip; an empty list takes them away.

    A keyframe with a `keyframe_id` that the clip has stays that one, wherever it goes; without one it is the keyframe
    that lay at the same time, or a new one with a derived id. All others are dropped.
    """

    type: Literal["set_crop_track"] = "set_crop_track"
    clip_id: RecordId
    keyframes: Annotated[list[Window], Field(max_length=MOST)]

    example = {
        "clip_id": "intro",
        "keyframes": [
            {"frame": 0, "x": 0, "y": 0, "width": 500_000, "height": 1_000_000},
            {"frame": 99, "x": 500_000, "y": 0, "width": 500_000, "height": 1_000_000, "interpolation": "hold"},
        ],
    }
    refuses = (
        "keyframe_exists",
        "bad_rectangle",
        "media_size_unknown",
        "outside_clip",
        "no_handle",
        "clip_missing",
        "id_taken",
        "no_change",
        "track_locked",
    )

    def grounds(self, state: State) -> dict[str, str | None]:
        clip = state.find(self.clip_id, "clip")
        if clip is None:
            return {}
        track: str = clip.value["track_id"]
        return {f"keyframes.{place}.at": track for place, row in enumerate(self.keyframes) if row.at is not None}

    def carried(self, times: dict[str, Time]) -> Self:
        rows = [
            row.model_copy(update={"at": times.get(f"keyframes.{place}.at", row.at)})
            for place, row in enumerate(self.keyframes)
        ]
        return self.model_copy(update={"keyframes": rows})

    def decide(self, draft: Draft) -> None:
        clip = draft.get("clip", self.clip_id)
        there = {k.id: k for k in animation.keyframes_of(draft.state, clip.id, crop.PROPERTY)}
        spots = (crop.Spot(frame=row.frame, at=row.at) for row in self.keyframes)
        ticks = (crop.source_tick(draft.state, clip, spot) for spot in spots)
        wanted = list(zip(self.keyframes, ticks, strict=True))
        named = self._named(draft, wanted, there)
        for id in sorted(there.keys() - named.keys()):
            draft.drop(id)
        for id, (row, time) in named.items():
            after = self._value(row, time, clip)
            if id in there:
                draft.set(id, after)
            else:
                draft.put("keyframe", id, records.new("keyframe", parent_id=clip.id, property=crop.PROPERTY, **after))

    def _named(
        self, draft: Draft, wanted: list[tuple[Window, int]], there: dict[str, Record]
    ) -> dict[str, tuple[Window, int]]:
        """The id of every keyframe. Raises KeyframeExists for two of one time, Wrong for two of one id."""
        times = {time for _, time in wanted}
        if len(times) < len(wanted):
            raise errors.KeyframeExists(clip_id=self.clip_id)
        claimed = {row.keyframe_id for row, _ in wanted if row.keyframe_id is not None}
        by_time = {k.value["time"]: id for id, k in there.items() if id not in claimed}
        named: dict[str, tuple[Window, int]] = {}
        for row, time in wanted:
            id = row.keyframe_id or by_time.get(time) or draft.new_id("keyframe", str(time))
            if id in named:
                raise errors.Wrong(reason="an id is named twice")
            named[id] = row, time
        return named

    def _value(self, row: Window, time: int, clip: Record) -> dict[str, Any]:
        sides = {"x": row.x, "y": row.y, "width": row.width, "height": row.height}
        window = geometry.check_window(geometry.window(sides, row.unit, clip.value["media"]))
        return {"time": time, "value": window, "interpolation": easing.stored(row.interpolation)}

    def describe(self, before: State) -> str:
        count = len(self.keyframes)
        return f"set {count} crop keyframe{'' if count == 1 else 's'} of {before.name_of(self.clip_id)}"
