"""Which errors are worth another try, and how addresses are read."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import exc

from timeline_service.kit import database


def wrapped(original, *, invalidated=False):
    return exc.DBAPIError("select 1", {}, original, connection_invalidated=invalidated)


def caused_by(cause):
    error = Exception("driver")
    error.__cause__ = cause
    return wrapped(error)


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.ConnectionDoesNotExistError("gone"),
        asyncpg.CannotConnectNowError("starting up"),
        asyncpg.AdminShutdownError("terminated"),
        asyncpg.CrashShutdownError("another backend crashed"),
        asyncpg.SerializationError("40001"),
        asyncpg.DeadlockDetectedError("40P01"),
        asyncpg.TooManyConnectionsError("53300"),
        asyncpg.LockNotAvailableError("55P03"),
        asyncpg.IdleInTransactionSessionTimeoutError("25P03"),
        asyncpg.InternalClientError("got result for unknown protocol state"),
        asyncpg.InterfaceError("connection is closed"),
        ConnectionRefusedError(111, "refused"),
        ConnectionResetError(104, "reset"),
        FileNotFoundError(2, "no socket"),
        TimeoutError(),
        exc.TimeoutError("QueuePool limit"),
        caused_by(asyncpg.DeadlockDetectedError("40P01")),
        wrapped(Exception("closed in the middle of operation"), invalidated=True),
    ],
    ids=lambda error: type(error).__name__,
)
def test_trouble_that_passes(error):
    assert database.is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.UniqueViolationError("23505"),
        asyncpg.InsufficientPrivilegeError("42501"),
        asyncpg.QueryCanceledError("57014"),
        asyncpg.InvalidPasswordError("28P01"),
        asyncpg.InvalidCatalogNameError("3D000"),
        asyncpg.DiskFullError("53100"),
        asyncpg.InterfaceError("the server expects 1 argument for this query, 0 were passed"),
        FileNotFoundError(2, "no such file", "/media/a.mp4"),
        caused_by(asyncpg.UniqueViolationError("23505")),
        ValueError("x"),
        asyncio.CancelledError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_trouble_that_stays(error):
    assert not database.is_transient(error)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_every_spelling_of_an_address_is_asyncpg_s(scheme):
    engine = database.create_engine(f"{scheme}://u:p@db.example:6000/name?sslmode=require", application_name="x")
    assert engine.url.render_as_string() == "postgresql+asyncpg://u:***@db.example:6000/name"
