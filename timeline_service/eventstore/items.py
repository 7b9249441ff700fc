"""Events as they go to readers: one item of `GET …/events`, of a stream frame, of a list of missed events."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from timeline_service.domain import event
from timeline_service.eventstore.store import StoredEvent

LARGE: Final = 64 * 1024
"""Bodies above this travel by reference."""
TOGETHER: Final = 256 * 1024
"""Bodies of one frame: what is beyond comes in another, so that no reader has to take, or keep, more at once."""


def as_item(stored: StoredEvent) -> dict[str, Any]:
    """`{version, gesture_id, type, gesture, changes, description, actor, recorded_at, hash, prev_hash, …}`, or where it
    is to be fetched.
    """
    item: dict[str, Any] = orjson.loads(encode_brief(stored))
    return item


def encode_brief(stored: StoredEvent) -> bytes:
    """An event among others: a large one only by version and size."""
    if len(stored.body) <= LARGE:
        return encode_item(stored)
    return orjson.dumps({"version": stored.version, "size": len(stored.body), "by_ref": True})


def encode_item(stored: StoredEvent) -> bytes:
    """The item as JSON. The body's bytes are spliced in as they are stored: nothing is decoded on the hot path."""
    head = {
        "version": stored.version,
        "gesture_id": stored.gesture_id,
        "type": stored.type,
        "actor": str(stored.actor_id),
        "recorded_at": recorded_at(stored.recorded_at_us),
        "hash": stored.hash.hex(),
        "prev_hash": stored.prev_hash.hex(),
        "correlation_id": stored.correlation_id,
        "schema_version": stored.schema_version,
    }
    if stored.transaction_id is None:
        head["transaction_id"] = None
    body = stored.body
    if stored.schema_version != event.SCHEMA_VERSION:
        body = event.encode(event.decode(body, stored.schema_version))
    return orjson.dumps(head)[:-1] + b"," + body[1:]


def encode_events_frame(events: list[StoredEvent]) -> bytes:
    """One text frame for every socket of a timeline; a large event is named by version and size."""
    items = b",".join(encode_brief(stored) for stored in events)
    return b'{"t":"events","from":%d,"to":%d,"items":[%b]}' % (events[0].version, events[-1].version, items)


def join_events_frames(frames: list[bytes], from_version: int, to_version: int) -> bytes:
    """Such frames, that follow each other, as one: their items are spliced, nothing is decoded."""
    items = b",".join(frame[frame.index(b"[") + 1 : -2] for frame in frames)
    return b'{"t":"events","from":%d,"to":%d,"items":[%b]}' % (from_version, to_version, items)


def in_frames(events: Sequence[StoredEvent]) -> Iterator[list[StoredEvent]]:
    """The events in runs of a bounded size, in their order; at least one in each."""
    run: list[StoredEvent] = []
    size = 0
    for stored in events:
        brief = len(stored.body) if len(stored.body) <= LARGE else 0
        if run and size + brief > TOGETHER:
            yield run
            run, size = [], 0
        run.append(stored)
        size += brief
    if run:
        yield run


def recorded_at(us: int) -> str:
    """Microseconds since 1970 as RFC 3339, UTC."""
    return datetime.fromtimestamp(us / 1_000_000, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
