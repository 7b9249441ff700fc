"""Give the sound of a clip a clip of its own, on an audio track.

V1 | A ♪ |          V1 | A |
                         ~           linked, unless `linked` is false
A1 |     |    ->    A1 | ♪ |
"""

from typing import Any, Final, Literal

from timeline_service.domain import errors, free, limits, surgery
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State

SILENT: Final = "params.sound"
"""False on a clip whose own sound is not heard. Absent: it is."""
OF_THE_PICTURE: Final = ("params.opacity", "params.rotation", "params.transform", "color")


class DetachAudio(Gesture):
    """The sound becomes the clip `new_id` on `track_id`: same extent, source, speed, volume and fades.

    The clip itself falls silent (`params.sound` is false); its volume keyframes are copied to its sound. Where that
    track is taken (`overlap`), `legal` says where it is `free`, and names the `track_ids` that are free at this place.
    """

    type: Literal["detach_audio"] = "detach_audio"
    clip_id: RecordId
    track_id: RecordId
    new_id: RecordId | None = None
    linked: bool = True

    mints = {"new_id": "audio"}
    example = {"clip_id": "beach", "track_id": "a1", "new_id": "waves"}
    refuses = (
        "overlap",
        "kind_mismatch",
        "no_change",
        "clip_missing",
        "track_missing",
        "id_taken",
        "circular_nest",
        "track_locked",
    )

    def decide(self, draft: Draft) -> None:
        clip = draft.get("clip", self.clip_id)
        held, track = draft.get("track", clip.value["track_id"]), draft.get("track", self.track_id)
        if track.value["kind"] != "audio" or held.value["kind"] != "video":
            raise errors.KindMismatch(clip_id=clip.id, track_id=track.id)
        if clip.value.get(SILENT) is False:
            raise errors.NoChange(clip_id=clip.id)
        assert self.new_id is not None
        value: dict[str, Any] = {k: v for k, v in clip.value.items() if k not in OF_THE_PICTURE}
        link = clip.value["link_id"] or draft.new_id("link")
        draft.put(
            "clip", self.new_id, {**value, "track_id": track.id, "color": None, "group_id": None, "link_id": None}
        )
        for keyframe in sorted(draft.state.inside(clip.id, "keyframe"), key=lambda k: k.id):
            if keyframe.value["property"] == "volume":
                copied = {**keyframe.value, "parent_id": self.new_id}
                draft.put("keyframe", draft.new_id("keyframe", keyframe.id), copied)
        draft.set(clip.id, {SILENT: False})
        if self.linked:
            for id in (clip.id, self.new_id):
                draft.set(id, {"link_id": link})

    def legal(self, state: State) -> dict[str, Any]:
        """The sound keeps its place: other tracks that are free there."""
        clip = state.find(self.clip_id, "clip")
        held = None if clip is None else state.find(clip.value["track_id"])
        if clip is None or held is None:
            return {}
        extent = limits.Extent("", clip.value["start"], clip.value["start"] + clip.value["duration"])
        tracks = surgery.tracks(state, "audio", held.value["sequence_id"])
        open_there = (track.id for track in tracks if not track.value["locked"])
        fitting = [id for id in open_there if limits.is_free(state, extent._replace(track_id=id))]
        return {"track_ids": fitting, "free": free.spans(state, self.track_id)}

    def describe(self, before: State) -> str:
        return f"detached the sound of {before.name_of(self.clip_id)} to {before.name_of(self.track_id)}"
