"""GStreamer Editing Services as an oracle: a process of the system's Python that answers questions (questions.py)."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from tests.oracles.questions import Question

INSTALL: Final = "apt-get install gir1.2-ges-1.0 python3-gi gstreamer1.0-plugins-base"
PYTHONS: Final = ("/usr/bin/python3", "python3")
RUNNER: Final = Path(__file__).with_name("ges_runner.py")
SECONDS: Final = 30
"""An answer takes about 5 ms; a process that is silent for so long is ended."""

Answer = dict[str, Any]


class Silent(Exception):
    """GES ended, or gave no answer in time."""


class Ges:
    """A process that answers questions one by one."""

    def __init__(self, python: str) -> None:
        self.python = python
        self.process = subprocess.Popen(
            [python, str(RUNNER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            self.version: str = self._read()["version"]
        except BaseException:
            self.close()
            raise

    def ask(self, question: Question) -> Answer:
        """Raises Silent."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
        except OSError as error:
            raise Silent from error
        return self._read()

    def _read(self) -> Answer:
        assert self.process.stdout is not None
        alarm = threading.Timer(SECONDS, self.process.kill)
        alarm.start()
        try:
            line = self.process.stdout.readline()
        finally:
            alarm.cancel()
        if not line:
            raise Silent
        answer: Answer = json.loads(line)
        return answer

    def close(self) -> None:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what a dead process was not told any more
                    pipe.close()
        self.process.wait()


def python_with_ges() -> str | None:
    """A Python of the system that can import GES, or none."""
    for python in PYTHONS:
        try:
            with running(python):
                return python
        except (OSError, Silent):
            pass
    return None


@contextmanager
def running(python: str) -> Iterator[Ges]:
    ges = Ges(python)
    try:
        yield ges
    finally:
        ges.close()
