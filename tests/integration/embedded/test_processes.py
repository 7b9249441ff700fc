"""The process tree: kept alive, stopped in order, gone with its owner."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from tests.integration.embedded.watching import eventually, processes_of
from timeline_service.embedded import errors, processes

SLEEPER = "import signal; signal.pause()"
STUBBORN = (
    "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(sys.argv[1], 'w').close(); signal.pause()"
)


def program(tmp_path, name, code, *arguments, **options):
    """A child that can be recognised by TIMELINE_TEST in its environment."""
    environment = {**os.environ, "TIMELINE_TEST": str(tmp_path)}
    return processes.Program(name, (sys.executable, "-c", code, *arguments), environment, **options)


async def wait_for(question, what):
    return await asyncio.to_thread(eventually, question, what)


async def test_a_child_that_is_killed_is_started_again_every_time(tmp_path):
    def alive():
        return processes_of(tmp_path)

    async with processes.Tree() as tree:
        await tree.start(program(tmp_path, "sleeper", SLEEPER))
        seen = set()
        for _ in range(3):
            (pid,) = await wait_for(lambda: set(alive()) - seen, "a new process")
            seen.add(pid)
            os.kill(pid, signal.SIGKILL)
            await wait_for(lambda dead=pid: dead not in alive(), "the killed one to be gone")
        assert len(seen) == 3
    assert alive() == []


async def test_a_child_that_ends_as_it_starts_is_an_error_that_names_it(tmp_path):
    with pytest.raises(errors.ServerFailed, match="broken ended with status 7"):
        async with processes.Tree() as tree:
            await tree.start(program(tmp_path, "broken", "raise SystemExit(7)", answers=lambda: False))
    assert processes_of(tmp_path) == []


async def test_a_child_that_ignores_the_signal_is_killed_after_its_time(tmp_path):
    mark = tmp_path / "running"
    async with processes.Tree() as tree:
        child = program(tmp_path, "stubborn", STUBBORN, str(mark), stop_timeout_s=0.2, answers=mark.exists)
        await tree.start(child)
    assert processes_of(tmp_path) == []


async def test_stages_stop_in_the_opposite_order(tmp_path):
    log = tmp_path / "log"
    code = (
        "import signal, sys, os\n"
        "def write(line):\n"
        "    fd = os.open(sys.argv[1], os.O_APPEND | os.O_WRONLY | os.O_CREAT); os.write(fd, line.encode()); os.close(fd)\n"
        "def stop(*_):\n"
        "    write(f'{sys.argv[2]} stops\\n'); sys.exit()\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        "write(f'{sys.argv[2]} starts\\n')\n"
        "while True: signal.pause()\n"
    )

    def started(name):
        return lambda: log.exists() and f"{name} starts" in log.read_text()

    async with processes.Tree() as tree:
        for name in ("database", "api"):
            await tree.start(program(tmp_path, name, code, str(log), name, answers=started(name)))
    assert log.read_text().split("\n")[:-1] == ["database starts", "api starts", "api stops", "database stops"]


OWNER = """
import asyncio, os, sys
from timeline_service.embedded import processes
async def main():
    async with processes.Tree() as tree:
        child = (sys.executable, "-c", "import signal; signal.pause()")
        await tree.start(*(processes.Program(f"child {n}", child, os.environ) for n in range(12)))
        print("started", flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


def test_kill_9_of_the_owner_ends_all_children(tmp_path):
    environment = {**os.environ, "TIMELINE_TEST": str(tmp_path)}
    owner = subprocess.Popen([sys.executable, "-c", OWNER], env=environment, stdout=subprocess.PIPE)
    assert owner.stdout.readline() == b"started\n"
    eventually(lambda: len(processes_of(tmp_path)) == 13, "twelve children")
    owner.kill()
    owner.wait()
    owner.stdout.close()
    eventually(lambda: not processes_of(tmp_path), "the children to end")
