"""Hang free JSON on a record, key by key.

{scene: 4, take: 2}   + {take: 3, scene: null}   ->   {take: 3}      what is left out stays
"""

from typing import Annotated, Literal

from pydantic import Field

from timeline_service.domain import errors, records
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.json_value import Metadata
from timeline_service.domain.state import State


class SetMetadata(Gesture):
    """Merge `metadata` into that of the record `id`; null takes a key away. Writers of different keys never clash."""

    type: Literal["set_metadata"] = "set_metadata"
    id: RecordId
    metadata: Annotated[Metadata, Field(max_length=1000)]

    example = {"id": "intro", "metadata": {"scene": "4", "good": True}}
    refuses = ("record_missing", "bad_value", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        record = draft.state.find(self.id)
        if record is None:
            raise errors.RecordMissing(id=self.id)
        if "metadata" not in records.KINDS[record.kind].maps:
            raise errors.BadValue(kind=record.kind, property="metadata")
        draft.set(record.id, {f"metadata.{key}": value for key, value in self.metadata.items()})

    def describe(self, before: State) -> str:
        named = before.name_of(self.id) if self.id != before.timeline_id else "the timeline"
        return f"set {', '.join(sorted(self.metadata)) or 'no'} metadata of {named}"
