"""`timeline-service play`: the links that it prints open, for two people, on a timeline with twelve clips."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from typer.testing import CliRunner

from tests.api.conftest import Service
from tests.browser.window import opened
from timeline_service import cli
from timeline_service.demo import play
from timeline_service.embedded.errors import EmbeddedError

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def made(house: Service) -> AsyncIterator[play.Made]:
    """As the command makes it."""
    yield await play.make(house.settings, play.Options(house.url, shape="tall"))


async def test_both_links_open_on_the_same_cut(made: play.Made, browser: Browser) -> None:
    assert set(made.links) == {"alice", "bob"} and made.film
    async with contextlib.AsyncExitStack() as stack:
        for name, link in made.links.items():
            window = await stack.enter_async_context(opened(browser, link, name, ""))
            await window.until("client.status === 'open' && model.items.size === 12")
            assert await window.see("[model.width, model.height]") == [1080, 1920]
            assert "token" not in window.page.url and window.troubles == []
        await window.until("client.peers.size === 1")


async def test_without_a_service_it_says_what_to_start(house: Service) -> None:
    with pytest.raises(EmbeddedError, match="Start `timeline-service up`"):
        await play.make(house.settings, play.Options("http://127.0.0.1:9"))


async def test_help_teaches(tmp_path: Path) -> None:
    said = CliRunner().invoke(cli.cli, ["play", "--help"]).output
    for word in ("two windows", "timeline-service play --shape tall", "Production issues no tokens", "--empty"):
        assert word in said
