"""What fell behind is projected again, by the worker's sweep; a poison event holds its own timeline only."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from projections import reader, runner
from projections.checkpoints import SNAPSHOT_EVENTS
from projections.snapshots import FOLD_VERSION
from tests.integration.editing.conftest import clip, desk_on
from tests.integration.projections.conftest import House
from workers import upkeep

DELETE = {"type": "ripple_delete", "clip_ids": ["c0"], "scope": "track", "ripple_markers": False}


async def test_what_was_missed_is_what_would_have_been_written(house: House) -> None:
    timeline = await house.timeline(clips=3)
    await house.edit(timeline, clip("c8", 80), DELETE, {"type": "set_timeline", "name": "New"})
    wanted = await house.rows(timeline)
    twin = await house.timeline(clips=3)
    await house.append_behind(twin, clip("c8", 80), DELETE, {"type": "set_timeline", "name": "New"})
    assert (await house.rows(twin)).version == 5

    caught = await runner.catch_up(house.store, twin, house.workspace_id)
    assert (caught.current_version, caught.version, caught.stop) == (8, 8, None)
    rows = await house.rows(twin)
    assert (rows.version, rows.summary) == (wanted.version, wanted.summary)
    names = {(record, kind, alive) for record, kind, alive in rows.records if kind != "timeline"}
    assert names == {(record, kind, alive) for record, kind, alive in wanted.records if kind != "timeline"}
    assert ("c0", "clip", False) in names and ("c8", "clip", True) in names
    # Again: nothing to do.
    assert await runner.catch_up(house.store, twin, house.workspace_id) == caught


async def test_a_long_way_behind_leaves_a_snapshot(house: House) -> None:
    timeline = await house.timeline()
    names = [{"type": "set_timeline", "name": f"Cut {number}"} for number in range(SNAPSHOT_EVENTS)]
    await house.append_behind(timeline, *names)
    await house.desk.editing.close()
    for version in await house.store.snapshot_versions(timeline, house.workspace_id, FOLD_VERSION):
        await house.store.drop_snapshot(timeline, house.workspace_id, version, FOLD_VERSION)
    await runner.catch_up(house.store, timeline, house.workspace_id)
    versions = await house.store.snapshot_versions(timeline, house.workspace_id, FOLD_VERSION)
    assert versions == [SNAPSHOT_EVENTS + 2]


async def test_the_sweep_projects_who_is_behind_at_two_looks(house: House) -> None:
    timeline, other = await house.timeline(clips=1), await house.timeline()
    await house.append_behind(timeline, clip("c5", 50))
    projector = upkeep.Projector(house.store, house.maintenance)
    assert await projector.look() == 0, "at the first look it may just be under way"
    assert await projector.look() == 1
    assert (await house.current(timeline), await house.current(other)) == (4, 2)
    assert await projector.look() == 0


async def test_a_timeline_that_comes_forward_by_itself_is_left_alone(house: House) -> None:
    timeline = await house.timeline()
    await house.append_behind(timeline, clip("c1", 10))
    projector = upkeep.Projector(house.store, house.maintenance)
    await projector.look()
    # A busy timeline: at the second look it is behind again, but further than the head was at the first.
    await house.edit(timeline, clip("c2", 20))
    await house.append_behind(timeline, clip("c3", 30))
    assert await projector.look() == 0


async def test_a_poison_event_stops_its_timeline_before_it_and_no_other(house: House) -> None:
    poisoned, behind = await house.timeline(clips=1), await house.timeline()
    await house.append_behind(poisoned, clip("c5", 50))
    version = await house.poison(poisoned)
    await house.append_behind(behind, clip("c1", 10))
    projector = upkeep.Projector(house.store, house.maintenance)
    await projector.look()
    with capture_logs() as logs:
        await projector.look()
    assert await house.current(poisoned) == version - 1
    assert await house.current(behind) == 3
    (told,) = [entry for entry in logs if entry["event"] == "projection_stopped"]
    assert (told["log_level"], told["timeline_id"], told["version"]) == ("error", str(poisoned), version)
    assert "schema version 999" in told["reason"]
    # It is not folded, nor told of, at every look; and others still get their turn.
    await house.append_behind(behind, clip("c2", 20))
    with capture_logs() as logs:
        await projector.look()
        await projector.look()
    assert await house.current(behind) == 4
    assert [entry["event"] for entry in logs] == ["projection_caught_up"]


async def test_a_checkpoint_that_newer_code_has_taken_past_us_stays(house: House) -> None:
    timeline = await house.timeline()
    version = await house.poison(timeline)
    await house.poison(timeline)
    await house.sql("update timeline_head set current_version = :v where timeline_id = :t", v=version, t=timeline)
    caught = await runner.catch_up(house.store, timeline, house.workspace_id)
    assert caught.stop is not None
    assert (caught.stop.version, caught.current_version) == (version, version)


async def test_one_that_fails_for_another_reason_keeps_nobody(house: House) -> None:
    broken, behind = await house.timeline(), await house.timeline()
    for timeline in (broken, behind):
        await house.append_behind(timeline, clip("c1", 10))
    # The summary of this one does not fit its row.
    await house.sql("create function no() returns trigger language plpgsql as $$ begin raise 'no'; end $$")
    await house.sql(
        f"create trigger no before update on timeline for each row when (old.id = '{broken}') execute function no()"
    )
    projector = upkeep.Projector(house.store, house.maintenance)
    await projector.look()
    with capture_logs() as logs:
        assert await projector.look() == 1
    assert (await house.current(broken), await house.current(behind)) == (2, 3)
    assert [entry["timeline_id"] for entry in logs if entry["event"] == "projection_failed"] == [str(broken)]


async def test_killed_between_append_and_checkpoint_a_worker_brings_it_forward(
    house: House, redis_url: str, tmp_path: Path
) -> None:
    """kill -9 of a process that has appended; then a real worker process with nothing but the projector."""
    timeline = await house.timeline(clips=1)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.projections.dying"),
        *(house.urls.app, str(house.workspace_id), str(timeline), str(house.alice.id)),
        cwd=Path(__file__).parents[3],
    )
    assert await process.wait() == -signal.SIGKILL
    head = await house.store.head(timeline, house.workspace_id)
    assert head is not None and (head.version, head.current_version) == (4, 3)

    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers.main", "--roles", "project"),
        env={
            **os.environ,
            "DATABASE_URL": house.urls.app,
            "WORKER_DATABASE_URL": house.urls.worker,
            "REDIS_URL": redis_url,
            "TIMELINE_SIGNING_KEY": "k" * 32,
            "TIMELINE_DATA_DIR": str(tmp_path),
        },
        cwd=Path(__file__).parents[3],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        assert worker.stdout is not None
        async with asyncio.timeout(60):
            while b"projection_caught_up" not in (line := await worker.stdout.readline()):
                assert line, "the worker ended"
    finally:
        worker.terminate()
        await worker.communicate()
    assert await house.current(timeline) == 4
    assert ("late", "track", True) in (await house.rows(timeline)).records


async def test_a_poison_event_is_told_to_who_reads_or_edits_and_what_is_before_it_can_be_read(house: House) -> None:
    poisoned = await house.timeline(clips=1)
    version = await house.poison(poisoned)
    fresh = desk_on(house.app)
    with pytest.raises(reader.TimelineHeld) as held:
        await fresh.editing.reader.state_at(poisoned, house.workspace_id)
    assert held.value.details == {"readable_up_to": version - 1} and not held.value.retryable
    with pytest.raises(reader.TimelineHeld):
        await fresh.edit(house.alice, poisoned, clip("c9", 90))
    state = await fresh.editing.reader.state_at(poisoned, house.workspace_id, version - 1)
    assert state.find("c0") is not None
    assert (await house.store.head(poisoned, house.workspace_id)).version == version
