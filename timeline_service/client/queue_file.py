"""The queue on disk: lines that are only ever added, so that whatever a kill leaves behind can be read again.

    {"queue": 1, "client_id": …, "timeline_id": …, "seq": 7}      the first line
    {"put": {the frame}}                                          asked for
    {"done": "the batch"}                                         answered

A line counts once it is whole. What a power cut tore off at the end was not sent yet, and nobody was told of it.
"""

import asyncio
import fcntl
import os
import uuid
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from timeline_service.client.errors import QueueDamaged, WrongQueue
from timeline_service.client.queue import Queue

FORMAT: Final = 1
SPENT: Final = 1000
"""Answered frames after which the file is written anew."""


class QueueFile:
    """A file that one client holds open. `queue` is what was in it. Raises QueueDamaged, WrongQueue.

    `put` and `done` return at once; what they write is on the disk after `synced`.
    """

    def __init__(self, path: Path, timeline_id: str, client_id: str | None = None) -> None:
        self._path = path
        self._lock = _locked(path)
        try:
            self.queue = _read(path, timeline_id, client_id)
            self._live = {frame["batch"]: frame for frame in self.queue.frames}
            self._seq = self.queue.seq
            self._lines: list[bytes] = []
            self._spent = 0
            self._writing: asyncio.Task[None] | None = None
            self._file = self._rewrite()
        except BaseException:
            self._lock.close()
            raise

    def put(self, frame: dict[str, Any]) -> None:
        """A frame was queued."""
        self._live[frame["batch"]] = frame
        self._seq = max(self._seq, _highest(frame))
        self._lines.append(orjson.dumps({"put": frame}))

    def done(self, batch: str) -> None:
        """It was answered. To lose this line is no harm: the frame is sent once more and answered `duplicate`."""
        if self._live.pop(batch, None) is not None:
            self._spent += 1
            self._lines.append(orjson.dumps({"done": batch}))

    async def synced(self) -> None:
        """Until all that was put is on the disk. Raises OSError."""
        while self._lines or self._writing is not None:
            if self._writing is None:
                self._writing = asyncio.create_task(self._write())
            await asyncio.shield(self._writing)  # who waits may give up; what is written is written

    async def _write(self) -> None:
        lines, self._lines = self._lines, []
        try:
            if self._spent >= SPENT:
                self._file.close()
                self._file = self._rewrite()
                self._spent = 0
            else:
                await asyncio.to_thread(_append, self._file, lines)
        except OSError:  # half a line may stand there: the next attempt writes the file anew
            self._lines = lines + self._lines
            self._spent = SPENT
            raise
        finally:
            self._writing = None

    async def close(self) -> None:
        """Write what is left, and let another client have the file."""
        if not self._lock.closed:
            try:
                await self.synced()
            finally:
                self._file.close()
                self._lock.close()

    def _rewrite(self) -> BinaryIO:
        """The file anew with what still waits: whole or not at all."""
        head = {"queue": FORMAT, "client_id": self.queue.client_id, "timeline_id": self.queue.timeline_id}
        lines = [orjson.dumps({**head, "seq": self._seq})]
        lines += [orjson.dumps({"put": frame}) for frame in self._live.values()]
        fresh = self._path.with_name(f"{self._path.name}.new")
        with fresh.open("wb") as file:
            _append(file, lines)
        fresh.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return self._path.open("ab")


def _locked(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(f"{path.name}.lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise WrongQueue(f"{path} is in use by another client") from None
    return lock


def _append(file: BinaryIO, lines: list[bytes]) -> None:
    file.write(b"".join(line + b"\n" for line in lines))
    file.flush()
    os.fsync(file.fileno())


def _read(path: Path, timeline_id: str, client_id: str | None) -> Queue:
    """What a file holds; a new queue where there is none, or none that was ever finished."""
    lines = _whole_lines(path.read_bytes()) if path.exists() else []
    if not lines:
        return Queue(client_id=client_id or str(uuid.uuid4()), timeline_id=timeline_id)
    head, *rest = lines
    if head.get("queue") != FORMAT:
        raise QueueDamaged(f"{path} is no queue that this client can read")
    if head["timeline_id"] != timeline_id or client_id not in {None, head["client_id"]}:
        raise WrongQueue(f"{path} is of client {head['client_id']} on timeline {head['timeline_id']}")
    seq: int = head["seq"]
    frames: dict[str, dict[str, Any]] = {}
    for line in rest:
        if "put" in line:
            frames[line["put"]["batch"]] = line["put"]
            seq = max(seq, _highest(line["put"]))
        else:
            frames.pop(line["done"], None)
    return Queue(client_id=head["client_id"], timeline_id=timeline_id, seq=seq, frames=tuple(frames.values()))


def _whole_lines(data: bytes) -> list[dict[str, Any]]:
    """The lines up to the first that is not whole. Raises QueueDamaged where a whole one comes after it."""
    found: list[dict[str, Any]] = []
    torn = False
    for line in data.split(b"\n"):
        try:
            told = orjson.loads(line)
        except orjson.JSONDecodeError:
            torn = torn or bool(line)
            continue
        if torn or not isinstance(told, dict):
            raise QueueDamaged("the queue's file is damaged before its end")
        found.append(told)
    return found


def _highest(frame: dict[str, Any]) -> int:
    return max((gesture.get("seq", 0) for gesture in frame.get("gestures", ())), default=0)
