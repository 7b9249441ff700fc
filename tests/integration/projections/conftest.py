"""A database of its own for each test, for what looks over all timelines; an editor who fills it."""

import dataclasses
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.fixtures_servers import DatabaseUrls
from tests.integration.editing.conftest import Desk, clip, desk_on, person
from tests.logs import new_event
from timeline_service.access.service import Actor
from timeline_service.domain import creation
from timeline_service.domain.media import RateValue
from timeline_service.eventstore.maintenance import Maintenance, Projected
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.kit import database


@dataclasses.dataclass
class House:
    """One database as its users have it. `store` and `maintenance` have the worker's login."""

    urls: DatabaseUrls
    app: AsyncEngine
    worker: AsyncEngine
    owner: AsyncEngine
    desk: Desk
    store: PostgresStore
    maintenance: Maintenance
    alice: Actor
    workspace_id: uuid.UUID

    async def timeline(self, clips: int = 0) -> uuid.UUID:
        """A timeline with a track and clips: 2 + clips events, all projected, no snapshots."""
        request = creation.NewTimeline(name="Cut", rate=RateValue(num=24, den=1), width=1920, height=1080)
        made = await self.desk.editing.create_timeline(self.alice, self.workspace_id, request)
        await self.edit(made.timeline_id, {"type": "add_track", "track_id": "v1", "kind": "video"})
        if clips:
            await self.edit(made.timeline_id, *[clip(f"c{number}", number * 10) for number in range(clips)])
        await self.desk.editing.close()  # on a slow day the desk takes snapshots of its own
        await self.sql("delete from timeline_snapshot where timeline_id = :t", t=made.timeline_id)
        return made.timeline_id

    async def edit(self, timeline_id: uuid.UUID, *gestures: dict[str, Any]) -> None:
        await self.desk.edit(self.alice, timeline_id, *gestures)

    async def append_behind(self, timeline_id: uuid.UUID, *gestures: dict[str, Any]) -> None:
        """Edit as a process does that is killed between the append and the checkpoint."""
        before = (await self.store.head(timeline_id, self.workspace_id)).current_version  # type: ignore[union-attr]
        rows = await self.rows(timeline_id)
        await self.edit(timeline_id, *gestures)
        await self.put_back(timeline_id, before, rows)

    async def put_back(self, timeline_id: uuid.UUID, version: int, rows: Projected) -> None:
        """The checkpoint and its rows as they were."""
        summary = rows.summary
        assert summary is not None
        await self.sql("update timeline_head set current_version = :v where timeline_id = :t", t=timeline_id, v=version)
        await self.sql(
            "update timeline set current_version = :v, name = :n, duration = :d where id = :t",
            t=timeline_id, v=version, n=summary.name, d=summary.duration,
        )  # fmt: skip
        await self.sql("delete from timeline_record where timeline_id = :t", t=timeline_id)
        for record_id, kind, alive in rows.records:
            await self.sql(
                "insert into timeline_record (timeline_id, record_id, workspace_id, kind, alive) "
                "values (:t, :r, :w, :k, :a)",
                t=timeline_id, r=record_id, w=self.workspace_id, k=kind, a=alive,
            )  # fmt: skip

    async def poison(self, timeline_id: uuid.UUID) -> int:
        """Append an event of the future, as a newer release would; its version."""
        head = await self.store.head(timeline_id, self.workspace_id)
        assert head is not None
        future = new_event(type="from_the_future", schema_version=999)
        store = PostgresStore(self.app)
        done = await store.append(
            timeline_id, self.workspace_id, [self.alice.id], [future], expected_version=head.version
        )
        return done.rows[0].version

    async def rows(self, timeline_id: uuid.UUID) -> Projected:
        """What the projection's rows say."""
        async with self.maintenance.holding(timeline_id, self.workspace_id) as held:
            return await held.projected()

    async def current(self, timeline_id: uuid.UUID) -> int:
        head = await self.store.head(timeline_id, self.workspace_id)
        assert head is not None
        return head.current_version

    async def sql(self, statement: str, **values: Any) -> None:
        """As the superuser."""
        async with self.owner.begin() as connection:
            await connection.execute(sa.text(statement), values)


@pytest.fixture
async def house(fresh_database: Callable[[], Awaitable[DatabaseUrls]]) -> AsyncIterator[House]:
    urls = await fresh_database()
    app, worker, owner = (
        database.create_engine(url, application_name="tests", pool_size=5)
        for url in (urls.app, urls.worker, urls.owner)
    )
    desk = desk_on(app)
    alice = await person(desk, "alice")
    workspace = await desk.access.create_workspace(alice, "Film")
    yield House(urls, app, worker, owner, desk, PostgresStore(worker), Maintenance(worker), alice, workspace.id)
    await desk.editing.close()
    for engine in (app, worker, owner):
        await engine.dispose()
