"""PostgreSQL goes away under load: nothing acknowledged is lost, every call ends well within its budget."""

import asyncio
import os
import signal

import pytest
import sqlalchemy

from tests import scratch
from tests.integration.embedded.watching import children_of, eventually
from timeline_service.embedded import processes, servers
from timeline_service.kit import clock, database, errors
from timeline_service.kit import redis as kit_redis

INSERT = sqlalchemy.text("insert into written values (:key) on conflict do nothing")
WRITERS = 8
PER_PHASE = 40


@pytest.fixture
async def tree(tmp_path):
    """Embedded servers under supervision, as `up` runs them, with a table to write to."""
    with servers.prepare(tmp_path / "data") as embedded:
        async with processes.Tree() as running:
            await running.start(*embedded.wanted)
            engine = database.create_engine(embedded.migration_database_url, application_name="tests")
            async with database.transaction(engine) as connection:
                await connection.execute(sqlalchemy.text("create table written (key text primary key)"))
            yield embedded, engine
            await engine.dispose()


class Load:
    """Writers that append with their own keys, as gestures do, and remember what was acknowledged."""

    def __init__(self, engine):
        self.engine = engine
        self.acknowledged = set()
        self.progress = asyncio.Condition()
        self.stopping = False

    async def write(self):
        while not self.stopping:
            key = str(clock.new_id())
            await database.run_transaction(
                self.engine, lambda connection, key=key: connection.execute(INSERT, {"key": key})
            )
            async with self.progress:
                self.acknowledged.add(key)
                self.progress.notify_all()

    async def more(self, count):
        """Wait until `count` further writes were acknowledged."""
        goal = len(self.acknowledged) + count
        async with self.progress:
            await self.progress.wait_for(lambda: len(self.acknowledged) >= goal)

    async def run(self, disturb):
        async with asyncio.TaskGroup() as group:
            for _ in range(WRITERS):
                group.create_task(self.write())
            await self.more(PER_PHASE)
            await disturb()
            await self.more(PER_PHASE)
            self.stopping = True

    async def stored(self):
        async with database.transaction(self.engine) as connection:
            return set((await connection.execute(sqlalchemy.text("select key from written"))).scalars())


async def test_kill_9_of_one_backend_under_load(tree):
    _, engine = tree
    load = Load(engine)

    async def kill_a_backend():
        async with database.transaction(engine) as connection:
            find = sqlalchemy.text(
                "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1"
            )
            victim = (await connection.execute(find)).scalar_one()
        os.kill(victim, signal.SIGKILL)

    await load.run(kill_a_backend)
    assert await load.stored() >= load.acknowledged


async def test_kill_9_of_the_postmaster_under_load(tree):
    embedded, engine = tree
    load = Load(engine)

    async def kill_the_postmaster():
        os.kill(embedded.postgres.process.pid, signal.SIGKILL)

    await load.run(kill_the_postmaster)
    assert await load.stored() >= load.acknowledged


async def test_a_pool_survives_a_restart_without_one_failed_call(tree):
    embedded, engine = tree

    async def ask():
        async with database.transaction(engine) as connection:
            return (await connection.execute(sqlalchemy.text("select 1"))).scalar_one()

    assert await asyncio.gather(*(ask() for _ in range(5))) == [1] * 5
    before = embedded.postgres.process
    before.send_signal(signal.SIGINT)
    await asyncio.to_thread(
        eventually,
        lambda: embedded.postgres.process is not before and embedded.postgres.is_ready(),
        "the next postmaster",
    )
    # No retry here: the pool finds out by itself that its connections are dead.
    assert await asyncio.gather(*(ask() for _ in range(5))) == [1] * 5


class Partition:
    """A wire to the server that can go silent: what is sent is swallowed, no connection is closed."""

    def __init__(self, port):
        self.port = port
        self.whole = asyncio.Event()
        self.whole.set()
        self.tasks = set()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        return self.server.sockets[0].getsockname()[1]

    async def __aexit__(self, *error):
        self.server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.server.wait_closed()

    async def serve(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            await asyncio.gather(self.pump(reader, other_writer), self.pump(other_reader, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for one in (writer, other_writer):
                one.transport.abort()

    async def pump(self, reader, writer):
        while part := await reader.read(65536):
            await self.whole.wait()
            writer.write(part)
            await writer.drain()
        writer.close()


async def test_a_silent_partition_ends_in_time_and_heals(untouched):
    known = untouched.state
    partition = Partition(known.postgres_port)
    async with partition as port:
        engine = database.create_engine(
            scratch.tcp_url(port, "app", known.app_password), application_name="tests", command_timeout_s=0.3
        )

        async def ask(connection):
            return (await connection.execute(sqlalchemy.text("select 1"))).scalar_one()

        assert await database.run_transaction(engine, ask) == 1
        partition.whole.clear()
        with pytest.raises(errors.Unavailable):
            await database.run_transaction(engine, ask, budget_s=0.1)
        healing = asyncio.create_task(database.run_transaction(engine, ask))
        await asyncio.to_thread(eventually, lambda: len(partition.tasks) > 2, "another try")
        partition.whole.set()
        assert await healing == 1
        await engine.dispose()


async def test_the_budget_ends_with_unavailable(tmp_path):
    with servers.start(tmp_path / "data") as embedded:
        engine = database.create_engine(embedded.database_url, application_name="tests")
    with pytest.raises(errors.Unavailable) as caught:
        await database.run_transaction(
            engine, lambda connection: connection.execute(INSERT, {"key": "x"}), budget_s=0.3
        )
    assert caught.value.stable_code == "database_unavailable"
    await engine.dispose()


async def test_valkey_killed_under_a_client_keeps_what_was_there_a_second_ago(tree):
    embedded, _ = tree
    client = kit_redis.create_client(embedded.redis_url, client_name="tests")
    await client.set("kept", "1")
    await asyncio.to_thread(eventually, lambda: aof_is_written(embedded), "the append-only file")
    before = embedded.valkey.process
    before.kill()
    await asyncio.to_thread(
        eventually, lambda: embedded.valkey.process is not before and embedded.valkey.is_ready(), "the next Valkey"
    )
    assert await client.get("kept") == b"1"
    await client.aclose()


def aof_is_written(embedded):
    return any(b"kept" in path.read_bytes() for path in embedded.valkey.folder.glob("appendonlydir/*.aof"))


async def test_redis_away_is_unavailable_not_a_crash(tmp_path):
    with servers.start(tmp_path / "data") as embedded:
        client = kit_redis.create_client(embedded.redis_url, client_name="tests")
        with kit_redis.unavailable_on_error():
            assert await client.ping()
    with pytest.raises(errors.Unavailable) as caught, kit_redis.unavailable_on_error():
        await client.ping()
    assert caught.value.stable_code == "redis_unavailable"
    await client.aclose()


def test_the_tree_s_servers_are_children_of_this_process(tmp_path):
    with servers.start(tmp_path / "data") as embedded:
        mine = children_of(os.getpid())
        assert {embedded.postgres.process.pid, embedded.valkey.process.pid} <= mine.keys()
