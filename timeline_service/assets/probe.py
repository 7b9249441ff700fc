"""Run the reading process on a local file, bounded in time and output, and believe nothing it did not finish saying."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from timeline_service.assets import mediainfo
from timeline_service.assets.mediainfo import Failure, MediaInfo, Unfit

_CHILD = Path(__file__).with_name("probe_child.py")
_GIB = 1024**3
_OUTPUT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one reading may use. `wall_s` grows with the file, by the time that reading `slow` bytes/s would take."""

    pixels: int = 40_000_000
    packets: int = 2_000_000
    memory: int = 2 * _GIB
    cpu_s: int = 60
    wall_s: float = 30.0
    slow: int = 20_000_000


async def probe(path: Path, limits: Limits | None = None) -> MediaInfo:
    """What the file at `path` is. Raises `Unfit` with a stable code, whatever the file does to its reader."""
    limits = limits or Limits()
    with await asyncio.to_thread(lambda: path.open("rb")) as file:
        printed = await _run(file, limits)
    return await asyncio.to_thread(mediainfo.parse, printed)


async def _run(file: BinaryIO, limits: Limits) -> bytes:
    told = {name: getattr(limits, name) for name in ("pixels", "packets", "memory", "cpu_s")}
    size = os.fstat(file.fileno()).st_size
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(_CHILD),
        json.dumps(told),
        stdin=file,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        env={"PATH": os.defpath, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert child.stdout is not None
    try:
        async with asyncio.timeout(limits.wall_s + size / limits.slow):
            printed = await child.stdout.read(_OUTPUT)
            while more := await child.stdout.read(_OUTPUT):
                printed += more
                if len(printed) > _OUTPUT:
                    raise Unfit(Failure.TOO_LARGE)
            status = await child.wait()
    except TimeoutError as late:
        raise Unfit(Failure.TIMEOUT) from late
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
    if status in {-signal.SIGXCPU, -signal.SIGKILL}:
        raise Unfit(Failure.TIMEOUT)
    if status != 0:
        raise Unfit(Failure.UNREADABLE)
    return printed
