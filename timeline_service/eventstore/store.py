"""The event store: an append-only log per timeline, its head, its snapshots and its checkpoint.

Two implementations pass one contract suite: `postgres.PostgresStore` (the truth) and `memory.MemoryStore`.
Every call names the workspace of the session; a timeline of another workspace is not there.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Literal, Protocol
from uuid import UUID

import msgspec

from timeline_service.kit.errors import Unavailable

MAX_APPEND: Final = 1000
"""Events of one append."""

DIGEST_BYTES: Final = 32


class OutcomeUnknown(Unavailable):
    """The database went away during a write: it may have happened. Ask again with the same gesture_id."""

    code = "outcome_unknown"


class NewEvent(msgspec.Struct, frozen=True):
    """What a caller wants recorded. Version, time and hash are given by the store.

    `body` is stored and hashed exactly as it is; `request_digest` (32 bytes) tells a repeat from a reused id.
    """

    gesture_id: str
    type: str
    schema_version: int
    body: bytes
    request_digest: bytes
    correlation_id: str | None = None
    transaction_id: str | None = None


class StoredEvent(msgspec.Struct, frozen=True):
    """One event as recorded. `recorded_at_us` counts microseconds since 1970; hashes as in domain.chain.

    A msgspec struct, because reads make thousands: a frozen dataclass takes seventeen times as long to make.
    """

    timeline_id: UUID
    version: int
    gesture_id: str
    type: str
    schema_version: int
    actor_id: UUID
    recorded_at_us: int
    body: bytes
    request_digest: bytes
    transaction_id: str | None
    correlation_id: str | None
    hash: bytes
    prev_hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """Where a timeline stands: the newest version and its hash, and how far its projection has come."""

    timeline_id: UUID
    workspace_id: UUID
    version: int
    head_hash: bytes
    current_version: int
    epoch: int


class AppendedRow(msgspec.Struct, frozen=True):
    """What the store gave one appended event."""

    version: int
    hash: bytes
    recorded_at_us: int


@dataclass(frozen=True, slots=True)
class KnownGesture:
    """A gesture that had been recorded before."""

    gesture_id: str
    version: int
    request_digest: bytes


@dataclass(frozen=True, slots=True)
class Appended:
    """The one answer to an append, which is stored whole or not at all.

    appended: `rows` in the order given. duplicate: nothing stored, `known` in version order (all or some of the
    batch). conflict: nothing stored, the head is not where it was expected. `head` is as after the call.
    """

    outcome: Literal["appended", "duplicate", "conflict"]
    head: Head
    rows: tuple[AppendedRow, ...] = ()
    known: tuple[KnownGesture, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A saved state. It may be damaged: the reader compares `state_hash`, and can always do without."""

    timeline_id: UUID
    version: int
    fold_version: int
    state: bytes
    state_hash: bytes


@dataclass(frozen=True, slots=True)
class TimelineSummary:
    """What a list of timelines shows. `duration` in ticks."""

    name: str
    rate_num: int
    rate_den: int
    width: int
    height: int
    duration: int


@dataclass(frozen=True, slots=True)
class Projection:
    """What the projection writes for a run of events: the summary after them, (record_id, kind, alive) of what they
    put or dropped.
    """

    summary: TimelineSummary
    records: tuple[tuple[str, str, bool], ...]


class LockedHead(Protocol):
    """A timeline that nobody else appends to until the block ends."""

    head: Head

    async def read(self, after_version: int) -> list[StoredEvent]:
        """The tail after a version."""
        ...

    async def append(self, actor_ids: Sequence[UUID], events: Sequence[NewEvent]) -> Appended:
        """Append at the head; only `appended` and `duplicate` can come back. Once per block."""
        ...


class EventStore(Protocol):
    """See the module. Raises kit.errors.Unavailable (retryable) when the store cannot be reached."""

    async def create(self, timeline_id: UUID, workspace_id: UUID, actor_id: UUID, event: NewEvent) -> Appended:
        """Make a timeline with its first event, version 1.

        A repeat of the same gesture is `duplicate`, another first gesture `conflict`. Raises Conflict
        (`timeline_id_taken`) when another workspace holds the id, NotFound when there is no such workspace.
        """
        ...

    async def head(self, timeline_id: UUID, workspace_id: UUID) -> Head | None:
        """Where the timeline stands; None when it is not there."""
        ...

    async def heads(self, timeline_ids: Sequence[UUID]) -> dict[UUID, Head]:
        """Where many timelines stand, over all workspaces: for timelines whose access was checked when opened."""
        ...

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
        """Append a batch (1 to MAX_APPEND events, `actor_ids` one each) at expected_version + 1, all or nothing.

        With `projection` the checkpoint moves in the same transaction, if it stood at expected_version; if not, it is
        left to `advance` (see `head.current_version`).
        Raises NotFound when the timeline is not there, ValueError for a malformed batch, OutcomeUnknown when the
        answer was lost.
        """
        ...

    def locked(self, timeline_id: UUID, workspace_id: UUID) -> AbstractAsyncContextManager[LockedHead]:
        """Hold the head in one transaction, committed when the block ends well. Keep it short. Raises as append."""
        ...

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
        """Events after_version < version <= to_version in order, the first `limit` that match every filter.

        clip_id: events whose body names that record id (of any kind).
        """
        ...

    async def read_versions(self, timeline_id: UUID, workspace_id: UUID, versions: Sequence[int]) -> list[StoredEvent]:
        """The events of these versions, in version order; those that are not there are left out."""
        ...

    async def find(self, timeline_id: UUID, workspace_id: UUID, gesture_ids: Sequence[str]) -> dict[str, StoredEvent]:
        """Which of these gestures are recorded, by gesture id."""
        ...

    async def save_snapshot(
        self, timeline_id: UUID, workspace_id: UUID, version: int, fold_version: int, state: bytes, state_hash: bytes
    ) -> None:
        """Keep a state; one of the same version and fold is replaced. Raises NotFound."""
        ...

    async def snapshot_at(
        self, timeline_id: UUID, workspace_id: UUID, version: int, fold_version: int
    ) -> Snapshot | None:
        """The newest snapshot of this fold at or before a version."""
        ...

    async def drop_snapshot(self, timeline_id: UUID, workspace_id: UUID, version: int, fold_version: int) -> None:
        """Forget a snapshot, if it is there."""
        ...

    async def snapshot_versions(self, timeline_id: UUID, workspace_id: UUID, fold_version: int) -> list[int]:
        """Versions that have a snapshot of this fold, ascending."""
        ...

    async def advance(
        self,
        timeline_id: UUID,
        workspace_id: UUID,
        version: int,
        summary: TimelineSummary | None = None,
        records: Sequence[tuple[str, str, bool]] = (),
    ) -> int:
        """Move current_version forward to `version` and write the projection with it; answers current_version.

        Late, repeated and too far (past the head): nothing is written. `records` are (record_id, kind, alive) as of
        `version`, of all that changed after a current_version that this store has answered. Raises NotFound.
        """
        ...

    async def timelines_of_record(self, workspace_id: UUID, record_id: str) -> list[UUID]:
        """Timelines of the workspace in which a record of this id is alive, as far as they are projected."""
        ...


def check_batch(actor_ids: Sequence[UUID], events: Sequence[NewEvent]) -> None:
    """Raise ValueError for what no store can append: the caller is wrong, not the state."""
    if not 1 <= len(events) <= MAX_APPEND:
        raise ValueError(f"a batch holds 1 to {MAX_APPEND} events, not {len(events)}")
    if len(actor_ids) != len(events):
        raise ValueError("one actor for each event")
    if len({event.gesture_id for event in events}) != len(events):
        raise ValueError("a gesture id stands twice in the batch")
    if any(len(event.request_digest) != DIGEST_BYTES for event in events):
        raise ValueError("a request digest has 32 bytes")


async def read_pages(
    events: EventStore,
    timeline_id: UUID,
    workspace_id: UUID,
    *,
    after_version: int = 0,
    to_version: int | None = None,
    page: int = 1000,
) -> AsyncIterator[list[StoredEvent]]:
    """The log in pages, so that a long one never lies in memory whole."""
    while run := await events.read(
        timeline_id, workspace_id, after_version=after_version, to_version=to_version, limit=page
    ):
        yield run
        after_version = run[-1].version
