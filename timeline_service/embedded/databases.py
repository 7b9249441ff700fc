"""Which login is in which group; by the address of a login that may change it."""

import asyncpg
import sqlalchemy

# Made by the first migration. Membership is what gives a login its rights.
APP_GROUP = "timeline_app"
WORKER_GROUP = "timeline_worker"

_IS_MEMBER = """
    select exists (select from pg_auth_members where member = $1::text::regrole and roleid = $2::text::regrole)
"""


async def grant_roles(migration_url: str, *, app_login: str = "app", worker_login: str = "worker") -> None:
    """After migrating: put the logins into the groups that the migrations made. May run again at any time.

    A login or group that does not exist (yet) is passed over, and so is one that is a member already.
    """
    connection = await _connect(migration_url)
    try:
        existing = {row["rolname"] for row in await connection.fetch("select rolname from pg_roles")}
        for login, group in ((app_login, APP_GROUP), (worker_login, WORKER_GROUP)):
            if {login, group} <= existing and not await connection.fetchval(_IS_MEMBER, login, group):
                await connection.execute(f"grant {_quoted(group)} to {_quoted(login)}")
    finally:
        await connection.close()


async def _connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    address = sqlalchemy.make_url(url).set(drivername="postgresql")
    return await asyncpg.connect(address.render_as_string(hide_password=False), timeout=10)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
