"""Show other media in a clip; its place, length, speed, effects and keyframes stay.

|   A: take 4   |   ->   |   A: take 7   |
"""

from typing import Any, Literal

from timeline_service.domain import clip_time, errors, media, transitions
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class ReplaceMedia(Gesture):
    """Put `media` into a clip, from `source_in` on (from where the clip shows its source now, if left out).

    The new media must hold all that the clip shows (`no_handle`: `legal` says from where on it would). Crop keyframes
    keep their source times. Linked partners keep their media: it is another file, or another take, for each of them.
    """

    type: Literal["replace_media"] = "replace_media"
    clip_id: RecordId
    media: media.MediaReference
    source_in: Time | None = None

    example = {
        "clip_id": "beach",
        "media": {"url": "https://media.example.com/dunes.mp4", "available": {"start": 0, "duration": 7_056_000_000}},
        "source_in": 25,
    }
    refuses = ("no_handle", "kind_mismatch", "media_missing", "clip_missing", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        clip = draft.get("clip", self.clip_id)
        after: dict[str, Any] = {"media": self.media.known(draft.facts)}
        if self.source_in is not None:
            after["source_in"] = draft.ticks(self.source_in)
        self._check_covered({**clip.value, **after}, *_handles(draft.state, clip.id))
        draft.set(clip.id, after)

    def _check_covered(self, clip: dict[str, Any], before: int, after: int) -> None:
        """What is shown of the clip, with the handles that its transitions show, must be there."""
        if media.timeless(clip["media"]):
            return
        available = clip["media"].get("available")
        offset = clip["map_offset"] - (after if clip["reversed"] else before)
        wide = {**clip, "duration": clip["duration"] + before + after, "map_offset": offset}
        first, end = clip_time.source_span(wide)
        lowest = (available["start"] if available else 0) - (first - clip["source_in"])
        highest = available["start"] + available["duration"] - (end - clip["source_in"]) if available else None
        if clip["source_in"] >= lowest and (highest is None or clip["source_in"] <= highest):
            return
        fits = highest is None or highest >= lowest
        legal = {"source_in": {"min": lowest, "max": highest}} if fits else {}
        raise errors.NoHandle(clip_id=self.clip_id, available=available, needed=end - first, legal=legal)

    def describe(self, before: State) -> str:
        return f"replaced the media of {before.name_of(self.clip_id)}"


def _handles(state: State, clip_id: str) -> tuple[int, int]:
    head, tail = transitions.head(state, clip_id), transitions.tail(state, clip_id)
    return (0 if head is None else head.value["in_offset"]), (0 if tail is None else tail.value["out_offset"])
