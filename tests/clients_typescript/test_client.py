"""The TypeScript client's own tests, run by the machine's Node: laws without a service, and against the real one."""

import asyncio
import os
import re
import signal
import socket
import sys
from pathlib import Path

import pytest

from tests.api.conftest import Studio, add_clip
from tests.clients_typescript.conftest import RunNode, start_node
from tests.house.client import CLIENT

pytestmark = pytest.mark.needs_program("npm", "apt-get install nodejs npm")
WITHIN_S = 120
ALONE = sorted(path.name.removesuffix(".test.ts") for path in (CLIENT / "test").glob("*.test.ts"))


@pytest.mark.parametrize("name", ALONE)
async def test_laws_that_need_no_service(run_node: RunNode, name: str) -> None:
    said = await run_node("--test", f"build/test/{name}.test.js")
    assert re.search(r"^# pass [1-9]", said, re.MULTILINE) and "# fail 0" in said


def test_there_are_such_laws() -> None:
    assert {"fold", "decide", "sync", "convergence", "frames"} <= {*ALONE}


async def test_against_the_real_service(run_node: RunNode, studio: Studio) -> None:
    said = await run_node("--test", "build/test/live/service.test.js", **await environment(studio))
    assert re.search(r"^# pass 1[0-9]", said, re.MULTILINE)


async def test_the_service_is_killed_and_nothing_is_lost_or_done_twice(
    compiled: Path, studio: Studio, tmp_path: Path
) -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    await studio.apply(add_clip("a", 1000))
    serving = await serve(studio, listener, address)
    told = {**await environment(studio), "SERVICE_URL": address, "TIMELINE_ID": studio.timeline_id}
    node = await start_node(compiled, ("build/test/live/crash.js",), told)
    try:
        for acked in (10, 40):
            await heard(node, f"acked {acked}")
            serving.send_signal(signal.SIGKILL)
            await serving.wait()
            serving = await serve(studio, listener, address)
        rest = await asyncio.wait_for(node.communicate(), WITHIN_S)
        assert node.returncode == 0, rest[0].decode()
        assert rest[0].decode().splitlines()[-1] == "whole"
    finally:
        for process in (node, serving):
            if process.returncode is None:
                process.kill()
                await process.wait()
        listener.close()


async def environment(studio: Studio) -> dict[str, str]:
    """Where the service is, and who may speak to it."""
    editor = await studio.member("editor")
    return {
        "SERVICE_URL": studio.service.url,
        "OWNER_TOKEN": studio.owner.token,
        "EDITOR_TOKEN": editor.token,
        "WORKSPACE_ID": studio.workspace_id,
    }


async def serve(studio: Studio, listener: socket.socket, address: str) -> asyncio.subprocess.Process:
    """A process of the service on a socket that outlives it: whoever connects meanwhile waits."""
    settings = studio.service.settings
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database.url,
        "REDIS_URL": settings.redis.url,
        "TIMELINE_DATA_DIR": str(settings.data_dir),
        "TIMELINE_PUBLIC_URL": address,
        "TIMELINE_SIGNING_KEY": settings.storage.signing_key.get_secret_value(),
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "timeline_service.embedded.web",
        str(listener.fileno()),
        pass_fds=[listener.fileno()],
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def heard(node: asyncio.subprocess.Process, wanted: str) -> None:
    """The next line that says so."""
    assert node.stdout is not None
    said = b""
    async with asyncio.timeout(WITHIN_S):
        while line := await node.stdout.readline():
            said += line
            if line.decode().strip() == wanted:
                return
    raise AssertionError(said.decode())
