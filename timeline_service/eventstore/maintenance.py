"""What upkeep asks of the database and nobody else does: all timelines there are, who fell behind, a projection anew.

Looking over all workspaces takes a login in the role timeline_worker; the rest works as timeline_app too.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from timeline_service.eventstore import rows, tables
from timeline_service.eventstore.postgres import driver, present, scoped
from timeline_service.eventstore.store import Head, TimelineSummary
from timeline_service.kit import database, errors

Record = tuple[str, str, bool]
"""A row of `timeline_record`: id, kind, alive."""

PAGE: Final = 500
REWRITE: Final = "select rewrite_timeline($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
SUMMARY: Final = """
    select name, rate_num, rate_den, width, height, duration, current_version from timeline where id = $1
"""
RECORDS: Final = "select record_id, kind, alive from timeline_record where timeline_id = $1"
SNAPSHOTS: Final = """
    select fold_version, version from timeline_snapshot where timeline_id = $1 order by version, fold_version
"""
_MAY_SEE_ALL: Final = sa.text(
    "select pg_has_role(current_user, 'timeline_worker', 'usage') or rolsuper or rolbypassrls"
    "  from pg_roles where rolname = current_user"
)
_HEAD: Final = tables.timeline_head.c


@dataclass(frozen=True, slots=True)
class Projected:
    """What the rows of a projection say. `version` is 0, `summary` None where there are none."""

    version: int
    summary: TimelineSummary | None
    records: frozenset[Record]


class Maintenance:
    """`engine` is one of kit.database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def check_sight(self) -> None:
        """Raise RuntimeError unless this login sees the timelines of all workspaces: it would miss some in silence."""

        async def ask(connection: AsyncConnection) -> bool:
            return bool((await connection.execute(_MAY_SEE_ALL)).scalar_one())

        if not await database.run_transaction(self._engine, ask):
            raise RuntimeError(
                "This login sees one workspace at a time. Set WORKER_DATABASE_URL to one in the role timeline_worker."
            )

    async def count(self) -> int:
        """How many timelines there are."""

        async def ask(connection: AsyncConnection) -> int:
            return int(
                (await connection.execute(sa.select(sa.func.count()).select_from(tables.timeline_head))).scalar_one()
            )

        return await database.run_transaction(self._engine, ask)

    def timelines(self) -> AsyncIterator[Head]:
        """The heads of all timelines, in the order of their ids, a page at a time."""
        return self._heads(sa.true())

    def behind(self) -> AsyncIterator[Head]:
        """The same, of those whose projection is not as far as they are."""
        return self._heads(_HEAD.current_version < _HEAD.version)

    async def snapshots(self, timeline_id: UUID, workspace_id: UUID) -> list[tuple[int, int]]:
        """(fold version, version) of every snapshot, of whatever fold, by version."""

        async def work(connection: AsyncConnection) -> list[tuple[int, int]]:
            async with driver(connection) as raw, scoped(raw, workspace_id):
                return [(row["fold_version"], row["version"]) for row in await raw.fetch(SNAPSHOTS, timeline_id)]

        return await database.run_transaction(self._engine, work)

    @contextlib.asynccontextmanager
    async def holding(self, timeline_id: UUID, workspace_id: UUID) -> AsyncIterator["Held"]:
        """Hold the head in one transaction, committed when the block ends well: no append and no projection until then.

        Keep it short. Raises NotFound, Unavailable.
        """
        try:
            async with database.transaction(self._engine) as connection, driver(connection) as raw, raw.transaction():
                row = await raw.fetchrow(rows.LOCK, workspace_id, timeline_id)
                # lock_head bound the transaction to the workspace, and row security shows its rows from here on.
                yield Held(raw, rows.head(present(row), timeline_id, workspace_id))
        except Exception as error:
            if database.is_transient(error):
                raise errors.Unavailable from error
            raise

    async def _heads(self, condition: sa.ColumnElement[bool]) -> AsyncIterator[Head]:
        after = UUID(int=0)
        while True:
            page = await self._page(sa.and_(_HEAD.timeline_id > after, condition))
            for head in page:
                yield head
            if len(page) < PAGE:
                return
            after = page[-1].timeline_id

    async def _page(self, condition: sa.ColumnElement[bool]) -> list[Head]:
        columns = (_HEAD.timeline_id, _HEAD.workspace_id, _HEAD.version, _HEAD.head_hash)
        asked = sa.select(*columns, _HEAD.current_version, _HEAD.epoch).where(condition)

        async def work(connection: AsyncConnection) -> list[Head]:
            found = await connection.execute(asked.order_by(_HEAD.timeline_id).limit(PAGE))
            # The driver's UUIDs are a type of its own, which JSON encoders do not know.
            return [Head(UUID(int=row[0].int), UUID(int=row[1].int), *row[2:]) for row in found]

        return await database.run_transaction(self._engine, work)


class Held:
    """A timeline that nobody else appends to or projects until the block ends."""

    def __init__(self, raw: "asyncpg.Connection[asyncpg.Record]", head: Head) -> None:
        self._raw = raw
        self.head = head

    async def projected(self) -> Projected:
        """What the projection's rows say."""
        summary = await self._raw.fetchrow(SUMMARY, self.head.timeline_id)
        records = await self._raw.fetch(RECORDS, self.head.timeline_id)
        known: frozenset[Record] = frozenset((row["record_id"], row["kind"], row["alive"]) for row in records)
        if summary is None:
            return Projected(0, None, known)
        facts: dict[str, Any] = dict(summary)
        version = facts.pop("current_version")
        return Projected(version, TimelineSummary(**facts), known)

    async def rewrite(self, version: int, summary: TimelineSummary, records: Sequence[Record]) -> bool:
        """Write the projection anew as of `version`, with all records; False where the checkpoint is further."""
        size = (summary.rate_num, summary.rate_den, summary.width, summary.height)
        columns = [[record[place] for record in records] for place in range(3)]
        head = self.head
        current = await self._raw.fetchval(
            REWRITE, head.workspace_id, head.timeline_id, version, summary.name, *size, summary.duration, *columns
        )
        return bool(current == version)
