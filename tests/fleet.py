"""API processes of the service, as many as wanted, on servers that a test may break: real processes, real sockets.

with Servers(folder) as servers:                      a PostgreSQL and a Valkey of this test's own
    fleet = Fleet(servers, folder, size=2)
    await fleet.start()
    fleet[0].kill()                                   and fleet[0].start() again, at the same address
"""

import asyncio
import contextlib
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
from pathlib import Path

from migrations import runner
from timeline_service.access.issuer import DevelopmentIssuer
from timeline_service.embedded import databases, launch, servers
from timeline_service.settings import Tokens

WITHIN_S = 60
PORTS = range(20_000, 30_000)
"""Below those that outgoing connections take, so that a process finds its port free when it starts again."""


class OwnServers:
    """PostgreSQL and Valkey, launched by hand. `addresses` are theirs; `valkey_settings` are lines of its file."""

    def __init__(self, folder: Path, *, valkey_settings: tuple[str, ...] = (), with_postgres: bool = True) -> None:
        self.prepared = servers.prepare(folder, with_postgres=with_postgres)
        self.valkey = self.prepared.valkey
        path = self.valkey.folder / "valkey.conf"
        path.write_text("\n".join((path.read_text(), *valkey_settings)) + "\n")

    async def start(self) -> None:
        for server in self.prepared.wanted:
            server.launch()
        for server in self.prepared.wanted:
            await asyncio.to_thread(servers.wait_ready, server)
        if len(self.prepared.wanted) > 1:
            await runner.upgrade(self.prepared.migration_database_url)
            await databases.grant_roles(self.prepared.migration_database_url)

    def stop(self) -> None:
        for server in self.prepared.wanted:
            resume(server.process)
        self.prepared.stop()


async def kill(server) -> None:
    """kill -9 of an embedded server; of PostgreSQL the postmaster."""
    server.process.kill()
    await asyncio.to_thread(server.process.wait)


async def launch_again(server) -> None:
    """Start a server that ended, and wait until it answers. What its predecessor left may take a moment to go."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            with contextlib.suppress(Exception):
                server.launch()
                await asyncio.to_thread(servers.wait_ready, server)
                return
            await asyncio.sleep(0.1)


def freeze(process: subprocess.Popen) -> None:
    """SIGSTOP, for it and whatever it started: connections stay open, nobody answers."""
    process.send_signal(signal.SIGSTOP)


def resume(process: subprocess.Popen | None) -> None:
    """SIGCONT."""
    if process is not None and process.poll() is None:
        process.send_signal(signal.SIGCONT)


class ApiProcess:
    """One process at one address, which it keeps when it is started again."""

    def __init__(self, environment: dict[str, str], port: int, log: Path) -> None:
        self.environment = environment
        self.port = port
        self.log = log
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    async def start(self) -> None:
        """Start it and wait until it answers."""
        with listen(self.port) as listener, self.log.open("ab") as log:
            self.process = launch.start(
                [sys.executable, "-m", "timeline_service.embedded.web", str(listener.fileno())],
                death_signal=signal.SIGKILL,
                env={**self.environment, "TIMELINE_PUBLIC_URL": self.url},
                stdout=log,
                stderr=log,
                pass_fds=(listener.fileno(),),
            )
        async with asyncio.timeout(WITHIN_S):
            while not await asyncio.to_thread(self._answers):
                assert self.running, f"the process ended as it started:\n{self.log.read_text()[-3000:]}"
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """kill -9."""
        if self.running:
            self.process.kill()
        await asyncio.to_thread(self.process.wait)

    async def drain(self) -> None:
        """SIGTERM, until it has ended."""
        self.process.terminate()
        async with asyncio.timeout(WITHIN_S):
            await asyncio.to_thread(self.process.wait)

    def memory(self) -> int:
        """Bytes that are resident."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/livez")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class Fleet:
    """Processes on the same servers and folder: a token of one is good for all."""

    def __init__(self, folder: Path, database_url: str, redis_url: str, *, size: int = 2, **environment: str) -> None:
        given = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "TIMELINE_SIGNING_KEY": "a signing key for tests only",
            "TIMELINE_DATA_DIR": str(folder),
            "TIMELINE_LOG_LEVEL": "WARNING",
            **environment,
        }
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        ports = free_ports(size)
        self.processes = [
            ApiProcess({**os.environ, **given}, port, folder / f"api-{number}.log") for number, port in enumerate(ports)
        ]

    def __getitem__(self, place: int) -> ApiProcess:
        return self.processes[place]

    @property
    def urls(self) -> list[str]:
        return [process.url for process in self.processes]

    def token(self, subject: str) -> str:
        return DevelopmentIssuer(self.folder, Tokens()).sign(subject)

    async def start(self) -> None:
        """Start those that do not run, wake those that were stopped, and wait until all answer."""
        for process in self.processes:
            resume(process.process)
        await asyncio.gather(*(process.start() for process in self.processes if not process.running))

    async def stop(self) -> None:
        for process in self.processes:
            if process.process is not None:
                resume(process.process)
                await process.kill()

    def logs(self) -> str:
        return "\n".join(process.log.read_text(errors="replace") for process in self.processes if process.log.exists())


def listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(256)
    return listener


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    found: list[int] = []
    for port in random.SystemRandom().sample(PORTS, len(PORTS)):
        with contextlib.suppress(OSError):
            listen(port).close()
            found.append(port)
        if len(found) == count:
            return found
    raise RuntimeError("no ports are free")
