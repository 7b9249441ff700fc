"""The service is killed and comes back: what was done meanwhile waits in the queue, is sent, and is there once."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Browser, Error

from tests import fleet
from tests.api.conftest import Service
from tests.browser.conftest import FIRST_CUT, Set, build_set
from tests.browser.window import Window, opened
from tests.fixtures_servers import DatabaseUrls
from timeline_service.settings import Settings

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def process(
    tmp_path: Path, browser_database: DatabaseUrls, browser_redis: str
) -> AsyncIterator[fleet.ApiProcess]:
    """A process of the service that a test may kill."""
    processes = fleet.Fleet(tmp_path, browser_database.app, browser_redis, size=1)
    await processes.start()
    yield processes[0]
    await processes.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def stage(process: fleet.ApiProcess, tmp_path: Path) -> AsyncIterator[Set]:
    async with contextlib.AsyncExitStack() as connections:
        house = Service(Settings(data_dir=tmp_path, public_url=process.url), FastAPI(), connections)
        yield await build_set(house, "alice", FIRST_CUT, {"bob": "editor"})


async def test_what_was_done_while_the_service_was_killed_is_not_lost(
    process: fleet.ApiProcess, stage: Set, browser: Browser
) -> None:
    async with (
        opened(browser, stage.link("alice"), "alice", "") as alice,
        opened(browser, stage.link("bob"), "bob", "") as bob,
    ):
        for window in (alice, bob):
            await window.until("client.status === 'open' && model.items.size === 3")
        await alice.click("c3")
        assert process.process is not None
        fleet.freeze(process.process)  # what is done now reaches its socket, and nobody
        await alice.key(".")
        await alice.until("document.getElementById('status').textContent === 'Live, 1 on the way'")
        await process.kill()
        await alice.until("client.status !== 'open'")
        await alice.key(".", ".")
        await alice.park(25)
        await alice.click("c1", 0.2)
        await alice.key("o")
        await alice.until_clip("c3", 153, 50)  # it is drawn at once
        await alice.until_clip("c1", 0, 25)
        await alice.until("/4 queued, again in \\d+ s/.test(document.getElementById('status').textContent)")
        await lose_the_page(bob)
        await process.start()
        await bob.page.goto(f"{process.url}/play#timeline={stage.timeline_id}")  # the tab has the token still
        for window in (alice, bob):
            await window.settled()
            await window.until_clip("c3", 153, 50)
            await window.until_clip("c1", 0, 25)
            await window.until("!model.items.has('c2')")
            assert await window.see("toasts.refused") == []
        events = (await stage.events())[6:]
        assert sorted(event["type"] for event in events) == ["move", "move", "move", "remove_clip", "trim"]
        ids = [event["gesture_id"] for event in events]
        assert len(set(ids)) == len(ids)
        assert await alice.page.locator("#status").inner_text() == "Live"
        unexpected = [text for text in alice.troubles + bob.troubles if "net::ERR_" not in text]
        assert unexpected == []


async def lose_the_page(bob: Window) -> None:
    """Bob edits without a service and reloads: there is no page any more, only what the browser has stored."""
    await bob.click("c2")
    await bob.key("Delete")
    await bob.until("client.pendingCount === 1")
    with pytest.raises(Error, match="ERR_CONNECTION"):
        await bob.page.reload()
    await bob.page.wait_for_url("chrome-error://**")
    await bob.page.goto("about:blank")  # Chromium would load its page of the error again and again
