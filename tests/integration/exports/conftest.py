"""An installation for each test, on the servers of this run."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.fixtures_servers import DatabaseUrls
from tests.integration.exports import stage as stages


@pytest.fixture
async def stage(
    fresh_database: Callable[[], Awaitable[DatabaseUrls]], redis_url: str, tmp_path: Path
) -> AsyncIterator[stages.Stage]:
    """Without workers: start those that the test needs. Its database is its own, so they see no other jobs."""
    async with stages.open_stage(await fresh_database(), redis_url, tmp_path) as opened:
        yield opened
