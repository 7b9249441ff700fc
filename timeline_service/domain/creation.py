"""Version 1 of every timeline: the record of the timeline itself."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from timeline_service.domain import records
from timeline_service.domain.draft import Draft, Facts
from timeline_service.domain.event import Body
from timeline_service.domain.gesture import Text
from timeline_service.domain.media import RateValue
from timeline_service.domain.state import State

Side = Annotated[int, Field(ge=16, le=16_384)]


class NewTimeline(BaseModel):
    """What a timeline needs to exist: a name, a frame rate of the closed list, and the size of its picture."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    type: Literal["create_timeline"] = "create_timeline"
    name: Text = ""
    rate: RateValue
    width: Side
    height: Side


def create(timeline_id: str, request: NewTimeline, facts: Facts, *, actor: str) -> tuple[Body, State]:
    """The body of version 1 and the state after it. Raises RateUnknown. Not undoable."""
    rate = request.rate.rate()
    draft = Draft(State(), facts)
    value: dict[str, Any] = records.new(
        "timeline", name=request.name, rate=rate.as_dict(), width=request.width, height=request.height
    )
    draft.put("timeline", timeline_id, value)
    gesture = {**request.model_dump(), "rate": rate.as_dict()}
    body = Body(gesture=gesture, changes=draft.changes, description=f'created the timeline "{request.name}"')
    draft.state.close(actor, None, None)
    return body, draft.state
