"""The process that renders one local job: `python -m workers.render.child JOB_DIR`.

Reads job.json, writes result.json (whole or not at all), says its progress on standard output as JSON lines. A byte on
standard input cancels; its end means that the parent died, and the child follows it.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Final, TextIO

from timeline_service.kit import logging
from workers.render import engine, execute
from workers.render.job import RenderJob

JOB: Final = "job.json"
RESULT: Final = "result.json"
SAY_EVERY_S: Final = 0.2
GRACE_S: Final = 5.0


class Reporter:
    """Progress as lines, often enough to be seen moving and seldom enough to cost nothing."""

    def __init__(self, line: TextIO) -> None:
        self._line = line
        self._said = float("-inf")

    def __call__(self, progress: engine.Progress) -> None:
        now = time.monotonic()
        if now - self._said < SAY_EVERY_S and progress.phase == "video" and progress.frames_done > 1:
            return
        self._said = now
        said = {"done": progress.frames_done, "total": progress.frames_total, "phase": progress.phase}
        self._line.write(json.dumps(said) + "\n")
        self._line.flush()


def own_output() -> TextIO:
    """Our standard output for progress alone: whatever else prints, prints to standard error from now on."""
    line = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return line


def watch(cancel: threading.Event) -> None:
    """Wait for the parent's word or its end; either cancels, and its end also ends us should the engine hang."""
    # The bare descriptor: a thread inside sys.stdin would hold its lock when the interpreter ends, which aborts.
    word = os.read(0, 1)
    cancel.set()
    if not word:
        time.sleep(GRACE_S)
        os._exit(1)


def main(folder: Path) -> None:
    """Render the job in `folder`."""
    line = own_output()
    logging.configure()
    job = RenderJob(**json.loads((folder / JOB).read_bytes()))
    cancel = threading.Event()
    threading.Thread(target=watch, args=(cancel,), daemon=True).start()
    answer = execute.run(job, Reporter(line), cancel.is_set)
    partial = folder / f".{RESULT}.partial"
    partial.write_text(json.dumps(answer))
    partial.replace(folder / RESULT)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
