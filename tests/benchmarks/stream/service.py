"""Our service for the benchmark: embedded servers, one API process, people and timelines made over HTTP."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2

from tests.benchmarks.stream import cost
from tests.benchmarks.stream.dialects import CLIPS
from tests.serving import address, listening
from timeline_service import settings as configuration
from timeline_service.access import tokens
from timeline_service.embedded import servers
from timeline_service.embedded import service as embedding

PEOPLE: Final = 50
TRACKS: Final = 20
# Nobody in the benchmark is to be slowed down by a limit; the code that counts runs all the same.
RAISED: Final = {
    "TIMELINE_STREAM_GESTURES_PER_SECOND": "1000000",
    "TIMELINE_STREAM_GESTURES_BURST": "1000000",
    "TIMELINE_STREAM_MESSAGES_PER_SECOND": "1000000",
    "TIMELINE_STREAM_MESSAGES_BURST": "1000000",
    "TIMELINE_STREAM_IN_FLIGHT": "1000",
    "TIMELINE_STREAM_OUTBOX_FRAMES": "4096",
    "TIMELINE_STREAM_OUTBOX_BYTES": str(64 * 1024 * 1024),
    "TIMELINE_HTTP_REQUESTS_PER_SECOND": "100000",
    "TIMELINE_HTTP_REQUESTS_BURST": "100000",
    "TIMELINE_LOG_LEVEL": "WARNING",
}
MEDIA: Final = {
    "url": "https://media.test/a.mp4",
    "available": {"start": 0, "duration": 705_600_000 * 60},
    "rate": {"num": 25, "den": 1},
    "width": 1920,
    "height": 1080,
}


@dataclass
class Service:
    """A running API process with its servers."""

    folder: Path
    port: int
    pid: int
    servers: servers.Servers
    settings: configuration.Settings
    workspace_id: str = ""
    tokens: list[str] = field(default_factory=list)
    people_ids: list[str] = field(default_factory=list)

    def used_s(self) -> dict[str, float]:
        """CPU seconds so far: the API process, PostgreSQL, Valkey."""
        postgres, valkey = self.servers.postgres.process, self.servers.valkey.process
        assert postgres is not None and valkey is not None
        return {
            "server": cost.of_process(self.pid),
            "postgres": cost.of_tree(postgres.pid),
            "valkey": cost.of_process(valkey.pid),
        }

    async def people(self) -> None:
        """A workspace with an owner and editors."""
        issuer = tokens.development_issuer(self.settings)
        async with self._http() as http:
            for number in range(PEOPLE):
                token = issuer.sign(f"writer{number}")
                mine = {"Authorization": f"Bearer {token}"}
                me = (await http.get("/api/v1/me", headers=mine)).raise_for_status().json()
                if not number:
                    made = await http.post("/api/v1/workspaces", headers=mine, json={"name": "Bench"})
                    self.workspace_id = made.raise_for_status().json()["id"]
                    http.headers["Authorization"] = f"Bearer {token}"
                else:
                    body = {"person_id": me["id"], "role": "editor"}
                    await http.post(f"/api/v1/workspaces/{self.workspace_id}/members", json=body)
                self.tokens.append(token)
                self.people_ids.append(me["id"])

    async def timeline(self) -> tuple[str, int]:
        """A new timeline of 500 clips on 20 tracks, with a gap behind each; its id and version."""
        async with self._http() as http:
            http.headers["Authorization"] = f"Bearer {self.tokens[0]}"
            size = {"rate": {"num": 25, "den": 1}, "width": 1920, "height": 1080}
            made = await http.post("/api/v1/timelines", json={"workspace_id": self.workspace_id, "name": "Hot", **size})
            timeline_id = made.raise_for_status().json()["id"]
            tracks = [{"type": "add_track", "track_id": f"v{n}", "kind": "video"} for n in range(TRACKS)]
            version = 0
            for gestures in (tracks, [clip(n) for n in range(CLIPS)]):
                answer = await http.post(f"/api/v1/timelines/{timeline_id}/gestures", json={"gestures": gestures})
                version = answer.raise_for_status().json()["version"]
        return timeline_id, version

    def _http(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=60)


def clip(number: int) -> dict[str, Any]:
    """Ten frames on a track of its turn, ten frames of nothing behind them."""
    place = {"track_id": f"v{number % TRACKS}", "start": number // TRACKS * 20, "duration": 10, "source_in": 100}
    return {"type": "add_clip", "clip_id": f"c{number}", "media": MEDIA, **place}


@dataclass(frozen=True)
class Ground:
    """What API processes stand on: servers, migrated, and a socket to listen on."""

    folder: Path
    servers: servers.Servers
    settings: configuration.Settings
    listener: socket.socket


@contextlib.asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    """Embedded servers of our own, thrown away at the end."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="timeline-bench-")))
        running = stack.enter_context(servers.start(folder))
        listener = stack.enter_context(listening())
        settings = configuration.Settings(data_dir=folder, public_url=address(listener))
        settings = embedding.at_addresses(settings, running.addresses)
        await embedding.migrate(settings)
        yield Ground(folder, running, settings, listener)


@contextlib.asynccontextmanager
async def process_on(under: Ground, module: str) -> AsyncIterator[Service]:
    """`module` serves on the socket that it inherits: embedded.web, or one like it. Without people yet."""
    listener = under.listener
    child = {**embedding.child_environment(under.settings, public_url=address(listener)), **RAISED}
    process = subprocess.Popen(
        [sys.executable, "-m", module, str(listener.fileno())], env=child, pass_fds=[listener.fileno()]
    )
    try:
        port = listener.getsockname()[1]
        await _until_it_answers(port, process)
        yield Service(under.folder, port, process.pid, under.servers, under.settings)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


@contextlib.asynccontextmanager
async def serving(module: str) -> AsyncIterator[Service]:
    """A process on ground of its own, with people."""
    async with ground() as under, process_on(under, module) as service:
        await service.people()
        yield service


async def _until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    async with httpx2.AsyncClient() as http:
        for _ in range(600):
            with contextlib.suppress(httpx2.HTTPError):
                if (await http.get(f"http://127.0.0.1:{port}/livez")).is_success:
                    return
            if process.poll() is not None:
                break
            await asyncio.sleep(0.1)
    raise RuntimeError(f"the service does not answer (process {os.getpid()})")
