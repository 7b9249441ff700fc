"""Close a gap: what lies behind it moves left until it touches what lies before it.

|A|    |B|C|   ->   |A|B|C|
"""

from typing import Literal

from timeline_service.domain import errors, free, limits, ripple, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class CloseGap(Gesture):
    """Close the gap in which a time lies, on a track and on the other tracks of the scope.

    A gap has something behind it; there may be one before the first clip. `scope` track: this track closes.
    sync_locked: all unlocked ones of the sequence. all: locked ones too, refused where one would have to move. What
    lies in that span on another track of the scope refuses (`scope_conflict`). `ripple_markers`: the markers of the
    timeline move too; those in the gap go with it.
    """

    type: Literal["close_gap"] = "close_gap"
    track_id: RecordId
    at: Time
    scope: ripple.Scope = "track"
    ripple_markers: bool = False

    example = {"track_id": "a1", "at": 150, "scope": "track"}
    refuses = ("no_gap", "scope_conflict", "off_grid", "track_missing", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        return {"at": self.track_id}

    def decide(self, draft: Draft) -> None:
        at, track = draft.ticks(self.at), draft.get("track", self.track_id).id
        gap = ripple.gap_at(draft.state, track, at)
        if gap is None:
            gaps = [span for span in free.spans(draft.state, track) if span["end"] is not None]
            raise errors.NoGap(track_id=track, at=at, legal={"gaps": limits.near(gaps, at)})
        ripple.close(draft, {track: [gap]}, [gap], self.scope, self.ripple_markers)

    def describe(self, before: State) -> str:
        at = wording.timecode(self.at.in_ticks(before.rate), before.rate)
        return f"closed the gap at {at} on {before.name_of(self.track_id)}{ripple.AND_OTHERS[self.scope]}"
