"""How a program is started so that it dies with us, and as whom PostgreSQL runs.

Call from the main thread: the parent-death signal fires when the thread that forked ends.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Literal

from timeline_service.embedded import errors, guard

Identity = Literal["direct", "namespace", "nobody"]

PROBE_TIMEOUT_S = 30
POLL_S = 0.01
LARGEST_LOG = 16 * 1024 * 1024


def start(
    program: Sequence[str | Path],
    *,
    death_signal: signal.Signals,
    identity: Identity = "direct",
    env: Mapping[str, str] | None = None,
    stdout: int | IO[bytes] | None = None,
    stderr: int | IO[bytes] | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start `program` behind the guard, in a session of its own, so that Ctrl-C reaches only the launcher."""
    return subprocess.Popen(  # noqa: S603 - programs of ours
        command(program, death_signal=death_signal, identity=identity),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        env=None if env is None else dict(env),
        start_new_session=True,
        pass_fds=tuple(pass_fds),
    )


def command(program: Sequence[str | Path], *, death_signal: signal.Signals, identity: Identity) -> list[str]:
    """The guarded command line; its parent must be this process."""
    own = [sys.executable, "-I", "-S", str(Path(guard.__file__).resolve())]
    return [*own, str(os.getpid()), str(int(death_signal)), identity, "--", *map(str, program)]


def choose_identity(postgres: Path, data_dir: Path) -> Identity:
    """As whom PostgreSQL can run here. Raises IdentityRefused, with what to do."""
    if os.geteuid() != 0:
        return "direct"
    reasons: list[str] = []
    identities: tuple[Identity, ...] = ("namespace", "nobody")
    for identity in identities:
        refusal = _probe(postgres, identity)
        if not refusal and identity == "nobody":
            refusal = _untraversable(data_dir)
        if not refusal:
            return identity
        reasons.append(f"{identity}: {refusal}")
    raise errors.IdentityRefused(
        f"PostgreSQL does not run as root, and root can be nobody else here ({'; '.join(reasons)}). "
        "Run the service as an ordinary user, or put the virtual environment and the data directory into folders that "
        "everybody may enter (such as /opt and /var/lib), or set DATABASE_URL to a server of yours."
    )


def give_to(identity: Identity, folder: Path) -> None:
    """Make the files of `folder` belong to whom `identity` is outside; they change hands when a machine's rules did."""
    if identity == "direct":
        return
    owner = guard.NOBODY if identity == "nobody" else 0
    if folder.stat().st_uid == owner:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, owner, follow_symlinks=False)


def await_leftover(pid_file: Path, folder: Path, timeout_s: float) -> None:
    """Wait for a server of a launcher that was killed, which is shutting down; remove its pid file.

    A pid file whose number now belongs to another program would keep the next server from starting.
    """
    deadline = time.monotonic() + timeout_s
    while (pid := _server_in(pid_file, folder)) is not None:
        if time.monotonic() > deadline:
            raise errors.ServerFailed(
                f"Process {pid} still works in {folder}, and its launcher is gone. "
                f"Stop it with `kill -INT {pid}`, then start again."
            )
        time.sleep(POLL_S)
    pid_file.unlink(missing_ok=True)


def open_log(path: Path) -> IO[bytes]:
    """Open a server's log for its next run, readable by its owner only; a long one is put aside first."""
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def free_port() -> int:
    """A TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _probe(program: Path, identity: Identity) -> str:
    """Why `program` cannot run as `identity`; empty when it can."""
    line = command([program, "--version"], death_signal=signal.SIGKILL, identity=identity)
    done = subprocess.run(line, capture_output=True, text=True, timeout=PROBE_TIMEOUT_S, check=False)  # noqa: S603
    if done.returncode == 0:
        return ""
    return (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]


def _server_in(pid_file: Path, folder: Path) -> int | None:
    """The process that the pid file names, if it really is a server of this folder."""
    try:
        pid = int(pid_file.read_text(encoding="ascii").split()[0])
        # Both servers work in their own folder: that tells them from another program with the same number.
        return pid if Path(f"/proc/{pid}/cwd").readlink() == folder.resolve() else None
    except (OSError, ValueError, IndexError):
        return None


def _untraversable(folder: Path) -> str:
    """The first folder on the way that does not let others through."""
    for parent in folder.resolve().parents:
        if not parent.stat().st_mode & 0o001:
            return f"{parent} lets nobody through"
    return ""
