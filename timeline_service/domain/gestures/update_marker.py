"""Change a marker: where it lies, how long, its name, colour and comment.

v                            v
|A|B|C|   time +1   ->       |A|B|C|
"""

from typing import Any, Literal

from timeline_service.domain import errors, notes, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class UpdateMarker(Gesture):
    """Set what is given of time, duration, name, color and comment; the rest stays."""

    type: Literal["update_marker"] = "update_marker"
    marker_id: RecordId
    time: Time | None = None
    duration: Time | None = None
    name: Text | None = None
    color: notes.MarkerColor | None = None
    comment: Text | None = None

    example = {"marker_id": "m1", "time": 60, "color": "GREEN"}
    refuses = ("marker_missing", "bad_range", "no_change", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        marker = state.find(self.marker_id, "marker")
        return {} if marker is None or self.time is None else notes.ground(state, marker.value["parent_id"])

    def decide(self, draft: Draft) -> None:
        marker = draft.get("marker", self.marker_id)
        plain = (("name", self.name), ("color", self.color), ("comment", self.comment))
        after: dict[str, Any] = {name: value for name, value in plain if value is not None}
        for name, time in (("time", self.time), ("duration", self.duration)):
            if time is not None:
                after[name] = draft.ticks(time)
                if after[name] < 0:
                    raise errors.BadRange(marker_id=marker.id, **{name: after[name]})
        draft.set(marker.id, after)

    def describe(self, before: State) -> str:
        said = []
        if self.time is not None:
            said.append(f"moved it to {wording.timecode(self.time.in_ticks(before.rate), before.rate)}")
        if self.duration is not None:
            said.append(f"made it {wording.frames(self.duration.in_ticks(before.rate), before.rate)} long")
        said += [f'set its {w} to "{v}"' for w, v in (("name", self.name), ("color", self.color)) if v is not None]
        said += ["changed its comment"] if self.comment is not None else []
        parent = before.records[self.marker_id].value["parent_id"]
        marker = f"marker {before.name_of(self.marker_id).removeprefix('marker ')}"
        return f"changed the {marker} of {notes.place(before, parent)}: {', '.join(said) or 'nothing'}"
