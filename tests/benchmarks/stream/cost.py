"""CPU of other processes, and what the disk takes at least. Linux: /proc."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def of_process(pid: int) -> float:
    """CPU seconds of a process, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def of_tree(pid: int) -> float:
    """The same of a process and all that it started, those that have ended too: a postmaster and its backends."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = sum(int(field) for field in fields[11:15]) * TICK_S
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(of_tree(int(child)) for child in children)


@dataclass(frozen=True)
class Disk:
    """Seconds of one fdatasync after 8 KB were written."""

    p50: float
    p95: float
    p99: float


def of_fdatasync(folder: Path, count: int = 200) -> Disk:
    """Write and sync, again and again, in a file of this folder."""
    path = folder / "fdatasync.bench"
    taken = []
    with path.open("wb", buffering=0) as file:
        file.write(bytes(1024 * 1024))
        os.fsync(file.fileno())
        for number in range(count):
            file.seek(number % 128 * 8192)
            file.write(os.urandom(8192))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    path.unlink()
    taken.sort()
    return Disk(*(taken[int(count * share)] for share in (0.5, 0.95, 0.99)))
