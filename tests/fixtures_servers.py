"""Real servers for the tests: one PostgreSQL and one Valkey per run, one migrated database per test worker.

With pytest-xdist the controller owns the servers, so that a worker that is killed takes nothing with it; without, the
test process does. Either way they end with their owner, by kill -9 too, and the data is thrown away.
"""

import asyncio
import dataclasses
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from migrations import runner
from tests import scratch
from timeline_service.embedded import databases
from timeline_service.embedded import servers as embedded
from timeline_service.kit import clock, database

TEMPLATE = "migrated"


@dataclasses.dataclass(frozen=True)
class TestServers:
    """Where the servers of this run are; `urls(name)` addresses one database, `redis(number)` one keyspace."""

    __test__ = False

    database_url: str
    worker_database_url: str
    migration_database_url: str
    redis_url: str

    def urls(self, name: str) -> "DatabaseUrls":
        logins = (self.database_url, self.worker_database_url, self.migration_database_url)
        return DatabaseUrls(*(scratch.with_database(url, name) for url in logins))

    def redis(self, number: int) -> str:
        return f"{self.redis_url.rpartition('/')[0]}/{number}"


@dataclasses.dataclass(frozen=True)
class DatabaseUrls:
    """One database, by login: `app` and `worker` as the service has them, `owner` may do everything."""

    app: str
    worker: str
    owner: str


class ServersOfThisRun:
    """Starts the servers when they are first needed, stops them once."""

    def __init__(self) -> None:
        self._running: embedded.Servers | None = None
        self._folder: Path | None = None
        self._failure: Exception | None = None

    def start(self) -> TestServers:
        if self._failure is not None:
            raise self._failure
        if self._running is None:
            self._folder = Path(tempfile.mkdtemp(prefix="timeline-tests-"))
            try:
                self._running = embedded.start(self._folder)
                asyncio.run(make_template(self._running.migration_database_url))
            except Exception as error:
                self._failure = error
                self.stop()
                raise
        running = self._running
        return TestServers(
            running.database_url, running.worker_database_url, running.migration_database_url, running.redis_url
        )

    def stop(self) -> None:
        if self._running is not None:
            self._running.stop()
            self._running = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


OF_THIS_RUN = ServersOfThisRun()


async def make_template(owner_url: str) -> None:
    """A migrated database that others are copied from."""
    await scratch.create_database(owner_url, TEMPLATE)
    await runner.upgrade(scratch.with_database(owner_url, TEMPLATE))
    await databases.grant_roles(owner_url)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """In the controller of pytest-xdist, before each worker starts: tell it where the servers are."""
    try:
        node.workerinput["servers"] = dataclasses.asdict(OF_THIS_RUN.start())
    except Exception as error:  # the tests that need no server still run
        node.workerinput["servers_failed"] = f"{type(error).__name__}: {error}"


def pytest_unconfigure() -> None:
    OF_THIS_RUN.stop()


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> TestServers:
    """The servers of this run. Tests that stop or break a server start their own instead."""
    given = getattr(request.config, "workerinput", None)
    if given is None:
        return OF_THIS_RUN.start()
    if "servers_failed" in given:
        pytest.fail(f"the embedded servers did not start: {given['servers_failed']}")
    return TestServers(**given["servers"])


@pytest.fixture(scope="session")
def database_urls(servers: TestServers, request: pytest.FixtureRequest) -> Iterator[DatabaseUrls]:
    """The migrated database of this test worker. Tests share it: each makes its own workspaces and timelines."""
    name = f"test_{worker_number(request.config)}"
    asyncio.run(scratch.create_database(servers.migration_database_url, name, template=TEMPLATE))
    yield servers.urls(name)
    asyncio.run(scratch.drop_database(servers.migration_database_url, name))


@pytest.fixture
async def fresh_database(servers: TestServers) -> AsyncIterator[Callable[[], Awaitable[DatabaseUrls]]]:
    """Makes migrated databases that belong to one test alone: `urls = await fresh_database()`."""
    made: list[str] = []

    async def make() -> DatabaseUrls:
        name = f"test_{clock.new_id().hex}"
        await scratch.create_database(servers.migration_database_url, name, template=TEMPLATE)
        made.append(name)
        return servers.urls(name)

    yield make
    for name in made:
        await scratch.drop_database(servers.migration_database_url, name)


@pytest.fixture
async def engine(database_urls: DatabaseUrls) -> AsyncIterator[AsyncEngine]:
    """As the API has it: the role timeline_app."""
    async for made in engine_at(database_urls.app):
        yield made


@pytest.fixture
async def worker_engine(database_urls: DatabaseUrls) -> AsyncIterator[AsyncEngine]:
    """As the workers have it: the role timeline_worker."""
    async for made in engine_at(database_urls.worker):
        yield made


@pytest.fixture
async def owner_engine(database_urls: DatabaseUrls) -> AsyncIterator[AsyncEngine]:
    """The superuser, whom row level security does not bind: for looking behind the scenes."""
    async for made in engine_at(database_urls.owner):
        yield made


@pytest.fixture(scope="session")
def redis_url(servers: TestServers, request: pytest.FixtureRequest) -> str:
    """A keyspace of Valkey for this test worker. FLUSHDB empties it; FLUSHALL would empty everybody's."""
    return servers.redis(worker_number(request.config) % 16)


async def engine_at(url: str) -> AsyncIterator[AsyncEngine]:
    made = database.create_engine(url, application_name="tests")
    yield made
    await made.dispose()


def worker_number(config: pytest.Config) -> int:
    """0 in a run without workers, else the number of this one."""
    given = getattr(config, "workerinput", None)
    return int(given["workerid"].removeprefix("gw")) if given else 0
