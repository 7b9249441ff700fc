"""Chromium and the service: both run once for all tests of this folder, which each have people and a timeline of their own."""

import asyncio
import contextlib
import os
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, async_playwright

from tests import scratch
from tests.api.conftest import Person, Service, make_settings, running
from tests.browser.window import ARGUMENTS, CHROMIUM, Window, new_profile, tab
from tests.fixtures_servers import TEMPLATE, DatabaseUrls, TestServers
from timeline_service.embedded import service as embedded
from timeline_service.kit import clock

FOLDER = Path(__file__).parent
Profiles = dict[str, BrowserContext]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One test process has the browser: two cores cannot draw for more."""
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))
            item.add_marker(pytest.mark.needs_program("chromium", "apt-get install chromium"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium; nothing is downloaded."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=shutil.which("chromium") or CHROMIUM, args=ARGUMENTS
        )
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def profiles(browser: Browser) -> AsyncIterator[Profiles]:
    """Name → the browser profile of that person: what has been loaded once is in its cache, as for anybody."""
    made: Profiles = {}
    yield made
    for profile in made.values():
        await profile.close()


@pytest.fixture(scope="session")
def browser_database(servers: TestServers) -> Iterator[DatabaseUrls]:
    """A database without jobs of other tests, for a worker that takes whatever it finds."""
    name = f"test_{clock.new_id().hex}"
    asyncio.run(scratch.create_database(servers.migration_database_url, name, template=TEMPLATE))
    yield servers.urls(name)
    asyncio.run(scratch.drop_database(servers.migration_database_url, name))


@pytest.fixture(scope="session")
def browser_redis(servers: TestServers) -> str:
    """A keyspace that no other test empties."""
    return servers.redis(BROWSER_KEYSPACE)


BROWSER_KEYSPACE = 15


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(
    tmp_path_factory: pytest.TempPathFactory, browser_database: DatabaseUrls, browser_redis: str
) -> AsyncIterator[Service]:
    """The service."""
    settings = make_settings(tmp_path_factory.mktemp("playground"), browser_database, browser_redis)
    async with running(settings) as app, contextlib.AsyncExitStack() as connections:
        yield Service(settings, app, connections)


@dataclass
class Set:
    """A timeline with people around it; the first is its owner."""

    house: Service
    workspace_id: str
    timeline_id: str
    people: dict[str, Person]

    @property
    def path(self) -> str:
        return f"/api/v1/timelines/{self.timeline_id}"

    def link(self, name: str) -> str:
        return f"{self.house.url}/play#timeline={self.timeline_id}&token={self.people[name].token}"

    async def events(self) -> list[dict[str, Any]]:
        owner = next(iter(self.people.values()))
        found = await owner.ok("GET", f"{self.path}/events?limit=500")
        items: list[dict[str, Any]] = found["items"]
        return items


SHADE = {"generator": "color", "params": {"color": "#3a6ea5"}}
FILM = {
    "url": "https://media.test/a.mp4",
    "available": {"start": 0, "duration": 705_600_000 * 60},
    "rate": {"num": 25, "den": 1},
    "width": 1920,
    "height": 1080,
}


def clip(clip_id: str, start: int, duration: int = 50, track: str = "v1", **more: Any) -> dict[str, Any]:
    given = {"clip_id": clip_id, "track_id": track, "start": start, "duration": duration, "name": clip_id}
    return {"type": "add_clip", "media": FILM, "source_in": 200, **given, **more}


FIRST_CUT = [
    {"type": "add_track", "track_id": "v1", "kind": "video", "name": "Picture"},
    {"type": "add_track", "track_id": "v2", "kind": "video", "name": "Above"},
    clip("c1", 0),
    clip("c2", 50),
    clip("c3", 150),
]


@pytest.fixture
def make_set(house: Service) -> Callable[..., Awaitable[Set]]:
    """`await make_set("alice", bob="editor")`: alice owns it; others by role. 25 fps; `cut` lies on it."""
    return lambda owner="alice", cut=FIRST_CUT, **others: build_set(house, owner, cut, others)


async def build_set(house: Service, owner: str, cut: list[dict[str, Any]], others: dict[str, str]) -> Set:
    people = {owner: await house.person(owner)}
    first = people[owner]
    workspace = await first.ok("POST", "/api/v1/workspaces", json={"name": "Film"})
    for name, role in others.items():
        people[name] = await house.person(name)
        body = {"person_id": str(people[name].id), "role": role}
        await first.ok("POST", f"/api/v1/workspaces/{workspace['id']}/members", json=body)
    body = {
        "workspace_id": workspace["id"],
        "name": "Cut",
        "rate": {"num": 25, "den": 1},
        "width": 1920,
        "height": 1080,
    }
    timeline = await first.ok("POST", "/api/v1/timelines", json=body)
    made = Set(house, workspace["id"], timeline["id"], people)
    if cut:
        await first.ok("POST", f"{made.path}/gestures", json={"gestures": cut})
    return made


Open = Callable[[Set, str], Awaitable[Window]]


@pytest_asyncio.fixture(loop_scope="session")
async def look(browser: Browser, profiles: Profiles) -> AsyncIterator[Open]:
    """`await look(stage, "bob")`: bob's window, live. A page that complained of anything fails the test."""
    async with contextlib.AsyncExitStack() as stack:
        windows: list[Window] = []

        async def open_window(stage: Set, name: str) -> Window:
            if name not in profiles:
                profiles[name] = await new_profile(browser)
            window = await stack.enter_async_context(tab(profiles[name], stage.link(name), name, stage.people[name].id))
            windows.append(window)
            await window.until("client.status === 'open' && model.tracks.length >= 0 && client.version > 0")
            return window

        yield open_window
        assert {window.name: window.troubles for window in windows if window.troubles} == {}


async def both(look: Open, stage: Set) -> tuple[Window, Window]:
    """The windows of alice and bob, who come at the same time."""
    alice, bob = await asyncio.gather(look(stage, "alice"), look(stage, "bob"))
    return alice, bob


@pytest_asyncio.fixture(loop_scope="session")
async def worker(house: Service, browser_database: DatabaseUrls) -> AsyncIterator[None]:
    """A worker process, for films that are probed and exports that are rendered."""
    settings = house.settings
    environment = {
        **embedded.child_environment(settings, public_url=settings.public_url),
        "WORKER_DATABASE_URL": browser_database.worker,
        "TIMELINE_LOG_LEVEL": "WARNING",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "workers.main", env=environment, cwd=os.fspath(FOLDER.parents[1])
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()
