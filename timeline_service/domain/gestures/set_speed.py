"""Let a clip run faster or slower.

keep duration   |A A A A|B|   x2   ->   |A a A a|B|     the same room, more of the source
keep source     |A A A A|B|   x2   ->   |A A|   |B|     the same source; later clips stay
"""

from typing import Any, Literal

from timeline_service.domain import links, retiming
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class SetSpeed(Gesture):
    """Set the speed of a clip and, unless `single`, of its linked partners, to num/den times normal.

    What the clip shows first (reversed clips too) stays where it is. `keep` duration: nothing moves, the media must
    reach far enough. source: the new length is floored to the grid, at least one frame; what comes later does not move,
    overlap is refused; partners that begin elsewhere turn about the beginning of this clip, so that all stay in step.
    A frozen clip has no source to keep: it keeps its length. Animation in clip time keeps its times.
    """

    type: Literal["set_speed"] = "set_speed"
    clip_id: RecordId
    speed: retiming.Speed
    keep: retiming.Keep
    single: bool = False

    example = {"clip_id": "beach", "speed": {"num": 2, "den": 1}, "keep": "duration"}
    refuses = ("no_handle", "overlap", "clip_missing", "no_change", "in_transition", "negative_time", "track_locked")

    def decide(self, draft: Draft) -> None:
        anchor = draft.get("clip", self.clip_id).value["start"]
        for clip_id in links.following(draft.state, self.clip_id, self.single):
            retiming.retime(draft, clip_id, self.speed.exact(), anchor, self.keep)

    def legal(self, state: State) -> dict[str, Any]:
        return retiming.legal(state, self, state.records[self.clip_id], self.speed.exact())

    def describe(self, before: State) -> str:
        speed = retiming.told(self.speed.exact())
        kept = "length" if self.keep == "duration" else "source"
        return f"set the speed of {before.name_of(self.clip_id)} to {speed} and kept its {kept}"
