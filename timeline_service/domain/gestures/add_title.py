"""Put a title on a video track: a clip whose picture is text.

V2 |      |          V2 | Summer |        the picture beneath shows through unless it has a background
V1 |A|B|C |    ->    V1 |A|B|C   |
"""

from typing import Any, Literal

from timeline_service.domain import errors, landing, limits, records, ripple, style, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class AddTitle(Gesture):
    """A clip of the generator title, styled by `params`: size, color, background, x, y, align.

    `mode`, `scope` and `ripple_markers` as in add_clip.
    """

    type: Literal["add_title"] = "add_title"
    clip_id: RecordId | None = None
    track_id: RecordId
    start: Time
    duration: Time
    text: Text
    params: style.Style = {}
    mode: landing.OnOverlap = "refuse"
    scope: ripple.Scope = "track"
    ripple_markers: bool = False
    name: Text = ""

    mints = {"clip_id": "clip"}
    example = {
        "track_id": "v2",
        "start": 60,
        "duration": 50,
        "text": "Summer",
        "params": {"size": 120_000, "color": "#ffffff", "y": 800_000},
    }
    refuses = (
        "overlap",
        "kind_mismatch",
        "off_grid",
        "too_short",
        "track_missing",
        "id_taken",
        "negative_time",
        "scope_conflict",
        "track_locked",
    )

    def grounds(self, state: State) -> dict[str, str | None]:
        return {"start": self.track_id}

    def decide(self, draft: Draft) -> None:
        draft.get("track", self.track_id)
        start, duration = draft.ticks(self.start), draft.ticks(self.duration)
        if duration <= 0:
            raise errors.TooShort()
        params = style.without_null(self.params) | {"text": self.text}
        value = records.new(
            "clip",
            track_id=self.track_id,
            start=start,
            duration=duration,
            media={"generator": "title", "params": params},
            name=self.name,
        )
        assert self.clip_id is not None
        place = landing.Landing(self.clip_id, self.track_id, start, start + duration)
        landing.make_way(draft, [place], self._way())
        draft.put("clip", self.clip_id, value)

    def legal(self, state: State) -> dict[str, Any]:
        if self.mode != "refuse":
            return {}
        duration, start = self.duration.in_ticks(state.rate), self.start.in_ticks(state.rate)
        return {"free": limits.rooms(state, self.track_id, duration, start)}

    def describe(self, before: State) -> str:
        at = wording.timecode(self.start.in_ticks(before.rate), before.rate)
        title = f"added the title {wording.quoted(self.text)} to {before.name_of(self.track_id)} at {at}"
        return title + self._way().told()

    def _way(self) -> landing.Way:
        return landing.Way(self.mode, self.scope, self.ripple_markers)
