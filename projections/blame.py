"""Blame: who wrote each field of a record, straight from the owners that the fold keeps."""

from typing import Any

from timeline_service.domain import errors
from timeline_service.domain.state import State


def blame(state: State, record_id: str) -> dict[str, Any]:
    """`{id, kind, alive, exists: {version, actor}, fields: {field: {value, version, actor}}}`; dropped records too.

    A field that an undo brought back belongs to the version that wrote it first. Raises RecordMissing.
    """
    record = state.records.get(record_id)
    if record is None:
        raise errors.RecordMissing(id=record_id)
    fields = {
        field: {"value": record.value.get(field), "version": owner, "actor": state.author(owner)}
        for field, owner in sorted(record.all_owners().items())
    }
    return {
        "id": record.id,
        "kind": record.kind,
        "alive": record.alive,
        "exists": {"version": record.exists, "actor": state.author(record.exists)},
        "fields": fields,
    }
