"""`timeline-service verify` and `rebuild` as real processes, as an operator runs them."""

import asyncio
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from projections.snapshots import FOLD_VERSION
from tests.integration.editing.conftest import clip
from tests.integration.projections.conftest import House
from tests.integration.projections.test_rebuild import expected, keep, tamper
from timeline_service.kit import clock


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


async def run(house: House, *arguments: object, **environment: str) -> Done:
    clean = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    addresses = {"DATABASE_URL": house.urls.app, "WORKER_DATABASE_URL": house.urls.worker}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "timeline_service", *map(str, arguments)),
        env={**clean, **addresses, **environment, "COLUMNS": "300"},
        cwd=Path(__file__).parents[3],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return Done(process.returncode, out.decode(), err.decode())


async def test_verify_a_sound_timeline(house: House) -> None:
    timeline = await house.timeline(clips=2)
    await keep(house, timeline, 3)
    done = await run(house, "verify", timeline)
    assert done.code == 0, done.err
    head = await house.store.head(timeline, house.workspace_id)
    assert head is not None
    assert done.out.splitlines()[:5] == [
        f"timeline    {timeline}",
        "events      4",
        f"head        {head.head_hash.hex()}",
        "chain       whole: 4 of 4 events match their hashes",
        "checkpoint  4, 0 behind the head",
    ]
    assert "snapshots   1 as a fresh fold gives them" in done.out


async def test_verify_with_the_app_login_alone(house: House) -> None:
    timeline = await house.timeline()
    assert (await run(house, "verify", timeline, WORKER_DATABASE_URL="")).code == 0


async def test_verify_names_the_first_bad_version(house: House) -> None:
    timeline = await house.timeline(clips=3)
    await tamper(house, timeline, 3)
    done = await run(house, "verify", timeline)
    assert done.code == 1
    assert "BROKEN at version 3: event_altered" in done.out
    done = await run(house, "rebuild", timeline)
    assert done.code == 1
    assert "STOPPED at version 3: the chain is broken" in done.err


async def test_a_timeline_that_is_not_there_and_an_id_that_is_none(house: House) -> None:
    for command in ("verify", "rebuild"):
        done = await run(house, command, clock.new_id())
        assert (done.code, done.out) == (1, "")
        assert "There is no timeline" in done.err and "Traceback" not in done.err
        assert (await run(house, command, "nonsense")).code == 2


async def test_rebuild_one_mends_it_and_says_what(house: House) -> None:
    timeline = await house.timeline(clips=2)
    await house.append_behind(timeline, clip("c7", 70))
    await keep(house, timeline, 2, fold_version=FOLD_VERSION - 1)
    await house.sql("update timeline set name = 'Wrong' where id = :t", t=timeline)
    await house.sql("delete from timeline_record where timeline_id = :t", t=timeline)
    done = await run(house, "rebuild", timeline)
    assert done.code == 0, done.err
    assert "rebuilt at version 5, 1 differences mended, 1 old snapshots dropped" in done.err
    assert await house.rows(timeline) == await expected(house, timeline)
    again = await run(house, "rebuild", timeline)
    assert again.code == 0
    assert "rebuilt at version 5, 0 differences mended" in again.err


async def test_rebuild_all_goes_on_past_one_that_it_cannot(house: House) -> None:
    first, poisoned, last = await house.timeline(), await house.timeline(), await house.timeline(clips=1)
    version = await house.poison(poisoned)
    for timeline in (first, last):
        await house.sql("delete from timeline_record where timeline_id = :t", t=timeline)
    done = await run(house, "rebuild")
    assert done.code == 1
    assert f"{poisoned}  STOPPED at version {version}: cannot be read" in done.err
    assert "3 timelines, 2 rebuilt, 1 not" in done.err
    for timeline in (first, last):
        assert f"{timeline}  rebuilt at version" in done.err
        assert await house.rows(timeline) == await expected(house, timeline)


async def test_the_way_back_from_a_backup(house: House) -> None:
    """What docs/operations.md says to do, as it is written there."""
    page = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()
    (statement,) = re.findall(r"```sql\n(.*?);\n```", page, re.S)
    timeline = await house.timeline()
    await house.sql(statement)
    head = await house.store.head(timeline, house.workspace_id)
    assert head is not None and head.epoch == 1
    assert (await run(house, "rebuild")).code == 0
    assert "events      2 (epoch 1)" in (await run(house, "verify", timeline)).out


async def test_rebuild_all_needs_a_login_that_sees_all(house: House) -> None:
    done = await run(house, "rebuild", WORKER_DATABASE_URL="")
    assert done.code == 1
    assert "Set WORKER_DATABASE_URL" in done.err and "Traceback" not in done.err
