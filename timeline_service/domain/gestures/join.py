"""Make one clip of two that touch: the inverse of split. Nothing moves, and every frame looks as before.

V1 | A | B |            V1 |   A   |
A1 | a | b |    ->      A1 |   a   |      linked partners are joined too, where they can be
"""

from typing import Literal

from timeline_service.domain import joining, links
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class Join(Gesture):
    """Join the right clip to the left one, which keeps its id, name, colour and metadata.

    Both show one source, the right one from where the left one ends on, at one speed, and agree in what rules a whole
    clip (static volume and look, effects): else `not_contiguous`, with the `fields` that differ. Keyframes, markers and
    drawings of both stay; where their animation differs, each half keeps its own. Fades and a transition on the cut go
    with the cut. Unless `single`, partners are joined too where they can be, and what was linked to either is linked to
    the whole.
    """

    type: Literal["join"] = "join"
    left_id: RecordId
    right_id: RecordId
    single: bool = False

    example = {"left_id": "take1", "right_id": "take2"}
    refuses = ("not_contiguous", "not_adjacent", "clip_missing", "track_locked")

    def decide(self, draft: Draft) -> None:
        labels = [draft.get("clip", id).value["link_id"] for id in (self.left_id, self.right_id)]
        pairs = [] if self.single else links.pairs(draft.state, self.left_id, self.right_id)
        joining.join(draft, self.left_id, self.right_id)
        for left, right in pairs:
            if not joining.differences(draft.state, draft.state.records[left], draft.state.records[right]):
                joining.join(draft, left, right)
        if not self.single and labels[1] is not None:
            links.merge(draft, self.left_id, labels[1])

    def describe(self, before: State) -> str:
        return f"joined {before.name_of(self.left_id)} and {before.name_of(self.right_id)}"
