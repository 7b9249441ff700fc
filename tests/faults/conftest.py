"""Two processes of the service that tests may kill, and a Valkey that they may break, once per test worker."""

import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import fleet
from timeline_service.client.requests import TimelineApi
from timeline_service.kit import clock

RATE = {"num": 25, "den": 1}
FOLDER = Path(__file__).parent
MAXMEMORY = "maxmemory 12mb"


def pytest_collection_modifyitems(config, items):
    """One test worker has the processes; each start of them costs seconds."""
    if config.pluginmanager.hasplugin("xdist"):
        for item in items:
            if "scene" in getattr(item, "fixturenames", ()) and FOLDER in item.path.parents:
                item.add_marker(pytest.mark.xdist_group("fleet"))


@dataclass
class Scene:
    """A timeline at version 1, and who owns it."""

    fleet: fleet.Fleet
    servers: fleet.OwnServers
    token: str
    timeline_id: str


@pytest.fixture(scope="session")
def broken_house(tmp_path_factory, database_urls):
    """The servers and processes, on the database of this test worker. Tests leave them as they like."""
    folder = tmp_path_factory.mktemp("faults")
    servers = fleet.OwnServers(folder / "own", with_postgres=False, valkey_settings=(MAXMEMORY,))
    fast = {"TIMELINE_STREAM_GESTURES_PER_SECOND": "10000", "TIMELINE_STREAM_GESTURES_BURST": "10000"}
    made = fleet.Fleet(folder / "data", database_urls.app, servers.prepared.redis_url, **fast)
    try:
        asyncio.run(servers.start())
        yield made, servers
    finally:
        asyncio.run(made.stop())
        servers.stop()


@pytest.fixture
async def scene(broken_house):
    """Everything mended, and a new timeline."""
    made, servers = broken_house
    fleet.resume(servers.valkey.process)
    if servers.valkey.process.poll() is not None:
        await fleet.launch_again(servers.valkey)
    await made.start()
    for process in made.processes:
        process.log.write_bytes(b"")
    token = made.token(f"owner-{clock.new_id()}")
    async with contextlib.AsyncExitStack() as stack:
        api = await stack.enter_async_context(TimelineApi(made.urls[0], token))
        workspace = await api.create_workspace("Film")
        timeline = await api.create_timeline(workspace["id"], "Cut", rate=RATE, width=1920, height=1080)
        yield Scene(made, servers, token, timeline["id"])
