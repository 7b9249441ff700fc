"""Change parameters of an effect, switch it off or on, or rename it.

blur {radius: 20000}   + {radius: 5000, edge: 1}   ->   blur {radius: 5000, edge: 1}     what is left out stays
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from timeline_service.domain import style
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.json_value import Params
from timeline_service.domain.state import State


class UpdateEffect(Gesture):
    """Set what is given of params, name and enabled. `params` is merged per key; null takes a key away."""

    type: Literal["update_effect"] = "update_effect"
    effect_id: RecordId
    params: Annotated[Params, Field(max_length=200)] = {}
    name: Text | None = None
    enabled: bool | None = None

    example = {"effect_id": "fx1", "params": {"radius": 5_000}}
    refuses = ("effect_missing", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        effect = draft.get("effect", self.effect_id)
        given = (("name", self.name), ("enabled", self.enabled))
        after: dict[str, Any] = {name: value for name, value in given if value is not None}
        draft.set(effect.id, after | style.fields(self.params))

    def describe(self, before: State) -> str:
        effect = before.records[self.effect_id].value
        said = [f"set {', '.join(sorted(self.params))}"] if self.params else []
        if self.enabled is not None:
            said.append(f"switched it {'on' if self.enabled else 'off'}")
        if self.name is not None:
            said.append(f'renamed it "{self.name}"')
        where = f"of the effect {effect['name'] or effect['kind']} on {before.name_of(effect['parent_id'])}"
        return f"{' and '.join(said) or 'set nothing'} {where}"
