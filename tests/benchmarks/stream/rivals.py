"""The peers: installed into a scratch folder when the benchmark runs, each started as one process of its own.

Where a registry cannot be reached, or Node.js is not there, a peer is left out and the reason is printed.
"""

import asyncio
import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks.stream import cost
from tests.benchmarks.stream.dialects import CLIPS

SOURCES: Final = Path(__file__).parent / "peers"
INSTALL_S: Final = 120


class Absent(Exception):
    """A peer that cannot be run here, and why."""


@dataclass(frozen=True)
class Peer:
    """A running peer."""

    port: int
    pid: int

    def used_s(self) -> dict[str, float]:
        """CPU seconds so far."""
        return {"server": cost.of_process(self.pid)}


def install(scratch: Path) -> None:
    """The Node peers, from whatever registry npm is set to. Raises Absent."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Absent(f"there is no {program}")
    scratch.mkdir(parents=True, exist_ok=True)
    for source in (*SOURCES.glob("*.mjs"), SOURCES / "package.json", SOURCES / ".npmrc"):
        shutil.copy(source, scratch)
    if (scratch / "node_modules").exists():
        return
    try:
        done = subprocess.run(
            ["npm", "install", "--no-package-lock"], cwd=scratch, capture_output=True, text=True, timeout=INSTALL_S
        )
    except subprocess.TimeoutExpired:
        raise Absent(f"npm did not install them in {INSTALL_S} s") from None
    if done.returncode:
        raise Absent("npm cannot install them: " + " ".join(done.stderr.split())[:200])


@contextlib.asynccontextmanager
async def hocuspocus(scratch: Path, rooms: int) -> AsyncIterator[Peer]:
    del rooms
    install(scratch)
    python_has_yjs()
    async with running(["node", "hocuspocus.mjs"], scratch) as peer:
        yield peer


@contextlib.asynccontextmanager
async def sharedb(scratch: Path, rooms: int) -> AsyncIterator[Peer]:
    install(scratch)
    async with running(["node", "sharedb.mjs", str(rooms), str(CLIPS)], scratch) as peer:
        yield peer


@contextlib.asynccontextmanager
async def pycrdt(scratch: Path, rooms: int) -> AsyncIterator[Peer]:
    del scratch, rooms
    python_has_yjs()
    async with running([sys.executable, "-m", "tests.benchmarks.stream.peers.pycrdt_room"], Path.cwd()) as peer:
        yield peer


def python_has_yjs() -> None:
    """The loader writes Yjs updates with pycrdt. Raises Absent."""
    if importlib.util.find_spec("pycrdt") is None:
        raise Absent("pycrdt-websocket is not installed: .ci/setup bench")


@contextlib.asynccontextmanager
async def running(command: Sequence[str], folder: Path) -> AsyncIterator[Peer]:
    """A server that says `ready <port>` on its standard output."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=subprocess.PIPE, env={**os.environ, "NODE_ENV": "production"}
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            line = (await process.stdout.readline()).decode()
        if not line.startswith("ready "):
            raise Absent(f"{command[0]} said {line!r}")
        yield Peer(int(line.split()[1]), process.pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
