"""What every event store does: one suite, run on each implementation."""

import asyncio

import msgspec
import pytest

from tests.logs import digest, make_timeline, make_workspace, new_event, new_events
from timeline_service.domain import chain
from timeline_service.eventstore import integrity
from timeline_service.eventstore import store as stores
from timeline_service.eventstore.memory import MemoryStore
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.eventstore.store import TimelineSummary
from timeline_service.kit import clock, errors

SUMMARY = TimelineSummary(name="Cut 1", rate_num=24, rate_den=1, width=1920, height=1080, duration=705_600_000)
ACTOR = clock.new_id()


@pytest.fixture(params=["memory", "postgres"])
def implementation(request):
    return request.param


@pytest.fixture
def store(implementation, request):
    if implementation == "memory":
        return MemoryStore()
    return PostgresStore(request.getfixturevalue("engine"))


@pytest.fixture
def new_workspace(implementation, request):
    """Makes a workspace that the store knows of."""
    if implementation == "memory":

        async def make():
            return clock.new_id()

        return make
    owner = request.getfixturevalue("owner_engine")
    return lambda: make_workspace(owner)


@pytest.fixture
async def workspace(new_workspace):
    return await new_workspace()


async def append(store, workspace, timeline, events, expected):
    return await store.append(timeline, workspace, [ACTOR] * len(events), events, expected_version=expected)


# ── creating


async def test_create_makes_version_1_chained_to_the_timeline_s_id(store, workspace):
    timeline, event = clock.new_id(), new_event(type="create_timeline", correlation_id="r1", transaction_id="t1")
    answer = await store.create(timeline, workspace, ACTOR, event)
    assert answer.outcome == "appended"
    assert [row.version for row in answer.rows] == [1]
    assert answer.head == stores.Head(timeline, workspace, 1, answer.rows[0].hash, 0, 0)
    (stored,) = await store.read(timeline, workspace)
    assert stored == stores.StoredEvent(
        timeline_id=timeline,
        version=1,
        gesture_id=event.gesture_id,
        type="create_timeline",
        schema_version=1,
        actor_id=ACTOR,
        recorded_at_us=answer.rows[0].recorded_at_us,
        body=event.body,
        request_digest=event.request_digest,
        transaction_id="t1",
        correlation_id="r1",
        hash=answer.head.head_hash,
        prev_hash=chain.genesis(timeline),
    )
    assert abs(stored.recorded_at_us - clock.now_us()) < 60_000_000


async def test_create_again_is_a_duplicate_and_with_another_gesture_a_conflict(store, workspace):
    timeline, event = clock.new_id(), new_event(type="create_timeline")
    await store.create(timeline, workspace, ACTOR, event)
    again = await store.create(timeline, workspace, ACTOR, event)
    assert again.outcome == "duplicate"
    assert again.known == (stores.KnownGesture(event.gesture_id, 1, event.request_digest),)
    other = await store.create(timeline, workspace, ACTOR, new_event())
    assert other.outcome == "conflict" and other.head.version == 1


async def test_create_with_the_id_of_another_workspace_s_timeline_is_refused(store, workspace, new_workspace):
    timeline, _ = await make_timeline(store, workspace)
    with pytest.raises(errors.Conflict) as caught:
        await store.create(timeline, await new_workspace(), ACTOR, new_event())
    assert caught.value.stable_code == "timeline_id_taken"
    assert len(await store.read(timeline, workspace)) == 1


# ── appending


@pytest.mark.parametrize("count", [1, 2, 100, stores.MAX_APPEND])
async def test_append_gives_versions_without_gaps_and_a_whole_chain(store, workspace, count):
    timeline, head = await make_timeline(store, workspace)
    events = new_events(count)
    answer = await append(store, workspace, timeline, events, 1)
    assert answer.outcome == "appended"
    assert [row.version for row in answer.rows] == list(range(2, count + 2))
    assert answer.head.version == count + 1 and answer.head.head_hash == answer.rows[-1].hash
    assert await store.head(timeline, workspace) == answer.head
    stored = await store.read(timeline, workspace)
    assert [event.gesture_id for event in stored[1:]] == [event.gesture_id for event in events]
    assert [event.hash for event in stored[1:]] == [row.hash for row in answer.rows]
    assert [event.prev_hash for event in stored] == [chain.genesis(timeline), *(e.hash for e in stored[:-1])]
    assert chain.verify(stored) is None
    assert stored[0].hash == head.head_hash


async def test_each_event_of_a_batch_has_its_own_actor(store, workspace):
    timeline, _ = await make_timeline(store, workspace)
    actors = [clock.new_id() for _ in range(3)]
    await store.append(timeline, workspace, actors, new_events(3), expected_version=1)
    assert [event.actor_id for event in await store.read(timeline, workspace, after_version=1)] == actors


async def test_bodies_come_back_as_the_bytes_they_were(store, workspace):
    timeline, _ = await make_timeline(store, workspace)
    bodies = [b"", b"\x00\xff", "ü – 字".encode(), b'{"a":1.0}', b" " * 100_000]
    await append(store, workspace, timeline, [new_event(body=body) for body in bodies], 1)
    stored = await store.read(timeline, workspace)
    assert [event.body for event in stored[1:]] == bodies
    assert chain.verify(stored) is None


async def test_a_whole_batch_again_is_a_duplicate_and_stores_nothing(store, workspace):
    timeline, _ = await make_timeline(store, workspace)
    events = new_events(3)
    first = await append(store, workspace, timeline, events, 1)
    for expected in (1, 4, 99):
        again = await append(store, workspace, timeline, events, expected)
        assert again.outcome == "duplicate" and again.rows == ()
        assert [(known.gesture_id, known.version) for known in again.known] == [
            (event.gesture_id, version) for version, event in enumerate(events, 2)
        ]
        assert [known.request_digest for known in again.known] == [event.request_digest for event in events]
        assert again.head == first.head
    assert len(await store.read(timeline, workspace)) == 4


async def test_one_known_gesture_holds_back_the_whole_batch_and_is_named(store, workspace):
    timeline, _ = await make_timeline(store, workspace)
    known = new_event()
    await append(store, workspace, timeline, [known], 1)
    reused = msgspec.structs.replace(known, request_digest=digest("another request"))
    answer = await append(store, workspace, timeline, [new_event(), reused, new_event()], 2)
    assert answer.outcome == "duplicate"
    assert answer.known == (stores.KnownGesture(known.gesture_id, 2, known.request_digest),)
    assert (await store.head(timeline, workspace)).version == 2


async def test_the_same_gesture_id_in_two_timelines_is_two_gestures(store, workspace):
    event = new_event()
    for _ in range(2):
        timeline, _ = await make_timeline(store, workspace)
        assert (await append(store, workspace, timeline, [event], 1)).outcome == "appended"


@pytest.mark.parametrize("expected", [0, 1, 3, 99])
async def test_another_expected_version_is_a_conflict_with_the_real_head(store, workspace, expected):
    timeline, head = await make_timeline(store, workspace, events=1)
    answer = await append(store, workspace, timeline, new_events(2), expected)
    assert answer.outcome == "conflict" and answer.head == head and answer.rows == ()
    assert len(await store.read(timeline, workspace)) == 2


async def test_malformed_batches_are_the_caller_s_error(store, workspace):
    timeline, _ = await make_timeline(store, workspace)
    event = new_event()
    for events in ([], [event, event], [new_event(request_digest=b"short")], new_events(stores.MAX_APPEND + 1)):
        with pytest.raises(ValueError):
            await append(store, workspace, timeline, events, 1)
    with pytest.raises(ValueError):
        await store.append(timeline, workspace, [], [event], expected_version=1)
    assert len(await store.read(timeline, workspace)) == 1


async def test_time_never_runs_backwards(store, workspace):
    timeline, _ = await make_timeline(store, workspace)
    for version in range(1, 20):
        await append(store, workspace, timeline, new_events(1), version)
    times = [event.recorded_at_us for event in await store.read(timeline, workspace)]
    assert times == sorted(times)


async def test_sixteen_writers_of_one_version_are_one_success_and_fifteen_conflicts(store, workspace):
    timeline, _ = await make_timeline(store, workspace)
    start = asyncio.Barrier(16)

    async def write():
        await start.wait()
        return await append(store, workspace, timeline, new_events(2), 1)

    answers = await asyncio.gather(*(write() for _ in range(16)))
    assert sorted(answer.outcome for answer in answers) == ["appended"] + ["conflict"] * 15
    assert {answer.head.version for answer in answers} == {3}
    assert len(await store.read(timeline, workspace)) == 3


async def test_eight_writers_of_a_hot_timeline_lose_nothing(store, workspace):
    timeline, _ = await make_timeline(store, workspace)
    acked = {}

    async def write(number):
        for turn in range(10):
            event = new_event(f"w{number}-{turn}")
            async with store.locked(timeline, workspace) as head:
                answer = await head.append([ACTOR], [event])
            assert answer.outcome == "appended"
            acked[event.gesture_id] = answer.rows[0].version

    await asyncio.gather(*(write(number) for number in range(8)))
    stored = await store.read(timeline, workspace)
    assert {event.gesture_id: event.version for event in stored[1:]} == acked
    assert chain.verify(stored) is None and stored[-1].version == 81


# ── the locked head


async def test_what_is_appended_under_the_lock_is_kept_when_the_block_ends(store, workspace):
    timeline, before = await make_timeline(store, workspace, events=2)
    async with store.locked(timeline, workspace) as held:
        assert held.head == before
        assert [event.version for event in await held.read(1)] == [2, 3]
        answer = await held.append([ACTOR], [new_event()])
        assert answer.outcome == "appended" and held.head == answer.head
    assert await store.head(timeline, workspace) == answer.head
    assert chain.verify(await store.read(timeline, workspace)) is None


async def test_nothing_is_kept_when_the_block_fails(store, workspace):
    timeline, before = await make_timeline(store, workspace)
    with pytest.raises(KeyError):
        async with store.locked(timeline, workspace) as held:
            await held.append([ACTOR], [new_event()])
            raise KeyError("decided otherwise")
    assert await store.head(timeline, workspace) == before
    assert len(await store.read(timeline, workspace)) == 1
    assert (await append(store, workspace, timeline, new_events(1), 1)).outcome == "appended"


async def test_a_known_gesture_under_the_lock_is_a_duplicate(store, workspace):
    timeline, _ = await make_timeline(store, workspace)
    event = new_event()
    await append(store, workspace, timeline, [event], 1)
    async with store.locked(timeline, workspace) as held:
        assert (await held.append([ACTOR], [event])).outcome == "duplicate"
    assert (await store.head(timeline, workspace)).version == 2


async def test_others_wait_for_the_lock_and_then_see_what_was_done(store, workspace):
    timeline, _ = await make_timeline(store, workspace)
    async with store.locked(timeline, workspace) as held:
        waiting = asyncio.create_task(append(store, workspace, timeline, new_events(1), 1))
        done, _ = await asyncio.wait([waiting], timeout=0.1)
        assert not done
        await held.append([ACTOR], [new_event()])
    answer = await waiting
    assert answer.outcome == "conflict" and answer.head.version == 2


# ── reading


async def test_ranges(store, workspace):
    timeline, _ = await make_timeline(store, workspace, events=9)

    async def versions(**asked):
        return [event.version for event in await store.read(timeline, workspace, **asked)]

    assert await versions() == list(range(1, 11))
    assert await versions(after_version=3) == list(range(4, 11))
    assert await versions(after_version=3, to_version=5) == [4, 5]
    assert await versions(after_version=3, limit=2) == [4, 5]
    assert await versions(limit=2) == [1, 2]
    assert await versions(to_version=2, limit=5) == [1, 2]
    assert await versions(after_version=10) == await versions(after_version=99) == await versions(limit=0) == []
    assert await versions(after_version=5, to_version=4) == []


async def test_every_read_gives_the_previous_hash(store, workspace):
    timeline, _ = await make_timeline(store, workspace, events=5)
    stored = await store.read(timeline, workspace)
    assert await store.read(timeline, workspace, after_version=2) == stored[2:]
    assert await store.read(timeline, workspace, after_version=2, limit=1) == stored[2:3]
    assert await store.read_versions(timeline, workspace, [5, 1, 5, 99]) == [stored[0], stored[4]]
    assert await store.read_versions(timeline, workspace, []) == []
    ids = [stored[0].gesture_id, stored[3].gesture_id, "unknown"]
    assert await store.find(timeline, workspace, ids) == {ids[0]: stored[0], ids[1]: stored[3]}
    assert await store.find(timeline, workspace, []) == {}


async def test_filters(store, workspace):
    timeline, _ = await make_timeline(store, workspace)
    bob = clock.new_id()
    events = [
        new_event(record="c1", type="trim", transaction_id="drag"),
        new_event(record="c2", type="move"),
        new_event(record="c1", type="move", transaction_id="drag"),
        new_event(record="c11", type="trim"),
    ]
    await store.append(timeline, workspace, [ACTOR, bob, bob, ACTOR], events, expected_version=1)

    async def versions(**asked):
        found = await store.read(timeline, workspace, **asked)
        assert found == await store.read_versions(timeline, workspace, [event.version for event in found])
        return [event.version for event in found]

    assert await versions(type="trim") == [2, 5]
    assert await versions(actor_id=bob) == [3, 4]
    assert await versions(clip_id="c1") == [2, 4]
    assert await versions(clip_id="c%") == []
    assert await versions(transaction_id="drag") == [2, 4]
    assert await versions(type="move", actor_id=bob, clip_id="c1") == [4]
    assert await versions(type="move", limit=1) == [3]
    assert await versions(type="move", after_version=3) == [4]
    assert await versions(type="move", to_version=3) == [3]


async def test_heads_of_many_timelines_in_one_call(store, workspace, new_workspace):
    first, first_head = await make_timeline(store, workspace, events=1)
    second, second_head = await make_timeline(store, await new_workspace())
    assert await store.heads([first, second, clock.new_id()]) == {first: first_head, second: second_head}
    assert await store.heads([]) == {}


async def test_ids_are_plain_uuids(store, workspace):
    """Not the driver's own kind, which JSON encoders refuse."""
    timeline, _ = await make_timeline(store, workspace)
    (event,) = await store.read(timeline, workspace)
    heads = await store.heads([timeline])
    kinds = {type(event.actor_id), type(event.timeline_id), *(type(key) for key in heads)}
    assert kinds == {type(timeline)} == {type(heads[timeline].workspace_id)}


# ── snapshots


async def test_several_snapshots_are_kept_and_the_newest_at_or_before_is_found(store, workspace):
    timeline, _ = await make_timeline(store, workspace, events=9)
    for version in (2, 5, 8):
        await store.save_snapshot(timeline, workspace, version, 1, b"state %d" % version, digest(str(version)))
    await store.save_snapshot(timeline, workspace, 7, 2, b"of another fold", digest("other"))

    async def at(version, fold=1):
        found = await store.snapshot_at(timeline, workspace, version, fold)
        return found and found.version

    assert [await at(version) for version in range(1, 11)] == [None, 2, 2, 2, 5, 5, 5, 8, 8, 8]
    assert [await at(6, 2), await at(7, 2), await at(7, 3)] == [None, 7, None]
    assert await store.snapshot_at(timeline, workspace, 6, 1) == stores.Snapshot(
        timeline, 5, 1, b"state 5", digest("5")
    )
    assert await store.snapshot_versions(timeline, workspace, 1) == [2, 5, 8]


async def test_a_snapshot_may_be_replaced_and_dropped(store, workspace):
    timeline, _ = await make_timeline(store, workspace)
    await store.save_snapshot(timeline, workspace, 1, 1, b"damaged", digest("x"))
    await store.save_snapshot(timeline, workspace, 1, 1, b"sound", digest("y"))
    assert (await store.snapshot_at(timeline, workspace, 1, 1)).state == b"sound"
    for _ in range(2):
        await store.drop_snapshot(timeline, workspace, 1, 1)
        assert await store.snapshot_at(timeline, workspace, 1, 1) is None


# ── the checkpoint


async def test_the_checkpoint_moves_forward_only_and_never_past_the_head(store, workspace):
    timeline, _ = await make_timeline(store, workspace, events=4)
    moves = [(2, 2), (2, 2), (1, 2), (4, 4), (3, 4), (6, 4), (5, 5)]
    for version, current in moves:
        assert await store.advance(timeline, workspace, version, SUMMARY) == current
        assert (await store.head(timeline, workspace)).current_version == current


async def test_appending_keeps_the_checkpoint_and_reports_it(store, workspace):
    timeline, _ = await make_timeline(store, workspace)
    await store.advance(timeline, workspace, 1, SUMMARY)
    assert (await append(store, workspace, timeline, new_events(1), 1)).head.current_version == 1


async def test_records_are_found_where_they_are_alive(store, workspace, new_workspace):
    first, _ = await make_timeline(store, workspace, events=3)
    second, _ = await make_timeline(store, workspace, events=3)
    other = await new_workspace()
    third, _ = await make_timeline(store, other)
    await store.advance(first, workspace, 2, SUMMARY, [("c1", "clip", True), ("k1", "keyframe", True)])
    await store.advance(second, workspace, 2, SUMMARY, [("c1", "clip", True), ("c1", "clip", True)])
    await store.advance(third, other, 1, SUMMARY, [("c1", "clip", True)])
    assert await store.timelines_of_record(workspace, "c1") == sorted([first, second])
    assert await store.timelines_of_record(workspace, "k1") == [first]
    assert await store.timelines_of_record(workspace, "k2") == []
    assert await store.timelines_of_record(other, "c1") == [third]
    await store.advance(first, workspace, 3, None, [("c1", "clip", False)])
    assert await store.timelines_of_record(workspace, "c1") == [second]
    await store.advance(first, workspace, 2, None, [("c1", "clip", True)])  # late: changes nothing
    assert await store.timelines_of_record(workspace, "c1") == [second]


# ── other workspaces


async def test_another_workspace_s_timeline_is_not_there(store, workspace, new_workspace):
    timeline, head = await make_timeline(store, workspace, events=2)
    await store.save_snapshot(timeline, workspace, 2, 1, b"s", digest("s"))
    (gesture, *_) = [event.gesture_id for event in await store.read(timeline, workspace)]
    stranger = await new_workspace()
    assert await store.head(timeline, stranger) is None
    assert await store.read(timeline, stranger) == []
    assert await store.read(timeline, stranger, type="trim") == []
    assert await store.read_versions(timeline, stranger, [1]) == []
    assert await store.find(timeline, stranger, [gesture]) == {}
    assert await store.snapshot_at(timeline, stranger, 9, 1) is None
    assert await store.snapshot_versions(timeline, stranger, 1) == []
    await store.drop_snapshot(timeline, stranger, 2, 1)
    for attempt in (
        lambda: append(store, stranger, timeline, new_events(1), 3),
        lambda: store.save_snapshot(timeline, stranger, 2, 1, b"forged", digest("f")),
        lambda: store.advance(timeline, stranger, 3, SUMMARY, [("c1", "clip", True)]),
        lambda: append(store, workspace, clock.new_id(), new_events(1), 0),
    ):
        with pytest.raises(errors.NotFound):
            await attempt()
    with pytest.raises(errors.NotFound):
        async with store.locked(timeline, stranger):
            pass
    assert await store.head(timeline, workspace) == head
    assert (await store.snapshot_at(timeline, workspace, 2, 1)).state == b"s"
    assert await store.timelines_of_record(stranger, "c1") == []


# ── integrity


async def test_a_sound_log_verifies_in_pages(store, workspace):
    timeline, head = await make_timeline(store, workspace, events=24)
    report = await integrity.verify(store, timeline, workspace, page=7)
    assert report.ok and report.checked == 25 and report.head_hash == head.head_hash
    assert await integrity.verify(store, timeline, clock.new_id()) is None


# ── appending and projecting at once


async def test_an_append_may_move_the_checkpoint_with_it(store, workspace):
    timeline, _ = await make_timeline(store, workspace)
    await store.advance(timeline, workspace, 1, SUMMARY)
    events = new_events(2)
    projection = stores.Projection(SUMMARY, (("c1", "clip", True),))
    answer = await store.append(timeline, workspace, [ACTOR, ACTOR], events, expected_version=1, projection=projection)
    assert (answer.outcome, answer.head.version, answer.head.current_version) == ("appended", 3, 3)
    assert (await store.head(timeline, workspace)).current_version == 3
    assert await store.timelines_of_record(workspace, "c1") == [timeline]


async def test_a_checkpoint_that_had_fallen_behind_stays_for_the_projector(store, workspace):
    timeline, _ = await make_timeline(store, workspace)  # projected up to 0
    projection = stores.Projection(SUMMARY, (("c1", "clip", True),))
    answer = await store.append(timeline, workspace, [ACTOR], new_events(1), expected_version=1, projection=projection)
    assert (answer.outcome, answer.head.version, answer.head.current_version) == ("appended", 2, 0)
    assert await store.timelines_of_record(workspace, "c1") == []


async def test_what_is_not_appended_is_not_projected(store, workspace):
    timeline, _ = await make_timeline(store, workspace)
    await store.advance(timeline, workspace, 1, SUMMARY)
    events = new_events(1)
    await store.append(timeline, workspace, [ACTOR], events, expected_version=1)
    projection = stores.Projection(SUMMARY, (("c1", "clip", True),))
    for expected, outcome in ((1, "duplicate"), (9, "duplicate")):
        answer = await store.append(
            timeline, workspace, [ACTOR], events, expected_version=expected, projection=projection
        )
        assert (answer.outcome, answer.head.current_version) == (outcome, 1)
    answer = await store.append(timeline, workspace, [ACTOR], new_events(1), expected_version=1, projection=projection)
    assert (answer.outcome, answer.head.current_version) == ("conflict", 1)
    assert await store.timelines_of_record(workspace, "c1") == []
