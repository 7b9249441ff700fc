"""A rebuild says what was wrong and mends it, beside the running service, again after kill -9, twice to no effect."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest

from projections import checkpoints, rebuild, snapshots
from projections.reader import Reader
from projections.rebuild import Rebuilt
from projections.snapshots import FOLD_VERSION
from tests.integration.editing.conftest import clip
from tests.integration.projections import dying_rebuild
from tests.integration.projections.conftest import House
from timeline_service.eventstore.maintenance import Maintenance, Projected
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.kit.errors import NotFound

DELETE = {"type": "ripple_delete", "clip_ids": ["c0"], "scope": "track", "ripple_markers": False}


async def run(house: House, timeline: UUID) -> Rebuilt:
    return await rebuild.rebuild(house.store, house.maintenance, timeline, house.workspace_id)


async def keep(house: House, timeline: UUID, version: int, *, fold_version: int = FOLD_VERSION) -> None:
    """A snapshot of a version."""
    state = await Reader(house.store).state_at(timeline, house.workspace_id, version)
    data, digest = snapshots.dump(state)
    await house.store.save_snapshot(timeline, house.workspace_id, version, fold_version, data, digest)


async def kept(house: House, timeline: UUID) -> Sequence[tuple[int, int]]:
    return await house.maintenance.snapshots(timeline, house.workspace_id)


async def expected(house: House, timeline: UUID) -> Projected:
    """What the rows must say at the head."""
    state = await Reader(house.store).state_at(timeline, house.workspace_id)
    return Projected(state.version, checkpoints.summary_of(state), frozenset(checkpoints.records_of(state)))


async def test_where_all_is_well_nothing_changes(house: House) -> None:
    timeline = await house.timeline(clips=3)
    await house.edit(timeline, DELETE)
    before = await house.rows(timeline)
    assert await run(house, timeline) == Rebuilt(timeline, 6)
    assert await house.rows(timeline) == before == await expected(house, timeline)
    assert await kept(house, timeline) == [(FOLD_VERSION, 6)]
    assert await run(house, timeline) == Rebuilt(timeline, 6)


async def test_wrong_rows_are_named_and_mended(house: House) -> None:
    timeline = await house.timeline(clips=3)
    await house.sql("update timeline set name = 'Wrong', duration = 7 where id = :t", t=timeline)
    await house.sql("delete from timeline_record where timeline_id = :t and record_id = 'c1'", t=timeline)
    await house.sql(
        "insert into timeline_record (timeline_id, record_id, workspace_id, kind, alive) "
        "values (:t, 'ghost', :w, 'clip', true)",
        t=timeline, w=house.workspace_id,
    )  # fmt: skip
    done = await run(house, timeline)
    assert len(done.differences) == 2
    assert "Wrong" in done.differences[0] and "c1, ghost" in done.differences[1]
    assert await house.rows(timeline) == await expected(house, timeline)
    assert (await run(house, timeline)).differences == ()


async def test_rows_that_are_gone_come_back(house: House) -> None:
    timeline = await house.timeline(clips=2)
    await house.sql("delete from timeline_record where timeline_id = :t", t=timeline)
    await house.sql("delete from timeline where id = :t", t=timeline)
    assert (await run(house, timeline)).differences
    assert await house.rows(timeline) == await expected(house, timeline)


async def test_what_is_behind_is_projected(house: House) -> None:
    timeline = await house.timeline(clips=2)
    await house.append_behind(timeline, clip("c7", 70), DELETE)
    assert await run(house, timeline) == Rebuilt(timeline, 6)
    assert await house.current(timeline) == 6
    assert await house.rows(timeline) == await expected(house, timeline)


async def test_snapshots_of_other_folds_and_wrong_ones_go_good_ones_stay(house: House) -> None:
    timeline = await house.timeline(clips=6)
    for version in (3, 4, 5):
        await keep(house, timeline, version)
    await keep(house, timeline, 4, fold_version=FOLD_VERSION - 1)
    await keep(house, timeline, 4, fold_version=FOLD_VERSION + 1)  # of a newer release that was rolled back
    # Bytes of another state under a hash of their own, which every reader would believe.
    await house.sql(
        "update timeline_snapshot s set state = o.state, state_hash = o.state_hash from timeline_snapshot o "
        "where s.timeline_id = :t and s.version = 4 and s.fold_version = :f "
        "and o.timeline_id = :t and o.version = 3 and o.fold_version = :f",
        t=timeline, f=FOLD_VERSION,
    )  # fmt: skip
    done = await run(house, timeline)
    assert done.differences == (f"snapshot 4 of fold {FOLD_VERSION} is of another state",)
    assert done.dropped == 2
    assert await kept(house, timeline) == [
        (FOLD_VERSION, 3),
        (FOLD_VERSION + 1, 4),
        (FOLD_VERSION, 5),
        (FOLD_VERSION, 8),
    ]


async def test_a_wrong_snapshot_at_the_head_is_replaced(house: House) -> None:
    timeline = await house.timeline(clips=1)
    await keep(house, timeline, 3)
    await house.sql("update timeline_snapshot set state = 'junk' where timeline_id = :t", t=timeline)
    done = await run(house, timeline)
    assert "is damaged" in done.differences[0]
    assert await kept(house, timeline) == [(FOLD_VERSION, 3)]
    assert await run(house, timeline) == Rebuilt(timeline, 3)


async def test_beside_appends_it_ends_equal(house: House) -> None:
    timeline = await house.timeline()

    async def edit() -> None:
        for number in range(60):
            await house.edit(timeline, clip(f"c{number}", number * 10))

    editing = asyncio.create_task(edit())
    times = 0
    while not editing.done():
        done = await run(house, timeline)
        assert (done.differences, done.stop) == ((), None)
        times += 1
    await editing
    assert times > 1
    assert await house.current(timeline) == 62
    assert await house.rows(timeline) == await expected(house, timeline)
    assert (await run(house, timeline)).differences == ()


@pytest.mark.parametrize("point", dying_rebuild.POINTS)
async def test_killed_and_run_again(house: House, point: str) -> None:
    timeline = await house.timeline(clips=3)
    for version in (2, 3):
        await keep(house, timeline, version, fold_version=FOLD_VERSION - 1)
    await house.append_behind(timeline, DELETE)
    await house.sql("update timeline_record set alive = false where timeline_id = :t", t=timeline)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.projections.dying_rebuild"),
        *(house.urls.worker, str(house.workspace_id), str(timeline)),
        env={**os.environ, "DIE_AT": point},
        cwd=Path(__file__).parents[3],
    )
    assert await process.wait() == -signal.SIGKILL
    # Whatever it left, reading is right, and old snapshots go only after all else is in place.
    state = await Reader(house.store).state_at(timeline, house.workspace_id)
    assert state.version == 6 and not state.records["c0"].alive
    old = [version for fold_version, version in await kept(house, timeline) if fold_version < FOLD_VERSION]
    assert old == ([3] if point == "one dropped" else [2, 3])
    assert (await run(house, timeline)).stop is None
    assert await house.rows(timeline) == await expected(house, timeline)
    assert await kept(house, timeline) == [(FOLD_VERSION, 6)]
    assert await run(house, timeline) == Rebuilt(timeline, 6)


async def test_a_poison_event_stops_it_and_nothing_is_dropped(house: House) -> None:
    timeline = await house.timeline(clips=1)
    await keep(house, timeline, 2, fold_version=FOLD_VERSION - 1)
    version = await house.poison(timeline)
    done = await run(house, timeline)
    assert done.stop is not None
    assert (done.version, done.stop.version, done.dropped) == (version - 1, version, 0)
    assert "schema version 999" in done.stop.reason
    assert await house.current(timeline) == version - 1
    assert (FOLD_VERSION - 1, 2) in await kept(house, timeline)


async def test_a_broken_chain_is_left_alone(house: House) -> None:
    timeline = await house.timeline(clips=2)
    before = await house.rows(timeline)
    await tamper(house, timeline, 3)
    done = await run(house, timeline)
    assert done.stop is not None
    assert (done.version, done.stop.version, done.stop.reason) == (0, 3, "the chain is broken: event_altered")
    assert await house.rows(timeline) == before
    assert await kept(house, timeline) == []


async def test_one_timeline_needs_no_sight_of_all_but_all_timelines_do(house: House) -> None:
    timeline = await house.timeline()
    store, maintenance = PostgresStore(house.app), Maintenance(house.app)
    assert await rebuild.rebuild(store, maintenance, timeline, house.workspace_id) == Rebuilt(timeline, 2)
    with pytest.raises(NotFound):
        await rebuild.rebuild(store, maintenance, timeline, UUID(int=1))
    with pytest.raises(RuntimeError, match="WORKER_DATABASE_URL"):
        await maintenance.check_sight()
    await house.maintenance.check_sight()
    await Maintenance(house.owner).check_sight()


async def test_all_timelines_are_seen_page_by_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {await house.timeline() for _ in range(5)}
    monkeypatch.setattr("timeline_service.eventstore.maintenance.PAGE", 2)
    assert [head.timeline_id async for head in house.maintenance.timelines()] == sorted(made)
    assert await house.maintenance.count() == 5


async def tamper(house: House, timeline: UUID, version: int) -> None:
    """Change an event, as somebody who owns the table can."""
    async with house.owner.begin() as connection:
        await connection.exec_driver_sql("alter table timeline_event disable trigger all")
        await connection.exec_driver_sql(
            f"update timeline_event set body = body || ' ' where timeline_id = '{timeline}' and version = {version}"
        )
        await connection.exec_driver_sql("alter table timeline_event enable always trigger keep_rows")
        await connection.exec_driver_sql("alter table timeline_event enable always trigger keep_table")
