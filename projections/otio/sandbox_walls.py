"""What a process that reads strangers' files gives up before it looks at one: time, memory, files, programs, network.

    rlimits     everywhere    processor time, memory, open files, size of written files, processes, no core dump
    network     Linux         an empty network namespace, where the system lets one be made
    landlock    Linux 5.13+   of all files, only our code may be read, only the working folder written
    seccomp     Linux         no other program, process or socket

None of them needs rights; each is tried, and what stands is said.
"""

import contextlib
import ctypes
import resource
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from projections.otio import sandbox_calls, sandbox_files

_NEW_USER: Final = 0x10000000
_NEW_NET: Final = 0x40000000
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
OPEN_FILES: Final = 32


def confine(limits: Mapping[str, int], code: Sequence[Path]) -> list[str]:
    """Give it up, for good; `code` may still be read. Answers which walls stand."""
    standing = ["rlimits"]
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if libc.unshare(_NEW_USER | _NEW_NET) == 0:
            standing.append("network")
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if sandbox_files.confine(libc, readable=code, writable=Path.cwd()):
            standing.append("landlock")
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: limits["file_bytes"],
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CPU: limits["cpu_s"],
        resource.RLIMIT_AS: limits["memory_bytes"],
    }
    for kind, limit in wanted.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit, limit))
    if sys.platform == "linux" and sandbox_calls.confine(libc):
        standing.append("seccomp")
    return standing
