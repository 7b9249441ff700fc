"""Add a clip to a track.

refuse       |A|     |B|   + C at the gap   ->   |A| |C| |B|      (overlap is refused)
overwrite    | A A A |B|   + C              ->   | A |C| |B|      what it covers is cut or dropped
insert       | A A A |B|   + C              ->   | A |C| A A |B|  what starts later moves right
append       |A|     |B|   + C              ->   |A|     |B|C|    behind the last one
"""

from typing import Any, Literal

from timeline_service.domain import errors, landing, limits, records, ripple, sourcing, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.media import MediaReference
from timeline_service.domain.state import State
from timeline_service.domain.time import Time, ticks


class AddClip(Gesture):
    """Put a piece of media on a track. `source_in` counts from media time zero; `duration` is on the timeline.

    `append` finds the `start` itself and takes none. `insert` makes room on the tracks of its `scope`, cutting what
    lies across there. track: on this one. sync_locked: on all unlocked ones of the sequence. all: on locked ones too,
    refused where something on one would have to move. `ripple_markers`: the markers of the timeline make room too.
    Sound of odd length opens whole frames where tracks of video make room.
    """

    type: Literal["add_clip"] = "add_clip"
    clip_id: RecordId | None = None
    track_id: RecordId
    media: MediaReference
    start: Time | None = None
    duration: Time
    source_in: Time = ticks(0)
    mode: Literal["refuse", "overwrite", "insert", "append"] = "refuse"
    scope: ripple.Scope = "track"
    ripple_markers: bool = False
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
        "negative_time",
        "scope_conflict",
        "id_taken",
        "track_locked",
    )

    def grounds(self, state: State) -> dict[str, str | None]:
        return {} if self.start is None else {"start": self.track_id}

    def decide(self, draft: Draft) -> None:
        draft.get("track", self.track_id)
        start, duration = self._start(draft.state), draft.ticks(self.duration)
        media = self.media.known(draft.facts)
        if duration <= 0:
            raise errors.TooShort()
        assert self.clip_id is not None
        sourcing.check_there(draft.state, self.track_id, media, draft.ticks(self.source_in), duration)
        place = landing.Landing(self.clip_id, self.track_id, start, start + duration)
        landing.make_way(draft, [place], self._way())
        draft.put("clip", self.clip_id, self._value(draft, media, start, duration))

    def _way(self) -> landing.Way:
        return landing.Way("refuse" if self.mode == "append" else self.mode, self.scope, self.ripple_markers)

    def _start(self, state: State) -> int:
        if (self.start is None) != (self.mode == "append"):
            raise errors.Wrong(reason="give a start, unless mode is append")
        if self.start is not None:
            return self.start.in_ticks(state.rate)
        return max((ripple.end_of(clip) for clip in state.inside(self.track_id, "clip")), default=0)

    def legal(self, state: State) -> dict[str, Any]:
        if self.mode != "refuse" or self.start is None or state.find(self.track_id, "track") is None:
            return {}
        duration, start = self.duration.in_ticks(state.rate), self.start.in_ticks(state.rate)
        return {"free": limits.rooms(state, self.track_id, duration, start)}

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
        at = wording.timecode(self._start(before), before.rate)
        clip = wording.fresh("clip", self.name, self.clip_id)
        return f"added {clip} to {before.name_of(self.track_id)} at {at}{self._way().told()}"
