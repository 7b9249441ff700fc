"""Say which part of its source a clip shows. It begins where it began; its length follows.

source   a b [c d e] f g    start b, end f   ->    a [b c d e] f g
track    |X| C D E | |Y|                     ->    |X| B C D E |Y|
"""

from typing import Any, Literal

from timeline_service.domain import errors, sourcing, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class SetTrimRange(Gesture):
    """Show [start, end) of the source, counted from media time zero, at the clip's own speed.

    The length is floored to the frame grid (on tracks of sound, to a tick). Linked partners slip and grow by as much,
    unless `single`.
    """

    type: Literal["set_trim_range"] = "set_trim_range"
    clip_id: RecordId
    start: Time
    end: Time
    single: bool = False

    example = {"clip_id": "beach", "start": 210, "end": 260}
    refuses = (
        "bad_range",
        "no_handle",
        "overlap",
        "too_short",
        "in_transition",
        "off_grid",
        "clip_missing",
        "track_locked",
    )

    def decide(self, draft: Draft) -> None:
        start, end = draft.ticks(self.start), draft.ticks(self.end)
        if not 0 <= start < end:
            raise errors.BadRange(start=start, end=end)
        sourcing.show(draft, draft.get("clip", self.clip_id).id, start, end, self.single)

    def legal(self, state: State) -> dict[str, Any]:
        return sourcing.legal(state, self.clip_id)

    def describe(self, before: State) -> str:
        start, end = (wording.timecode(time.in_ticks(before.rate), before.rate) for time in (self.start, self.end))
        return f"trimmed {before.name_of(self.clip_id)} to {start} to {end} of its source"
