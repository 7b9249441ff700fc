"""SQL and rows of the PostgreSQL store: how events are selected and what the driver's rows become."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from timeline_service.domain import chain
from timeline_service.eventstore.store import (
    Appended,
    AppendedRow,
    Head,
    KnownGesture,
    NewEvent,
    StoredEvent,
    TimelineSummary,
)
from timeline_service.kit import errors

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

APPEND: Final = "select * from append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
APPEND_AND_ADVANCE: Final = """
    select a.outcome, a.head_version, a.head_hash, a.epoch, a.recorded_at, a.hashes,
           a.known_gestures, a.known_versions, a.known_digests,
           case when a.outcome = 'appended' and a.current_version = $3
                then advance_timeline($1, $2, a.head_version, $12, $13, $14, $15, $16, $17, $18, $19, $20)
                else a.current_version end as current_version
      from append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) as a
"""
CREATE: Final = "select * from create_timeline($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
LOCK: Final = "select * from lock_head($1, $2)"
HEADS: Final = "select * from timeline_heads($1)"
HEAD: Final = "select version, head_hash, current_version, epoch from timeline_head where timeline_id = $1"
ADVANCE: Final = "select advance_timeline($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
SAVE_SNAPSHOT: Final = """
    insert into timeline_snapshot (timeline_id, workspace_id, version, fold_version, state, state_hash)
    values ($1, $2, $3, $4, $5, $6)
        on conflict (timeline_id, fold_version, version) do update
       set state = excluded.state, state_hash = excluded.state_hash, created_at = excluded.created_at
"""
SNAPSHOT_AT: Final = """
    select version, state, state_hash from timeline_snapshot
     where timeline_id = $1 and fold_version = $2 and version <= $3
     order by version desc limit 1
"""
DROP_SNAPSHOT: Final = "delete from timeline_snapshot where timeline_id = $1 and fold_version = $2 and version = $3"
SNAPSHOT_VERSIONS: Final = """
    select version from timeline_snapshot where timeline_id = $1 and fold_version = $2 order by version
"""
TIMELINES_OF_RECORD: Final = """
    select timeline_id from timeline_record where workspace_id = $1 and record_id = $2 and alive order by timeline_id
"""

# Put together from constants only; values always travel as arguments.
_COLUMNS: Final = (
    "e.version, e.gesture_id, e.type, e.schema_version, e.actor_id, e.recorded_at, e.body, e.request_digest, "
    "e.transaction_id, e.correlation_id, e.hash"
)
_PREVIOUS: Final = (
    "(select p.hash from timeline_event p where p.timeline_id = e.timeline_id and p.version = e.version - 1) "
    "as prev_hash"
)
_EVENTS: Final = "from timeline_event e where e.timeline_id = $1 and"
_RUN: Final = "select " + _COLUMNS + " " + _EVENTS
_SCATTERED: Final = "select " + _COLUMNS + ", " + _PREVIOUS + " " + _EVENTS
RUN: Final = _RUN + " e.version >= $2 and e.version <= $3 order by e.version limit $4"
# One look-up in a unique index for each key: with `= any` the planner may read all events of the timeline instead.
_WANTED: Final = ") cross join lateral (" + _SCATTERED
FIND: Final = "select e.* from unnest($2::text[]) as wanted (id" + _WANTED + " e.gesture_id = wanted.id limit 1) e"  # noqa: S608
VERSIONS: Final = (
    "select e.* from unnest($2::bigint[]) as wanted (version"  # noqa: S608 - constants, see above
    + _WANTED
    + " e.version = wanted.version limit 1) e order by e.version"
)
FILTERED: Final = _SCATTERED + " e.version > $2 and e.version <= $3"
LAST: Final = 2**63 - 1

_FILTERS: Final = {
    "type": "e.type = {}",
    "actor_id": "e.actor_id = {}",
    "transaction_id": "e.transaction_id = {}",
    "clip_id": "position({}::bytea in e.body) > 0",
}


def filtered(
    timeline_id: UUID, after_version: int, to_version: int | None, limit: int | None, filters: dict[str, Any]
) -> tuple[str, list[Any]]:
    """The query, with its arguments, for a read with filters (the names of `_FILTERS`)."""
    arguments: list[Any] = [timeline_id, after_version, LAST if to_version is None else to_version, limit]
    statement = FILTERED
    for name, value in filters.items():
        arguments.append(quoted(value) if name == "clip_id" else value)
        statement += " and " + _FILTERS[name].format(f"${len(arguments)}")
    return statement + " order by e.version limit $4", arguments


def quoted(record_id: str) -> bytes:
    """A record id as it stands in a body: ids have no character that JSON escapes."""
    return f'"{record_id}"'.encode()


def arguments_of(actor_ids: Sequence[UUID], events: Sequence[NewEvent]) -> list[list[Any]]:
    """The arrays of append_events, in its order."""
    return [
        [event.gesture_id for event in events],
        [event.type for event in events],
        [event.schema_version for event in events],
        list(actor_ids),
        [event.body for event in events],
        [event.request_digest for event in events],
        [event.correlation_id for event in events],
        [event.transaction_id for event in events],
    ]


def projection_arguments(summary: TimelineSummary | None, records: Sequence[tuple[str, str, bool]]) -> tuple[Any, ...]:
    """What advance_timeline takes after the version."""
    facts: tuple[Any, ...] = (None,) * 6
    if summary is not None:
        size = (summary.rate_num, summary.rate_den, summary.width, summary.height)
        facts = (summary.name, *size, summary.duration)
    # Of two rows about one record the last holds; one statement cannot write a row twice.
    unique = list({record[0]: record for record in records}.values())
    return (*facts, *([record[place] for record in unique] for place in range(3)))


def appended(row: asyncpg.Record, timeline_id: UUID, workspace_id: UUID) -> Appended:
    """What append_events answered. Raises NotFound when the timeline is not there."""
    outcome = row["outcome"]
    if outcome == "absent":
        raise errors.NotFound("There is no such timeline, or it is not yours.", code="timeline_missing")
    head = Head(
        timeline_id=timeline_id,
        workspace_id=workspace_id,
        version=row["head_version"],
        head_hash=row["head_hash"],
        current_version=row["current_version"],
        epoch=row["epoch"],
    )
    if outcome == "appended":
        at = microseconds(row["recorded_at"])
        first = head.version - len(row["hashes"]) + 1
        rows = tuple(AppendedRow(version, hash_, at) for version, hash_ in enumerate(row["hashes"], first))
        return Appended("appended", head, rows=rows)
    if outcome == "duplicate":
        known = zip(row["known_gestures"], row["known_versions"], row["known_digests"], strict=True)
        return Appended("duplicate", head, known=tuple(KnownGesture(*gesture) for gesture in known))
    return Appended("conflict", head)


def head(row: asyncpg.Record, timeline_id: UUID, workspace_id: UUID) -> Head:
    """A head, of a row with its four facts."""
    return Head(timeline_id, workspace_id, row["version"], row["head_hash"], row["current_version"], row["epoch"])


def run(records: Sequence[asyncpg.Record], timeline_id: UUID, after_version: int) -> list[StoredEvent]:
    """Events of a contiguous run; the event at `after_version` leads it and gives the first previous hash."""
    if records and records[0]["version"] == after_version:
        previous, records = records[0]["hash"], records[1:]
    else:
        previous = chain.genesis(timeline_id)
    hashes = [previous, *(record["hash"] for record in records)]
    return _events(records, timeline_id, hashes)


def scattered(records: Sequence[asyncpg.Record], timeline_id: UUID) -> list[StoredEvent]:
    """Events of rows that carry their previous hash (null before the first)."""
    genesis = chain.genesis(timeline_id)
    return _events(records, timeline_id, (record["prev_hash"] or genesis for record in records))


def _events(records: Sequence[asyncpg.Record], timeline_id: UUID, previous: Iterable[bytes]) -> list[StoredEvent]:
    # The driver's UUIDs are a type of its own, which JSON encoders do not know; few actors make many events.
    actors: dict[UUID, UUID] = {}
    events = []
    for record, prev_hash in zip(records, previous, strict=False):
        version, gesture_id, type_, schema_version, actor, at, body, digest, transaction, correlation, hash_ = tuple(
            record
        )[:11]
        if actor not in actors:
            actors[actor] = UUID(int=actor.int)
        events.append(
            StoredEvent(
                timeline_id,
                version,
                gesture_id,
                type_,
                schema_version,
                actors[actor],
                microseconds(at),
                body,
                digest,
                transaction,
                correlation,
                hash_,
                prev_hash,
            )
        )
    return events


def microseconds(at: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (at - _EPOCH) // _MICROSECOND
