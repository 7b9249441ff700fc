"""Show the whole source of a clip. It begins where it began; its length follows.

source   a b [c d e] f g   ->   [a b c d e f g]
track    |X| C D E |       ->   |X| A B C D E F G |
"""

from typing import Any, Literal

from timeline_service.domain import errors, sourcing
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class ClearTrimRange(Gesture):
    """Show all that the media has, at the clip's own speed, floored to the frame grid.

    Refused (`no_handle`) where the length of the media is not known, or without an end. Linked partners slip and grow
    by as much, unless `single`; one whose media ends earlier ends there.
    """

    type: Literal["clear_trim_range"] = "clear_trim_range"
    clip_id: RecordId
    single: bool = False

    example = {"clip_id": "sea"}
    refuses = ("no_handle", "overlap", "no_change", "clip_missing", "off_grid", "bad_range", "track_locked")

    def decide(self, draft: Draft) -> None:
        clip = draft.get("clip", self.clip_id)
        available = clip.value["media"].get("available")
        if available is None:
            raise errors.NoHandle(clip_id=clip.id, reason="the length of this media is not known")
        end = available["start"] + available["duration"]
        sourcing.show(draft, clip.id, available["start"], end, self.single, shorten=True)

    def legal(self, state: State) -> dict[str, Any]:
        return sourcing.legal(state, self.clip_id)

    def describe(self, before: State) -> str:
        return f"cleared the trim of {before.name_of(self.clip_id)}"
