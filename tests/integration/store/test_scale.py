"""What an append or a look-up costs does not grow with the timeline. Counted in index entries, not in time."""

import pytest

from tests.logs import make_timeline, make_workspace, new_events
from timeline_service.eventstore import rows
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.kit import clock, database

EVENTS, BATCH = 3000, 100
READ = "select sum(idx_tup_read)::bigint from pg_stat_user_indexes where relname = 'timeline_event'"


@pytest.fixture
async def long(engine, owner_engine):
    """A long timeline in tables without statistics, where planners guess worst."""
    store, workspace = PostgresStore(engine), await make_workspace(owner_engine)
    timeline, _ = await make_timeline(store, workspace)
    for version in range(1, EVENTS, 1000):
        events = new_events(1000)
        await store.append(timeline, workspace, [clock.new_id()] * 1000, events, expected_version=version)
    return workspace, timeline, [event.gesture_id for event in events]


@pytest.fixture(params=["no statistics", "analyzed among short ones"])
async def surroundings(request, engine, owner_engine):
    """What the planner may know of other timelines: nothing, or that nearly all have a single event."""
    if request.param == "analyzed among short ones":
        store, workspace = PostgresStore(engine), await make_workspace(owner_engine)
        for _ in range(400):
            await make_timeline(store, workspace)
        async with owner_engine.begin() as connection:
            await connection.exec_driver_sql("analyze timeline_event")


async def entries_read(raw):
    await raw.execute("select pg_stat_force_next_flush()")
    await raw.execute("select pg_stat_clear_snapshot()")
    return await raw.fetchval(READ)


async def test_index_entries_read_by_an_append_and_by_look_ups(surroundings, long, engine):
    workspace, timeline, known = long
    events = new_events(BATCH)
    arrays = rows.arguments_of([clock.new_id()] * BATCH, events)
    calls = {
        "append": (rows.APPEND, workspace, timeline, EVENTS + 1, *arrays),
        "duplicate": (rows.APPEND, workspace, timeline, EVENTS + 1, *arrays),
        "find": (rows.FIND, timeline, known[:BATCH]),
        "versions": (rows.VERSIONS, timeline, list(range(2, BATCH + 2))),
        "tail": (rows.RUN, timeline, EVENTS - BATCH, rows.LAST, None),
    }
    async with engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        # For the look-ups; the connection, which keeps this setting, is thrown away below.
        await raw.execute(f"select set_config('timeline.workspace', '{workspace}', false)")
        for name, (statement, *arguments) in calls.items():
            before = await entries_read(raw)
            assert await raw.fetch(statement, *arguments)
            read = await entries_read(raw) - before
            assert read <= 4 * BATCH, f"{name} read {read} index entries"
        await connection.invalidate()


async def test_a_plan_from_when_the_table_was_empty_is_not_kept(fresh_database):
    urls = await fresh_database()
    engine = database.create_engine(urls.app, application_name="tests", pool_size=1)
    owner = database.create_engine(urls.owner, application_name="tests", pool_size=1)
    store, workspace = PostgresStore(engine), await make_workspace(owner)
    timeline, head = await make_timeline(store, workspace)
    version = head.version
    for size in [32] * 90:
        await store.append(timeline, workspace, [clock.new_id()] * size, new_events(size), expected_version=version)
        version += size
    arrays = rows.arguments_of([clock.new_id()] * BATCH, new_events(BATCH))
    async with engine.connect() as connection:  # the only one there is: it has met the empty table
        raw = (await connection.get_raw_connection()).driver_connection
        before = await entries_read(raw)
        assert await raw.fetch(rows.APPEND, workspace, timeline, version, *arrays)
        read = await entries_read(raw) - before
        await connection.invalidate()
    await engine.dispose()
    await owner.dispose()
    assert read <= 4 * BATCH, f"read {read} index entries"
