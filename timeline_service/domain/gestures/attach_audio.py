"""Let a clip sound by itself again, after its sound was detached.

V1 | A |            V1 | A ♪ |
A1 | ♪ |    ->      A1 |     |         `audio_id` names the sound that goes; without it nothing goes
"""

from typing import Final, Literal

from timeline_service.domain import errors, surgery
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State

SILENT: Final = "params.sound"


class AttachAudio(Gesture):
    """Take `params.sound` false off a clip, and remove the clip `audio_id` of an audio track that was its sound."""

    type: Literal["attach_audio"] = "attach_audio"
    clip_id: RecordId
    audio_id: RecordId | None = None

    example = {"clip_id": "intro", "audio_id": "voice"}
    refuses = ("no_change", "clip_missing", "kind_mismatch", "track_locked")

    def decide(self, draft: Draft) -> None:
        draft.set(draft.get("clip", self.clip_id).id, {SILENT: None})
        if self.audio_id is not None:
            sound = draft.get("clip", self.audio_id)
            track = draft.get("track", sound.value["track_id"])
            if track.value["kind"] != "audio" or sound.id == self.clip_id:
                raise errors.KindMismatch(clip_id=sound.id, track_id=track.id)
            surgery.remove(draft, sound.id)

    def describe(self, before: State) -> str:
        gone = "" if self.audio_id is None else f" in place of {before.name_of(self.audio_id)}"
        return f"let {before.name_of(self.clip_id)} sound by itself{gone}"
