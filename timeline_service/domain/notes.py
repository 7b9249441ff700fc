"""What people pin to a picture: the colours of markers, and the shapes of drawn annotations."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from timeline_service.domain.gesture import Text
from timeline_service.domain.state import State

WHOLE: Final = 1_000_000

MarkerColor = Literal["PINK", "RED", "ORANGE", "YELLOW", "GREEN", "CYAN", "BLUE", "PURPLE", "MAGENTA", "BLACK", "WHITE"]
"""The colours that OTIO has for markers."""

Along = Annotated[int, Field(ge=-WHOLE, le=2 * WHOLE)]
Point = Annotated[list[Along], Field(min_length=2, max_length=2)]


class Shape(BaseModel):
    """What is drawn: its points [x, y] and the width of the line, in ppm of the picture.

    stroke: through all points; line, arrow: from the first to the second; rectangle, ellipse: two corners; text: one
    point, where `text` stands.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    type: Literal["stroke", "line", "arrow", "rectangle", "ellipse", "text"]
    points: Annotated[list[Point], Field(min_length=1, max_length=10_000)]
    width: Annotated[int, Field(ge=0, le=WHOLE)] = 5_000
    text: Text | None = None


def ground(state: State, parent_id: str | None) -> dict[str, str | None]:
    """The grounds of a note's `time`: the timeline's or its track's. What lies in a clip counts in the source."""
    parent = state.find(parent_id or state.timeline_id)
    if parent is None or parent.kind not in ("timeline", "track"):
        return {}
    return {"time": parent.id if parent.kind == "track" else None}


def place(state: State, parent_id: str | None) -> str:
    """The owner of a note for a sentence: `the timeline`, or its name."""
    parent = state.find(parent_id or state.timeline_id)
    return "the timeline" if parent is None or parent.kind == "timeline" else state.name_of(parent.id)
