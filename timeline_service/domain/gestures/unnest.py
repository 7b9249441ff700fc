"""Open a nest: what it shows comes to lie where it lay, on tracks as it had them.

V2 |        |        V2 |  | B  |
V1 |  nest  |   ->   V1 | A  |
A1 |        |        A1 | a  |
"""

from typing import Literal

from timeline_service.domain import unnesting
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class Unnest(Gesture):
    """Replace a nest at its own speed by the clips and captions that it shows; what it does not show is cut off.

    They go to the tracks that they were nested from where these are free, else to free ones in the same order, else to
    new ones. The only nest of its sequence gives its clips back, and the sequence goes; of several, each gives copies.
    What was done to the nest as a whole (effects, opacity, fades) goes with it.
    """

    type: Literal["unnest"] = "unnest"
    clip_id: RecordId

    example = {"clip_id": "nest1"}
    refuses = ("clip_missing", "kind_mismatch", "retimed", "off_grid", "track_locked")

    def decide(self, draft: Draft) -> None:
        unnesting.unnest(draft, draft.get("clip", self.clip_id))

    def describe(self, before: State) -> str:
        return f"opened the nest {before.name_of(self.clip_id)}"
