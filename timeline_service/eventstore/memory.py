"""The event store in memory, for tests and for trying things out: the same contract, nothing survives."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import msgspec

from timeline_service.domain import chain
from timeline_service.eventstore import store
from timeline_service.eventstore.store import (
    Appended,
    AppendedRow,
    Head,
    KnownGesture,
    NewEvent,
    Projection,
    Snapshot,
    StoredEvent,
    TimelineSummary,
)
from timeline_service.kit import clock, errors


@dataclass(slots=True)
class Log:
    """All that is kept of one timeline."""

    head: Head
    events: list[StoredEvent] = field(default_factory=list)
    by_gesture: dict[str, StoredEvent] = field(default_factory=dict)
    snapshots: dict[tuple[int, int], Snapshot] = field(default_factory=dict)
    summary: TimelineSummary | None = None
    records: dict[str, tuple[str, bool]] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class MemoryStore:
    """See store.EventStore. Every workspace exists. `now_us` is the clock, for tests that turn it back."""

    def __init__(self, now_us: Callable[[], int] = clock.now_us) -> None:
        self._now_us = now_us
        self._logs: dict[UUID, Log] = {}

    async def create(self, timeline_id: UUID, workspace_id: UUID, actor_id: UUID, event: NewEvent) -> Appended:
        """See store.EventStore."""
        store.check_batch([actor_id], [event])
        start = Head(timeline_id, workspace_id, 0, chain.genesis(timeline_id), 0, 0)
        log = self._logs.setdefault(timeline_id, Log(start))
        if log.head.workspace_id != workspace_id:
            raise errors.Conflict("This timeline id is taken.", code="timeline_id_taken")
        return await self.append(timeline_id, workspace_id, [actor_id], [event], expected_version=0)

    async def append(
        self,
        timeline_id: UUID,
        workspace_id: UUID,
        actor_ids: Sequence[UUID],
        events: Sequence[NewEvent],
        *,
        expected_version: int,
        projection: Projection | None = None,
    ) -> Appended:
        """See store.EventStore."""
        store.check_batch(actor_ids, events)
        log = self._log(timeline_id, workspace_id)
        async with log.lock:
            answer, stored = self._decide(log, actor_ids, events, expected_version)
            keep(log, answer, stored)
            projected = answer.outcome == "appended" and log.head.current_version == expected_version
            if projection is None or not projected:
                return answer
            version = answer.head.version
            await self.advance(timeline_id, workspace_id, version, projection.summary, projection.records)
            return replace(answer, head=log.head)

    @contextlib.asynccontextmanager
    async def locked(self, timeline_id: UUID, workspace_id: UUID) -> AsyncIterator["Locked"]:
        """See store.EventStore."""
        log = self._log(timeline_id, workspace_id)
        async with log.lock:
            held = Locked(log, self._decide)
            yield held
            for answer, stored in held.pending:
                keep(log, answer, stored)

    async def head(self, timeline_id: UUID, workspace_id: UUID) -> Head | None:
        """See store.EventStore."""
        log = self._find(timeline_id, workspace_id)
        return log.head if log else None

    async def heads(self, timeline_ids: Sequence[UUID]) -> dict[UUID, Head]:
        """See store.EventStore."""
        return {timeline: self._logs[timeline].head for timeline in timeline_ids if timeline in self._logs}

    async def read(
        self,
        timeline_id: UUID,
        workspace_id: UUID,
        *,
        after_version: int = 0,
        to_version: int | None = None,
        limit: int | None = None,
        type: str | None = None,
        actor_id: UUID | None = None,
        clip_id: str | None = None,
        transaction_id: str | None = None,
    ) -> list[StoredEvent]:
        """See store.EventStore."""
        log = self._find(timeline_id, workspace_id)
        named = f'"{clip_id}"'.encode()
        found = [
            event
            for event in (log.events[max(after_version, 0) : to_version] if log else [])
            if (type is None or event.type == type)
            and (actor_id is None or event.actor_id == actor_id)
            and (transaction_id is None or event.transaction_id == transaction_id)
            and (clip_id is None or named in event.body)
        ]
        return found[:limit]

    async def read_versions(self, timeline_id: UUID, workspace_id: UUID, versions: Sequence[int]) -> list[StoredEvent]:
        """See store.EventStore."""
        wanted = set(versions)
        return [event for event in await self.read(timeline_id, workspace_id) if event.version in wanted]

    async def find(self, timeline_id: UUID, workspace_id: UUID, gesture_ids: Sequence[str]) -> dict[str, StoredEvent]:
        """See store.EventStore."""
        log = self._find(timeline_id, workspace_id)
        if log is None:
            return {}
        return {gesture: log.by_gesture[gesture] for gesture in gesture_ids if gesture in log.by_gesture}

    async def save_snapshot(
        self, timeline_id: UUID, workspace_id: UUID, version: int, fold_version: int, state: bytes, state_hash: bytes
    ) -> None:
        """See store.EventStore."""
        log = self._log(timeline_id, workspace_id)
        log.snapshots[fold_version, version] = Snapshot(timeline_id, version, fold_version, state, state_hash)

    async def snapshot_at(
        self, timeline_id: UUID, workspace_id: UUID, version: int, fold_version: int
    ) -> Snapshot | None:
        """See store.EventStore."""
        versions = await self.snapshot_versions(timeline_id, workspace_id, fold_version)
        newest = max((known for known in versions if known <= version), default=None)
        return None if newest is None else self._log(timeline_id, workspace_id).snapshots[fold_version, newest]

    async def drop_snapshot(self, timeline_id: UUID, workspace_id: UUID, version: int, fold_version: int) -> None:
        """See store.EventStore."""
        log = self._find(timeline_id, workspace_id)
        if log:
            log.snapshots.pop((fold_version, version), None)

    async def snapshot_versions(self, timeline_id: UUID, workspace_id: UUID, fold_version: int) -> list[int]:
        """See store.EventStore."""
        log = self._find(timeline_id, workspace_id)
        return sorted(version for fold, version in (log.snapshots if log else ()) if fold == fold_version)

    async def advance(
        self,
        timeline_id: UUID,
        workspace_id: UUID,
        version: int,
        summary: TimelineSummary | None = None,
        records: Sequence[tuple[str, str, bool]] = (),
    ) -> int:
        """See store.EventStore."""
        log = self._log(timeline_id, workspace_id)
        if log.head.current_version < version <= log.head.version:
            log.head = replace(log.head, current_version=version)
            log.summary = summary or log.summary
            log.records.update({record: (kind, alive) for record, kind, alive in records})
        return log.head.current_version

    async def timelines_of_record(self, workspace_id: UUID, record_id: str) -> list[UUID]:
        """See store.EventStore."""
        return sorted(
            timeline
            for timeline, log in self._logs.items()
            if log.head.workspace_id == workspace_id and log.records.get(record_id, ("", False))[1]
        )

    def _find(self, timeline_id: UUID, workspace_id: UUID) -> Log | None:
        log = self._logs.get(timeline_id)
        return log if log and log.head.workspace_id == workspace_id else None

    def _log(self, timeline_id: UUID, workspace_id: UUID) -> Log:
        log = self._find(timeline_id, workspace_id)
        if log is None:
            raise errors.NotFound("There is no such timeline, or it is not yours.", code="timeline_missing")
        return log

    def _decide(
        self, log: Log, actor_ids: Sequence[UUID], events: Sequence[NewEvent], expected_version: int
    ) -> tuple[Appended, list[StoredEvent]]:
        """What append_events does, short of storing it."""
        known = sorted(
            (log.by_gesture[new.gesture_id].version, new.gesture_id)
            for new in events
            if new.gesture_id in log.by_gesture
        )
        if known:
            gestures = (
                KnownGesture(gesture, version, log.by_gesture[gesture].request_digest) for version, gesture in known
            )
            return Appended("duplicate", log.head, known=tuple(gestures)), []
        if expected_version != log.head.version:
            return Appended("conflict", log.head), []
        at = max(self._now_us(), log.events[-1].recorded_at_us if log.events else 0)
        stored = chained(log.head, actor_ids, events, at)
        rows = tuple(AppendedRow(event.version, event.hash, at) for event in stored)
        return Appended("appended", replace(log.head, version=rows[-1].version, head_hash=rows[-1].hash), rows), stored


class Locked:
    """See store.LockedHead. What is appended is kept when the block ends well."""

    def __init__(self, log: Log, decide: Callable[..., tuple[Appended, list[StoredEvent]]]) -> None:
        self._log = log
        self._decide = decide
        self.head = log.head
        self.pending: list[tuple[Appended, list[StoredEvent]]] = []

    async def read(self, after_version: int) -> list[StoredEvent]:
        """See store.LockedHead."""
        return self._log.events[max(after_version, 0) :]

    async def append(self, actor_ids: Sequence[UUID], events: Sequence[NewEvent]) -> Appended:
        """See store.LockedHead."""
        store.check_batch(actor_ids, events)
        answer, stored = self._decide(self._log, actor_ids, events, self.head.version)
        self.pending.append((answer, stored))
        self.head = answer.head
        return answer


def keep(log: Log, answer: Appended, stored: Sequence[StoredEvent]) -> None:
    """Make an append true. The checkpoint may have moved while it was decided."""
    log.events += stored
    log.by_gesture.update((event.gesture_id, event) for event in stored)
    log.head = replace(answer.head, current_version=log.head.current_version)


def chained(head: Head, actor_ids: Sequence[UUID], events: Sequence[NewEvent], at_us: int) -> list[StoredEvent]:
    """The events as they are recorded after `head`."""
    previous, stored = head.head_hash, []
    for version, (actor_id, new) in enumerate(zip(actor_ids, events, strict=True), head.version + 1):
        event = StoredEvent(
            timeline_id=head.timeline_id,
            version=version,
            gesture_id=new.gesture_id,
            type=new.type,
            schema_version=new.schema_version,
            actor_id=actor_id,
            recorded_at_us=at_us,
            body=new.body,
            request_digest=new.request_digest,
            transaction_id=new.transaction_id,
            correlation_id=new.correlation_id,
            hash=b"",
            prev_hash=previous,
        )
        event = msgspec.structs.replace(event, hash=chain.hash_of(event, previous))
        stored.append(event)
        previous = event.hash
    return stored
