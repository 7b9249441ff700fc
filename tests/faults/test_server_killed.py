"""PostgreSQL is killed under load: nothing acknowledged is lost, nothing is stored twice, every writer gets through."""

import asyncio
import os
import signal

import pytest
import sqlalchemy as sa

from migrations import runner
from tests.integration.embedded.watching import eventually
from tests.logs import make_timeline, make_workspace, new_event
from timeline_service.domain import chain
from timeline_service.embedded import databases, processes, servers
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.eventstore.store import OutcomeUnknown
from timeline_service.kit import clock, database, errors

OWN_TIMELINE, HOT_TIMELINE, PER_PHASE = 6, 4, 60
ACTOR = clock.new_id()


class Running:
    """A server of this test's own, started again whenever it ends, and who is connected to it."""

    def __init__(self, embedded, engine, owner_engine):
        self.postgres = embedded.postgres
        self.engine, self.owner_engine = engine, owner_engine


@pytest.fixture
async def running(tmp_path):
    with servers.prepare(tmp_path / "data", with_valkey=False) as embedded:
        async with processes.Tree() as tree:
            await tree.start(*embedded.wanted)
            await runner.upgrade(embedded.migration_database_url)
            await databases.grant_roles(embedded.migration_database_url)
            engine = database.create_engine(embedded.database_url, application_name="tests")
            owner_engine = database.create_engine(embedded.migration_database_url, application_name="tests")
            yield Running(embedded, engine, owner_engine)
            await engine.dispose()
            await owner_engine.dispose()


class Load:
    """Writers of timelines of their own, and writers of one hot timeline who go through the lock after a lost race."""

    def __init__(self, store, workspace):
        self.store, self.workspace = store, workspace
        self.acked = {}  # timeline -> {gesture_id: version}
        self.count = 0
        self.unknown = 0
        self.progress = asyncio.Condition()
        self.stopping = False

    async def write(self, timeline):
        version = 1
        while not self.stopping:
            event = new_event()
            version = await self.until_acked(timeline, event, version)
            async with self.progress:
                assert self.acked[timeline].setdefault(event.gesture_id, version) == version
                self.count += 1
                self.progress.notify_all()

    async def until_acked(self, timeline, event, version):
        """As the sequencer does: the same id again after an unknown outcome, the lock after a lost race."""
        locked = False
        while True:
            try:
                if locked:
                    async with self.store.locked(timeline, self.workspace) as held:
                        answer = await held.append([ACTOR], [event])
                else:
                    answer = await self.store.append(
                        timeline, self.workspace, [ACTOR], [event], expected_version=version
                    )
            except (OutcomeUnknown, errors.Unavailable):
                self.unknown += 1
                continue
            if answer.outcome == "appended":
                return answer.rows[0].version
            if answer.outcome == "duplicate":
                return answer.known[0].version
            locked = True

    async def more(self, count):
        goal = self.count + count
        async with self.progress:
            await self.progress.wait_for(lambda: self.count >= goal)

    async def run(self, disturb):
        timelines = [(await make_timeline(self.store, self.workspace))[0] for _ in range(OWN_TIMELINE + 1)]
        self.acked = {timeline: {} for timeline in timelines}
        async with asyncio.TaskGroup() as group:
            for timeline in timelines[:-1] + timelines[-1:] * HOT_TIMELINE:
                group.create_task(self.write(timeline))
            try:
                await self.more(PER_PHASE)
                await disturb()
                await self.more(PER_PHASE)
            finally:
                self.stopping = True  # also when a writer failed: a cancellation may be lost in the driver

    async def check(self):
        """The log holds what was acknowledged, once, in an unbroken chain, and nothing else."""
        for timeline, acked in self.acked.items():
            stored = await self.store.read(timeline, self.workspace)
            assert chain.verify(stored) is None
            assert {event.gesture_id: event.version for event in stored[1:]} == acked
            assert (await self.store.head(timeline, self.workspace)).version == len(stored) == len(acked) + 1


async def kill_a_backend(running):
    find = "select pid from pg_stat_activity where backend_type = 'client backend' and usename = 'app' limit 1"
    async with running.owner_engine.connect() as connection:
        backend = (await connection.execute(sa.text(find))).scalar_one()
    os.kill(backend, signal.SIGKILL)  # PostgreSQL then ends all others too, ours included


async def end_a_backend(running):
    end = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'"
    async with running.owner_engine.connect() as connection:
        await connection.execute(sa.text(end))


async def kill_the_postmaster(running):
    running.postgres.process.kill()


async def stop_at_once(running):
    running.postgres.process.send_signal(signal.SIGQUIT)


@pytest.mark.parametrize("disturb", [kill_a_backend, end_a_backend, kill_the_postmaster, stop_at_once])
async def test_nothing_acknowledged_is_lost(disturb, running):
    load = Load(PostgresStore(running.engine), await make_workspace(running.owner_engine))
    await load.run(lambda: disturb(running))
    assert load.unknown, "the fault was felt"
    await load.check()


async def test_a_pool_of_idle_connections_survives_a_restart_without_one_failed_call(running):
    store = PostgresStore(running.engine, budget_s=0.001)  # no second try: the pool itself finds out
    timeline, head = await make_timeline(store, await make_workspace(running.owner_engine))
    workspace = head.workspace_id
    await asyncio.gather(*(store.head(timeline, workspace) for _ in range(5)))
    before = running.postgres.process
    before.send_signal(signal.SIGINT)
    await asyncio.to_thread(
        eventually,
        lambda: running.postgres.process is not before and running.postgres.is_ready(),
        "the next postmaster",
    )
    assert await asyncio.gather(*(store.head(timeline, workspace) for _ in range(5))) == [head] * 5
    answer = await store.append(timeline, workspace, [ACTOR], [new_event()], expected_version=1)
    assert answer.outcome == "appended"
