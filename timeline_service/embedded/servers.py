"""A real PostgreSQL and a real Valkey in a data directory that survives, started and stopped with us.

with servers.start(Path(".data")) as running:
    engine = database.create_engine(running.database_url, application_name="api")
"""

import contextlib
import dataclasses
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from timeline_service.embedded import binaries, errors, launch, lock, postgres, state, valkey

LOG_TAIL = 1500


class Server(Protocol):
    """What both servers are: a program with a log that can be started, asked and stopped."""

    process: subprocess.Popen[bytes] | None

    @property
    def name(self) -> str: ...
    @property
    def stop_signal(self) -> int: ...
    @property
    def stop_timeout_s(self) -> float: ...
    @property
    def log(self) -> Path: ...
    def launch(self) -> subprocess.Popen[bytes]: ...
    def is_ready(self) -> bool: ...


@dataclasses.dataclass(frozen=True)
class Addresses:
    """Where the embedded servers of a data directory are reached, each login with its own rights."""

    database_url: str
    worker_database_url: str
    migration_database_url: str
    redis_url: str
    signing_key: str

    def environment(self) -> dict[str, str]:
        """The variables that the settings read."""
        return {
            "DATABASE_URL": self.database_url,
            "WORKER_DATABASE_URL": self.worker_database_url,
            "MIGRATION_DATABASE_URL": self.migration_database_url,
            "REDIS_URL": self.redis_url,
            "TIMELINE_SIGNING_KEY": self.signing_key,
        }


class Servers:
    """Both servers, running. Stop them with `stop()` or by leaving the `with` block; they never outlive us."""

    def __init__(self, directory: lock.DirectoryLock, cluster: postgres.Postgres, cache: valkey.Valkey) -> None:
        self._lock = directory
        self.postgres = cluster
        self.valkey = cache

    @property
    def addresses(self) -> Addresses:
        return _addresses(self.postgres, self.valkey)

    @property
    def database_url(self) -> str:
        return self.addresses.database_url

    @property
    def worker_database_url(self) -> str:
        return self.addresses.worker_database_url

    @property
    def migration_database_url(self) -> str:
        return self.addresses.migration_database_url

    @property
    def redis_url(self) -> str:
        return self.addresses.redis_url

    def stop(self) -> None:
        """Stop both and let the data directory go. A second call does nothing."""
        for server in (self.valkey, self.postgres):
            stop(server)
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(data_dir: Path, *, postgres_settings: Mapping[str, str] | None = None) -> Servers:
    """Start both servers on `data_dir`, which is made when it is not there, and wait until they answer.

    Call it from the main thread. Raises `errors.EmbeddedError` with what to do: no programs, the directory is in use,
    a server failed.
    """
    running = prepare(data_dir, postgres_settings=postgres_settings)
    try:
        for server in (running.valkey, running.postgres):
            server.launch()
        for server in (running.valkey, running.postgres):
            wait_ready(server)
    except BaseException:
        running.stop()
        raise
    return running


def prepare(data_dir: Path, *, postgres_settings: Mapping[str, str] | None = None) -> Servers:
    """Everything but starting: the lock, passwords, ports, the cluster. For a supervisor that launches by itself."""
    data_dir = data_dir.resolve()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory = lock.DirectoryLock(data_dir)
    directory.acquire()
    with contextlib.ExitStack() as undo:
        undo.callback(directory.release)
        for folder, pid_file in (("postgres", "postmaster.pid"), ("valkey", "valkey.pid")):
            launch.await_leftover(data_dir / folder / pid_file, data_dir / folder, postgres.STOP_TIMEOUT_S)
        known = _with_free_ports(state.load(data_dir) or state.fresh())
        state.save(data_dir, known)
        programs = binaries.find_postgres()
        identity = launch.choose_identity(programs.postgres, data_dir)
        cluster = postgres.Postgres(programs, identity, data_dir, known, postgres_settings or {})
        cache = valkey.Valkey(binaries.find_valkey(), data_dir, known)
        for server in (cluster, cache):
            server.prepare()
        undo.pop_all()
    return Servers(directory, cluster, cache)


def running(data_dir: Path) -> Addresses | None:
    """The addresses of the servers that another process runs on `data_dir`, or None."""
    data_dir = data_dir.resolve()
    known = state.load(data_dir)
    if known is None or not lock.is_held(data_dir):
        return None
    programs = binaries.PostgresPrograms(data_dir, 0)
    return _addresses(postgres.Postgres(programs, "direct", data_dir, known), valkey.Valkey(data_dir, data_dir, known))


def wait_ready(server: Server, timeout_s: float = postgres.START_TIMEOUT_S) -> None:
    """Wait until a launched server answers. Raises ServerFailed with the end of its log."""
    deadline = time.monotonic() + timeout_s
    while not server.is_ready():
        assert server.process is not None
        code = server.process.poll()
        if code is not None or time.monotonic() > deadline:
            why = "does not answer" if code is None else f"ended with status {code}"
            tail = server.log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:].strip()
            raise errors.ServerFailed(f"{server.name} {why}. The end of {server.log}:\n{tail}")
        time.sleep(launch.POLL_S)


def stop(server: Server) -> None:
    """End a server properly, by force when it does not go."""
    process = server.process
    if process is None:
        return
    if process.poll() is None:
        process.send_signal(server.stop_signal)
        try:
            process.wait(server.stop_timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    server.process = None


def _with_free_ports(known: state.State) -> state.State:
    """Ports stay as they were, unless another program has taken them."""
    return dataclasses.replace(known, postgres_port=_port(known.postgres_port), redis_port=_port(known.redis_port))


def _port(known: int) -> int:
    return known if known and launch.is_free(known) else launch.free_port()


def _addresses(cluster: postgres.Postgres, cache: valkey.Valkey) -> Addresses:
    known = cluster.state
    return Addresses(
        database_url=cluster.url("app", known.app_password),
        worker_database_url=cluster.url("worker", known.worker_password),
        migration_database_url=cluster.url("postgres", known.postgres_password),
        redis_url=cache.url,
        signing_key=known.signing_key,
    )
