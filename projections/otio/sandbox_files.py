"""Landlock: of all files, a process may only read our code and only write its working folder. For itself, for ever."""

import ctypes
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION: Final = 1
_PATH_BENEATH: Final = 1
_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15}
"""Version of the interface → how many rights over files it knows; 16 from version 5 on."""
_NET_FROM: Final = 4
_SCOPES_FROM: Final = 6
_READ: Final = 0b1100  # files and folders
_WRITE: Final = 0b1000_0001_1011_1110  # all of it but running programs and making devices, sockets and links
_TRUNCATE: Final = 1 << 14


def confine(libc: ctypes.CDLL, *, readable: Sequence[Path], writable: Path) -> bool:
    """Whether the kernel took everything else away."""
    version = libc.syscall(_CREATE_RULESET, None, 0, _VERSION)
    if version < 1:
        return False
    handled = (1 << _RIGHTS.get(version, 16)) - 1
    wanted = struct.pack("=QQQ", handled, 0b11 if version >= _NET_FROM else 0, 0b11 if version >= _SCOPES_FROM else 0)
    size = 24 if version >= _SCOPES_FROM else 16 if version >= _NET_FROM else 8
    rules = libc.syscall(_CREATE_RULESET, wanted, size, 0)
    if rules < 0:
        return False
    try:
        for path in readable:
            _allow(libc, rules, path, _READ & handled)
        _allow(libc, rules, writable, (_READ | _WRITE | _TRUNCATE) & handled)
        return bool(libc.syscall(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    """A path that is not there needs no rule."""
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            rights &= 0b0110
        libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", rights, folder), 0)
    finally:
        os.close(folder)
