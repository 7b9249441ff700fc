"""CPU of other processes, and what the disk takes at least. Linux: /proc."""

import contextlib
import os
import socket
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


def of_sends(sockets: int = 20, size: int = 900, rounds: int = 300) -> float:
    """CPU seconds of telling so many raw TCP sockets of this machine one frame: what no server does with less."""
    frame, spent = bytes(size), 0.0
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        pairs = []
        for _ in range(sockets):
            near = stack.enter_context(socket.create_connection(listener.getsockname()))
            near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pairs.append((near, stack.enter_context(listener.accept()[0])))
        for _ in range(rounds):
            began = time.thread_time()
            for near, _far in pairs:
                near.send(frame)
            spent += time.thread_time() - began
            for _near, far in pairs:
                far.recv(size, socket.MSG_WAITALL)
    return spent / rounds
