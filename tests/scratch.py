"""Databases made and dropped while tests run, by the address of a login that may do it."""

from urllib.parse import quote

import asyncpg
import sqlalchemy

from timeline_service.embedded.postgres import DATABASE


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


def with_database(url: str, name: str) -> str:
    """The same login at another database."""
    return sqlalchemy.make_url(url).set(database=name).render_as_string(hide_password=False)


def _outside(migration_url: str) -> str:
    """By the cluster's first database: one can neither be dropped nor copied from inside."""
    return with_database(migration_url, DATABASE)


def tcp_url(port: int, login: str, password: str, database: str = DATABASE) -> str:
    """The address over 127.0.0.1."""
    return f"postgresql://{login}:{password}@127.0.0.1:{port}/{quote(database)}"


async def _connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    address = sqlalchemy.make_url(url).set(drivername="postgresql")
    return await asyncpg.connect(address.render_as_string(hide_password=False), timeout=10)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
