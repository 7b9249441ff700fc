"""`up`: one command, one tree, one line that says `ready`."""

import os
import signal
import subprocess
import sys
import urllib.request

import pytest

from tests.integration.embedded.watching import children_of, eventually, processes_of

TINY = [sys.executable, "-m", "tests.integration.embedded.tiny", "up"]


class Up:
    """A running `up` over the tiny service."""

    def __init__(self, data_dir, **environment):
        self.data_dir = data_dir
        clean = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
        self.process = subprocess.Popen(
            [*TINY, str(data_dir)],
            env={**clean, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.address = self.process.stdout.readline().strip().removeprefix("ready ")

    def ask(self):
        with urllib.request.urlopen(f"{self.address}/any", timeout=30) as answer:
            return dict(line.split("=", 1) for line in answer.read().decode().splitlines())

    def child(self, text):
        (pid,) = eventually(
            lambda: [pid for pid, line in children_of(self.process.pid).items() if text in line], f"a child {text}"
        )
        return pid

    def kill_and_await_next(self, text):
        before = self.child(text)
        os.kill(before, signal.SIGKILL)
        eventually(lambda: before not in children_of(self.process.pid) and self.child(text), f"another {text}")

    def end(self, signum=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(signum)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@pytest.fixture
def up(tmp_path):
    made = []

    def start(data_dir=tmp_path / "data", **environment):
        made.append(Up(data_dir, **environment))
        return made[-1]

    yield start
    for one in made:
        one.end(signal.SIGKILL)


def test_it_serves_survives_its_children_and_stops_with_ctrl_c(up):
    service = up()
    first = service.ask()
    assert first["TIMELINE_PUBLIC_URL"] == service.address
    assert first["MIGRATION_DATABASE_URL"] == "", "the API has no use for the owner's login"
    assert "app:" in first["DATABASE_URL"]
    assert "worker:" in first["WORKER_DATABASE_URL"]
    for name in ("tiny:app", "tiny work", "valkey-server", "bin/postgres"):
        service.kill_and_await_next(name)
    # Nobody is refused while the API starts again: the listening socket is the owner's.
    second = service.ask()
    assert second["pid"] != first["pid"]
    code, out, err = service.end(signal.SIGINT)
    assert (code, out) == (0, ""), err
    assert processes_of(service.data_dir) == []
    again = up()
    assert again.ask()["DATABASE_URL"] == first["DATABASE_URL"]


def test_kill_9_leaves_no_process(up):
    service = up()
    service.ask()
    assert len(processes_of(service.data_dir)) > 4
    service.end(signal.SIGKILL)
    eventually(lambda: not processes_of(service.data_dir), "everything to end")


def test_a_second_one_on_the_same_directory_is_told_what_to_do(up):
    service = up()
    code, out, err = up().end()
    assert code == 1
    assert out == ""
    assert f"in use by process {service.process.pid}" in err
    assert service.ask()


def test_production_names_its_servers(tmp_path):
    clean = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    for command in ("up", "migrate", "serve", "worker"):
        port = ["--port", "0"] if command in ("up", "serve") else []
        done = subprocess.run(
            [sys.executable, "-m", "timeline_service", command, "--data-dir", tmp_path / "data", *port],
            env={**clean, "TIMELINE_ENV": "production"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 1
        assert "the embedded servers are for development" in " ".join(done.stderr.split())
    assert not (tmp_path / "data").exists()


def test_servers_of_the_user_s_are_used_and_none_is_started(up, servers, database_urls, tmp_path):
    service = up(
        DATABASE_URL=database_urls.app,
        WORKER_DATABASE_URL=database_urls.worker,
        MIGRATION_DATABASE_URL=database_urls.owner,
        REDIS_URL=servers.redis_url,
    )
    assert service.ask()["DATABASE_URL"] == database_urls.app
    lines = " ".join(children_of(service.process.pid).values())
    assert "postgres" not in lines
    assert "valkey" not in lines
    assert not (tmp_path / "data").exists()


def test_a_taken_port_is_an_error_in_one_line(up, tmp_path):
    service = up()
    port = service.address.rpartition(":")[2]
    done = subprocess.run(
        [sys.executable, "-m", "timeline_service", "up", "--port", port, "--data-dir", tmp_path / "other"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr
