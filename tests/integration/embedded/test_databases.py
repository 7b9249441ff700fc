"""The fixtures themselves, and what each login may do."""

import sqlalchemy

from timeline_service.kit import database


async def who(engine):
    async with database.transaction(engine) as connection:
        return (await connection.execute(sqlalchemy.text("select current_user::text"))).scalar_one()


async def test_each_engine_is_its_own_login(engine, worker_engine, owner_engine):
    assert [await who(one) for one in (engine, worker_engine, owner_engine)] == ["app", "worker", "postgres"]


async def test_logins_are_members_of_their_group_only(engine, worker_engine):
    groups = sqlalchemy.text(
        "select g.rolname from pg_auth_members m join pg_roles g on g.oid = m.roleid"
        " join pg_roles u on u.oid = m.member where u.rolname = current_user"
    )
    for one, group in ((engine, "timeline_app"), (worker_engine, "timeline_worker")):
        async with database.transaction(one) as connection:
            assert (await connection.execute(groups)).scalars().all() == [group]


async def test_a_fresh_database_is_migrated_and_empty(fresh_database):
    urls = await fresh_database()
    engine = database.create_engine(urls.owner, application_name="tests")
    async with database.transaction(engine) as connection:
        statement = sqlalchemy.text("select count(*) from timeline_event")
        assert (await connection.execute(statement)).scalar_one() == 0
    await engine.dispose()
