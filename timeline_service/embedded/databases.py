"""Databases and logins of an embedded cluster, by its superuser's address (`migration_database_url`)."""

import asyncpg
import sqlalchemy

from timeline_service.embedded.postgres import DATABASE

# Logins are made with the cluster, groups by the first migration. Membership is what gives a login its rights.
MEMBERSHIPS = {"app": "timeline_app", "worker": "timeline_worker"}


async def create_database(migration_url: str, name: str, *, template: str | None = None) -> None:
    """Make a database, as a copy of `template` where one is given; nobody may be connected to that one."""
    connection = await _connect(migration_url)
    try:
        source = f" template {_quoted(template)} strategy file_copy" if template else ""
        await connection.execute(f"create database {_quoted(name)}{source}")
    finally:
        await connection.close()


async def drop_database(migration_url: str, name: str) -> None:
    """Drop a database with whoever is connected to it; one that is not there is no error."""
    connection = await _connect(migration_url)
    try:
        await connection.execute(f"drop database if exists {_quoted(name)} with (force)")
    finally:
        await connection.close()


async def grant_roles(migration_url: str) -> None:
    """After migrating: put the logins into the groups that the migrations made. May run again at any time.

    A login or group that does not exist yet is passed over.
    """
    connection = await _connect(migration_url)
    try:
        existing = {row["rolname"] for row in await connection.fetch("select rolname from pg_roles")}
        for login, group in MEMBERSHIPS.items():
            if {login, group} <= existing:
                await connection.execute(f"grant {_quoted(group)} to {_quoted(login)}")
    finally:
        await connection.close()


def with_database(url: str, name: str) -> str:
    """The same login at another database."""
    return sqlalchemy.make_url(url).set(database=name).render_as_string(hide_password=False)


async def _connect(migration_url: str) -> "asyncpg.Connection[asyncpg.Record]":
    # Always by the cluster's own database: a database can neither be dropped nor copied from inside.
    address = sqlalchemy.make_url(with_database(migration_url, DATABASE)).set(drivername="postgresql")
    return await asyncpg.connect(address.render_as_string(hide_password=False), timeout=10)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
