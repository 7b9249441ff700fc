"""Every Python snippet of docs/clients.md runs, in its order, against a service of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.test_readme import FENCE, free_port

PAGE = Path(__file__).resolve().parents[2] / "docs" / "clients.md"
DEADLINE_S = 180


def test_the_python_half_as_written(tmp_path: Path) -> None:
    port = str(free_port())
    text = "\n".join(code for kind, code in FENCE.findall(PAGE.read_text()) if kind == "python")
    (tmp_path / "page.py").write_text(text.replace("8000", port))
    binaries = Path(sys.executable).parent
    environment = {
        name: value for name, value in os.environ.items() if not name.endswith(("DATABASE_URL", "REDIS_URL"))
    }
    environment |= {"PATH": f"{binaries}:{os.environ['PATH']}", "TIMELINE_DATA_DIR": str(tmp_path / "data")}
    service = subprocess.Popen(
        [binaries / "timeline-service", "up", "--port", port],
        cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert service.stdout is not None
        assert any(line.startswith("ready ") for line in service.stdout)
        done = subprocess.run(
            [sys.executable, "page.py"],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=DEADLINE_S, check=False,
        )  # fmt: skip
    finally:
        service.terminate()
        service.communicate()
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^too_short \{", done.stdout, re.MULTILINE)
    assert f"version 5 {50 * 28_224_000}" in done.stdout
    assert re.search(r"^6 trimmed 11 frames off the end of clip c1$", done.stdout, re.MULTILINE)
    assert "Cut on the train" in done.stdout


@pytest.mark.parametrize("name", ["push_soon", "idle", "wait_for", "lease", "effects", "saved", "stopped", "presence"])
def test_what_the_page_names_is_there(name: str) -> None:
    source = (PAGE.parents[1] / "timeline_service/client/client.py").read_text()
    assert f"def {name}(" in source and name in PAGE.read_text()
