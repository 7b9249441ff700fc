"""Databases, and which login is in which group; by the address of a login that may change them."""

import asyncpg
import sqlalchemy

from timeline_service.embedded.postgres import DATABASE

# Made by the first migration. Membership is what gives a login its rights.
APP_GROUP = "timeline_app"
WORKER_GROUP = "timeline_worker"

_IS_MEMBER = """
    select exists (select from pg_auth_members where member = $1::text::regrole and roleid = $2::text::regrole)
"""


async def create_database(migration_url: str, name: str, *, template: str | None = None) -> None:
    """Make a database, as a copy of `template` where one is given; nobody may be connected to that one."""
    connection = await _connect(_outside(migration_url))
    try:
        source = f" template {_quoted(template)} strategy file_copy" if template else ""
        await connection.execute(f"create database {_quoted(name)}{source}")
    finally:
        await connection.close()


async def drop_database(migration_url: str, name: str) -> None:
    """Drop a database with whoever is connected to it; one that is not there is no error."""
    connection = await _connect(_outside(migration_url))
    try:
        await connection.execute(f"drop database if exists {_quoted(name)} with (force)")
    finally:
        await connection.close()


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


def with_database(url: str, name: str) -> str:
    """The same login at another database."""
    return sqlalchemy.make_url(url).set(database=name).render_as_string(hide_password=False)


def _outside(migration_url: str) -> str:
    """By the cluster's first database: one can neither be dropped nor copied from inside."""
    return with_database(migration_url, DATABASE)


async def _connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    address = sqlalchemy.make_url(url).set(drivername="postgresql")
    return await asyncpg.connect(address.render_as_string(hide_password=False), timeout=10)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
