"""The build of the TypeScript client that is committed, and the one that /play serves, are what its sources come to."""

import subprocess
from pathlib import Path

import pytest

from tests.house import client, openapi

NPM = pytest.mark.needs_program("npm", "apt-get install nodejs npm")


def test_the_description_of_the_api_is_of_today() -> None:
    assert openapi.FILE.read_text() == openapi.text(openapi.document()), "run `make client`"
    assert openapi.STREAM_FILE.read_text() == openapi.text(openapi.stream()), "run `make client`"


def test_play_serves_the_modules_of_the_build() -> None:
    assert client.served() == client.modules(client.CLIENT), "run `make client`"


@NPM
def test_the_committed_build_is_that_of_the_sources(installed: Path) -> None:
    client.build(installed)
    built, committed = client.outputs(installed), client.outputs(client.CLIENT)
    assert built.keys() == committed.keys(), "run `make client`"
    assert [name for name in built if built[name] != committed[name]] == [], "run `make client`"


@NPM
def test_what_cannot_be_built_says_why(tmp_path: Path) -> None:
    client.copy_sources(tmp_path)
    with pytest.raises(subprocess.CalledProcessError):
        client.build(tmp_path)  # without a compiler


def test_the_sources_keep_the_size_budget() -> None:
    sources = [path for path in (client.CLIENT / "src").rglob("*.ts") if path.name != "wire.ts"]
    assert len(sources) > 20
    assert [path.name for path in sources if path.read_text().count("\n") > 400] == []


def test_the_client_has_no_dependency_at_run_time() -> None:
    for name, content in client.modules(client.CLIENT).items():
        imports = [
            line for line in content.decode().splitlines() if line.startswith(("import", "export")) and " from " in line
        ]
        assert all('from "./' in line or 'from "../' in line for line in imports), name
