"""Every snippet of the README runs, in its order, in one shell, against a service of its own."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DEADLINE_S = 180


def snippets() -> list[tuple[str, str]]:
    return FENCE.findall((ROOT / "README.md").read_text())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_every_snippet_is_of_a_known_kind() -> None:
    assert {kind for kind, _ in snippets()} == {"bash", "python", "console"}


def test_console_snippets_name_targets_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for kind, text in snippets():
        for target in re.findall(r"^\$ make (\w+)", text, re.MULTILINE) if kind == "console" else []:
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.needs_program("curl", "apt-get install curl")
def test_the_first_edit_as_written(tmp_path: Path) -> None:
    port = str(free_port())
    script = ["set -euo pipefail", "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT"]
    for number, (kind, text) in enumerate(snippets()):
        # What a reader's machine has by itself: the environment made by make, the port that is free.
        text = text.replace("8000", port).replace(". .venv/bin/activate\n", "")
        text = text.replace("timeline-service up &", f"timeline-service up --port {port} &")
        text = text.replace("timeline-service play ", f"timeline-service play --url http://127.0.0.1:{port} ")
        if kind == "bash":
            script.append(text)
        elif kind == "python":
            (tmp_path / f"snippet{number}.py").write_text(text)
            script.append(f"{sys.executable} {tmp_path}/snippet{number}.py")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    names = ("DATABASE_URL", "REDIS_URL", "MIGRATION_DATABASE_URL")
    environment = {k: v for k, v in os.environ.items() if k not in names}
    environment |= {"PATH": path, "TIMELINE_DATA_DIR": str(tmp_path / "data")}
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"ready http://127.0.0.1:{port}" in done.stdout
    assert "the laptop has video track v1" in done.stdout and "version 3" in done.stdout
    assert len(re.findall(r"/play\S*#\S*token=", done.stdout)) == 2
    assert '"type":"undo"' in done.stdout
    assert "'duration': {'before': 2116800000, 'after': 1764000000}" in done.stdout  # the dry run
    assert "'kind': 'keyframes', 'count': 2" in done.stdout  # what an EDL loses
    assert "'added': {'clip': 2, 'keyframe': 2, 'track': 1, 'transition': 1}" in done.stdout  # the import
