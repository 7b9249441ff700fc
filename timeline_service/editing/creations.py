"""The first event of a timeline. A creation that is sent again with its gesture_id answers what it answered first."""

import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from projections import checkpoints
from timeline_service.domain import creation, errors, event
from timeline_service.domain.draft import Facts
from timeline_service.editing import payloads
from timeline_service.editing.errors import EditRefused
from timeline_service.editing.repeats import check_same, result_of
from timeline_service.editing.requests import Answer
from timeline_service.eventstore.store import Appended, EventStore, NewEvent, OutcomeUnknown
from timeline_service.kit import clock
from timeline_service.kit.errors import Conflict, Unavailable

ATTEMPTS: Final = 3


class TimelineIdTaken(Conflict):
    """There is a timeline of this id already."""

    code = "id_taken"


@dataclass(frozen=True, slots=True)
class Creation:
    """Who makes what, where."""

    actor_id: UUID
    workspace_id: UUID
    request: creation.NewTimeline
    gesture_id: str | None
    timeline_id: UUID | None


def timeline_id_of(asked: Creation) -> UUID:
    """The id that the client chose; else one that follows from its gesture_id, so that a retry finds it; else new."""
    if asked.timeline_id is not None:
        return asked.timeline_id
    if asked.gesture_id is None:
        return clock.new_id()
    digest = hashlib.sha256(asked.workspace_id.bytes + asked.gesture_id.encode()).digest()
    number = int.from_bytes(digest[:16], "big") & ~(0xF << 76) & ~(0b11 << 62)
    return UUID(int=number | (8 << 76) | (0b10 << 62))  # RFC 9562: version 8 is made as one likes


async def create(store: EventStore, asked: Creation) -> Answer:
    """Append version 1, projected with it. Raises EditRefused, TimelineIdTaken, NotFound, Unavailable."""
    timeline_id = timeline_id_of(asked)
    facts = Facts(payloads.gesture_id_of(asked.gesture_id))
    try:
        body, state = creation.create(str(timeline_id), asked.request, facts, actor=str(asked.actor_id))
    except errors.Refused as refusal:
        raise EditRefused.because(refusal) from None
    new = NewEvent(
        gesture_id=facts.gesture_id,
        type="create_timeline",
        schema_version=event.SCHEMA_VERSION,
        body=event.encode(body),
        request_digest=payloads.digest(asked.request.model_dump()),
        correlation_id=None,
        transaction_id=None,
    )
    appended = await _append(store, timeline_id, asked, new)
    if appended.outcome == "conflict":
        raise TimelineIdTaken
    found = await store.find(timeline_id, asked.workspace_id, [new.gesture_id])
    stored = found[new.gesture_id]
    if stored.version != 1:
        raise TimelineIdTaken
    check_same(stored, new.request_digest)
    current = appended.head.current_version
    if current < 1:
        summary, records = checkpoints.summary_of(state), checkpoints.records_of(state)
        current = await store.advance(timeline_id, asked.workspace_id, 1, summary, records)
    created = appended.outcome == "appended"
    return Answer(
        timeline_id=timeline_id,
        version=appended.head.version,
        current_version=current,
        head_hash=appended.head.head_hash.hex(),
        results=(result_of(stored, how="committed" if created else "duplicate"),),
        created=created,
    )


async def _append(store: EventStore, timeline_id: UUID, asked: Creation, new: NewEvent) -> Appended:
    """Once more after a lost answer: if it was stored the first time, the second is a duplicate."""
    for _ in range(ATTEMPTS):
        try:
            return await store.create(timeline_id, asked.workspace_id, asked.actor_id, new)
        except OutcomeUnknown:
            continue
    raise Unavailable
