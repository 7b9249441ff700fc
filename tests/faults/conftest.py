"""Processes of the service that tests may kill, and a Valkey that they may break."""

import contextlib
from dataclasses import dataclass

import pytest

from tests import fleet
from timeline_service.client.requests import TimelineApi

RATE = {"num": 25, "den": 1}


@dataclass
class Scene:
    """A timeline at version 2, with the video track v1, and who owns it."""

    fleet: fleet.Fleet
    servers: fleet.OwnServers
    token: str
    timeline_id: str


@pytest.fixture
async def scene(tmp_path, database_urls, stream_limits, valkey_settings):
    """Two processes on the database of this test worker and a Valkey of their own."""
    servers = fleet.OwnServers(tmp_path / "own", with_postgres=False, valkey_settings=valkey_settings)
    environment = {f"TIMELINE_STREAM_{name.upper()}": str(value) for name, value in stream_limits.items()}
    made = fleet.Fleet(tmp_path / "data", database_urls.app, servers.prepared.redis_url, **environment)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(servers.stop)
        await servers.start()
        stack.push_async_callback(made.stop)
        await made.start()
        token = made.token("owner")
        api = await stack.enter_async_context(TimelineApi(made.urls[0], token))
        workspace = await api.create_workspace("Film")
        timeline = await api.create_timeline(workspace["id"], "Cut", rate=RATE, width=1920, height=1080)
        yield Scene(made, servers, token, timeline["id"])


@pytest.fixture
def stream_limits():
    """Limits of the stream, by their setting's name: parametrise over this name."""
    return {}


@pytest.fixture
def valkey_settings():
    """Lines for Valkey's configuration: parametrise over this name."""
    return ()
