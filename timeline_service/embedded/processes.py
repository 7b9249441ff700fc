"""The process tree under one command: started in stages, kept alive, stopped in the opposite order.

    up ─┬─ postgres     stage 1
        ├─ valkey       stage 1
        ├─ api          stage 2
        └─ worker × N   stage 2

A child that ends is started again, after a pause that grows while it keeps ending (arq ends whenever Redis restarts).
Children start behind the guard: when this process ends, however it ends, the kernel ends them.
"""

import asyncio
import concurrent.futures
import dataclasses
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from timeline_service.embedded import errors, launch
from timeline_service.kit import logging

log = logging.get("processes")

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
STEADY_S = 10.0
READY_POLL_S = 0.02
READY_TIMEOUT_S = 60.0


class Child(Protocol):
    """A program of the tree; the embedded servers are such children too."""

    @property
    def name(self) -> str: ...
    @property
    def stop_signal(self) -> signal.Signals: ...
    @property
    def stop_timeout_s(self) -> float: ...
    def launch(self) -> subprocess.Popen[bytes]: ...
    def is_ready(self) -> bool: ...


@dataclasses.dataclass
class Program:
    """A command of ours. It writes to our stderr: stdout belongs to the one line that says `ready`."""

    name: str
    arguments: Sequence[str | Path]
    environment: Mapping[str, str]
    stop_timeout_s: float = 10.0
    pass_fds: Sequence[int] = ()
    answers: Callable[[], bool] = lambda: True

    stop_signal = signal.SIGTERM

    def launch(self) -> subprocess.Popen[bytes]:
        # All truth is in PostgreSQL: when the launcher is gone, nothing is worth a graceful end.
        return launch.start(
            self.arguments,
            death_signal=signal.SIGKILL,
            env=self.environment,
            stdout=sys.stderr.fileno(),
            pass_fds=self.pass_fds,
        )

    def is_ready(self) -> bool:
        return self.answers()


class Tree:
    """The running children. Use it as an async context manager, in the main thread; leaving it stops them all."""

    def __init__(self) -> None:
        self._stages: list[list[_Kept]] = []

    async def start(self, *children: Child) -> None:
        """Start one stage, keep it alive from now on, and wait until all of it is ready.

        Raises ServerFailed when a child ends before it has ever been ready.
        """
        stage = [_Kept(child) for child in children]
        self._stages.append(stage)
        for kept in stage:
            kept.begin()
        for kept in stage:
            await kept.ready()

    async def stop(self) -> None:
        """Stop the stages, the last started first; children of one stage at the same time."""
        while self._stages:
            stage = self._stages.pop()
            await asyncio.gather(*(kept.end() for kept in stage))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


class _Kept:
    """One child, started again for as long as it is wanted."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._process: subprocess.Popen[bytes] | None = None
        self._unwanted = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        # Waiting may be done by a thread, starting may not: the parent-death signal is the thread's.
        self._waiter = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix=f"wait for {child.name}")

    def begin(self) -> None:
        self._process = self._child.launch()
        self._keeper = asyncio.create_task(self._keep(self._process), name=f"keep {self._child.name}")

    async def ready(self) -> None:
        first = self._process
        assert first is not None
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not await asyncio.to_thread(self._child.is_ready):
            if first.poll() is not None:
                raise errors.ServerFailed(f"{self._child.name} ended with status {first.returncode} as it started.")
            if time.monotonic() > deadline:
                raise errors.ServerFailed(f"{self._child.name} did not become ready in {READY_TIMEOUT_S:.0f} s.")
            await asyncio.sleep(READY_POLL_S)

    async def end(self) -> None:
        self._unwanted.set()
        if self._keeper is None:
            return
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(self._child.stop_signal)
        _, running = await asyncio.wait([self._keeper], timeout=self._child.stop_timeout_s)
        if running and self._process is not None:
            log.warning("process does not stop, killing it", process=self._child.name)
            self._process.kill()
        await self._keeper
        self._waiter.shutdown()

    async def _keep(self, process: subprocess.Popen[bytes] | None) -> None:
        pause = FIRST_PAUSE_S
        while True:
            if process is not None:
                began = time.monotonic()
                code = await asyncio.get_running_loop().run_in_executor(self._waiter, process.wait)
                if time.monotonic() - began > STEADY_S:
                    pause = FIRST_PAUSE_S
                if not self._unwanted.is_set():
                    log.warning(
                        "process ended, starting it again", process=self._child.name, status=code, pause_s=pause
                    )
            if await self._is_unwanted_within(pause):
                return
            pause = min(pause * 2, LONGEST_PAUSE_S)
            process = self._process = self._launch_again()

    def _launch_again(self) -> subprocess.Popen[bytes] | None:
        try:
            return self._child.launch()
        except (OSError, errors.EmbeddedError) as error:
            log.warning("process does not start", process=self._child.name, error=str(error))
            return None

    async def _is_unwanted_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._unwanted.wait(), seconds)
        except TimeoutError:
            return False
        return True
