"""The service goes away and comes back: what was done meanwhile waits in the queue, is sent, and is there once."""

import contextlib
import socket
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.api.conftest import SOCKETS, Service, make_settings, running
from tests.browser.conftest import FIRST_CUT, build_set
from tests.browser.window import opened
from tests.fixtures_servers import DatabaseUrls

pytestmark = pytest.mark.asyncio(loop_scope="session")


def same_port(address: str) -> socket.socket:
    """Another listening socket where one was; it may be followed by a third, whatever connections linger."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(address.rpartition(":")[2])))
    listener.listen(64)
    return listener


async def test_what_was_done_offline_is_not_lost(
    tmp_path: Path, browser: Browser, browser_database: DatabaseUrls, browser_redis: str
) -> None:
    settings = make_settings(tmp_path, browser_database, browser_redis)
    SOCKETS.pop(settings.public_url).close()
    SOCKETS[settings.public_url] = same_port(settings.public_url)
    async with contextlib.AsyncExitStack() as stack:
        async with running(settings) as app:
            house = Service(settings, app, stack)
            stage = await build_set(house, "alice", FIRST_CUT, {"bob": "editor"})
            alice = await stack.enter_async_context(opened(browser, stage.link("alice"), "alice", ""))
            bob = await stack.enter_async_context(opened(browser, stage.link("bob"), "bob", ""))
            for window in (alice, bob):
                await window.until("client.status === 'open' && model.items.size === 3")
            await alice.click("c3")
        # The service is gone.
        await alice.until("client.status !== 'open'")
        await alice.key(".", ".", ".")
        await alice.park(25)
        await alice.click("c1", 0.2)
        await alice.key("o")
        await alice.until_clip("c3", 153, 50)  # it is drawn at once
        await alice.until_clip("c1", 0, 25)
        chip = alice.page.locator("#status")
        assert "4 queued" in await chip.inner_text()
        await alice.until("/again in \\d+ s/.test(document.getElementById('status').textContent)")
        await bob.click("c2")
        await bob.key("Delete")
        SOCKETS[settings.public_url] = same_port(settings.public_url)
        async with running(settings) as app:
            house.app = app
            for window in (alice, bob):
                await window.settled()
                await window.until_clip("c3", 153, 50)
                await window.until_clip("c1", 0, 25)
                await window.until("!model.items.has('c2')")
            events = (await stage.events())[6:]
            assert sorted(event["type"] for event in events) == ["move", "move", "move", "remove_clip", "trim"]
            ids = [event["gesture_id"] for event in events]
            assert len(set(ids)) == len(ids)
            assert await alice.see("toasts.refused") == []
            assert (await chip.inner_text()) == "Live"
        refused = [text for text in alice.troubles + bob.troubles if "ERR_CONNECTION_REFUSED" not in text]
        assert refused == []
