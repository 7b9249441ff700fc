"""The event store in PostgreSQL: driver-level SQL through SQLAlchemy's engine, one statement for an append.

Whatever only reads, or may be repeated without harm, is tried again while the server is away (kit.database). A write
whose answer was lost raises OutcomeUnknown instead: only the caller knows how to ask again.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar, cast
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from timeline_service.eventstore import rows
from timeline_service.eventstore.store import (
    Appended,
    Head,
    NewEvent,
    OutcomeUnknown,
    Projection,
    Snapshot,
    StoredEvent,
    TimelineSummary,
    check_batch,
)
from timeline_service.kit import database, errors
from timeline_service.kit.database import Driver

T = TypeVar("T")

_MISSING: Final = "There is no such timeline, or it is not yours."

# The server says these while it goes down; whether the statement was committed before, it does not say.
_GOING_DOWN: Final = frozenset({"57P01", "57P02", "57P03", "57P05"})


class Lost(Exception):
    """Carries the reason beside `__cause__`, which kit.database would take for a reason to try again."""

    def __init__(self, reason: BaseException) -> None:
        super().__init__(str(reason))
        self.reason = reason


# After these a statement may still be under way on the connection.
_ADRIFT: Final = (Lost, TimeoutError, OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class PostgresStore:
    """See store.EventStore. `engine` is one of kit.database, in the role timeline_app (or timeline_worker to read)."""

    def __init__(self, engine: AsyncEngine, *, budget_s: float = 10) -> None:
        self._engine = engine
        self._budget_s = budget_s

    async def create(self, timeline_id: UUID, workspace_id: UUID, actor_id: UUID, event: NewEvent) -> Appended:
        """See store.EventStore."""
        check_batch([actor_id], [event])
        facts = (event.gesture_id, event.type, event.schema_version, actor_id, event.body, event.request_digest)
        traces = (event.correlation_id, event.transaction_id)
        try:
            row = await self._write(rows.CREATE, workspace_id, timeline_id, *facts, *traces)
        except asyncpg.ForeignKeyViolationError as error:
            raise errors.NotFound("There is no such workspace.", code="workspace_missing") from error
        if row["outcome"] == "absent":
            raise errors.Conflict("This timeline id is taken.", code="timeline_id_taken")
        return rows.appended(row, timeline_id, workspace_id)

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
        check_batch(actor_ids, events)
        arguments = [workspace_id, timeline_id, expected_version, *rows.arguments_of(actor_ids, events)]
        statement = rows.APPEND
        if projection is not None:
            statement = rows.APPEND_AND_ADVANCE
            arguments += rows.projection_arguments(projection.summary, projection.records)
        row = await self._write(statement, *arguments)
        return rows.appended(row, timeline_id, workspace_id)

    @contextlib.asynccontextmanager
    async def locked(self, timeline_id: UUID, workspace_id: UUID) -> AsyncIterator["Locked"]:
        """See store.EventStore. A connection lost in the block or at its commit raises OutcomeUnknown."""
        # The block cannot be run twice, so waiting for a server that is away is done before it.
        await self._run(nothing)
        try:
            async with database.transaction(self._engine) as connection, driver(connection) as raw, raw.transaction():
                row = await raw.fetchrow(rows.LOCK, workspace_id, timeline_id)
                yield Locked(raw, rows.head(present(row), timeline_id, workspace_id))
        except Exception as error:
            if database.is_transient(error):
                raise OutcomeUnknown from error
            raise

    async def head(self, timeline_id: UUID, workspace_id: UUID) -> Head | None:
        """See store.EventStore."""
        found = await self._fetch(workspace_id, rows.HEAD, timeline_id)
        return rows.head(found[0], timeline_id, workspace_id) if found else None

    async def heads(self, timeline_ids: Sequence[UUID]) -> dict[UUID, Head]:
        """See store.EventStore."""
        found = await self._run(lambda raw: raw.fetch(rows.HEADS, list(timeline_ids)))
        heads = (rows.head(row, UUID(int=row["timeline_id"].int), UUID(int=row["workspace_id"].int)) for row in found)
        return {head.timeline_id: head for head in heads}

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
        asked = {"type": type, "actor_id": actor_id, "transaction_id": transaction_id, "clip_id": clip_id}
        filters = {name: value for name, value in asked.items() if value is not None}
        if filters:
            statement, arguments = rows.filtered(timeline_id, after_version, to_version, limit, filters)
            return rows.scattered(await self._fetch(workspace_id, statement, *arguments), timeline_id)
        # The event before the run is fetched with it, for its hash.
        count = None if limit is None else limit + (after_version > 0)
        to = rows.LAST if to_version is None else to_version
        found = await self._fetch(workspace_id, rows.RUN, timeline_id, after_version, to, count)
        return rows.run(found, timeline_id, after_version)

    async def read_versions(self, timeline_id: UUID, workspace_id: UUID, versions: Sequence[int]) -> list[StoredEvent]:
        """See store.EventStore."""
        if not versions:
            return []
        return rows.scattered(
            await self._fetch(workspace_id, rows.VERSIONS, timeline_id, list(set(versions))), timeline_id
        )

    async def find(self, timeline_id: UUID, workspace_id: UUID, gesture_ids: Sequence[str]) -> dict[str, StoredEvent]:
        """See store.EventStore."""
        if not gesture_ids:
            return {}
        found = await self._fetch(workspace_id, rows.FIND, timeline_id, list(gesture_ids))
        return {event.gesture_id: event for event in rows.scattered(found, timeline_id)}

    async def save_snapshot(
        self, timeline_id: UUID, workspace_id: UUID, version: int, fold_version: int, state: bytes, state_hash: bytes
    ) -> None:
        """See store.EventStore."""
        values = (timeline_id, workspace_id, version, fold_version, state, state_hash)
        try:
            await self._fetch(workspace_id, rows.SAVE_SNAPSHOT, *values)
        except (asyncpg.ForeignKeyViolationError, asyncpg.InsufficientPrivilegeError) as error:
            raise errors.NotFound(_MISSING, code="timeline_missing") from error

    async def snapshot_at(
        self, timeline_id: UUID, workspace_id: UUID, version: int, fold_version: int
    ) -> Snapshot | None:
        """See store.EventStore."""
        found = await self._fetch(workspace_id, rows.SNAPSHOT_AT, timeline_id, fold_version, version)
        if not found:
            return None
        return Snapshot(timeline_id, found[0]["version"], fold_version, found[0]["state"], found[0]["state_hash"])

    async def drop_snapshot(self, timeline_id: UUID, workspace_id: UUID, version: int, fold_version: int) -> None:
        """See store.EventStore."""
        await self._fetch(workspace_id, rows.DROP_SNAPSHOT, timeline_id, fold_version, version)

    async def snapshot_versions(self, timeline_id: UUID, workspace_id: UUID, fold_version: int) -> list[int]:
        """See store.EventStore."""
        found = await self._fetch(workspace_id, rows.SNAPSHOT_VERSIONS, timeline_id, fold_version)
        return [row["version"] for row in found]

    async def advance(
        self,
        timeline_id: UUID,
        workspace_id: UUID,
        version: int,
        summary: TimelineSummary | None = None,
        records: Sequence[tuple[str, str, bool]] = (),
    ) -> int:
        """See store.EventStore."""
        arguments = (workspace_id, timeline_id, version, *rows.projection_arguments(summary, records))
        current = await self._run(lambda raw: raw.fetchval(rows.ADVANCE, *arguments))
        return cast(int, present(current))

    async def timelines_of_record(self, workspace_id: UUID, record_id: str) -> list[UUID]:
        """See store.EventStore."""
        found = await self._fetch(workspace_id, rows.TIMELINES_OF_RECORD, workspace_id, record_id)
        return [UUID(int=row["timeline_id"].int) for row in found]

    async def _fetch(self, workspace_id: UUID, statement: str, *arguments: Any) -> list[asyncpg.Record]:
        """One statement under the row security of a workspace."""

        async def work(raw: Driver) -> list[asyncpg.Record]:
            async with scoped(raw, workspace_id):
                return await raw.fetch(statement, *arguments)

        return await self._run(work)

    async def _write(self, statement: str, *arguments: Any) -> asyncpg.Record:
        """One statement that commits by itself. Raises OutcomeUnknown when it was sent and no answer came."""

        async def work(raw: Driver) -> asyncpg.Record:
            try:
                row = await raw.fetchrow(statement, *arguments)
            except Exception as error:
                if settles(error):
                    raise
                raise Lost(error) from None
            assert row is not None, "these functions answer with one row"
            return row

        try:
            return await self._run(work)
        except Lost as lost:
            raise OutcomeUnknown from lost.reason

    async def _run(self, work: Callable[[Driver], Awaitable[T]]) -> T:
        """Work on a driver's connection, again from its start while the trouble is transient."""
        return await database.run_driver(self._engine, work, is_spoiled=is_spoiled, budget_s=self._budget_s)


class Locked:
    """See store.LockedHead."""

    def __init__(self, raw: Driver, head: Head) -> None:
        self._raw = raw
        self.head = head

    async def read(self, after_version: int) -> list[StoredEvent]:
        """See store.LockedHead."""
        timeline_id = self.head.timeline_id
        found = await self._raw.fetch(rows.RUN, timeline_id, after_version, rows.LAST, None)
        return rows.run(found, timeline_id, after_version)

    async def append(self, actor_ids: Sequence[UUID], events: Sequence[NewEvent]) -> Appended:
        """See store.LockedHead."""
        check_batch(actor_ids, events)
        head = self.head
        arrays = rows.arguments_of(actor_ids, events)
        row = await self._raw.fetchrow(rows.APPEND, head.workspace_id, head.timeline_id, head.version, *arrays)
        assert row is not None, "append_events answers with one row"
        answer = rows.appended(row, head.timeline_id, head.workspace_id)
        self.head = answer.head
        return answer


@contextlib.asynccontextmanager
async def driver(connection: AsyncConnection) -> AsyncIterator[Driver]:
    """The asyncpg connection under SQLAlchemy's. One whose state is not certain is thrown away, not given back."""
    raw = cast(Driver, (await connection.get_raw_connection()).driver_connection)
    try:
        yield raw
    except BaseException as error:
        if is_spoiled(raw, error):
            raw.terminate()
            await connection.invalidate()
        raise


def is_spoiled(raw: Driver, error: BaseException) -> bool:
    """Whether the state of a connection is in doubt after an error."""
    adrift = not isinstance(error, Exception) or isinstance(error, _ADRIFT)
    return adrift or raw.is_closed() or raw.is_in_transaction()


@contextlib.asynccontextmanager
async def scoped(raw: Driver, workspace_id: UUID) -> AsyncIterator[None]:
    """A transaction in a workspace: three round trips in all. `.hex` also makes sure that it is a UUID."""
    await raw.execute(f"begin; select set_config('timeline.workspace', '{UUID(workspace_id.hex)}', true)")
    try:
        yield
    except asyncpg.PostgresError:
        if not raw.is_closed():
            await raw.execute("rollback")
        raise
    await raw.execute("commit")


async def nothing(_: Driver) -> None:
    """Work that is done as soon as there is a living connection to do it on."""


def present(answer: T | None) -> T:
    """What a look-up found. Raises NotFound."""
    if answer is None:
        raise errors.NotFound(_MISSING, code="timeline_missing")
    return answer


def settles(error: Exception) -> bool:
    """Whether an error of a write says that nothing was written: the server itself reported it, and lives."""
    if not isinstance(error, asyncpg.PostgresError) or isinstance(error, asyncpg.PostgresConnectionError):
        return False
    return (error.sqlstate or "") not in _GOING_DOWN
