"""The queue on disk: what a kill, a power cut or a stranger may leave behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from timeline_service.client import queue_file
from timeline_service.client.errors import QueueDamaged, WrongQueue
from timeline_service.client.queue_file import QueueFile


def frame(number: int) -> dict[str, Any]:
    return {"t": "push", "batch": f"b{number}", "gestures": [{"gesture_id": f"g{number}", "seq": number}]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "edits" / "queue"


async def written(path: Path, count: int, *done: int) -> None:
    file = QueueFile(path, "t", "me")
    for number in range(1, count + 1):
        file.put(frame(number))
    for number in done:
        file.done(f"b{number}")
    await file.close()


async def batches(path: Path) -> list[str]:
    file = QueueFile(path, "t")
    await file.close()
    assert file.queue.client_id == "me"
    return [one["batch"] for one in file.queue.frames]


async def test_what_was_asked_and_not_answered_is_there_again(path: Path) -> None:
    await written(path, 4, 2, 4)
    assert await batches(path) == ["b1", "b3"]
    file = QueueFile(path, "t")
    await file.close()
    assert file.queue.seq == 4  # numbers are never used again, answered or not


@pytest.mark.parametrize("cut", [1, 7, 30])
async def test_a_torn_last_line_costs_that_line(path: Path, cut: int) -> None:
    await written(path, 3)
    path.write_bytes(path.read_bytes()[:-cut])
    assert await batches(path) == (["b1", "b2", "b3"] if cut == 1 else ["b1", "b2"])
    assert await batches(path) == (["b1", "b2", "b3"] if cut == 1 else ["b1", "b2"])  # and it was mended


async def test_zeros_that_a_power_cut_leaves_cost_nothing_else(path: Path) -> None:
    await written(path, 3)
    with path.open("ab") as file:
        file.write(b'{"put": {"t"' + bytes(500))
    assert await batches(path) == ["b1", "b2", "b3"]


async def test_a_file_that_was_never_begun_is_a_new_queue(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b'{"queue":1,"cli')
    file = QueueFile(path, "t", "me")
    await file.close()
    assert file.queue.frames == ()


@pytest.mark.parametrize("words", [b"Dear diary\n{}\n", b'["a list"]\n', b'{"queue": 9}\n'])
async def test_what_is_no_queue_is_left_as_it_is(path: Path, words: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(words)
    with pytest.raises(QueueDamaged):
        QueueFile(path, "t", "me")
    assert path.read_bytes() == words


async def test_damage_before_the_end_is_said_and_nothing_is_thrown_away(path: Path) -> None:
    await written(path, 3)
    lines = path.read_bytes().split(b"\n")
    lines[1] = lines[1][:10]
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(QueueDamaged):
        QueueFile(path, "t")
    assert path.read_bytes() == b"\n".join(lines)


async def test_a_queue_is_held_by_one_client_of_one_timeline(path: Path) -> None:
    await written(path, 1)
    for timeline, client in (("other", None), ("t", "somebody")):
        with pytest.raises(WrongQueue):
            QueueFile(path, timeline, client)
    file = QueueFile(path, "t")
    with pytest.raises(WrongQueue):
        QueueFile(path, "t")
    await file.close()
    await file.close()
    assert await batches(path) == ["b1"]


async def test_what_was_answered_does_not_pile_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_file, "SPENT", 10)
    file = QueueFile(path, "t", "me")
    for number in range(100):
        file.put(frame(number))
        file.done(f"b{number}")
        await file.synced()
    file.put(frame(100))
    await file.close()
    assert len(path.read_bytes().splitlines()) < 30
    assert await batches(path) == ["b100"]


async def test_a_write_that_fails_is_made_good_by_the_next(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = QueueFile(path, "t", "me")
    append = queue_file._append

    def full(to: Any, lines: list[bytes]) -> None:
        to.write(lines[0][:9])
        to.flush()
        raise OSError("no space left on device")

    monkeypatch.setattr(queue_file, "_append", full)
    file.put(frame(1))
    with pytest.raises(OSError, match="no space"):
        await file.synced()
    monkeypatch.setattr(queue_file, "_append", append)
    file.put(frame(2))
    await file.close()
    assert await batches(path) == ["b1", "b2"]


async def test_a_file_that_could_not_be_written_anew_is_let_go_all_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = QueueFile(path, "t", "me")

    def full(_: Any, __: list[bytes]) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as while_full:
        while_full.setattr(queue_file, "_append", full)
        file.put(frame(1))
        for _ in range(2):  # the second attempt writes the file anew, and fails too
            with pytest.raises(OSError, match="no space"):
                await file.synced()
        with pytest.raises(OSError, match="no space"):
            await file.close()
    assert await batches(path) == []


async def test_what_waited_for_room_is_written_when_the_file_is_closed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = QueueFile(path, "t", "me")

    def full(_: Any, __: list[bytes]) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as while_full:
        while_full.setattr(queue_file, "_append", full)
        file.put(frame(1))
        for _ in range(2):
            with pytest.raises(OSError, match="no space"):
                await file.synced()
    await file.close()
    assert await batches(path) == ["b1"]


WRITER = """
import asyncio, sys
from pathlib import Path
from timeline_service.client.queue_file import QueueFile
async def main():
    file = QueueFile(Path(sys.argv[1]), "t", "me")
    number = 0
    while True:
        number += 1
        file.put({"t": "push", "batch": f"b{number}", "gestures": [{"gesture_id": f"g{number}", "seq": number}]})
        await file.synced()
        print(number, flush=True)
asyncio.run(main())
"""


async def test_kill_9_loses_nothing_that_was_told_to_be_safe(path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    safe = [int(writer.stdout.readline()) for _ in range(50)]
    os.kill(writer.pid, signal.SIGKILL)
    safe += [int(line) for line in writer.stdout.read().split()]
    writer.wait()
    writer.stdout.close()
    kept = await batches(path)
    assert kept[: len(safe)] == [f"b{number}" for number in safe]
