"""The command line teaches itself, and its short commands find or start what they need."""

import os
import re
import subprocess
import sys

import pytest

from timeline_service import cli

COMMANDS = sorted(command.callback.__name__ for command in cli.cli.registered_commands)


def run(*arguments, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    return subprocess.run(
        [sys.executable, "-m", "timeline_service", *map(str, arguments)],
        env={**clean, "COLUMNS": "120", **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_help_names_every_command():
    shown = run("--help").stdout
    assert all(re.search(rf"^  {command} ", shown, re.M) for command in COMMANDS)
    assert "timeline-service up" in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command_has_an_example(command):
    assert re.search(rf"Examples?:\n(.*\n)*? .*timeline-service {command}", run(command, "--help").stdout)


def test_migrate_and_token_on_a_fresh_directory_and_again(tmp_path):
    for _ in range(2):
        done = run("migrate", "--data-dir", tmp_path / "data")
        assert done.returncode == 0, done.stderr
        assert "the schema is up to date" in done.stderr
    done = run("token", "--subject", "alice", TIMELINE_DATA_DIR=str(tmp_path / "data"))
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", done.stdout)


def test_migrate_gives_the_logins_of_the_addresses_their_rights(database_urls):
    addresses = {
        "DATABASE_URL": database_urls.app,
        "WORKER_DATABASE_URL": database_urls.worker,
        "MIGRATION_DATABASE_URL": database_urls.owner,
    }
    assert run("migrate", **addresses).returncode == 0


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_parts_of_the_service_say_what_they_miss(command, tmp_path):
    done = run(command, "--data-dir", tmp_path / "data")
    assert done.returncode == 1
    assert "Start `timeline-service up`" in " ".join(done.stderr.split())
    assert not (tmp_path / "data").exists()
