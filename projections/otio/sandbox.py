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
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import msgspec
import orjson

from projections.otio.formats import catalogue
from projections.otio.formats.catalogue import Format
from timeline_service.kit import errors

_CHILD: Final = "projections.otio.sandbox_child"
_HEAVY: Final = frozenset({-signal.SIGXCPU, -signal.SIGKILL, 128 + signal.SIGXCPU, 128 + signal.SIGKILL})
_CHUNK: Final = 1024 * 1024
_PROBE_S: Final = 10.0
_LIBRARIES: Final = ("opentimelineio", "orjson", "defusedxml")
_PREFIX: Final = "timeline-import-"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use. `wall_s` grows with the file, by the time that reading `slow` bytes/s would take.

    10,000 clips of OTIO JSON (27 MB) take 0.9 s of processor time and 160 MB, and four times as long on a busy machine.
    """

    wall_s: float = 5.0
    slow: int = 4_000_000
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
    """The file is refused; the message says by which rule."""

    code = "otio_invalid"
    CODES = ("otio_invalid", "otio_foreign", "otio_too_large")


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
    walls: list[str] = []


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
        wrapped = "bubblewrap" in await asyncio.to_thread(walls)
        async with self._room:
            with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
                command = _command(do, format, rate, limits)
                if wrapped:
                    command = [*bubblewrap(Path(folder)), *command]
                said = await _child(command, data, Path(folder), limits)
        line, _, made = said.partition(b"\n")
        return await asyncio.to_thread(checked, line), made


def checked(line: bytes) -> Answer:
    """The answer, if it is one."""
    try:
        answer = msgspec.json.decode(line, type=Answer)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise ImportUnreadable from None
    if answer.refused is not None:
        code, reason = answer.refused
        raise _REFUSALS.get(code, FileRefused)(reason, code=code)
    return answer


async def _child(command: list[str], data: bytes, folder: Path, limits: Limits) -> bytes:
    """Everything that a child prints. Raises ImportTooHeavy, ImportUnreadable."""
    child = await _started(command, folder)
    try:
        async with asyncio.timeout(limits.wall_s + len(data) / limits.slow):
            said, _ = await asyncio.gather(_printed(child, limits.answer_bytes), _feed(child, data))
            status = await child.wait()
    except TimeoutError:
        raise ImportTooHeavy from None
    finally:
        await _end(child)
    if is_heavy(status):
        raise ImportTooHeavy
    if status != 0:
        raise ImportUnreadable
    return said


def is_heavy(status: int) -> bool:
    """Whether a child of this exit status met a limit; bubblewrap says 128 + signal."""
    return status in _HEAVY


async def _started(command: list[str], folder: Path) -> asyncio.subprocess.Process:
    """A child that runs. A request that goes away while it is being started takes it along."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=folder,
            start_new_session=True,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            limit=_CHUNK,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await _end(await starting)
        raise


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
    """No process of the child's group is left; one that is not read on would never be seen to end."""
    assert child.stdout is not None
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    while await child.stdout.read(_CHUNK):
        pass
    await child.wait()


@functools.cache
def walls() -> tuple[str, ...]:
    """What walls in the children on this machine, outermost first; /readyz says it. Blocking, the first time."""
    if shutil.which("bwrap") is not None:
        standing = _standing(bubblewrap)
        if standing:
            return ("bubblewrap", *standing)
    return tuple(_standing(lambda _: []))


def _standing(wrap: Callable[[Path], list[str]]) -> list[str]:
    """The walls that a child says stand around it; none where it does not come up."""
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
        command = [*wrap(Path(folder)), *_command("walls", catalogue.FORMATS["otio"], 0.0, READING)]
        with contextlib.suppress(OSError, subprocess.SubprocessError, msgspec.MsgspecError):
            said = subprocess.run(  # noqa: S603 - ours
                command, check=True, capture_output=True, timeout=_PROBE_S, cwd=folder, stdin=subprocess.DEVNULL
            )
            return msgspec.json.decode(said.stdout, type=Answer).walls
    return []


def _command(do: str, format: Format, rate: float, limits: Limits) -> list[str]:
    task = {
        "do": do,
        "format": format.name,
        "rate": rate,
        "limits": {name: getattr(limits, name) for name in ("cpu_s", "memory_bytes", "file_bytes")},
        "code": [str(path) for path in code()],
    }
    return [sys.executable, "-I", "-m", _CHILD, orjson.dumps(task).decode()]


def bubblewrap(folder: Path) -> list[str]:
    """New namespaces of every kind, and of the files only Python, our code and the empty folder.

    All stays in one process group, so that it can be killed even before bubblewrap has seen to its own children.
    """
    shown = [argument for path in code() for argument in ("--ro-bind", str(path), str(path))]
    walls = ["--unshare-all", "--die-with-parent", "--proc", "/proc", "--dev", "/dev"]
    return ["bwrap", *walls, *shown, "--bind", str(folder), str(folder), "--chdir", str(folder)]


def code() -> list[Path]:
    """Where Python, its libraries and our packages lie."""
    package = Path(__file__).resolve().parents[1]
    system = [Path(name) for name in ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache")]
    python = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent]
    libraries = [Path(spec.origin).parents[1] for name in _LIBRARIES if (spec := find_spec(name)) and spec.origin]
    ours = [package, package.parent / "timeline_service"]
    return list(dict.fromkeys(path for path in (*system, *python, *libraries, *ours) if path.exists()))
