"""Whatever a file does to its reader, the answer is typed; and the limits are what ends it."""

import asyncio
import dataclasses
import os
from pathlib import Path
from typing import Any

import pytest

from projections.otio import sandbox, write
from projections.otio.formats import catalogue
from tests.hostile_files import FILES, Hostile
from tests.world import World, values
from timeline_service.kit.errors import ServiceError

OTIO = catalogue.FORMATS["otio"]


def film(clips: int = 3) -> World:
    world = World()
    world.do("add_track", track_id="v1", kind="video")
    for n in range(clips):
        world.do("add_clip", clip_id=f"c{n}", track_id="v1", media={"asset_id": "film"}, start=n * 30, duration=24)
    return world


async def test_what_we_wrote_comes_in_exactly() -> None:
    world = film()
    answer = await sandbox.Sandbox().read(write.to_json(world.state), OTIO)
    back = {id: value for _, id, value in answer.records}
    assert back | {world.state.timeline_id: answer.timeline} == values(world.state)


@pytest.mark.parametrize("name", [name for name in FILES if FILES[name].codes != ("format_unknown",)])
async def test_a_hostile_file(name: str) -> None:
    hostile: Hostile = FILES[name]
    data = hostile.data()
    format = catalogue.FORMATS[hostile.format] if hostile.format else catalogue.sniff(data)
    assert format is not None
    [answer] = await asyncio.gather(sandbox.Sandbox().read(data, format), return_exceptions=True)
    if isinstance(answer, ServiceError):
        assert answer.stable_code in hostile.codes
        assert 400 <= answer.status < 500
    else:
        assert hostile.harmless and isinstance(answer, sandbox.Answer)


@pytest.mark.parametrize("name", [name for name in FILES if FILES[name].codes == ("format_unknown",)])
def test_what_is_no_format_that_is_read(name: str) -> None:
    assert catalogue.sniff(FILES[name].data()) is None


HUNGRY = b"[" + b"[]," * 2_000_000 + b"[]]"
"""Six megabytes that take a hundred and fifty to be read."""


@pytest.mark.parametrize(
    ("limit", "data", "mark"),  # the mark is a rate of its own, by which the child can be told from those of others
    [
        ({"wall_s": 0.01}, b"{}", 23.51),
        ({"memory_bytes": 160 * 1024 * 1024}, HUNGRY, 23.52),
        ({"answer_bytes": 1000}, write.to_json(film(20).state), 23.53),
    ],
    ids=["time", "memory", "answer"],
)
async def test_each_limit_is_a_typed_refusal_and_leaves_nothing(
    limit: dict[str, Any], data: bytes, mark: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    limits = dataclasses.replace(sandbox.READING, **limit)
    with pytest.raises(sandbox.ImportTooHeavy):
        await sandbox.Sandbox(reading=limits).read(data, OTIO, rate=mark)
    assert list(tmp_path.iterdir()) == []
    assert not running(str(mark))


def running(marked: str) -> list[str]:
    """Processes that were started with a text in their arguments."""
    found = []
    for folder in Path("/proc").glob("[0-9]*") if Path("/proc").is_dir() else ():
        try:
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:  # it has ended
            continue
        if f'"rate":{marked}' in command and int(folder.name) != os.getpid():
            found.append(command)
    return found


async def test_a_request_that_goes_away_takes_its_child_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    patient = dataclasses.replace(sandbox.READING, wall_s=600)
    reading = asyncio.ensure_future(
        sandbox.Sandbox(reading=patient).read(write.to_json(film().state), OTIO, rate=22.75)
    )
    while not running("22.75") and not reading.done():
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert not running("22.75")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("said", [b"", b"hello", b"[]", b'{"records":5}', b'{"refused":["x"]}', b"[" * 10_000])
def test_an_answer_that_is_none_is_not_believed(said: bytes) -> None:
    with pytest.raises(sandbox.ImportUnreadable):
        sandbox.checked(said)
