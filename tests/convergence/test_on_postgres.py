"""The same machine on a real PostgreSQL, in real time: a seed says what is done, the servers when."""

import asyncio

import pytest

from tests.convergence.play import Play
from tests.fixtures_servers import DatabaseUrls
from tests.model.test_model_on_postgres import enter_workspace
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.kit import database


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_everybody_ends_in_one_state_on_postgresql_too(database_urls: DatabaseUrls, seed: int) -> None:
    async def work() -> None:
        await enter_workspace(database_urls.owner)
        engine = database.create_engine(database_urls.app, application_name="tests")
        try:
            await Play(seed, PostgresStore(engine), deeds=12).run()
        finally:
            await engine.dispose()

    asyncio.run(work())
