"""Take a span of time off some tracks and leave the gap (lift).

V1 | A A A A |B B|      V1 | A A |   |B|
V2 |   X X X     |  ->  V2 |   X |   |      what reaches in is cut, what lies inside goes
      [start, end)
"""

from typing import Literal

from timeline_service.domain import links, ranges, ripple, surgery, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordIds
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class LiftRange(Gesture):
    """Clear [start, end) on the tracks named, captions too; nothing else moves.

    The tracks are what counts: linked partners on other tracks stay. Transitions that show any of the span go. `scope`
    as in extract_range: track looks at the tracks named only; the other tracks of the scope must be free in the span
    (`scope_conflict`), so that close_gap with the same scope can close it.
    """

    type: Literal["lift_range"] = "lift_range"
    track_ids: RecordIds
    start: Time
    end: Time
    scope: ripple.Scope = "track"

    example = {"track_ids": ["v1", "a1"], "start": 20, "end": 60}
    refuses = ("bad_range", "no_change", "scope_conflict", "off_grid", "track_missing", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        return {"start": self.track_ids[0], "end": self.track_ids[0]}

    def decide(self, draft: Draft) -> None:
        start, end = ranges.checked(draft, self.track_ids, self.start, self.end)
        ripple.check_free(draft, self.track_ids, (start, end), self.scope)
        links.part(draft, [id for track in self.track_ids for id in surgery.clear(draft, track, start, end)])

    def describe(self, before: State) -> str:
        return f"lifted {ranges.told(before, self.start, self.end)} from {wording.listed(before, self.track_ids)}"
