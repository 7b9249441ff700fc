"""Exports while the servers under them go away and come back. The servers of these tests are their own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from migrations import runner
from tests import scratch
from tests.fixtures_servers import DatabaseUrls
from tests.integration.exports import stage as stages
from tests.integration.exports.stage import Stage, eventually
from tests.integration.exports.test_faults import LONG, half_done
from timeline_service.embedded import databases
from timeline_service.embedded import servers as embedded
from timeline_service.kit import clock, redis
from workers import queue


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Servers]:
    with embedded.start(tmp_path_factory.mktemp("own")) as running:
        yield running


@pytest.fixture
async def stage(own: embedded.Servers, tmp_path: Path) -> AsyncIterator[Stage]:
    name = f"test_{clock.new_id().hex}"
    await scratch.create_database(own.migration_database_url, name)
    logins = (own.database_url, own.worker_database_url, own.migration_database_url)
    urls = DatabaseUrls(*(scratch.with_database(url, name) for url in logins))
    await runner.upgrade(urls.owner)
    await databases.grant_roles(own.migration_database_url)
    async with stages.open_stage(urls, own.redis_url, tmp_path) as opened:
        yield opened


async def restart(server: embedded.Server, while_down: Callable[[], Awaitable[object]] | None = None) -> None:
    await asyncio.to_thread(embedded.stop, server)
    if while_down is not None:
        await while_down()
    server.launch()
    await asyncio.to_thread(embedded.wait_ready, server)


async def test_flushall_while_a_job_waits(stage: Stage) -> None:
    place = await stage.place()
    await stage.film(place)
    stage.start_worker("relay")
    job = await stage.exports.request(place.actor, place.timeline_id, preset="source")
    client = redis.create_client(stage.redis_url, client_name="tests")

    async def queued() -> bool:
        return await client.zcard(queue.QUEUE) == 1

    await eventually(queued)
    await client.flushall()
    stage.start_worker("execute")
    done = await stage.until(place, job)
    await client.aclose()
    assert (done.state, done.attempt, await stage.claims(job)) == ("completed", 1, 1)


async def test_flushall_while_a_job_runs(stage: Stage) -> None:
    stage.start_worker()
    place, job = await half_done(stage)
    client = redis.create_client(stage.redis_url, client_name="tests")
    await client.flushall()
    await client.aclose()
    done = await stage.until(place, job)
    assert (done.state, done.attempt, await stage.claims(job)) == ("completed", 1, 1)


async def test_redis_goes_away_while_a_job_runs(stage: Stage, own: embedded.Servers) -> None:
    """Progress is told and the job completes without Redis; with it back, the next job is picked up."""
    worker = stage.start_worker()
    place, job = await half_done(stage)

    async def completes() -> None:
        done = await stage.until(place, job)
        assert (done.state, done.attempt, await stage.claims(job)) == ("completed", 1, 1)

    await restart(own.valkey, completes)
    another = await stage.exports.request(place.actor, place.timeline_id, preset="source")
    assert (await stage.until(place, another)).state == "completed"
    assert worker.process.poll() is None


async def test_a_job_that_was_asked_for_without_redis(stage: Stage, own: embedded.Servers) -> None:
    place = await stage.place()
    await stage.film(place)
    stage.start_worker()
    asked = []

    async def ask() -> None:
        asked.append(await stage.exports.request(place.actor, place.timeline_id, preset="source"))

    await restart(own.valkey, ask)
    assert (await stage.until(place, asked[0])).state == "completed"


async def test_postgres_restarts_while_a_job_runs(stage: Stage, own: embedded.Servers) -> None:
    """No lease is taken away from a worker that could not renew it: a server that is just up waits for heartbeats."""
    worker = stage.start_worker(TIMELINE_EXPORT_LEASE_S="10")
    place, job = await half_done(stage)
    await restart(own.postgres)
    done = await stage.until(place, job)
    assert (done.state, done.attempt, await stage.claims(job)) == ("completed", 1, 1)
    assert done.artifact is not None and done.artifact.frames == LONG
    assert worker.process.poll() is None
