"""A real PostgreSQL and a real Valkey in a data directory that survives, started and stopped with us.

with servers.start(Path(".data")) as running:
    engine = database.create_engine(running.database_url, application_name="api")
"""

import dataclasses
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from timeline_service.embedded import binaries, errors, launch, lock, postgres, state, valkey
from timeline_service.embedded.postgres import Postgres
from timeline_service.embedded.valkey import Valkey

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


class Servers:
    """The servers of one data directory, locked for us. They never outlive us."""

    def __init__(self, data_dir: Path, known: state.State) -> None:
        self._lock = lock.DirectoryLock(data_dir)
        self.data_dir = data_dir
        self.state = known
        self._postgres: Postgres | None = None
        self._valkey: Valkey | None = None

    @property
    def postgres(self) -> Postgres:
        assert self._postgres is not None, "prepared without PostgreSQL"
        return self._postgres

    @property
    def valkey(self) -> Valkey:
        assert self._valkey is not None, "prepared without Valkey"
        return self._valkey

    @property
    def wanted(self) -> tuple[Postgres | Valkey, ...]:
        """Those that were prepared, to be launched."""
        return tuple(server for server in (self._postgres, self._valkey) if server is not None)

    @property
    def addresses(self) -> Addresses:
        """Stable over restarts of this directory, unless another program takes a port."""
        return _addresses(self.data_dir, self.state)

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

    def prepare(
        self,
        *,
        with_postgres: bool,
        with_valkey: bool,
        postgres_settings: Mapping[str, str],
        programs: binaries.PostgresPrograms | None,
    ) -> None:
        """Take the lock and make everything that launching needs."""
        self._lock.acquire()
        for folder, pid_file in (("postgres", "postmaster.pid"), ("valkey", "valkey.pid")):
            place = self.data_dir / folder
            launch.await_leftover(place / pid_file, place, postgres.STOP_TIMEOUT_S)
        known = state.load(self.data_dir) or self.state
        self.state = dataclasses.replace(
            known, postgres_port=_port(known.postgres_port), redis_port=_port(known.redis_port)
        )
        state.save(self.data_dir, self.state)
        if with_postgres:
            programs = programs or binaries.find_postgres(postgres.version_of(self.data_dir))
            identity = launch.choose_identity(programs.postgres, self.data_dir)
            self._postgres = Postgres(programs, identity, self.data_dir, self.state, postgres_settings)
        if with_valkey:
            self._valkey = Valkey(binaries.find_valkey(), self.data_dir, self.state)
        for server in self.wanted:
            server.prepare()

    def stop(self) -> None:
        """Stop what runs and let the data directory go. A second call does nothing."""
        for server in reversed(self.wanted):
            stop(server)
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(
    data_dir: Path,
    *,
    postgres_settings: Mapping[str, str] | None = None,
    programs: binaries.PostgresPrograms | None = None,
) -> Servers:
    """Start both servers on `data_dir`, which is made when it is not there, and wait until they answer.

    Call it from the main thread. Raises `errors.EmbeddedError` with what to do: no programs, the directory is in use,
    a server failed.
    """
    made = prepare(data_dir, postgres_settings=postgres_settings, programs=programs)
    try:
        for server in made.wanted:
            server.launch()
        for server in made.wanted:
            wait_ready(server)
    except BaseException:
        made.stop()
        raise
    return made


def prepare(
    data_dir: Path,
    *,
    with_postgres: bool = True,
    with_valkey: bool = True,
    postgres_settings: Mapping[str, str] | None = None,
    programs: binaries.PostgresPrograms | None = None,
) -> Servers:
    """Everything but launching: the lock, passwords, ports, the cluster. For a supervisor that launches by itself.

    `programs` names the PostgreSQL to use instead of the first one found; `postgres_settings` override ours.
    """
    data_dir = data_dir.resolve()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Servers(data_dir, state.fresh())
    try:
        made.prepare(
            with_postgres=with_postgres,
            with_valkey=with_valkey,
            postgres_settings=postgres_settings or {},
            programs=programs,
        )
    except BaseException:
        made.stop()
        raise
    return made


def running(data_dir: Path) -> Addresses | None:
    """The addresses of the servers that another process runs on `data_dir`, or None."""
    data_dir = data_dir.resolve()
    known = state.load(data_dir)
    return _addresses(data_dir, known) if known is not None and lock.is_held(data_dir) else None


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


def _port(known: int) -> int:
    return known if known and launch.is_free(known) else launch.free_port()


def _addresses(data_dir: Path, known: state.State) -> Addresses:
    def url(login: str, password: str) -> str:
        return postgres.socket_url(data_dir, known.postgres_port, login, password)

    return Addresses(
        database_url=url("app", known.app_password),
        worker_database_url=url("worker", known.worker_password),
        migration_database_url=url("postgres", known.postgres_password),
        redis_url=valkey.url(known.redis_port, known.redis_password),
        signing_key=known.signing_key,
    )
