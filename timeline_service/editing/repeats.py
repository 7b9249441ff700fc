"""What was accepted before and is sent again: it gets its first answer, and nothing is decided."""

from collections.abc import Mapping, Sequence

import msgspec

from timeline_service.domain import changes, event
from timeline_service.editing.errors import EditRefused
from timeline_service.editing.payloads import Payload
from timeline_service.editing.requests import How, Result
from timeline_service.eventstore.store import NewEvent, StoredEvent


def result_of(stored: StoredEvent, *, how: How = "duplicate") -> Result:
    """The original answer of a gesture that was accepted before."""
    body = event.decode(stored.body, stored.schema_version)
    return Result(
        gesture_id=stored.gesture_id,
        ok=True,
        version=stored.version,
        how=how,
        changes=[changes.as_json(change) for change in body.changes],
        gesture=body.gesture,
        description=body.description,
    )


def check_same(stored: StoredEvent, digest: bytes) -> None:
    """A known id must come with the payload it came with first."""
    if stored.request_digest != digest:
        raise EditRefused(
            "This gesture_id was accepted with another payload.",
            code="gesture_id_reused",
            status=409,
            gesture_id=stored.gesture_id,
            version=stored.version,
        )


def note_idle(events: Sequence[NewEvent], payloads: Sequence[Payload]) -> tuple[NewEvent, ...]:
    """The events of an accepted atomic batch; the last one names the gestures that came to none."""
    if not events or len(events) == len(payloads):
        return tuple(events)
    made = {new.gesture_id for new in events}
    idle = {payload.gesture_id: payload.digest.hex() for payload in payloads if payload.gesture_id not in made}
    last = events[-1]
    body = msgspec.structs.replace(event.decode(last.body, last.schema_version), without_effect=idle)
    return (*events[:-1], msgspec.structs.replace(last, body=event.encode(body)))


def answer_batch(payloads: Sequence[Payload], known: Mapping[str, StoredEvent]) -> tuple[Result, ...]:
    """The answer to an atomic batch of which something is recorded. Raises EditRefused where that is another batch."""
    idle: dict[str, str] = {}
    for payload in payloads:
        stored = known.get(payload.gesture_id)
        if stored is not None:
            check_same(stored, payload.digest)
            idle |= event.decode(stored.body, stored.schema_version).without_effect or {}
    results = []
    for payload in payloads:
        stored = known.get(payload.gesture_id)
        if stored is not None:
            results.append(result_of(stored))
        elif idle.get(payload.gesture_id) == payload.digest.hex():
            results.append(Result(gesture_id=payload.gesture_id, ok=True, how="noop"))
        else:
            raise EditRefused(
                "Some gestures of this atomic batch were accepted before, others were not; send only the others.",
                code="batch_partly_known",
                status=409,
                known=[payload.gesture_id for payload in payloads if payload.gesture_id in known],
            )
    return tuple(results)
