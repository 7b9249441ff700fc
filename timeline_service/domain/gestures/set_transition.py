"""Change a transition: its kind, how far it reaches to both sides of the cut, its name.

|   A [:|:] B   |   out_offset +2   ->   |   A [:|:::] B   |
"""

from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from timeline_service.domain import transitions, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class SetTransition(Gesture):
    """Set what is given of kind, in_offset, out_offset and name; the rest stays."""

    type: Literal["set_transition"] = "set_transition"
    transition_id: RecordId
    kind: Annotated[Text, StringConstraints(min_length=1)] | None = None
    in_offset: Time | None = None
    out_offset: Time | None = None
    name: Text | None = None

    example = {"transition_id": "x1", "kind": "wipe", "in_offset": 12}
    refuses = ("transition_missing", "no_handle", "in_transition", "bad_range", "off_grid", "track_locked")

    def decide(self, draft: Draft) -> None:
        transition = draft.get("transition", self.transition_id)
        after: dict[str, Any] = {
            name: value for name, value in (("kind", self.kind), ("name", self.name)) if value is not None
        }
        for name, time in (("in_offset", self.in_offset), ("out_offset", self.out_offset)):
            if time is not None:
                after[name] = draft.ticks(time)
        draft.set(transition.id, after)

    def legal(self, state: State) -> dict[str, Any]:
        transition = state.find(self.transition_id, "transition")
        if transition is None:
            return {}
        value = transition.value
        return transitions.largest(state, value["left_id"], value["right_id"], transition.id)

    def describe(self, before: State) -> str:
        said = [] if self.kind is None else [f"to {self.kind}"]
        for words, time in (("before", self.in_offset), ("after", self.out_offset)):
            if time is not None:
                said.append(f"to {wording.frames(time.in_ticks(before.rate), before.rate)} {words} the cut")
        if self.name is not None:
            said.append(f'to the name "{self.name}"')
        return f"set {before.name_of(self.transition_id)} {', '.join(said)}"
