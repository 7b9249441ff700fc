"""The whole service as one process tree: what `timeline-service up` runs.

Servers whose addresses are not set are embedded. Nothing of it outlives this process.
"""

import asyncio
import contextlib
import dataclasses
import http.client
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence

import sqlalchemy
from pydantic import SecretStr

from migrations import runner
from timeline_service import settings as configuration
from timeline_service.embedded import databases, errors, processes, servers
from timeline_service.kit import database, logging

log = logging.get("service")

API_STOP_TIMEOUT_S = 10.0
WORKER_STOP_TIMEOUT_S = 20.0
PROBE_TIMEOUT_S = 2.0


@dataclasses.dataclass(frozen=True)
class Options:
    """What `up` may be told. Port 0 takes any free one."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1


# Started as modules of their own: the command line's imports would only make them late.
API = (sys.executable, "-m", "timeline_service.embedded.web")
WORKER = (sys.executable, "-m", "workers.main")


@dataclasses.dataclass(frozen=True)
class Commands:
    """What serves and what works; the number of the listening socket is added to `api`."""

    api: Sequence[str] = API
    worker: Sequence[str] = WORKER


async def run(
    settings: configuration.Settings,
    options: Options,
    announce: Callable[[str], None],
    commands: Commands = Commands(),
) -> None:
    """Start everything, call `announce` with the address once it serves, and keep it alive until SIGINT or SIGTERM.

    Raises `errors.EmbeddedError` with what to do. Run it in the main thread.
    """
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for signum in signals:
        loop.add_signal_handler(signum, lambda: task.cancelling() or task.cancel())  # once: the end is not cut short
    try:
        with contextlib.suppress(asyncio.CancelledError), listen(options.host, options.port) as listener:
            await _run(settings, options, listener, announce, commands)
    finally:
        for signum in signals:
            loop.remove_signal_handler(signum)


async def _run(
    settings: configuration.Settings,
    options: Options,
    listener: socket.socket,
    announce: Callable[[str], None],
    commands: Commands,
) -> None:
    address = f"http://{_bracketed(options.host)}:{listener.getsockname()[1]}"
    with prepared(settings) as embedded:
        settings = settings if embedded is None else at_addresses(settings, embedded.addresses)
        async with processes.Tree() as tree:
            if embedded is not None:
                await tree.start(*embedded.wanted)
            await migrate(settings)
            engine = database.create_engine(settings.database.url, application_name="up", pool_size=1)
            try:
                await database.check_durability(engine)
            finally:
                await engine.dispose()
            environment = child_environment(settings, public_url=_reachable(address))
            await tree.start(
                _api(commands, listener, environment),
                *(_worker(commands, number, environment) for number in range(1, options.workers + 1)),
            )
            announce(address)
            await asyncio.Event().wait()


async def migrate(settings: configuration.Settings) -> None:
    """Bring the schema to the newest revision and give the logins of the two other addresses their rights."""
    owner = settings.database.migration_url or settings.database.url
    await runner.upgrade(owner)
    app = settings.database.url or owner
    await databases.grant_roles(owner, app_login=_login(app), worker_login=_login(settings.database.worker_url or app))


@contextlib.contextmanager
def prepared(settings: configuration.Settings) -> Iterator[servers.Servers | None]:
    """The embedded servers that the settings leave to us, ready to be launched; None when they name both."""
    with_postgres, with_valkey = not settings.database.url, not settings.redis.url
    if not with_postgres and not with_valkey:
        yield None
        return
    refuse_in_production(settings)
    made = servers.prepare(settings.data_dir, with_postgres=with_postgres, with_valkey=with_valkey)
    try:
        yield made
    finally:
        made.stop()


@contextlib.contextmanager
def connected(settings: configuration.Settings) -> Iterator[configuration.Settings]:
    """Settings whose addresses answer, for a command that is soon done.

    As they are when they name a database; else the servers of a running `up` on this data directory; else embedded
    servers of our own, migrated, for as long as the block lasts. Not for use inside an event loop.
    """
    if settings.database.url:
        yield settings
        return
    refuse_in_production(settings)
    addresses = servers.running(settings.data_dir)
    if addresses is not None:
        yield at_addresses(settings, addresses)
        return
    with servers.start(settings.data_dir) as own:
        settings = at_addresses(settings, own.addresses)
        asyncio.run(migrate(settings))
        yield settings


def attached(settings: configuration.Settings) -> configuration.Settings:
    """Settings for one process of a service that runs already. Raises EmbeddedError when there is none."""
    if settings.database.url and settings.redis.url:
        return settings
    refuse_in_production(settings)
    addresses = servers.running(settings.data_dir)
    if addresses is None:
        raise errors.EmbeddedError(
            f"DATABASE_URL or REDIS_URL is not set, and no `timeline-service up` runs on {settings.data_dir}. "
            "Start `timeline-service up`, which needs neither, or set both."
        )
    return at_addresses(settings, addresses)


def refuse_in_production(settings: configuration.Settings) -> None:
    """Production names its servers: ours have no backups and no second machine."""
    if settings.env == "production":
        raise errors.EmbeddedError(
            "TIMELINE_ENV is production, and the embedded servers are for development: they have no backups and no "
            "replica. Set DATABASE_URL, MIGRATION_DATABASE_URL and REDIS_URL, or unset TIMELINE_ENV."
        )


def at_addresses(settings: configuration.Settings, addresses: servers.Addresses) -> configuration.Settings:
    """The same settings, with the embedded addresses where there were none."""
    if not settings.database.url:
        settings = settings.model_copy(
            update={
                "database": settings.database.model_copy(
                    update={
                        "url": addresses.database_url,
                        "worker_url": addresses.worker_database_url,
                        "migration_url": addresses.migration_database_url,
                    }
                )
            }
        )
    if not settings.redis.url:
        settings = settings.model_copy(update={"redis": settings.redis.model_copy(update={"url": addresses.redis_url})})
    if not settings.storage.signing_key.get_secret_value():
        storage = settings.storage.model_copy(update={"signing_key": SecretStr(addresses.signing_key)})
        settings = settings.model_copy(update={"storage": storage})
    return settings


def child_environment(settings: configuration.Settings, *, public_url: str = "") -> dict[str, str]:
    """Our environment with these addresses, and without the owner's login: neither the API nor a worker needs it."""
    known = {
        "DATABASE_URL": settings.database.url,
        "WORKER_DATABASE_URL": settings.database.worker_url,
        "REDIS_URL": settings.redis.url,
        "TIMELINE_SIGNING_KEY": settings.storage.signing_key.get_secret_value(),
        "TIMELINE_DATA_DIR": str(settings.data_dir.resolve()),
        "TIMELINE_LOG_LEVEL": settings.log_level,
        "TIMELINE_PUBLIC_URL": os.environ.get("TIMELINE_PUBLIC_URL", public_url),
    }
    inherited = {name: value for name, value in os.environ.items() if name != "MIGRATION_DATABASE_URL"}
    return {**inherited, **{name: value for name, value in known.items() if value}}


@contextlib.contextmanager
def listen(host: str, port: int) -> Iterator[socket.socket]:
    """The socket that the API answers on. It is ours, so that nobody is refused while the API starts again."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise errors.EmbeddedError(
                f"Cannot listen on {host}:{port}: {error.strerror}. If a service of yours answers there, "
                "use it as it runs; else choose another place with --port or --host."
            ) from error
        listener.listen(2048)
        yield listener


def _api(commands: Commands, listener: socket.socket, environment: dict[str, str]) -> processes.Program:
    host, port = listener.getsockname()[:2]

    def answers() -> bool:
        # Any answer will do: health is not the question here, serving is.
        connection = http.client.HTTPConnection(_local(host), port, timeout=PROBE_TIMEOUT_S)
        try:
            connection.request("GET", "/livez")
            return connection.getresponse().status > 0
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return processes.Program(
        name="api",
        arguments=(*commands.api, str(listener.fileno())),
        environment=environment,
        stop_timeout_s=API_STOP_TIMEOUT_S,
        pass_fds=(listener.fileno(),),
        answers=answers,
    )


def _worker(commands: Commands, number: int, environment: dict[str, str]) -> processes.Program:
    return processes.Program(
        name=f"worker {number}",
        arguments=tuple(commands.worker),
        environment=environment,
        stop_timeout_s=WORKER_STOP_TIMEOUT_S,
    )


def _login(url: str) -> str:
    return sqlalchemy.make_url(url).username or ""


def _local(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _reachable(address: str) -> str:
    """An address that a browser on this machine can open."""
    return address.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
