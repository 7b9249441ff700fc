"""The walls around the reader of strangers' files hold against code that runs inside them."""

import asyncio
import json
import platform
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from projections.otio import sandbox
from tests import serving

ESCAPING = Path(__file__).with_name("escaping.py")
ROOT = Path(__file__).parents[3]
LIMITS = {"cpu_s": 5, "memory_bytes": 512 * 1024 * 1024, "file_bytes": 1024 * 1024}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's")


@pytest.fixture(name="listener")
def open_listener() -> Iterator[socket.socket]:
    with serving.listening() as listener:
        yield listener


async def escape(folder: Path, listener: socket.socket, wrap: list[str]) -> dict[str, Any]:
    secret = folder / "secret" / "key"
    secret.parent.mkdir()
    secret.write_text("of the service")
    own = folder / "own"
    own.mkdir()
    code = [str(path) for path in sandbox.code()]
    task = {"limits": LIMITS, "code": code, "secret": str(secret), "port": listener.getsockname()[1]}
    command = [*wrap, sys.executable, "-I", str(ESCAPING), str(ROOT), json.dumps(task)]
    child = await asyncio.create_subprocess_exec(
        *command, cwd=own, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complaints = await child.communicate()
    assert child.returncode == 0, complaints.decode()
    assert secret.read_text() == "of the service"
    found: dict[str, Any] = json.loads(said)
    return found


async def test_what_a_child_gives_up_by_itself(tmp_path: Path, listener: socket.socket) -> None:
    found = await escape(tmp_path, listener, [])
    assert "rlimits" in found["walls"]
    assert found["take memory"] == "ENOMEM"
    assert found["write a large file"] == "EFBIG"
    assert found["write a file of its own"] == found["read our code"] == "done"
    if "landlock" in found["walls"]:
        refused = {"read secret", "list its folder", "write beside it", "remove it", "write our code"}
        assert {found[name] for name in refused} == {"EACCES"}
    if platform.machine() in {"x86_64", "aarch64"}:
        assert "seccomp" in found["walls"]
        assert {found[name] for name in ("connect", "fork", "execute", "kill its parent")} == {"EPERM"}


def may_make_namespaces() -> bool:
    """Containers often forbid what bubblewrap needs."""
    if shutil.which("bwrap") is None:
        return False
    command = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


needs_namespaces = pytest.mark.skipif(
    shutil.which("bwrap") is not None and not may_make_namespaces(), reason="bubblewrap may not make namespaces here"
)


@needs_namespaces
@pytest.mark.needs_program("bwrap", "apt-get install bubblewrap")
async def test_what_bubblewrap_hides(tmp_path: Path, listener: socket.socket) -> None:
    shown = ["--ro-bind", str(ESCAPING), str(ESCAPING)]
    found = await escape(tmp_path, listener, [*sandbox.bubblewrap(tmp_path / "own"), *shown])
    assert found["read secret"] in {"ENOENT", "EACCES"}
    assert found["write beside it"] in {"ENOENT", "EACCES"}
    assert found["write our code"] in {"EROFS", "EACCES"}
    assert found["connect"] in {"ECONNREFUSED", "ENETUNREACH", "EPERM"}
    assert found["write a file of its own"] == "done"


@needs_namespaces
@pytest.mark.needs_program("bwrap", "apt-get install bubblewrap")
def test_bubblewrap_is_used_where_there_is_one() -> None:
    assert sandbox.walls()[0] == "bubblewrap"


def test_a_limit_of_processor_time_is_told_from_a_crash() -> None:
    assert sandbox.is_heavy(-signal.SIGXCPU) and sandbox.is_heavy(128 + signal.SIGKILL)
    assert not sandbox.is_heavy(-signal.SIGSEGV) and not sandbox.is_heavy(1)
