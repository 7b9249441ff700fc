"""Take a span of time off some tracks and close the gap (extract).

V1 | A A A A |B B|      V1 | A A |B|
V2 |   X X X     |  ->  V2 |   X |          what reaches in is cut, what lies later moves left
      [start, end)
"""

from typing import Literal

from timeline_service.domain import links, ranges, ripple, surgery, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordIds
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class ExtractRange(Gesture):
    """Clear [start, end) on the tracks named, captions too, and close it there: what lies later moves by its length.

    `scope` track: the tracks named close. sync_locked: all unlocked tracks of the sequence. all: locked ones too,
    refused where one would have to move. The tracks of the scope that are not named must be free in the span
    (`scope_conflict`). `ripple_markers`: the markers of the timeline follow; those in the span go.
    """

    type: Literal["extract_range"] = "extract_range"
    track_ids: RecordIds
    start: Time
    end: Time
    scope: ripple.Scope = "track"
    ripple_markers: bool = False

    example = {"track_ids": ["v1", "a1"], "start": 20, "end": 60, "scope": "track", "ripple_markers": True}
    refuses = ("bad_range", "scope_conflict", "off_grid", "track_missing", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        return {"start": self.track_ids[0], "end": self.track_ids[0]}

    def decide(self, draft: Draft) -> None:
        start, end = ranges.checked(draft, self.track_ids, self.start, self.end)
        links.part(draft, [id for track in self.track_ids for id in surgery.clear(draft, track, start, end)])
        own = {track: [(start, end)] for track in self.track_ids}
        ripple.close(draft, own, [(start, end)], self.scope, self.ripple_markers)

    def describe(self, before: State) -> str:
        span = ranges.told(before, self.start, self.end)
        return f"extracted {span} from {wording.listed(before, self.track_ids)} and closed it{ripple.TOLD[self.scope]}"
