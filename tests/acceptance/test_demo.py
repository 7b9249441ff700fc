"""The demo, as a person runs it: from nothing to a film, OTIO and a verified log; twice; interrupted; killed."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import opentimelineio
import pytest

DEADLINE_S = 240


def command(data: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "timeline_service", "demo", "--data-dir", str(data), *options]


def environment() -> dict[str, str]:
    """Nothing that would name servers of the machine."""
    names = ("DATABASE_URL", "REDIS_URL", "MIGRATION_DATABASE_URL", "MEDIA", "KEEP", "TIMELINE_DATA_DIR")
    return {**{k: v for k, v in os.environ.items() if k not in names}, "COLUMNS": "80"}


def play(data: Path) -> str:
    done = subprocess.run(
        command(data), env=environment(), capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == "", "a log line in the story"
    return done.stdout


def processes_of(data: Path) -> list[str]:
    """Command lines and working folders that name the data directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.name == str(os.getpid()):
                continue
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            folder = os.readlink(process / "cwd")
            environ = (process / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(data) in line or folder.startswith(str(data)) or str(data) in environ:
            found.append(f"{process.name} {line}")
    return found


def gone(data: Path) -> bool:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if not processes_of(data):
            return True
        time.sleep(0.2)
    return False


def wait_for(said: Path, word: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + DEADLINE_S
    while word not in said.read_text():
        assert process.poll() is None and time.monotonic() < end, said.read_text()
        time.sleep(0.1)


def test_it_makes_a_film_and_keeps_what_it_made(tmp_path: Path) -> None:
    said = play(tmp_path)
    assert "hash chain verified" in said and "the clips are as before" in said
    film = Path(re.search(r"film \(MP4\)\s+(\S+)", said)[1])
    otio = Path(re.search(r"timeline \(OTIO\)\s+(\S+)", said)[1])
    timeline = opentimelineio.adapters.read_from_file(str(otio))
    clips = timeline.find_clips()
    assert len(clips) == 4 and len(timeline.tracks) == 1
    frames = round(timeline.duration().to_seconds() * clips[0].source_range.duration.rate)
    with av.open(str(film)) as container:
        video = container.streams.video[0]
        assert (video.width, video.height) == (720, 1280)
        assert sum(1 for _ in container.decode(video)) == frames
    again = play(tmp_path)
    assert "hash chain verified" in again
    assert len(list(tmp_path.glob("demo/*/vertical-cut.mp4"))) == 2
    assert gone(tmp_path)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_ending_it_leaves_no_process(tmp_path: Path, how: signal.Signals) -> None:
    said = tmp_path / "said"
    with said.open("wb") as out:
        process = subprocess.Popen(command(tmp_path, "--keep"), env=environment(), stdout=out, stderr=out)
    try:
        wait_for(said, "ready http", process)
        assert processes_of(tmp_path)
        process.send_signal(how)
        process.wait(timeout=60)
        assert "Traceback" not in said.read_text()
    finally:
        process.kill()
        process.wait()
    assert gone(tmp_path), processes_of(tmp_path)
