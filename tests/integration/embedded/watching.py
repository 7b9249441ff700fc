"""Looking at processes from outside: who works for a data directory, and waiting for something to become true."""

import os
import time
from pathlib import Path

DEADLINE_S = 30


def eventually(question, what):
    """Ask until the answer is true (and return it), or fail saying what was waited for."""
    deadline = time.monotonic() + DEADLINE_S
    while not (answer := question()):
        assert time.monotonic() < deadline, f"waited {DEADLINE_S} s for {what}"
        time.sleep(0.02)
    return answer


def processes_of(data_dir):
    """Processes, ourselves excepted, that name the folder in their arguments or environment, or work inside it."""
    folder = str(Path(data_dir).resolve())
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            known = (
                (entry / "cmdline").read_bytes()
                + (entry / "environ").read_bytes()
                + os.readlink(entry / "cwd").encode()
            )
        except OSError:
            continue
        if folder.encode() in known:
            found.append(int(entry.name))
    return found


def children_of(pid):
    """The direct children of a process, with their command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                if parent == str(pid):
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
    return found
