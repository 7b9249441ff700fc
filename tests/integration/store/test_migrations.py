"""From an empty database to the newest schema; several at once; no way back by a tool."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from migrations import runner
from tests import scratch
from timeline_service.embedded import servers as embedded_servers
from timeline_service.kit import clock

HEAD = ScriptDirectory.from_config(runner.configuration()).get_current_head()


@pytest.fixture
async def empty(servers):
    """Makes empty databases; gives the owner's address."""
    made = []

    async def make():
        name = f"empty_{clock.new_id().hex}"
        await scratch.create_database(servers.migration_database_url, name)
        made.append(name)
        return servers.urls(name).owner

    yield make
    for name in made:
        await scratch.drop_database(servers.migration_database_url, name)


async def test_upgrade_from_empty_and_the_tables_are_those_of_the_code(empty):
    url = await empty()
    assert await runner.current(url) is None
    await runner.upgrade(url)
    assert await runner.current(url) == HEAD
    await runner.check(url)
    await runner.upgrade(url)  # again: nothing to do


async def test_step_by_step(empty):
    url = await empty()
    revisions = [script.revision for script in ScriptDirectory.from_config(runner.configuration()).walk_revisions()]
    for revision in reversed(revisions):
        await runner.upgrade(url, revision)
        assert await runner.current(url) == revision


async def test_two_migrators_of_one_database_and_two_databases_at_once(empty):
    first, second = await empty(), await empty()
    await asyncio.gather(*(runner.upgrade(url) for url in (first, first, second)))
    assert {await runner.current(url) for url in (first, second)} == {HEAD}


async def test_a_migrator_need_not_be_superuser(tmp_path):
    """Managed servers give none: it makes roles and owns its database. On its own cluster, for roles are shared."""
    with embedded_servers.start(tmp_path / "data") as embedded:
        root = sa.make_url(embedded.migration_database_url)
        connection = await asyncpg.connect(root.set(drivername="postgresql").render_as_string(hide_password=False))
        await connection.execute("create role migrator login createrole password 'secret'")
        await connection.execute("create database managed owner migrator")
        await connection.close()
        mine = root.set(username="migrator", password="secret", database="managed")
        url = mine.render_as_string(hide_password=False)
        await runner.upgrade(url)
        await runner.check(url)


def test_dated_names_linear_history_and_timeouts_in_every_file():
    scripts = list(ScriptDirectory.from_config(runner.configuration()).walk_revisions())
    for script in scripts:
        text = Path(script.path).read_text()
        assert "set local lock_timeout" in text and "set local statement_timeout" in text, script.path
        name = Path(script.path).name
        assert script.revision == f"{name[:10].replace('-', '')}_{name[11:15]}"
        with pytest.raises(NotImplementedError):
            script.module.downgrade()
    assert len([script for script in scripts if script.down_revision is None]) == 1
