"""Give a record another name.

|take 4|   ->   |Opening|      clips, tracks, sequences, transitions, effects, captions, markers, the timeline itself
"""

from typing import Literal

from timeline_service.domain import errors, records
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.state import State


class Rename(Gesture):
    """Set the name of the record `id`, of any kind that has one."""

    type: Literal["rename"] = "rename"
    id: RecordId
    name: Text

    example = {"id": "intro", "name": "Opening"}
    refuses = ("record_missing", "bad_value", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        record = draft.state.find(self.id)
        if record is None:
            raise errors.RecordMissing(id=self.id)
        if "name" not in records.KINDS[record.kind].fields:
            raise errors.BadValue(kind=record.kind, property="name")
        draft.set(record.id, {"name": self.name})

    def describe(self, before: State) -> str:
        old = before.name_of(self.id) if self.id != before.timeline_id else "the timeline"
        return f'renamed {old} to "{self.name}"'
