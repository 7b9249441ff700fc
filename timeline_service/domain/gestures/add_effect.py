"""Put an effect on a clip or a track.

|   A   |            |   A   |
              ->       blur            applied in the order of the rank strings, the lowest first
                       brightness
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from timeline_service.domain import errors, ordering, rank, records, style, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.json_value import Params
from timeline_service.domain.state import State


class AddEffect(Gesture):
    """A new effect of some `kind` (blur, brightness, …) with its parameters; the last one where no `order` is given.

    On a clip its keyframes count from the clip's start, on a track they are timeline times.
    """

    type: Literal["add_effect"] = "add_effect"
    effect_id: RecordId | None = None
    parent_id: RecordId
    kind: Annotated[Text, StringConstraints(min_length=1)]
    params: Annotated[Params, Field(max_length=200)] = {}
    order: rank.Rank | None = None
    name: Text = ""

    mints = {"effect_id": "effect"}
    example = {"parent_id": "intro", "kind": "blur", "params": {"radius": 20_000}}
    refuses = ("record_missing", "id_taken", "track_locked")

    def decide(self, draft: Draft) -> None:
        parent = draft.state.find(self.parent_id)
        if parent is None or parent.kind not in ("clip", "track"):
            raise errors.RecordMissing(id=self.parent_id)
        value = records.new(
            "effect",
            parent_id=parent.id,
            kind=self.kind,
            order=self.order or ordering.on_top(draft.state.inside(parent.id, "effect")),
            name=self.name,
            **style.fields(style.without_null(self.params)),
        )
        assert self.effect_id is not None
        draft.put("effect", self.effect_id, value)

    def describe(self, before: State) -> str:
        named = f" {wording.fresh('effect', self.name, self.effect_id)}" if self.name else ""
        return f"added the effect {self.kind}{named} to {before.name_of(self.parent_id)}"
