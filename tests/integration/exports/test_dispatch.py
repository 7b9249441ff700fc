"""Who comes next: caps, taking turns, handing over again."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.fixtures_servers import DatabaseUrls, engine_at
from tests.integration.exports import rows
from timeline_service.exports import attempts, dispatch
from timeline_service.exports.job import Failure, Ticket
from timeline_service.kit import database


@pytest.fixture
async def urls(fresh_database: Callable[[], Awaitable[DatabaseUrls]]) -> DatabaseUrls:
    """A database of its own: places are counted over all workspaces."""
    return await fresh_database()


@pytest.fixture
async def owner(urls: DatabaseUrls) -> AsyncEngine:
    async for engine in engine_at(urls.owner):
        yield engine


@pytest.fixture
async def app(urls: DatabaseUrls) -> AsyncEngine:
    async for engine in engine_at(urls.app):
        yield engine


@pytest.fixture
async def worker(urls: DatabaseUrls) -> AsyncEngine:
    async for engine in engine_at(urls.worker):
        yield engine


async def test_twenty_jobs_of_one_do_not_starve_the_one_of_another(
    app: AsyncEngine, worker: AsyncEngine, owner: AsyncEngine
) -> None:
    busy, quiet = await rows.make_place(owner), await rows.make_place(owner)
    many = [await rows.enter(app, busy, version) for version in range(1, 10)]
    more = await rows.make_place(owner, beside=busy)
    many += [await rows.enter(app, more, version) for version in range(1, 10)]
    one = await rows.enter(app, quiet)
    caps = dispatch.Caps(per_workspace=2, over_all=3, again_after_s=60)
    first = await dispatch.release(worker, caps)
    assert first == [(many[0].id, 1), (one.id, 1), (many[1].id, 1)]
    assert await dispatch.release(worker, caps) == []
    await finish(worker, first[0])
    assert await dispatch.release(worker, caps) == [(many[2].id, 1)]
    await finish(worker, first[1])
    assert await dispatch.release(worker, caps) == []  # a place is free, but the workspace has its two


async def test_all_take_turns(app: AsyncEngine, worker: AsyncEngine, owner: AsyncEngine) -> None:
    places = [await rows.make_place(owner) for _ in range(3)]
    jobs = {place.workspace_id: [await rows.enter(app, place, v) for v in range(1, 4)] for place in places}
    released = await dispatch.release(worker, dispatch.Caps(per_workspace=3, over_all=5, again_after_s=60))
    rounds = [jobs[place.workspace_id][turn].id for turn in range(3) for place in places]
    assert [ticket[0] for ticket in released] == rounds[:5]


async def test_releasing_at_once_keeps_the_caps(app: AsyncEngine, worker: AsyncEngine, owner: AsyncEngine) -> None:
    place = await rows.make_place(owner)
    for version in range(1, 9):
        await rows.enter(app, place, version)
    caps = dispatch.Caps(per_workspace=3, over_all=100, again_after_s=60)
    released = await asyncio.gather(*(dispatch.release(worker, caps) for _ in range(6)))
    assert sum(map(len, released)) == 3


async def test_what_was_not_started_is_handed_over_again(
    app: AsyncEngine, worker: AsyncEngine, owner: AsyncEngine
) -> None:
    job = await rows.enter(app, await rows.make_place(owner))
    patient, hasty = dispatch.Caps(again_after_s=60), dispatch.Caps(again_after_s=0)
    assert await dispatch.release(worker, patient) == [(job.id, 1)]
    assert await dispatch.release(worker, patient) == []
    assert await dispatch.release(worker, hasty) == [(job.id, 1)]
    assert await attempts.claim(worker, job.id, 1, "w", 30) is not None
    assert await dispatch.release(worker, hasty) == []


async def test_a_retry_waits_its_time(app: AsyncEngine, worker: AsyncEngine, owner: AsyncEngine) -> None:
    job = await rows.enter(app, await rows.make_place(owner))
    held = await attempts.claim(worker, job.id, 1, "w", 30)
    assert held is not None
    broken = Failure("engine_crashed", "It died.", retryable=True, details={})
    await attempts.give_up(worker, held, broken, retry_in_s=3600)
    assert await dispatch.release(worker, dispatch.Caps()) == []
    async with database.transaction(worker) as connection:
        await connection.execute(sa.text("update outbox set available_at = clock_timestamp()"))
    assert await dispatch.release(worker, dispatch.Caps()) == [(job.id, 2)]


async def finish(worker: AsyncEngine, ticket: Ticket) -> None:
    held = await attempts.claim(worker, *ticket, "w", 30)
    assert held is not None
    failure = Failure("missing_media", "Gone.", retryable=False, details={})
    assert await attempts.give_up(worker, held, failure, retry_in_s=0) == "failed"
