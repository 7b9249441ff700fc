"""Files of strangers, and files that carry names by strangers, are only handled in a child with limits.

    parent ── task, file ──▶ child (own session, empty folder, rlimits; bubblewrap where there is one)
           ◀── one line of JSON, a file ──

The child may crash, hang, eat memory or lie: each becomes a typed error, and what it answers
is checked like any import.
"""

import asyncio
import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import orjson

from projections.otio.formats import catalogue
from projections.otio.formats.catalogue import Format
from timeline_service.kit import errors

_CHILD: Final = "projections.otio.sandbox_child"
_HEAVY: Final = frozenset({-signal.SIGXCPU, -signal.SIGKILL, 128 + signal.SIGXCPU, 128 + signal.SIGKILL})
_CHUNK: Final = 1024 * 1024
_PROBE_S: Final = 5.0

Level = Literal["bubblewrap", "rlimits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use."""

    wall_s: float = 5.0
    cpu_s: int = 5
    memory_bytes: int = 1024 * 1024 * 1024
    file_bytes: int = 64 * 1024 * 1024
    answer_bytes: int = 192 * 1024 * 1024


READING: Final = Limits()
WRITING: Final = Limits(wall_s=30.0, cpu_s=30)
"""For files that we make: nobody waits for an answer within seconds, and the timeline passed our own checks."""


class ImportUnreadable(errors.Invalid):
    """The file cannot be read as what it says it is; it may be damaged."""

    code = "import_unreadable"


class ImportTooHeavy(errors.Invalid):
    """Reading the file takes more time or memory than an import is given."""

    code = "import_too_heavy"


class ImportTooLarge(errors.TooLarge):
    """What the file unpacks to, or how deep it is nested, is beyond what an import takes."""

    code = "import_too_large"


class InterchangeFailed(errors.Invalid):
    """The timeline cannot be written in this format."""

    code = "interchange_failed"
    CODES = ("interchange_failed", "interchange_empty", "interchange_too_heavy")


class FileRefused(errors.Invalid):
    """The file is refused; the code says by which rule."""


_REFUSALS: Final[dict[str, type[errors.ServiceError]]] = {
    "import_unreadable": ImportUnreadable,
    "import_too_heavy": ImportTooHeavy,
    "import_too_large": ImportTooLarge,
    "interchange_failed": InterchangeFailed,
    "interchange_empty": InterchangeFailed,
}


class Answer(msgspec.Struct):
    """What a child says of a file that it read."""

    records: list[tuple[str, str, dict[str, Any]]] = []
    timeline: dict[str, Any] = {}
    origin: dict[str, Any] = {}
    report: dict[str, Any] = {}
    found: dict[str, Any] | None = None
    unread: str | None = None
    refused: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A file in another format; `found` is what its reader finds in it (see inventory), or `unread` says why not."""

    data: bytes
    found: dict[str, Any] | None
    unread: str | None


class Sandbox:
    """Starts the children, a few at a time. One per process."""

    def __init__(self, at_once: int = 2, reading: Limits = READING, writing: Limits = WRITING) -> None:
        self._room = asyncio.Semaphore(at_once)
        self._reading = reading
        self._writing = writing

    async def read(self, data: bytes, format: Format, *, rate: float = 24.0) -> Answer:
        """The records of a file. Raises ImportUnreadable, ImportTooHeavy, ImportTooLarge, FileRefused."""
        answer, _ = await self._run("read", data, format, rate, self._reading)
        return answer

    async def write(self, timeline: bytes, format: Format, *, rate: float) -> Written:
        """OTIO JSON of ours as another format. Raises InterchangeFailed."""
        try:
            answer, made = await self._run("write", timeline, format, rate, self._writing)
        except (ImportTooHeavy, ImportUnreadable) as failed:
            heavy = isinstance(failed, ImportTooHeavy)
            raise InterchangeFailed(code="interchange_too_heavy" if heavy else None, format=format.name) from failed
        return Written(made, answer.found, answer.unread)

    async def _run(self, do: str, data: bytes, format: Format, rate: float, limits: Limits) -> tuple[Answer, bytes]:
        task = {
            "do": do,
            "format": format.name,
            "rate": rate,
            "limits": {name: getattr(limits, name) for name in ("cpu_s", "memory_bytes", "file_bytes")},
        }
        async with self._room:
            with tempfile.TemporaryDirectory(prefix="timeline-import-") as folder:
                said = await _child(orjson.dumps(task).decode(), data, Path(folder), limits)
        line, _, made = said.partition(b"\n")
        return await asyncio.to_thread(_checked, line), made


def _checked(line: bytes) -> Answer:
    """The answer, if it is one."""
    try:
        answer = msgspec.json.decode(line, type=Answer)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise ImportUnreadable from None
    if answer.refused is not None:
        code, reason = answer.refused
        raise _REFUSALS.get(code, FileRefused)(reason, code=code)
    return answer


async def _child(task: str, data: bytes, folder: Path, limits: Limits) -> bytes:
    """Everything that a child prints. Raises ImportTooHeavy, ImportUnreadable."""
    command = [sys.executable, "-I", "-m", _CHILD, task]
    if level() == "bubblewrap":
        command = [*_bubblewrap(folder), *command]
    child = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=folder,
        start_new_session=True,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        limit=_CHUNK,
    )
    try:
        async with asyncio.timeout(limits.wall_s):
            feeding = asyncio.ensure_future(_feed(child, data))
            said = await _printed(child, limits.answer_bytes)
            await feeding
            status = await child.wait()
    except TimeoutError:
        raise ImportTooHeavy from None
    finally:
        await _end(child)
    if status in _HEAVY:
        raise ImportTooHeavy
    if status != 0:
        raise ImportUnreadable
    return said


async def _feed(child: asyncio.subprocess.Process, data: bytes) -> None:
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        child.stdin.write(data)
        await child.stdin.drain()
    child.stdin.close()


async def _printed(child: asyncio.subprocess.Process, most: int) -> bytes:
    assert child.stdout is not None
    parts, length = [], 0
    while part := await child.stdout.read(_CHUNK):
        parts.append(part)
        length += len(part)
        if length > most:
            raise ImportTooHeavy
    return b"".join(parts)


async def _end(child: asyncio.subprocess.Process) -> None:
    """No process of the child's session is left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    await child.wait()


@functools.cache
def level() -> Level:
    """How the children are walled in on this machine; /readyz says it."""
    return "bubblewrap" if _bubblewrap_works() else "rlimits"


def _bubblewrap_works() -> bool:
    if shutil.which("bwrap") is None:
        return False
    with tempfile.TemporaryDirectory(prefix="timeline-import-") as folder:
        command = [*_bubblewrap(Path(folder)), sys.executable, "-I", "-c", f"import {_CHILD}"]
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            return subprocess.run(command, check=False, capture_output=True, timeout=_PROBE_S).returncode == 0  # noqa: S603
    return False


def _bubblewrap(folder: Path) -> list[str]:
    """New namespaces of every kind, and of the files only Python, our code and the empty folder."""
    shown = [argument for path in _code() for argument in ("--ro-bind", str(path), str(path))]
    walls = ["--unshare-all", "--die-with-parent", "--new-session", "--proc", "/proc", "--dev", "/dev"]
    return ["bwrap", *walls, *shown, "--bind", str(folder), str(folder), "--chdir", str(folder)]


def _code() -> list[Path]:
    """Where Python, its libraries and our packages lie."""
    package = Path(__file__).resolve().parents[1]
    system = [Path(name) for name in ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache")]
    python = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent]
    ours = [package, package.parent / "timeline_service"]
    return list(dict.fromkeys(path for path in (*system, *python, *ours) if path.exists()))


def format_of(data: bytes, *, name: str | None = None, filename: str = "") -> Format | None:
    """The format that the sender names, or that the file shows."""
    return catalogue.FORMATS.get(name) if name is not None else catalogue.sniff(data, filename)
