"""Give the film another aspect, and every crop window with it.

1920x1080   [ [  ] ]   to 1080x1920   ->   [  []  ]     centres stay; pictures without a window get one in the middle
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from timeline_service.domain import clip_time, crop, errors, records, refit
from timeline_service.domain.creation import Side
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordIds
from timeline_service.domain.state import Record, State

Ppm = Annotated[int, Field(ge=0, le=1_000_000)]
TOLD: Final = 20


class Anchor(BaseModel):
    """The point of a window that stays where it is, in ppm of the window: the centre unless said otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    x: Ppm = 500_000
    y: Ppm = 500_000


class RefitCrops(Gesture):
    """Set the picture to width x height pixels and rewrite the crop windows of `clip_ids`, or of all clips on video
    tracks, for its aspect.

    A window keeps its height and takes the width that the new aspect asks for; where the picture of the media is not
    wide enough, it is as wide as that and lower. `anchor` stays as far as the window lies inside the picture. Sides are
    rounded half to even, each once, from exact fractions. A clip without crop keyframes gets one window in the middle,
    at the first source tick that it shows, if the size of its media is known and is of another aspect. Generators show
    themselves whole; windows on media of unknown size refuse (`media_size_unknown`): leave them out by `clip_ids`.
    """

    type: Literal["refit_crops"] = "refit_crops"
    width: Side
    height: Side
    clip_ids: RecordIds | None = None
    anchor: Anchor = Anchor()

    example = {"width": 1080, "height": 1920}
    refuses = ("media_size_unknown", "kind_mismatch", "clip_missing", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        draft.set(draft.state.timeline_id, {"width": self.width, "height": self.height})
        unknown = [clip.id for clip in self._clips(draft) if not self._refit(draft, clip)]
        if unknown:
            raise errors.MediaSizeUnknown(clip_ids=unknown[:TOLD], clips=len(unknown))

    def _clips(self, draft: Draft) -> list[Record]:
        video = {track.id for track in draft.state.living("track") if track.value["kind"] == "video"}
        if self.clip_ids is None:
            shown = (clip for clip in draft.state.living("clip") if clip.value["track_id"] in video)
            return sorted(shown, key=lambda clip: clip.id)
        clips = [draft.get("clip", id) for id in self.clip_ids]
        for clip in clips:
            if clip.value["track_id"] not in video:
                raise errors.KindMismatch(clip_id=clip.id, track_id=clip.value["track_id"], kind="audio")
        return clips

    def _refit(self, draft: Draft, clip: Record) -> bool:
        """Rewrite the windows of a clip; False where that needs the size of its media, and it is not known."""
        frame = (self.width, self.height)
        picture = refit.picture_of(clip.value["media"], frame)
        keys = [k for k in draft.state.inside(clip.id, "keyframe") if k.value["property"] == crop.PROPERTY]
        if picture is None:
            return not keys
        anchor = (self.anchor.x, self.anchor.y)
        for key in sorted(keys, key=lambda k: k.id):
            draft.set(key.id, {"value": refit.refitted(key.value["value"], picture, frame, anchor)})
        window = refit.refitted(refit.FULL, picture, frame, anchor)
        if not keys and window != refit.FULL and "generator" not in clip.value["media"]:
            self._centre(draft, clip, window)
        return True

    def _centre(self, draft: Draft, clip: Record, window: dict[str, Any]) -> None:
        value = records.new(
            "keyframe",
            parent_id=clip.id,
            property=crop.PROPERTY,
            time=clip_time.source_span(clip.value)[0],
            value=window,
        )
        draft.put("keyframe", draft.new_id("window", clip.id), value)

    def describe(self, before: State) -> str:
        whose = "all clips" if self.clip_ids is None else f"{len(self.clip_ids)} clips"
        return f"set the picture to {self.width}x{self.height} and refitted the crop of {whose}"
