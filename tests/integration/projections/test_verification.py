"""What `verify` reports: chain, checkpoint, fold and snapshots."""

from uuid import UUID

from projections import checkpoints
from projections.reader import Reader
from tests.integration.editing.conftest import clip
from tests.integration.projections.conftest import House
from tests.integration.projections.test_rebuild import tamper
from timeline_service.audit import commands, verification
from timeline_service.domain.state import digest


async def verify(house: House, timeline: UUID) -> verification.Report:
    report = await verification.verify(house.store, timeline, house.workspace_id)
    assert report is not None
    return report


async def snapshot(house: House, timeline: UUID, version: int) -> None:
    state = await Reader(house.store).state_at(timeline, house.workspace_id, version)
    await checkpoints.snapshot(house.store, state, house.workspace_id)


async def test_a_sound_timeline(house: House) -> None:
    timeline = await house.timeline(clips=3)
    await snapshot(house, timeline, 3)
    await house.append_behind(timeline, clip("c8", 80))
    report = await verify(house, timeline)
    assert report.ok and report.history.ok
    assert (report.history.checked, report.current_version, report.behind) == (6, 5, 1)
    assert report.snapshots == (verification.Checked(3, "sound"),)
    state = await Reader(house.store).state_at(timeline, house.workspace_id)
    assert (report.folded, report.state_hash) == (6, digest(state))
    shown = "\n".join(commands.lines(report))
    assert "6 of 6 events match" in shown and "1 behind" in shown and report.history.head_hash.hex() in shown


async def test_a_broken_chain_names_the_first_bad_version_and_believes_nothing_behind_it(house: House) -> None:
    timeline = await house.timeline(clips=3)
    for version in (2, 4):
        await snapshot(house, timeline, version)
    await tamper(house, timeline, 3)
    report = await verify(house, timeline)
    assert not report.ok
    assert (report.history.broken_at, report.folded) == (3, 2)
    assert report.snapshots == (verification.Checked(2, "sound"),)
    assert any("BROKEN at version 3" in line for line in commands.lines(report))


async def test_an_event_of_the_future_is_named(house: House) -> None:
    timeline = await house.timeline(clips=1)
    version = await house.poison(timeline)
    report = await verify(house, timeline)
    assert report.history.ok and not report.ok
    assert report.stop is not None and report.stop.version == version
    assert any(f"STOPS at version {version}" in line for line in commands.lines(report))


async def test_a_snapshot_of_another_state_is_named(house: House) -> None:
    timeline = await house.timeline(clips=3)
    for version in (3, 4):
        await snapshot(house, timeline, version)
    await house.sql(
        "update timeline_snapshot s set state = o.state, state_hash = o.state_hash from timeline_snapshot o "
        "where s.timeline_id = :t and s.version = 4 and o.timeline_id = :t and o.version = 3",
        t=timeline,
    )
    report = await verify(house, timeline)
    assert report.ok, "a snapshot is a cache"
    assert report.snapshots == (verification.Checked(3, "sound"), verification.Checked(4, "differs"))
    assert any("version 4: differs" in line for line in commands.lines(report))


async def test_what_is_not_there(house: House) -> None:
    assert await verification.verify(house.store, UUID(int=1), house.workspace_id) is None
