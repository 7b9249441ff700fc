"""What was recorded stays: refused to the service by privilege, to the owner by trigger, and found by the chain."""

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from timeline_service.eventstore import integrity, tables
from timeline_service.kit import database

CHANGES = {
    "update": "update timeline_event set body = 'x' where timeline_id = :timeline",
    "update the hash": "update timeline_event set hash = hash where timeline_id = :timeline and version = 1",
    "delete": "delete from timeline_event where timeline_id = :timeline",
    "truncate": "truncate timeline_event",
    "truncate with others": "truncate timeline_event, timeline_head cascade",
}
INSERT = """
    insert into timeline_event (timeline_id, version, workspace_id, gesture_id, type, schema_version, actor_id,
                                recorded_at, body, request_digest, hash)
    select timeline_id, version + 100, workspace_id, gesture_id || 'x', type, schema_version, actor_id, recorded_at,
           body, request_digest, hash
      from timeline_event where timeline_id = :timeline
"""
HEAD = {
    "update": "update timeline_head set version = 1 where timeline_id = :timeline",
    "delete": "delete from timeline_head where timeline_id = :timeline",
    "lock": "select * from timeline_head where timeline_id = :timeline for update",
    "projection": "update timeline set name = 'x'",
    "record": "delete from timeline_record",
    "current_version": "update timeline_head set current_version = 0 where timeline_id = :timeline",
}


async def run(engine, place, statement):
    async with database.transaction(engine, workspace_id=place.workspace) as connection:
        await connection.execute(sa.text(statement), {"timeline": place.timeline} if ":timeline" in statement else {})


@pytest.mark.parametrize("statement", [*CHANGES.values(), INSERT, *HEAD.values()], ids=[*CHANGES, "insert", *HEAD])
async def test_the_service_may_not(statement, place, store, engine, worker_engine):
    for role in (engine, worker_engine):
        with pytest.raises(exc.DBAPIError, match="permission denied"):
            await run(role, place, statement)
    assert (await integrity.verify(store, place.timeline, place.workspace)).checked == 5


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
async def test_a_trigger_refuses_even_the_superuser(statement, place, store, owner_engine):
    with pytest.raises(exc.DBAPIError, match="append-only"):
        await run(owner_engine, place, statement)
    assert (await integrity.verify(store, place.timeline, place.workspace)).checked == 5


async def test_a_trigger_refuses_in_a_replication_session_too(place, owner_engine):
    with pytest.raises(exc.DBAPIError, match="append-only"):
        async with owner_engine.begin() as connection:
            await connection.execute(sa.text("set local session_replication_role = replica"))
            await connection.execute(sa.delete(tables.timeline_event))


TAMPERING = {
    "edit": ("update timeline_event set body = 'forged' where timeline_id = :t and version = 3", 3, "event_altered"),
    "another author": (
        "update timeline_event set actor_id = gen_random_uuid() where timeline_id = :t and version = 1",
        1,
        "event_altered",
    ),
    "earlier": (
        "update timeline_event set recorded_at = recorded_at - interval '1 s' where timeline_id = :t and version = 2",
        2,
        "event_altered",
    ),
    "remove from the middle": (
        "delete from timeline_event where timeline_id = :t and version = 3",
        3,
        "event_altered",
    ),
    "swap": (
        "update timeline_event e set body = o.body, gesture_id = e.gesture_id from timeline_event o "
        "where e.timeline_id = :t and o.timeline_id = :t and e.version in (2, 3) and o.version = 5 - e.version",
        2,
        "event_altered",
    ),
    "cut off the newest": ("delete from timeline_event where timeline_id = :t and version > 3", 4, "events_missing"),
    "turn back the head": (
        "update timeline_head h set version = 3, head_hash = e.hash from timeline_event e "
        "where h.timeline_id = :t and e.timeline_id = :t and e.version = 3",
        4,
        "head_differs",
    ),
    "another head": (
        "update timeline_head set head_hash = sha256('x') where timeline_id = :t",
        5,
        "head_differs",
    ),
}


@pytest.mark.parametrize(("statement", "version", "trouble"), TAMPERING.values(), ids=TAMPERING)
async def test_who_takes_the_trigger_down_is_found_by_the_chain(
    statement, version, trouble, place, store, owner_engine
):
    async with owner_engine.begin() as connection:
        await connection.execute(sa.text("set local lock_timeout = '5s'"))
        await connection.execute(sa.text("alter table timeline_event disable trigger all"))
        await connection.execute(sa.text(statement), {"t": place.timeline})
        await connection.execute(sa.text("alter table timeline_event enable always trigger keep_rows"))
        await connection.execute(sa.text("alter table timeline_event enable always trigger keep_table"))
    report = await integrity.verify(store, place.timeline, place.workspace, page=2)
    assert (report.broken_at, report.trouble, report.ok) == (version, trouble, False)
    assert report.checked == version if trouble == "head_differs" and version == 5 else report.checked == version - 1
