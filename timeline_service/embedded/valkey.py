"""An embedded Valkey (or Redis): append-only file, a password, 127.0.0.1 only."""

import dataclasses
import hashlib
import signal
import socket
import subprocess
from pathlib import Path

from timeline_service.embedded import launch
from timeline_service.embedded.state import State

STOP_TIMEOUT_S = 10.0
ANSWER_TIMEOUT_S = 1.0


@dataclasses.dataclass
class Valkey:
    """One server under `data_dir`. Nothing in it is the only copy: it may be flushed at any time."""

    program: Path
    data_dir: Path
    state: State
    process: subprocess.Popen[bytes] | None = None

    name = "valkey"
    stop_signal = signal.SIGTERM
    stop_timeout_s = STOP_TIMEOUT_S

    @property
    def folder(self) -> Path:
        return self.data_dir / "valkey"

    @property
    def pid_file(self) -> Path:
        return self.folder / "valkey.pid"

    @property
    def log(self) -> Path:
        return self.data_dir / "valkey.log"

    @property
    def port(self) -> int:
        return self.state.redis_port

    def prepare(self) -> None:
        """Write the configuration: a file, because arguments can be read by everybody in the process list."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        digest = hashlib.sha256(self.state.redis_password.encode("ascii")).hexdigest()
        lines = (
            "bind 127.0.0.1",
            f"port {self.port}",
            f'dir "{self.folder}"',
            "daemonize no",
            f'pidfile "{self.pid_file}"',
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            # Everything but what changes the server itself (CONFIG, MODULE, DEBUG, ACL, REPLICAOF …).
            f"user default on #{digest} ~* &* +@all -@admin",
        )
        path = self.folder / "valkey.conf"
        path.touch(mode=0o600)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server; it takes connections when `is_ready`. Raises ServerFailed while another one works here."""
        launch.await_leftover(self.pid_file, self.folder, 0)
        with launch.open_log(self.log) as log:
            self.process = launch.start(
                [self.program, self.folder / "valkey.conf"], death_signal=self.stop_signal, stdout=log, stderr=log
            )
        return self.process

    def is_ready(self) -> bool:
        """Whether it answers PING; while it loads its file it answers an error."""
        if self.process is None or self.process.poll() is not None:
            return False
        request = f"AUTH {self.state.redis_password}\r\nPING\r\n".encode("ascii")
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=ANSWER_TIMEOUT_S) as connection:
                connection.sendall(request)
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := connection.recv(256)):
                    answer += part
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"


def url(port: int, password: str) -> str:
    """The address of the server."""
    return f"redis://:{password}@127.0.0.1:{port}/0"
