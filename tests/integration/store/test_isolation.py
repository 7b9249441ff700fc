"""Workspaces do not see each other, whichever way they ask; what holds that up is checked for every table there is."""

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from tests.logs import make_timeline, new_event, new_events
from timeline_service.eventstore import rows, tables
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.eventstore.store import TimelineSummary
from timeline_service.kit import clock, database, errors

TABLES = [
    tables.timeline_head,
    tables.timeline_event,
    tables.timeline_snapshot,
    tables.timeline,
    tables.timeline_record,
]
SUMMARY = TimelineSummary("Cut", 24, 1, 1920, 1080, 0)
DIGEST = b"d" * 32


async def count(engine, table, workspace=None):
    async with database.transaction(engine, workspace_id=workspace) as connection:
        column = table.c.id if "id" in table.c else table.c.timeline_id
        return (await connection.execute(sa.select(sa.func.count(column)))).scalar_one()


@pytest.fixture
async def filled(place, store):
    """A timeline with a row in each table."""
    await store.save_snapshot(place.timeline, place.workspace, 2, 1, b"state", DIGEST)
    await store.advance(place.timeline, place.workspace, 5, SUMMARY, [("c1", "clip", True)])
    return place


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
async def test_the_app_sees_its_workspace_only(table, filled, engine, worker_engine):
    assert await count(engine, table, filled.workspace) >= 1
    assert await count(engine, table, filled.stranger) == 0
    assert await count(engine, table) == 0
    assert await count(worker_engine, table) >= 1


async def test_the_workspace_ends_with_the_transaction(filled, engine):
    async with engine.connect() as connection:
        async with connection.begin():
            await connection.execute(rows_setting(filled.workspace))
            assert (
                await connection.execute(sa.select(sa.func.count()).select_from(tables.timeline_event))
            ).scalar_one()
        async with connection.begin():
            assert not (
                await connection.execute(sa.select(sa.func.count()).select_from(tables.timeline_event))
            ).scalar_one()


async def test_an_append_leaves_no_workspace_behind_on_the_connection(filled, engine, store):
    await store.append(filled.timeline, filled.workspace, [clock.new_id()], [new_event()], expected_version=5)
    async with engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        await raw.fetchrow(rows.LOCK, filled.workspace, filled.timeline)
        assert not await raw.fetchval("select nullif(current_setting('timeline.workspace', true), '')")
        assert await raw.fetch("select * from timeline_event") == []


CALLS = {
    "append": (
        "select outcome from append_events(:w, :t, 5, array['g'], array['trim'], array[1], array[:w], "
        "array['b'::bytea], array[cast(:digest as bytea)], array[null], array[null])"
    ),
    "create": (
        "select outcome from create_timeline(:w, :t, 'g', 'trim', 1, :w, 'b'::bytea, cast(:digest as bytea), null, "
        "null)"
    ),
    "lock": "select 'found' from lock_head(:w, :t)",
    "advance": (
        "select 'found' from advance_timeline(:w, :t, 5, 'n', 24, 1, 1, 1, 0, array['c9'], array['clip'], "
        "array[true]) a where a is not null"
    ),
    "rewrite": (
        "select 'found' from rewrite_timeline(:w, :t, 5, 'n', 24, 1, 1, 1, 0, array['c9'], array['clip'], "
        "array[true]) a where a is not null"
    ),
}


def rows_setting(workspace):
    return sa.select(sa.func.set_config("timeline.workspace", str(workspace), True))


async def answers(engine, session, workspace, timeline, statement):
    """What a call answers in a transaction of one workspace when it names another."""
    async with database.transaction(engine, workspace_id=session) as connection:
        typed = sa.text(statement).bindparams(
            sa.bindparam("w", workspace, tables.UUID), sa.bindparam("t", timeline, tables.UUID)
        )
        if ":digest" in statement:
            typed = typed.bindparams(digest=DIGEST)
        return list((await connection.execute(typed)).scalars())


@pytest.mark.parametrize("statement", CALLS.values(), ids=CALLS)
async def test_b_calls_the_functions_on_a_s_timeline(statement, place, engine, store):
    before = await store.head(place.timeline, place.workspace)
    nothing = ([], ["absent"])
    # B as itself; B's session that names A's workspace; A's session that names B's.
    assert await answers(engine, place.stranger, place.stranger, place.timeline, statement) in nothing
    assert await answers(engine, place.stranger, place.workspace, place.timeline, statement) in nothing
    assert await answers(engine, place.workspace, place.stranger, place.timeline, statement) in nothing
    assert await answers(engine, None, place.stranger, place.timeline, statement) in nothing
    assert await store.head(place.timeline, place.workspace) == before
    assert len(await store.read(place.timeline, place.workspace)) == 5
    assert await store.timelines_of_record(place.workspace, "c9") == []


async def test_a_timeline_needs_a_workspace_that_exists(store):
    with pytest.raises(errors.NotFound) as caught:
        await make_timeline(store, clock.new_id())
    assert caught.value.stable_code == "workspace_missing"


async def test_b_cannot_take_the_place_of_a_s_snapshot(place, engine):
    insert = sa.insert(tables.timeline_snapshot).values(
        timeline_id=place.timeline, fold_version=1, version=3, state=b"forged", state_hash=DIGEST
    )
    for claimed in (place.stranger, place.workspace):
        with pytest.raises(exc.DBAPIError):
            async with database.transaction(engine, workspace_id=place.stranger) as connection:
                await connection.execute(insert.values(workspace_id=claimed))


async def test_the_worker_reads_everything_and_may_not_append(place, worker_engine):
    store = PostgresStore(worker_engine)
    assert len(await store.read(place.timeline, place.workspace)) == 5
    assert await store.advance(place.timeline, place.workspace, 5, SUMMARY) == 5
    with pytest.raises(Exception, match="permission denied for function append_events"):
        await store.append(place.timeline, place.workspace, [clock.new_id()], new_events(1), expected_version=5)
    with pytest.raises(Exception, match="permission denied for function create_timeline"):
        await make_timeline(store, place.workspace)


# ── what holds it up


async def fetch(engine, statement):
    async with engine.connect() as connection:
        return list((await connection.execute(sa.text(statement))).mappings())


async def test_every_table_with_a_workspace_id_has_forced_row_security_and_policies(owner_engine):
    found = await fetch(
        owner_engine,
        """
        select c.relname, c.relrowsecurity and c.relforcerowsecurity as forced,
               array(select r.rolname::text from pg_policy p cross join unnest(p.polroles) as o(id)
                       join pg_roles r on r.oid = o.id where p.polrelid = c.oid) as roles
          from pg_class c join pg_attribute a on a.attrelid = c.oid
         where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
           and a.attname = 'workspace_id' and not a.attisdropped
        """,
    )
    assert {"timeline_head", "timeline_event", "timeline_snapshot", "timeline", "timeline_record"} <= {
        row["relname"] for row in found
    }
    for row in found:
        assert row["forced"], f"{row['relname']} has no forced row level security"
        assert {"timeline_app", "timeline_worker"} <= set(row["roles"]), f"{row['relname']} lacks a policy"


async def test_a_policy_of_the_app_always_tests_the_workspace_and_the_functions_write_inside_one(owner_engine):
    found = await fetch(
        owner_engine,
        """
        select policyname, cmd, roles::text[] as roles, qual, with_check from pg_policies
         where tablename in (select relname from pg_class c join pg_attribute a on a.attrelid = c.oid
                              where a.attname = 'workspace_id')
        """,
    )
    for row in found:
        tests = [test for test in (row["qual"], row["with_check"]) if test is not None]
        inside = all("timeline.workspace" in test for test in tests)
        if {"timeline_app", "public"} & set(row["roles"]):
            assert inside, row["policyname"]
        if "timeline_owner" in row["roles"]:
            # Looking over workspaces is what poll and look-up functions are for; locks and writes are not.
            assert inside or row["cmd"] == "SELECT", row["policyname"]


async def test_definer_functions_are_owned_and_pinned_and_closed_to_the_public(owner_engine):
    found = await fetch(
        owner_engine,
        """
        select p.proname, r.rolname, p.proconfig, has_function_privilege('public', p.oid, 'execute') as open,
               r.rolcanlogin or r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb as mighty
          from pg_proc p join pg_roles r on r.oid = p.proowner
         where p.pronamespace = 'public'::regnamespace and p.prosecdef
        """,
    )
    assert {"append_events", "create_timeline", "lock_head", "timeline_heads", "advance_timeline"} <= {
        row["proname"] for row in found
    }
    for row in found:
        assert row["rolname"] == "timeline_owner" and not row["mighty"], row["proname"]
        assert "search_path=pg_catalog, public, pg_temp" in row["proconfig"], row["proname"]
        assert not row["open"], row["proname"]


async def test_nobody_but_the_owner_creates_in_the_functions_search_path(owner_engine):
    (row,) = await fetch(
        owner_engine,
        """
        select has_schema_privilege('timeline_app', 'public', 'create') as app,
               has_schema_privilege('timeline_worker', 'public', 'create') as worker,
               has_schema_privilege('timeline_owner', 'public', 'create') as owner
        """,
    )
    assert not any(row.values())
