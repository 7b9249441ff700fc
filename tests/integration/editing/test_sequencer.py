"""Many writers, several processes, lost answers: versions without gaps, nothing lost, nothing twice."""

import asyncio
import itertools

from projections import snapshots
from tests.integration.editing.conftest import FRAME, Desk, Scene, clip, desk_on
from timeline_service.domain import creation
from timeline_service.domain.media import RateValue
from timeline_service.domain.state import digest
from timeline_service.editing.errors import EditRefused
from timeline_service.editing.pace import Frame
from timeline_service.editing.requests import RestoreRequest
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.eventstore.store import Appended, OutcomeUnknown


async def test_many_writers_in_two_processes(desk: Desk, other_desk: Desk, scene: Scene) -> None:
    await desk.edit(scene.alice, scene.timeline_id, *(clip(f"c{n}", n * 10) for n in range(8)))

    async def write(place: Desk, number: int) -> int:
        done = 0
        for turn in range(6):
            delta = -1 if turn % 2 == 0 else 1
            trim = {"type": "trim", "clip_id": f"c{number}", "edge": "end", "delta": delta}
            done += (await place.edit(scene.alice, scene.timeline_id, trim)).created
        return done

    counts = await asyncio.gather(*(write((desk, other_desk)[n % 2], n) for n in range(8)))
    assert counts == [6] * 8
    stored = await desk.store.read(scene.timeline_id, scene.workspace_id)
    assert [event.version for event in stored] == list(range(1, 11 + 48))
    fresh = desk_on_same(desk)
    states = [
        await place.editing.reader.state_at(scene.timeline_id, scene.workspace_id)
        for place in (desk, other_desk, fresh)
    ]
    assert len({digest(state) for state in states}) == 1


def desk_on_same(desk: Desk) -> Desk:
    return desk_on(desk.store._engine)


async def test_sixteen_with_the_same_expected_version(desk: Desk, scene: Scene) -> None:
    async def write(number: int) -> str:
        try:
            await desk.edit(scene.alice, scene.timeline_id, clip(f"c{number}", number * 10), expected_version=2)
        except EditRefused as refusal:
            return refusal.stable_code
        return "ok"

    answers = await asyncio.gather(*(write(n) for n in range(16)))
    assert sorted(answers) == ["ok"] + ["version_conflict"] * 15


async def test_the_same_gesture_sent_by_many_at_once_is_one_event(desk: Desk, other_desk: Desk, scene: Scene) -> None:
    answers = await asyncio.gather(
        *(
            place.edit(scene.alice, scene.timeline_id, clip("c1", 0, gesture_id="same"))
            for place in [desk, other_desk] * 8
        )
    )
    assert {answer.results[0].version for answer in answers} == {3}
    assert sum(answer.created for answer in answers) == 1


class LosesAnswers(PostgresStore):
    """A real store whose connection breaks right after the commit of every other append."""

    appends = 0

    async def append(self, *args: object, **kwargs: object) -> Appended:
        appended = await super().append(*args, **kwargs)  # type: ignore[arg-type]
        type(self).appends += 1
        if type(self).appends % 2:
            raise OutcomeUnknown
        return appended


async def test_a_lost_answer_is_found_again_by_its_gesture_id(desk: Desk, scene: Scene) -> None:
    desk.editing._store = LosesAnswers(desk.store._engine)
    for n in range(6):
        answer = await desk.edit(scene.alice, scene.timeline_id, clip(f"c{n}", n * 10))
        assert answer.results[0].version == 3 + n
    stored = await desk.store.read(scene.timeline_id, scene.workspace_id)
    assert [event.version for event in stored] == list(range(1, 9))


async def test_frames_come_in_order_without_gaps_to_both_processes(desk: Desk, other_desk: Desk, scene: Scene) -> None:
    seen: dict[str, list[tuple[int, int]]] = {"here": [], "there": []}

    def receive(name: str, frame: Frame) -> None:
        seen[name].append((frame.from_version, frame.to_version))

    where = {"workspace_id": scene.workspace_id, "version": 2}
    desk.hub.attach(scene.timeline_id, lambda frame: receive("here", frame), **where)
    other_desk.hub.attach(scene.timeline_id, lambda frame: receive("there", frame), **where)
    await asyncio.gather(*(desk.edit(scene.alice, scene.timeline_id, clip(f"c{n}", n * 10)) for n in range(9)))
    await other_desk.edit(scene.bob, scene.timeline_id, clip("last", 200))
    await asyncio.gather(*(hub.catch_up(scene.timeline_id, 12) for hub in (desk.hub, other_desk.hub)))
    for frames in seen.values():
        assert frames[0][0] == 3 and frames[-1][1] == 12
        assert all(before[1] + 1 == after[0] for before, after in itertools.pairwise(frames))


async def test_the_cache_is_bounded_and_what_left_comes_back(desk: Desk, scene: Scene) -> None:
    small = desk_on(desk.store._engine, cache_bytes=1)
    await small.edit(scene.alice, scene.timeline_id, clip("c1", 0))
    other = await desk.editing.create_timeline(scene.alice, scene.workspace_id, request_of())
    await small.edit(scene.alice, other.timeline_id, {"type": "add_track", "track_id": "v1", "kind": "video"})
    assert small.editing._cache.timelines() == [other.timeline_id]
    answer = await small.edit(scene.alice, scene.timeline_id, clip("c2", 10))
    assert answer.results[0].version == 4


def request_of() -> creation.NewTimeline:
    return creation.NewTimeline(name="Other", rate=RateValue(num=25, den=1), width=1280, height=720)


async def test_a_snapshot_is_taken_and_read(desk: Desk, scene: Scene) -> None:
    await desk.edit(scene.alice, scene.timeline_id, clip("c1", 0))
    for n in range(3):
        trims = [
            {"type": "trim", "clip_id": "c1", "edge": "end", "delta": -1 if turn % 2 == 0 else 1} for turn in range(200)
        ]
        await desk.edit(scene.bob if n % 2 else scene.alice, scene.timeline_id, *trims)
    await desk.editing.close()
    fresh = desk_on_same(desk)
    kept = await desk.store.snapshot_versions(scene.timeline_id, scene.workspace_id, snapshots.FOLD_VERSION)
    assert kept and kept[-1] > 500
    here = await desk.editing.reader.state_at(scene.timeline_id, scene.workspace_id)
    there = await fresh.editing.reader.state_at(scene.timeline_id, scene.workspace_id)
    assert digest(here) == digest(there) and here.stacks == there.stacks
    assert here.records["c1"].value["duration"] == 10 * FRAME


async def test_a_long_decision_does_not_hold_up_the_others(desk: Desk, scene: Scene) -> None:
    other = await desk.editing.create_timeline(scene.alice, scene.workspace_id, request_of())
    await desk.edit(scene.alice, scene.timeline_id, *(clip(f"c{n}", n * 10) for n in range(400)))
    inserts = [clip(f"i{n}", 0, 10, mode="insert") for n in range(400)]
    long = asyncio.create_task(desk.edit(scene.alice, scene.timeline_id, *inserts))
    await asyncio.sleep(0)
    await desk.edit(scene.bob, other.timeline_id, {"type": "add_track", "track_id": "a", "kind": "video"})
    assert not long.done()  # decided on the loop, it would have been over before
    assert (await long).version == 2 + 400 + 400


async def test_a_process_that_is_behind_believes_no_refusal_of_its_own(
    desk: Desk, other_desk: Desk, scene: Scene
) -> None:
    """What another process has appended since counts, for gestures and for plans, before anything is refused."""
    await other_desk.edit(scene.bob, scene.timeline_id, clip("seen", 0))
    await desk.edit(scene.alice, scene.timeline_id, clip("new", 50))
    trim = {"type": "trim", "clip_id": "new", "edge": "end", "delta": -1}
    planned = await other_desk.edit(scene.bob, scene.timeline_id, trim, dry_run=True)
    assert planned.results[0].how == "dry_run"
    answer = await other_desk.edit(scene.bob, scene.timeline_id, trim)
    assert answer.results[0].version == answer.version == 5


async def test_a_process_that_is_behind_restores_what_it_has_not_seen(
    desk: Desk, other_desk: Desk, scene: Scene
) -> None:
    await other_desk.edit(scene.bob, scene.timeline_id, clip("first", 0))
    await desk.edit(scene.alice, scene.timeline_id, clip("second", 50))
    await desk.edit(scene.alice, scene.timeline_id, {"type": "remove_clip", "clip_id": "second"})
    answer = await other_desk.editing.restore(scene.bob, scene.timeline_id, RestoreRequest(version=4))
    assert answer.version == 6
    state = await desk.editing.reader.state_at(scene.timeline_id, scene.workspace_id)
    assert state.find("second") is not None
