"""The answer to a write is lost: whoever asks again with the same gesture id finds it stored once."""

import asyncio
import itertools
import random

import pytest

from tests.faults.proxy import Proxy
from tests.logs import make_timeline, make_workspace, new_event
from timeline_service.domain import chain
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.eventstore.store import OutcomeUnknown
from timeline_service.kit import clock, database

WRITERS, EACH, SHARE = 8, 50, 0.25
ACTOR = clock.new_id()


@pytest.fixture
async def proxy(database_urls):
    async with Proxy(database_urls.app) as made:
        yield made


@pytest.fixture
async def through(proxy):
    """A store whose calls go over the proxy."""
    engine = database.create_engine(proxy.url, application_name="tests", command_timeout_s=5)
    yield PostgresStore(engine)
    await engine.dispose()


@pytest.fixture
async def workspace(owner_engine):
    return await make_workspace(owner_engine)


async def append_once(store, timeline, workspace, event, expected):
    """Append as the sequencer does: after an unknown outcome the same id again. Returns (outcome, version)."""
    while True:
        try:
            answer = await store.append(timeline, workspace, [ACTOR], [event], expected_version=expected)
        except OutcomeUnknown:
            continue
        assert answer.outcome in ("appended", "duplicate")
        return answer.outcome, (answer.rows or answer.known)[0].version


async def test_a_quarter_of_400_replies_is_lost_and_nothing_is_stored_twice_or_not_at_all(
    through, proxy, workspace, engine
):
    """Without ids each lost reply would leave a second event; here it leaves a `duplicate` answer."""
    chance = random.Random(20)
    direct = PostgresStore(engine)

    async def write(number):
        timeline, head = await make_timeline(direct, workspace)
        acked, outcomes = {}, []
        for turn in range(EACH):
            event = new_event(f"w{number:02}-{turn:03}")
            if chance.random() < SHARE:
                proxy.lose("reply", event.gesture_id)
            outcome, version = await append_once(through, timeline, workspace, event, head.version + turn)
            acked[event.gesture_id] = version
            outcomes.append(outcome)
        stored = await direct.read(timeline, workspace, after_version=1)
        assert {event.gesture_id: event.version for event in stored} == acked
        assert len(stored) == EACH and chain.verify(await direct.read(timeline, workspace)) is None
        return outcomes

    done = await asyncio.gather(*(write(number) for number in range(WRITERS)))
    outcomes = list(itertools.chain.from_iterable(done))
    assert len(proxy.struck) > 60
    assert outcomes.count("duplicate") == len(proxy.struck), "each lost reply was that of a commit"


async def test_a_lost_request_is_unknown_too_and_is_then_stored_once(through, proxy, workspace):
    timeline, _ = await make_timeline(through, workspace)
    event = new_event()
    proxy.lose("request", event.gesture_id)
    with pytest.raises(OutcomeUnknown) as caught:
        await through.append(timeline, workspace, [ACTOR], [event], expected_version=1)
    assert caught.value.retryable and caught.value.stable_code == "outcome_unknown"
    assert await through.find(timeline, workspace, [event.gesture_id]) == {}
    assert await append_once(through, timeline, workspace, event, 1) == ("appended", 2)


async def test_a_lost_create(through, proxy, workspace):
    timeline, event = clock.new_id(), new_event(type="create_timeline")
    proxy.lose("reply", event.gesture_id)
    with pytest.raises(OutcomeUnknown):
        await through.create(timeline, workspace, ACTOR, event)
    again = await through.create(timeline, workspace, ACTOR, event)
    assert again.outcome == "duplicate" and again.head.version == 1


@pytest.mark.parametrize(("what", "stored"), [("request", 0), ("reply", 1)])
async def test_a_connection_lost_under_the_locked_head(what, stored, through, proxy, workspace):
    """`reply` lets the append's own answer through, in an open transaction, and loses the commit's."""
    timeline, _ = await make_timeline(through, workspace)
    event = new_event()
    proxy.lose(what, event.gesture_id)
    with pytest.raises(OutcomeUnknown):
        async with through.locked(timeline, workspace) as held:
            assert (await held.append([ACTOR], [event])).outcome == "appended"
    assert len(await through.find(timeline, workspace, [event.gesture_id])) == stored
    async with through.locked(timeline, workspace) as held:  # the lock is free
        again = await held.append([ACTOR], [event])
    assert again.outcome == ("duplicate" if stored else "appended") and again.head.version == 2


async def test_reads_are_tried_again_by_the_store_itself(through, proxy, workspace):
    timeline, _ = await make_timeline(through, workspace, events=3)
    whole = await through.read(timeline, workspace)
    proxy.lose("reply", whole[1].gesture_id)
    assert list(await through.find(timeline, workspace, [whole[1].gesture_id])) == [whole[1].gesture_id]
    proxy.lose("request", "timeline_head")
    assert (await through.head(timeline, workspace)).version == 4
    assert await through.advance(timeline, workspace, 4) == 4


async def test_a_silent_wire_ends_in_time_and_heals(proxy, workspace):
    """No connection is closed, no answer comes: the limit on commands ends the wait, and the id tells what happened."""
    impatient = database.create_engine(proxy.url, application_name="tests", command_timeout_s=1.5)
    store = PostgresStore(impatient)
    timeline, _ = await make_timeline(store, workspace)
    event = new_event()
    proxy.lose("silence", event.gesture_id)
    with pytest.raises(OutcomeUnknown) as caught:
        await store.append(timeline, workspace, [ACTOR], [event], expected_version=1)
    assert isinstance(caught.value.__cause__, TimeoutError)
    proxy.resume()
    assert await append_once(store, timeline, workspace, event, 1) == ("duplicate", 2)
    await impatient.dispose()


async def test_a_cancelled_append_leaves_a_usable_pool_and_no_half_batch(proxy, workspace, engine):
    engine_of_one = database.create_engine(proxy.url, pool_size=1, application_name="tests")
    store, direct = PostgresStore(engine_of_one), PostgresStore(engine)
    timeline, _ = await make_timeline(store, workspace)
    async with direct.locked(timeline, workspace):  # the append has to wait for the head
        appending = asyncio.create_task(
            store.append(timeline, workspace, [ACTOR] * 2, [new_event(), new_event()], expected_version=1)
        )
        done, _ = await asyncio.wait([appending], timeout=0.2)
        assert not done
        appending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await appending
    assert (await store.head(timeline, workspace)).version in (1, 3)
    assert chain.verify(await direct.read(timeline, workspace)) is None
    await engine_of_one.dispose()
