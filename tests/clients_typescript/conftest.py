"""The TypeScript client's tests, compiled once per run, and the real service of tests/api for them."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from tests.api.conftest import (  # noqa: F401 - fixtures, found by their names
    make_studio,
    service,
    settings,
    stream_limits,
    studio,
)
from tests.house import client

WITHIN_S = 300
NODE = ("node", "--experimental-websocket", "--no-warnings")
RunNode = Callable[..., Awaitable[str]]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """One worker runs them: the compiler is fetched once."""
    if config.pluginmanager.hasplugin("xdist"):
        for item in items:
            if Path(__file__).parent in item.path.parents and "installed" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group("typescript"))


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources of the client in a folder of their own, with the compiler beside them."""
    folder = tmp_path_factory.mktemp("typescript")
    client.copy_sources(folder)
    try:
        client.install(folder)
    except subprocess.CalledProcessError as error:
        if os.environ.get("REQUIRE_PROGRAMS"):
            raise
        pytest.skip(f"npm cannot fetch the TypeScript compiler here: {(error.stderr or error.stdout).strip()[-300:]}")
    return folder


@pytest.fixture(scope="session")
def compiled(installed: Path) -> Path:
    """The folder with the tests as JavaScript, in `build/test`."""
    done = subprocess.run(
        ["npm", "--silent", "run", "build:test"], cwd=installed, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return installed


@pytest.fixture
def run_node(compiled: Path) -> RunNode:
    """Run node on compiled tests: `await run_node("--test", "build/test/fold.test.js", SERVICE_URL=…)`."""

    async def run(*arguments: str, **environment: str) -> str:
        process = await start_node(compiled, arguments, environment)
        try:
            out, _ = await asyncio.wait_for(process.communicate(), WITHIN_S)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0, out.decode()
        return out.decode()

    return run


async def start_node(
    folder: Path, arguments: tuple[str, ...], environment: Mapping[str, str]
) -> asyncio.subprocess.Process:
    """Node in the folder of the compiled tests; its output and its errors in one."""
    golden = str(Path(__file__).parents[1] / "golden")
    program = shutil.which("node") or "node"
    return await asyncio.create_subprocess_exec(
        program,
        *NODE[1:],
        *arguments,
        cwd=folder,
        env={**os.environ, "GOLDEN": golden, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
