"""One launcher per data directory, by a lock that the kernel drops when its holder ends."""

import fcntl
import os
from pathlib import Path

from timeline_service.embedded import errors

FILE = "lock"


class DirectoryLock:
    """Held from `acquire` to `release` or to the end of this process, whichever comes first."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._fd = -1

    def acquire(self) -> None:
        """Raises DataDirectoryInUse, naming who holds it."""
        fd = os.open(self._data_dir / FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(fd, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(fd)
            raise errors.DataDirectoryInUse(
                f"The data directory {self._data_dir} is in use by process {holder}. Use that service as it runs, "
                f"stop it first (kill {holder}), or choose another place with --data-dir or TIMELINE_DATA_DIR."
            ) from None
        os.ftruncate(fd, 0)
        os.pwrite(fd, str(os.getpid()).encode("ascii"), 0)
        self._fd = fd

    def release(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def is_held(data_dir: Path) -> bool:
    """Whether some process serves this data directory now."""
    try:
        fd = os.open(data_dir / FILE, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False
