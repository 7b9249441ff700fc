"""Change what the timeline says of itself. No item moves.

name "Cut 1", 1920x1080   ->   name "Cut 2", 1080x1920     what is left out stays
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from timeline_service.domain import errors
from timeline_service.domain.creation import Side
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, Text
from timeline_service.domain.json_value import Metadata
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class SetTimeline(Gesture):
    """Set the name, the size of the picture, the timecode of its beginning, or single keys of the metadata.

    `metadata` is merged per key; null takes a key away.
    """

    type: Literal["set_timeline"] = "set_timeline"
    name: Text | None = None
    width: Side | None = None
    height: Side | None = None
    start_timecode: Time | None = None
    metadata: Annotated[Metadata, Field(max_length=1000)] | None = None

    example = {"name": "Final cut", "width": 1080, "height": 1920}
    refuses = ("off_grid", "bad_range")

    def decide(self, draft: Draft) -> None:
        after: dict[str, Any] = {
            field: value
            for field, value in (("name", self.name), ("width", self.width), ("height", self.height))
            if value is not None
        }
        if self.start_timecode is not None:
            after["start_timecode"] = self._start(draft)
        after |= {f"metadata.{key}": value for key, value in (self.metadata or {}).items()}
        draft.set(draft.state.timeline_id, after)

    def _start(self, draft: Draft) -> int:
        assert self.start_timecode is not None
        start, frame = draft.ticks(self.start_timecode), draft.state.rate.ticks_per_frame
        if start < 0:
            raise errors.BadRange(start_timecode=start)
        if start % frame:
            raise errors.OffGrid(ticks_per_frame=frame)
        return start

    def describe(self, before: State) -> str:
        said = []
        if self.name is not None:
            said.append(f'renamed the timeline "{self.name}"')
        if self.width is not None or self.height is not None:
            value = before.records[before.timeline_id].value
            said.append(f"set the picture to {self.width or value['width']}x{self.height or value['height']}")
        if self.start_timecode is not None:
            said.append("set the start timecode")
        if self.metadata:
            said.append(f"set metadata {', '.join(sorted(self.metadata))}")
        return " and ".join(said) or "set the timeline"
