"""Put a transition on a cut. The clips stay where they are; it shows what lies in their handles.

                     in   out
|   A   |   B   |   ->   |   A [::|::] B   |      shown in [cut - in_offset, cut + out_offset)
| |   B   |         ->   | [:::] B   |            left_id null: B fades in
|   A   | |         ->   |   A [:::] |            right_id null: A fades out
"""

from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from timeline_service.domain import errors, records, transitions, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.state import State
from timeline_service.domain.time import Time, ticks


class AddTransition(Gesture):
    """A transition of some `kind` (dissolve, wipe, …) from the clip `left_id` to the clip `right_id` that follows it.

    A needs `out_offset` of media after its end, B `in_offset` before its start. At most one at each end of a clip.
    """

    type: Literal["add_transition"] = "add_transition"
    transition_id: RecordId | None = None
    left_id: RecordId | None = None
    right_id: RecordId | None = None
    kind: Annotated[Text, StringConstraints(min_length=1)] = "dissolve"
    in_offset: Time = ticks(0)
    out_offset: Time = ticks(0)
    name: Text = ""

    mints = {"transition_id": "transition"}
    example = {"left_id": "beach", "kind": "fade", "in_offset": 10}
    refuses = (
        "no_handle",
        "transition_exists",
        "not_adjacent",
        "in_transition",
        "bad_range",
        "off_grid",
        "clip_missing",
        "id_taken",
        "track_locked",
    )

    def decide(self, draft: Draft) -> None:
        if self.left_id is None and self.right_id is None:
            raise errors.Wrong(reason="give left_id, right_id, or both")
        there = []
        if self.left_id is not None:
            there.append(transitions.tail(draft.state, draft.get("clip", self.left_id).id))
        if self.right_id is not None:
            there.append(transitions.head(draft.state, draft.get("clip", self.right_id).id))
        for other in there:
            if other is not None:
                raise errors.TransitionExists(transition_id=other.id)
        if not transitions.adjacent(draft.state, {"left_id": self.left_id, "right_id": self.right_id}):
            raise errors.NotAdjacent(left_id=self.left_id, right_id=self.right_id)
        value = records.new(
            "transition",
            left_id=self.left_id,
            right_id=self.right_id,
            kind=self.kind,
            in_offset=draft.ticks(self.in_offset),
            out_offset=draft.ticks(self.out_offset),
            name=self.name,
        )
        assert self.transition_id is not None
        draft.put("transition", self.transition_id, value)

    def legal(self, state: State) -> dict[str, Any]:
        return transitions.largest(state, self.left_id, self.right_id)

    def describe(self, before: State) -> str:
        made = f"added the {self.kind} {wording.fresh('transition', self.name, self.transition_id)}"
        made = made if self.name else f"added a {self.kind}"
        if self.left_id is None:
            return f"{made} at the start of {before.name_of(self.right_id)}"
        if self.right_id is None:
            return f"{made} at the end of {before.name_of(self.left_id)}"
        return f"{made} between {before.name_of(self.left_id)} and {before.name_of(self.right_id)}"
