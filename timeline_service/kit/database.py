"""PostgreSQL: engines, transactions, and what to do when the server goes away for a moment.

    engine = create_engine(url, application_name="api")
    head = await run_transaction(engine, read_head, workspace_id=workspace)

Everything is scoped to the transaction (`set_config(…, true)`, row locks), so that a transaction pooler such as
PgBouncer may stand between the service and the server.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, TypeAlias, TypeVar, cast
from uuid import UUID

import asyncpg
import sqlalchemy
import stamina
from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from timeline_service.kit import errors

Engine = AsyncEngine
"""For rooms that hand an engine on and hold no SQL of their own."""
T = TypeVar("T")
Driver: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
"""The driver's own connection, under SQLAlchemy's."""

CONNECT_TIMEOUT_S = 5.0
COMMAND_TIMEOUT_S = 10.0

_DURABILITY = sqlalchemy.text(
    "select current_setting('fsync'), current_setting('synchronous_commit'),"
    " current_user::text, current_database()::text"
)
_SET_WORKSPACE = sqlalchemy.text("select set_config('timeline.workspace', :workspace, true)")

# serialization_failure, deadlock_detected, lock_not_available, too_many_connections, idle session cut, admin and crash
# shutdown, cannot_connect_now, and the whole class 08 (connection exceptions).
_TRANSIENT_STATES = frozenset({"40001", "40P01", "55P03", "53300", "25P03", "57P01", "57P02", "57P03", "57P05"})
_TRANSIENT_CLASS = "08"


def create_engine(
    url: str,
    *,
    pool_size: int = 10,
    application_name: str,
    command_timeout_s: float = COMMAND_TIMEOUT_S,
) -> AsyncEngine:
    """An engine over asyncpg whose calls always end: connecting, statements, locks and idle transactions have limits.

    `url` is `postgres://`, `postgresql://` or `postgresql+asyncpg://`; a Unix socket is
    `postgresql://login:password@/name?host=/folder&port=5432`. `command_timeout_s` is how long one statement may take;
    the server gives up a little before the client does, so that its own error is seen. Nothing is connected yet.
    """
    parsed = sqlalchemy.make_url(url).set(drivername="postgresql+asyncpg")
    query = dict(parsed.query)
    arguments: dict[str, object] = {name: query.pop(name) for name in ("host", "ssl") if name in query}
    if "port" in query:
        arguments["port"] = int(str(query.pop("port")))
    if "sslmode" in query:
        arguments["ssl"] = query.pop("sslmode")
    statement_ms = int(command_timeout_s * 800)
    engine = create_async_engine(
        parsed.set(query=query),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=CONNECT_TIMEOUT_S,
        connect_args={
            **arguments,
            "timeout": CONNECT_TIMEOUT_S,
            "command_timeout": command_timeout_s,
            "server_settings": {
                "application_name": application_name,
                "statement_timeout": str(statement_ms),
                "lock_timeout": str(statement_ms // 2),
                "idle_in_transaction_session_timeout": str(statement_ms * 4),
                "jit": "off",  # its start-up costs more than every statement here
            },
        },
    )
    sqlalchemy.event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: Any, *_: object) -> None:
    """Replace a pooled connection that the server has closed, and all of its age.

    The driver hears of a restart by itself; asking the server before every use (pool_pre_ping) cost a round trip,
    200 µs under load, a third of an append. A silent partition is met by the statement's own time limit either way.
    """
    if connection.driver_connection.is_closed():
        raise exc.InvalidatePoolError


@contextlib.asynccontextmanager
async def transaction(engine: AsyncEngine, *, workspace_id: UUID | None = None) -> AsyncIterator[AsyncConnection]:
    """One transaction: committed on exit, rolled back on an error.

    With `workspace_id` the row level security policies show that workspace's rows; without it they show none to the
    application's role.
    """
    async with engine.begin() as connection:
        if workspace_id is not None:
            await connection.execute(_SET_WORKSPACE, {"workspace": str(workspace_id)})
        yield connection


async def run_transaction(
    engine: AsyncEngine,
    work: Callable[[AsyncConnection], Awaitable[T]],
    *,
    workspace_id: UUID | None = None,
    budget_s: float = 10,
) -> T:
    """Run `work` in a transaction, again from its beginning while the trouble `is_transient`, for about `budget_s`.

    `work` may run several times, and after a commit whose answer was lost it runs on its own result: it must find out
    by key (a gesture id, a job id) what is already there. Raises `errors.Unavailable` with the code
    `database_unavailable` when the budget is spent.
    """
    try:
        async for attempt in stamina.retry_context(
            on=_retryable, attempts=None, timeout=budget_s, wait_initial=0.05, wait_max=1.0, wait_jitter=0.2
        ):
            with attempt:
                async with transaction(engine, workspace_id=workspace_id) as connection:
                    return await work(connection)
    except Exception as error:
        if not is_transient(error):
            raise
        raise errors.Unavailable("The database does not answer; try again.", code="database_unavailable") from error
    raise AssertionError("stamina ends by a return or an error")


async def run_driver(
    engine: AsyncEngine,
    work: Callable[[Driver], Awaitable[T]],
    *,
    is_spoiled: Callable[[Driver, BaseException], bool],
    budget_s: float = 10,
) -> T:
    """Run `work` on the driver's connection; again, and with the same end, as `run_transaction` does.

    For the hot path: SQLAlchemy's connection and transaction take ten times as long as a small statement, its pool does
    not. Begin and end of a transaction are the work's own. A connection that `is_spoiled` says to be in doubt after an
    error is thrown away, not given back.
    """
    try:
        return await _on_driver(engine, work, is_spoiled)
    except Exception as error:
        if not is_transient(error):
            raise
    try:
        async for attempt in stamina.retry_context(
            on=_retryable, attempts=None, timeout=budget_s, wait_initial=0.05, wait_max=1.0, wait_jitter=0.2
        ):
            with attempt:
                return await _on_driver(engine, work, is_spoiled)
    except Exception as error:
        if not is_transient(error):
            raise
        raise errors.Unavailable("The database does not answer; try again.", code="database_unavailable") from error
    raise AssertionError("stamina ends by a return or an error")


async def _on_driver(
    engine: AsyncEngine, work: Callable[[Driver], Awaitable[T]], is_spoiled: Callable[[Driver, BaseException], bool]
) -> T:
    borrowed = await greenlet_spawn(engine.sync_engine.pool.connect)
    driver = cast(Driver, borrowed.driver_connection)
    try:
        answer = await work(driver)
    except BaseException as error:
        if is_spoiled(driver, error):
            driver.terminate()
            await greenlet_spawn(borrowed.invalidate)
        await greenlet_spawn(borrowed.close)
        raise
    await greenlet_spawn(borrowed.close)
    return answer


def is_unread(driver: Driver, error: BaseException) -> bool:
    """For `run_driver`, of work that is one reading statement: unless the server said no, its answer may come yet."""
    return not isinstance(error, asyncpg.PostgresError) or driver.is_closed()


async def run_statement(engine: AsyncEngine, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Run `work`, each statement of which is a transaction of its own. Once: this is for loops that come again anyway.

    A process that is stopped between two round trips leaves no lock behind. Raises `errors.Unavailable` like
    `run_transaction`.
    """
    try:
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            return await work(connection)
    except Exception as error:
        if not is_transient(error):
            raise
        raise errors.Unavailable("The database does not answer; try again.", code="database_unavailable") from error


async def check_durability(engine: AsyncEngine) -> None:
    """Refuse to work on a server that may lose what it has acknowledged.

    Raises RuntimeError when `fsync` or `synchronous_commit` is off for this login and database, and
    `errors.Unavailable` when the server does not answer within ten seconds.
    """

    async def read(connection: AsyncConnection) -> sqlalchemy.Row[str, str, str, str]:
        return (await connection.execute(_DURABILITY)).one()

    fsync, commit, login, database = await run_transaction(engine, read)
    if fsync != "on":
        raise RuntimeError(
            "PostgreSQL runs with fsync = off: a power cut would lose acknowledged edits. "
            "Set fsync = on in postgresql.conf and reload the server."
        )
    # `local`, `remote_write` and the stronger modes all wait for the disk here; `off` waits for nothing.
    if commit == "off":
        raise RuntimeError(
            "PostgreSQL acknowledges commits before they are on disk (synchronous_commit = off). Set it on: "
            f'in postgresql.conf, or `alter role "{login}" reset synchronous_commit` and '
            f'`alter database "{database}" reset synchronous_commit` where it was set for the login or database.'
        )


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction, run again from its beginning a moment later, may succeed."""
    return any(_is_transient(link) for link in _chain(error))


def _retryable(error: Exception) -> bool:
    return is_transient(error)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, and what the driver said under SQLAlchemy's wrapping."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.orig if isinstance(link, exc.DBAPIError) else link.__cause__


def _is_transient(error: BaseException) -> bool:
    match error:
        case exc.DBAPIError():
            return error.connection_invalidated
        case exc.TimeoutError() | TimeoutError() | ConnectionError() | asyncpg.InternalClientError():
            return True
        case FileNotFoundError():
            # A socket that is not there has no file name in its error; a file that is not there has one.
            return error.filename is None
        case asyncpg.PostgresError():
            state = error.sqlstate or ""
            return state in _TRANSIENT_STATES or state.startswith(_TRANSIENT_CLASS)
        case asyncpg.InterfaceError():
            return "closed" in str(error)
        case _:
            return False
