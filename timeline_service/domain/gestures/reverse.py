"""Play a clip backwards: the same pictures, the last one first. Twice is as before.

| 1 2 3 4 |   ->   | 4 3 2 1 |
"""

from typing import Literal

from timeline_service.domain import links
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class Reverse(Gesture):
    """Turn the direction of a clip, and of its linked partners unless `single`; each plays its own source backwards.

    Crop keyframes and markers stay on their pictures, animation in clip time keeps its times.
    """

    type: Literal["reverse"] = "reverse"
    clip_id: RecordId
    single: bool = False

    example = {"clip_id": "beach"}
    refuses = ("clip_missing", "no_handle", "track_locked")

    def decide(self, draft: Draft) -> None:
        for clip_id in links.following(draft.state, self.clip_id, self.single):
            draft.set(clip_id, {"reversed": not draft.get("clip", clip_id).value["reversed"]})

    def describe(self, before: State) -> str:
        backwards = before.records[self.clip_id].value["reversed"]
        return f"played {before.name_of(self.clip_id)} {'forwards again' if backwards else 'backwards'}"
