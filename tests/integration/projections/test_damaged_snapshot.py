"""A flipped byte in a stored snapshot: reads stay right, it is logged, and the next snapshot takes its place."""

from uuid import UUID

import pytest
from structlog.testing import capture_logs

from projections import checkpoints
from projections.reader import Reader
from projections.snapshots import FOLD_VERSION
from tests.integration.editing.conftest import clip
from tests.integration.projections.conftest import House
from timeline_service.audit import verification
from timeline_service.domain.state import digest

PLACES = {"first": "0", "seal": "31", "body": "length(state) / 2", "last": "length(state) - 1"}


async def flip(house: House, timeline: UUID, version: int, place: str) -> None:
    await house.sql(
        f"update timeline_snapshot set state = set_byte(state, {place}, get_byte(state, {place}) # 1) "
        "where timeline_id = :t and version = :v",
        t=timeline, v=version,
    )  # fmt: skip


async def read(house: House, timeline: UUID) -> tuple[str, list[int]]:
    """The state's hash as a process without caches reads it, and the versions of snapshots it found damaged."""
    with capture_logs() as logs:
        state = await Reader(house.store).state_at(timeline, house.workspace_id)
    return digest(state), [entry["version"] for entry in logs if entry["event"] == "snapshot_damaged"]


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
async def test_a_flipped_byte(house: House, place: str) -> None:
    timeline = await house.timeline(clips=4)
    where = (timeline, house.workspace_id)
    wanted, _ = await read(house, timeline)
    reader = Reader(house.store)
    for version in (3, 5):
        await checkpoints.snapshot(house.store, await reader.state_at(*where, version), house.workspace_id)
    assert await read(house, timeline) == (wanted, [])

    await flip(house, timeline, 5, place)
    assert await read(house, timeline) == (wanted, [5]), "right, from the snapshot before, and said"
    report = await verification.verify(house.store, *where)
    assert report is not None and report.ok
    assert [(one.version, one.verdict) for one in report.snapshots] == [(3, "sound"), (5, "damaged")]

    # The next snapshot is newer, and what is damaged is not looked at again.
    await checkpoints.snapshot(house.store, await reader.state_at(*where), house.workspace_id)
    assert await read(house, timeline) == (wanted, [])


async def test_all_snapshots_damaged_is_no_more_than_slow(house: House) -> None:
    timeline = await house.timeline(clips=4)
    wanted, _ = await read(house, timeline)
    for version in (3, 5):
        state = await Reader(house.store).state_at(timeline, house.workspace_id, version)
        await checkpoints.snapshot(house.store, state, house.workspace_id)
        await flip(house, timeline, version, "40")
    assert await read(house, timeline) == (wanted, [5, 3])


async def test_editing_goes_on_over_a_damaged_snapshot_and_heals_it(house: House) -> None:
    """The front door of a new process: it reads past the damage, and its own next snapshot is what is used."""
    timeline = await house.timeline(clips=1)
    state = await Reader(house.store).state_at(timeline, house.workspace_id)
    await checkpoints.snapshot(house.store, state, house.workspace_id)
    await flip(house, timeline, 3, "40")
    names = [{"type": "set_timeline", "name": f"Cut {number}"} for number in range(checkpoints.SNAPSHOT_EVENTS)]
    await house.edit(timeline, clip("c9", 90), *names[:-1])
    await house.desk.editing.close()
    versions = await house.store.snapshot_versions(timeline, house.workspace_id, FOLD_VERSION)
    assert versions == [3, 3 + checkpoints.SNAPSHOT_EVENTS]
    assert (await read(house, timeline))[1] == []
