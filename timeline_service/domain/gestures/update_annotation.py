"""Change a drawn note: when it is shown, what is drawn, its colour and comment.

| (o) |   shape: arrow   ->   | o <-- |
"""

from typing import Any, Literal

from timeline_service.domain import errors, notes, style
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class UpdateAnnotation(Gesture):
    """Set what is given of time, duration, shape (whole), color and comment; the rest stays."""

    type: Literal["update_annotation"] = "update_annotation"
    annotation_id: RecordId
    time: Time | None = None
    duration: Time | None = None
    shape: notes.Shape | None = None
    color: style.Color | None = None
    comment: Text | None = None

    example = {"annotation_id": "note1", "color": "#00ff00", "comment": "better now"}
    refuses = ("annotation_missing", "bad_range", "no_change", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        note = state.find(self.annotation_id, "annotation")
        return {} if note is None or self.time is None else notes.ground(state, note.value["parent_id"])

    def decide(self, draft: Draft) -> None:
        note = draft.get("annotation", self.annotation_id)
        plain = (("color", self.color), ("comment", self.comment))
        after: dict[str, Any] = {name: value for name, value in plain if value is not None}
        if self.shape is not None:
            after["shape"] = self.shape.model_dump(exclude_none=True)
        for name, time in (("time", self.time), ("duration", self.duration)):
            if time is not None:
                after[name] = draft.ticks(time)
                if after[name] < 0:
                    raise errors.BadRange(annotation_id=note.id, **{name: after[name]})
        draft.set(note.id, after)

    def describe(self, before: State) -> str:
        given = [name for name in ("time", "duration", "shape", "color", "comment") if getattr(self, name) is not None]
        parent = before.records[self.annotation_id].value["parent_id"]
        return f"changed the {', '.join(given)} of a drawing on {notes.place(before, parent)}"
