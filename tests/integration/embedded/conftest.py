"""Servers that a test may stop, break and kill."""

import pytest

from timeline_service.embedded import servers


@pytest.fixture
def start_servers(tmp_path):
    """Starts embedded servers, by default on this test's own folder, and stops what the test left running."""
    started = []

    def start(data_dir=tmp_path / "data", **options):
        running = servers.start(data_dir, **options)
        started.append(running)
        return running

    yield start
    for running in started:
        running.stop()


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """Servers for the tests of a module that only look."""
    with servers.start(tmp_path_factory.mktemp("embedded") / "data") as running:
        yield running
