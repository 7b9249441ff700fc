"""Open a gap: what starts at a time or later moves right.

|A|B|C|   a gap of 2 before B   ->   |A|   |B|C|
|A A A|   inside A, split       ->   |A A|   |A|
"""

from typing import Literal

from timeline_service.domain import errors, ripple, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class AddGap(Gesture):
    """Make room of `duration` at a time on a track, and on the other tracks of the scope.

    `scope` track: this one. sync_locked: all unlocked ones of the sequence. all: locked ones too, refused where
    something on one would have to move. What lies across the time refuses (`overlap` on this track, `scope_conflict` on
    the others), or is cut in two if `split`. `ripple_markers`: the markers of the timeline move too.
    """

    type: Literal["add_gap"] = "add_gap"
    track_id: RecordId
    at: Time
    duration: Time
    scope: ripple.Scope = "track"
    ripple_markers: bool = False
    split: bool = False

    example = {"track_id": "v1", "at": 100, "duration": 25, "scope": "track", "ripple_markers": True}
    refuses = ("overlap", "scope_conflict", "bad_range", "off_grid", "track_missing", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        return {"at": self.track_id}

    def decide(self, draft: Draft) -> None:
        at, duration = draft.ticks(self.at), draft.ticks(self.duration)
        own = {draft.get("track", self.track_id).id: at}
        if at < 0 or duration <= 0:
            raise errors.BadRange(at=at, duration=duration)
        ripple.open_at(draft, own, at, duration, self.scope, self.ripple_markers, cut=self.split)

    def describe(self, before: State) -> str:
        length = wording.frames(self.duration.in_ticks(before.rate), before.rate)
        at = wording.timecode(self.at.in_ticks(before.rate), before.rate)
        return f"opened a gap of {length} at {at} on {before.name_of(self.track_id)}{ripple.AND_OTHERS[self.scope]}"
