"""Add a clip to a track.

refuse       |A|     |B|   + C at the gap   ->   |A| |C| |B|      (overlap is refused)
overwrite    | A A A |B|   + C              ->   | A |C| |B|      what it covers is cut or dropped
insert       | A A A |B|   + C              ->   | A |C| A A |B|  what starts later moves right
"""

from typing import Any, Literal

from timeline_service.domain import errors, records, surgery, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.media import MediaReference
from timeline_service.domain.state import State
from timeline_service.domain.time import Time, ticks


class AddClip(Gesture):
    """Put a piece of media on a track. `source_in` counts from media time zero; `duration` is on the timeline."""

    type: Literal["add_clip"] = "add_clip"
    clip_id: RecordId | None = None
    track_id: RecordId
    media: MediaReference
    start: Time
    duration: Time
    source_in: Time = ticks(0)
    mode: Literal["refuse", "overwrite", "insert"] = "refuse"
    name: Text = ""

    mints = {"clip_id": "clip"}
    example = {
        "clip_id": "sunset",
        "track_id": "v1",
        "media": {
            "url": "https://media.example.com/sunset.mp4",
            "available": {"start": 0, "duration": 7_056_000_000},
            "rate": {"num": 25, "den": 1},
            "width": 1920,
            "height": 1080,
        },
        "start": 200,
        "duration": 50,
        "source_in": {"value": 10, "rate": 25},
        "name": "Sunset",
    }
    refuses = (
        "overlap",
        "no_handle",
        "off_grid",
        "too_short",
        "kind_mismatch",
        "track_missing",
        "media_missing",
        "id_taken",
    )

    def grounds(self, state: State) -> dict[str, str | None]:
        return {"start": self.track_id}

    def decide(self, draft: Draft) -> None:
        draft.get("track", self.track_id)
        start, duration = draft.ticks(self.start), draft.ticks(self.duration)
        media = self.media.known(draft.facts)
        if duration <= 0:
            raise errors.TooShort()
        if self.mode == "overwrite":
            surgery.clear(draft, self.track_id, start, start + duration)
        elif self.mode == "insert":
            surgery.make_room(draft, self.track_id, start, duration)
        assert self.clip_id is not None
        draft.put("clip", self.clip_id, self._value(draft, media, start, duration))

    def _value(self, draft: Draft, media: dict[str, Any], start: int, duration: int) -> dict[str, Any]:
        return records.new(
            "clip",
            track_id=self.track_id,
            start=start,
            duration=duration,
            media=media,
            source_in=draft.ticks(self.source_in),
            name=self.name,
        )

    def describe(self, before: State) -> str:
        at = wording.timecode(self.start.in_ticks(before.rate), before.rate)
        clip = wording.fresh("clip", self.name, self.clip_id)
        return f"added {clip} to {before.name_of(self.track_id)} at {at}"
