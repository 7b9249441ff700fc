"""Rendering here: one child process per job, so that a crash, a kill or a long decode touches nothing else.

A child dies with its parent. After a restart its handle answers `lost`, or with the result if it had finished; the
same job submitted again renders again unless it is running or done.
"""

import asyncio
import contextlib
import hashlib
import json
import os
import shutil
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from workers.render import child, errors
from workers.render.job import Handle, RenderJob, RenderStatus, outcome

NAME: Final = "local"
KILL_AFTER_S: Final = 5.0
INHERITED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "SSL_CERT_FILE")
"""Of our environment the child gets these only: it needs no passwords."""


@dataclass
class _Running:
    process: asyncio.subprocess.Process
    status: RenderStatus
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    timed_out: bool = False
    killer: asyncio.TimerHandle | None = None


class LocalRenderer:
    """Renders in child processes; `folder` keeps jobs and results until `forget`."""

    needs_urls: Final = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._jobs: dict[str, _Running] = {}

    async def submit(self, job: RenderJob) -> Handle:
        """Start a job; one that is running or done is only found again."""
        handle = Handle(NAME, job.id, _digest(job))
        if (await self.poll(handle)).state in {"running", "completed"}:
            return handle
        folder = self._job_folder(job.id)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / child.JOB).write_text(json.dumps({**job.as_dict()}))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            child.__name__,
            str(folder),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment(),
        )
        running = _Running(process, RenderStatus("running"))
        self._jobs[job.id] = running
        running.task = asyncio.create_task(self._follow(job, running))
        return handle

    async def poll(self, handle: Handle, wait_s: float = 0) -> RenderStatus:
        """How it stands; with `wait_s`, as soon as it has ended or after that time."""
        running = self._jobs.get(handle.job_id)
        if running is None:
            return self._remembered(handle)
        if wait_s and not running.ended.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(running.ended.wait(), wait_s)
        return running.status

    async def cancel(self, handle: Handle) -> None:
        """Ask it to stop; it stops within a frame, or is killed."""
        running = self._jobs.get(handle.job_id)
        if running is None or running.ended.is_set():
            return
        if running.process.stdin is not None:
            running.process.stdin.write(b"cancel\n")
        self._kill_later(running)

    async def forget(self, handle: Handle) -> None:
        """Drop what is kept about an ended job."""
        running = self._jobs.get(handle.job_id)
        if running is not None and not running.ended.is_set():
            return
        self._jobs.pop(handle.job_id, None)
        await asyncio.to_thread(shutil.rmtree, self._job_folder(handle.job_id), ignore_errors=True)

    async def close(self) -> None:
        """End all children."""
        for running in self._jobs.values():
            if not running.ended.is_set():
                _kill(running)
        await asyncio.gather(*(running.task for running in self._jobs.values() if running.task))

    async def _follow(self, job: RenderJob, running: _Running) -> None:
        """Read a child's progress to its end, then its result."""
        expire = asyncio.get_running_loop().call_later(job.timeout_s + KILL_AFTER_S, self._expire, running)
        stdout = running.process.stdout
        assert stdout is not None
        try:
            async for line in stdout:
                said = json.loads(line)
                running.status = RenderStatus("running", said["done"], said["total"], said["phase"])
            await running.process.wait()
            running.status = self._result(job.id, running)
        finally:
            expire.cancel()
            if running.killer is not None:
                running.killer.cancel()
            if running.process.stdin is not None:
                running.process.stdin.close()
            if not running.status.is_final:
                running.status = running.status.ended("failed", error=errors.EngineCrashed().as_dict())
            running.ended.set()

    def _result(self, job_id: str, running: _Running) -> RenderStatus:
        answer = self._read(job_id)
        if answer is not None and not running.timed_out:
            return outcome(answer, running.status)
        if running.timed_out:
            return running.status.ended("failed", error=errors.RenderTimedOut().as_dict())
        crash = errors.EngineCrashed(exit_status=running.process.returncode)
        return running.status.ended("failed", error=crash.as_dict())

    def _remembered(self, handle: Handle) -> RenderStatus:
        """The result of a job of an earlier life, if it is of the same content and its file is still there."""
        answer = self._read(handle.job_id)
        if answer is None or not answer["ok"]:
            return RenderStatus("lost")
        job = RenderJob(**json.loads((self._job_folder(handle.job_id) / child.JOB).read_bytes()))
        if _digest(job) != handle.reference or not Path(job.output).exists():
            return RenderStatus("lost")
        return outcome(answer, RenderStatus("running"))

    def _read(self, job_id: str) -> dict[str, Any] | None:
        try:
            answer: dict[str, Any] = json.loads((self._job_folder(job_id) / child.RESULT).read_bytes())
        except FileNotFoundError:
            return None
        return answer

    def _job_folder(self, job_id: str) -> Path:
        return self._folder / hashlib.sha256(job_id.encode()).hexdigest()[:32]

    def _expire(self, running: _Running) -> None:
        running.timed_out = True
        _kill(running)

    def _kill_later(self, running: _Running) -> None:
        if running.killer is None:
            running.killer = asyncio.get_running_loop().call_later(KILL_AFTER_S, _kill, running)


def _kill(running: _Running) -> None:
    if running.process.returncode is None:
        running.process.send_signal(signal.SIGKILL)


def _digest(job: RenderJob) -> str:
    return hashlib.sha256(json.dumps(job.as_dict(), sort_keys=True).encode()).hexdigest()


def environment() -> dict[str, str]:
    """The environment of a child."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    # The sampler's products are small: a second thread for each would only spin.
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
