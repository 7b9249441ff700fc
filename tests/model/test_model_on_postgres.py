"""The model machine on a real PostgreSQL: the same rules, the same invariants, fewer examples."""

import asyncio

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fakes.access import WORKSPACE
from tests.fixtures_servers import DatabaseUrls
from tests.model.machine import ModelMachine
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.eventstore.store import EventStore
from timeline_service.kit import database


async def enter_workspace(owner_url: str) -> None:
    engine = database.create_engine(owner_url, application_name="tests")
    async with engine.begin() as connection:
        row = {"id": WORKSPACE}
        known = "insert into workspace (id, name, created_at) values (:id, 'Model', now()) on conflict do nothing"
        await connection.execute(sa.text(known), row)
    await engine.dispose()


def test_everything_holds_on_postgresql_too(database_urls: DatabaseUrls) -> None:
    asyncio.run(enter_workspace(database_urls.owner))

    class OnPostgres(ModelMachine):
        async def open_store(self) -> EventStore:
            self.engine = database.create_engine(database_urls.app, application_name="tests")
            return PostgresStore(self.engine)

        def teardown(self) -> None:
            for door in self.doors:
                self.run(door.close())
            self.doors = []
            self.run(self.engine.dispose())
            super().teardown()

    few = settings(
        max_examples=6,
        stateful_step_count=15,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(OnPostgres, settings=few)
