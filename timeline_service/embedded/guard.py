"""Becomes another program, one that cannot outlive its launcher. Standard library only; run as a file, not imported:

    python -I -S guard.py PARENT SIGNAL IDENTITY -- program arguments…

PARENT is the launcher's process id, SIGNAL what the program gets when the launcher ends, by kill -9 too. The kernel
sends it when the *thread* that forked ends, so launchers start programs from their main thread. IDENTITY:

- `direct`: as we are.
- `namespace`: for root. PostgreSQL refuses to run as root; in a user namespace where 65534 stands for our uid 0 it sees
  a plain user, while its files stay root's. Nothing outside changes: no user is made, no mode is touched.
- `nobody`: for root where namespaces are forbidden. Become uid 65534; every folder on the way must let it through.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
NOBODY = 65534


def enter_namespace() -> None:
    """Move into a user namespace in which our uid and gid are called 65534. Raises OSError where it is forbidden."""
    uid, gid = os.getuid(), os.getgid()
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWUSER) is forbidden here")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1", encoding="ascii")


def become_nobody() -> None:
    """Give up root for good."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def die_with(parent: int, signum: int) -> None:
    """Ask the kernel for `signum` when `parent` ends, and leave at once if it already has."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signum, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the launcher has ended")


def main(arguments: list[str]) -> None:
    parent, signum, identity, _, *program = arguments
    if identity == "namespace":
        enter_namespace()
    elif identity == "nobody":
        become_nobody()
    # Only now: a change of credentials clears the parent-death signal.
    die_with(int(parent), int(signum))
    # The interpreter ignores these two, and the next program would inherit that.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    os.execv(program[0], program)  # noqa: S606 - the point of this file


if __name__ == "__main__":
    main(sys.argv[1:])
