"""Expectations: single fields that must still be what the author saw, `{"clip.c7.enabled": true}`."""

from typing import Any, Final, Literal

from timeline_service.domain import carry, changes, errors, records
from timeline_service.domain.decide import END_OF_EVENT
from timeline_service.domain.state import Place, Record, State
from timeline_service.editing.payloads import invalid

POSITIONS: Final = {kind.name: kind.time for kind in records.KINDS.values() if kind.time is not None}


def check(state: State, expect: dict[str, Any], base_version: int | None) -> None:
    """Refuse (stale_field, with owner and author) where a field is not as expected.

    Integers are ticks. Expected positions are carried through the shifts since `base_version`.
    """
    for key, expected in expect.items():
        parts = key.split(".", 2)
        if len(parts) != 3:
            raise invalid("a key of expect is kind.id.field", key_index=list(expect).index(key))
        kind, id, field = parts
        record = state.find(id, kind)
        if record is None:
            raise errors.RecordMissing(kind=kind if f"{kind}_missing" in errors.RecordMissing.CODES else "record")
        if not _same(record.value.get(field), _today(state, record, field, expected, base_version)):
            owner = record.owner(field)
            raise errors.StaleField(record=id, field=field, owner_version=owner, actor=state.author(owner))


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: Python takes false for 0 and 1.0 for 1."""
    return changes.ENCODER.encode(one) == changes.ENCODER.encode(other)


def _today(state: State, record: Record, field: str, expected: Any, base_version: int | None) -> Any:
    if base_version is None or POSITIONS.get(record.kind) != field or not isinstance(expected, int):
        return expected
    track = _ground(state, record)
    if track is False:
        return expected
    return carry.carry(expected, carry.later(state.shifts, track, Place(base_version, END_OF_EVENT)))


def _ground(state: State, record: Record) -> str | Literal[False] | None:
    """The track a position lies on; None is the timeline, False is no ground at all (what counts in a clip)."""
    if "track_id" in record.value:
        track: str = record.value["track_id"]
        return track
    parent = state.find(record.value["parent_id"])
    if parent is None or parent.kind not in ("track", "timeline"):
        return False
    return parent.id if parent.kind == "track" else None
