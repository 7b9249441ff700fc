"""The TypeScript snippet of docs/clients.md, compiled as strictly as the client itself, and run."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.test_readme import FENCE
from tests.api.conftest import Studio
from tests.clients_typescript.conftest import RunNode
from tests.house.client import CLIENT

PAGE = CLIENT.parents[1] / "docs" / "clients.md"


@pytest.mark.needs_program("npm", "apt-get install nodejs npm")
async def test_the_typescript_half_as_written(compiled: Path, run_node: RunNode, studio: Studio) -> None:
    text = "\n".join(code for kind, code in FENCE.findall(PAGE.read_text()) if kind == "ts")
    text = text.replace('"timeline-client"', '"../src/index.js"').replace("http://127.0.0.1:8000", studio.service.url)
    (compiled / "test" / "page.ts").write_text(text)
    done = subprocess.run(
        ["npm", "--silent", "run", "build:test"], cwd=compiled, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    said = await run_node("build/test/page.js", TOKEN=studio.owner.token)
    assert f"already drawn: {40 * 28_224_000}" in said
    assert "committed: 4 committed" in said
    assert "trim was refused: too_short" in said
    assert "can redo: true" in said
    assert "draw 1 clips" in said


@pytest.mark.parametrize("source", ["client", "queue", "sync", "fold"])
def test_what_the_page_names_is_there(source: str) -> None:
    told = PAGE.read_text().partition("## TypeScript")[2]
    built = (CLIENT / "dist" / f"{source}.d.ts").read_text()
    names = {
        "client": ("pendingCount", "closeReason", "retryAt", "preview", "undoState", "confirmed", "leases", "peers"),
        "queue": ("LocalStorageQueue", "MemoryQueue", "open", "put", "remove"),
        "sync": ("Sync", "receive"),
        "fold": ("records", "inside", "find"),
    }[source]
    for name in names:
        assert re.search(rf"\b{name}\b", told) and re.search(rf"\b{name}\b", built), name
