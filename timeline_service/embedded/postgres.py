"""An embedded PostgreSQL: a cluster in a folder, one postmaster that dies with us, always durable.

Logins with passwords (SCRAM) over a Unix socket and over 127.0.0.1: `postgres` migrates, `app` and `worker` serve.
"""

import dataclasses
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, urlencode

from timeline_service.embedded import binaries, errors, launch
from timeline_service.embedded.state import State

DATABASE = "timeline"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
BUILTIN_LOCALES = 17
LONGEST_SOCKET_PATH = 107

# Given on the command line, where neither the configuration file nor ALTER SYSTEM can undo them.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %a ",
}


@dataclasses.dataclass
class Postgres:
    """One cluster under `data_dir`; `extra` overrides settings (tests use it to be less durable than we allow)."""

    programs: binaries.PostgresPrograms
    identity: launch.Identity
    data_dir: Path
    state: State
    extra: Mapping[str, str] = dataclasses.field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast shutdown": open transactions are rolled back, everything is on disk
    stop_timeout_s = STOP_TIMEOUT_S

    @property
    def cluster(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def pid_file(self) -> Path:
        return self.cluster / "postmaster.pid"

    @property
    def log(self) -> Path:
        return self.data_dir / "postgres.log"

    @property
    def port(self) -> int:
        return self.state.postgres_port

    @property
    def socket_dir(self) -> Path:
        return socket_folder(self.data_dir, self.port)

    def prepare(self) -> None:
        """Make the cluster if there is none."""
        if not self.cluster.exists():
            self._create()
        launch.give_to(self.identity, self.cluster)

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the postmaster, ready when `is_ready`. Raises ServerFailed while another one works here."""
        launch.await_leftover(self.pid_file, self.cluster, 0)
        self.socket_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        launch.give_to(self.identity, self.socket_dir)
        with launch.open_log(self.log) as log:
            self.process = launch.start(
                [self.programs.postgres, "-D", self.cluster, *self._options()],
                death_signal=self.stop_signal,
                identity=self.identity,
                env=_environment(),
                stdout=log,
                stderr=log,
            )
        return self.process

    def is_ready(self) -> bool:
        """Whether the postmaster that we started says that it takes connections."""
        if self.process is None or self.process.poll() is not None:
            return False
        try:
            lines = self.pid_file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"

    def _options(self) -> list[str]:
        settings = {
            **SETTINGS,
            **DURABLE,
            "port": str(self.port),
            "unix_socket_directories": str(self.socket_dir),
            **self.extra,
        }
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _create(self) -> None:
        """Make the cluster beside its place and move it there when it is whole."""
        draft = self.data_dir / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password = self.data_dir / "postgres.password"
        password.touch(mode=0o600)
        password.write_text(self.state.postgres_password, encoding="ascii")
        try:
            for path in (draft, password):
                launch.give_to(self.identity, path)
            # Unsynced while it is made (ten times faster), synced as a whole at the end.
            initdb: list[str | Path] = [self.programs.initdb, "-D", draft, "-U", "postgres", f"--pwfile={password}"]
            initdb += ["-N", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
            if self.programs.version >= BUILTIN_LOCALES:
                initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            self._run(initdb)
            single: list[str | Path] = [self.programs.postgres, "--single", "-j", "-D", draft, "postgres"]
            self._run(single, self._first_statements())
            self._run([self.programs.initdb, "-D", draft, "--sync-only"])
        finally:
            password.unlink()
        draft.rename(self.cluster)

    def _first_statements(self) -> str:
        """In single-user mode with -j a statement ends at a semicolon followed by an empty line."""
        statements = (
            f"create role app login password '{self.state.app_password}'",
            f"create role worker login password '{self.state.worker_password}'",
            f"create database {DATABASE}",
        )
        return "".join(f"{statement};\n\n" for statement in statements)

    def _run(self, program: Sequence[str | Path], statements: str = "") -> None:
        line = launch.command(program, death_signal=signal.SIGKILL, identity=self.identity)
        done = subprocess.run(  # noqa: S603 - programs of ours
            line,
            input=statements,
            capture_output=True,
            text=True,
            timeout=START_TIMEOUT_S,
            check=False,
            env=_environment(),
        )
        if done.returncode != 0 or "ERROR:" in done.stderr:
            name = Path(program[0]).name
            raise errors.ServerFailed(
                f"{name} failed in {self.data_dir}:\n{(done.stderr or done.stdout).strip()[-2000:]}"
            )


def version_of(data_dir: Path) -> int | None:
    """The major version that made the cluster in `data_dir`; None where there is none yet."""
    try:
        return int((data_dir / "postgres" / "PG_VERSION").read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None


def socket_url(data_dir: Path, port: int, login: str, password: str, database: str = DATABASE) -> str:
    """The address over the Unix socket."""
    place = urlencode({"host": str(socket_folder(data_dir, port)), "port": port}, quote_via=quote)
    return f"postgresql://{login}:{password}@/{quote(database)}?{place}"


def socket_folder(data_dir: Path, port: int) -> Path:
    """Where the Unix socket lies: in the data directory, or in a short private folder when that path is too long."""
    folder = data_dir / "run"
    # The list of folders in PostgreSQL's settings is split at commas and trimmed at blanks.
    plain = not set(str(folder)) & set(", \"'\\")
    if plain and len(os.fsencode(folder / f".s.PGSQL.{port}.lock")) <= LONGEST_SOCKET_PATH:
        return folder
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    for temp in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - the folder is ours alone, checked below
        folder = Path(temp, f"timeline-{os.getuid()}-{digest}")
        if len(os.fsencode(folder / f".s.PGSQL.{port}.lock")) <= LONGEST_SOCKET_PATH:
            break
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_mode & 0o077:
        raise errors.ServerFailed(f"{folder} is not private. Remove it, or choose a shorter --data-dir.")
    return folder


def _environment() -> dict[str, str]:
    """PostgreSQL reads PG* and LC_*; nothing of the caller's may change what is made."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}
