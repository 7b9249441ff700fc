"""The pace of what sessions are told: the first at once, what comes soon after together, each version once, in order."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.convergence import virtual_time
from timeline_service.api.follower import Follower
from timeline_service.api.outbox import Outbox
from timeline_service.editing.announce import Hub
from timeline_service.editing.pace import LARGEST, Frame, Pace, joined

TIMELINE, WORKSPACE = UUID(int=1), UUID(int=2)
APART_S = 0.0625
STORE: Any = None
"""Nothing is missing here: nobody reads the store."""


def frame(first: int, last: int | None = None, *, size: int = 0) -> Frame:
    last = first if last is None else last
    items = [{"version": version, "text": "x" * size} for version in range(first, last + 1)]
    return Frame(TIMELINE, first, last, orjson.dumps({"t": "events", "from": first, "to": last, "items": items}))


def versions(data: bytes) -> list[int]:
    """What a client reads, and that the frame says of itself what is in it."""
    told = orjson.loads(data)
    found = [item["version"] for item in told["items"]]
    assert found == list(range(told["from"], told["to"] + 1))
    return found


def in_virtual_time(work: Callable[[], Any]) -> None:
    virtual_time.run(1, work)


def test_s06_the_first_goes_at_once_what_comes_soon_after_together() -> None:
    async def work() -> None:
        heard: list[Frame] = []
        pace = Pace(APART_S, heard.append)
        pace.put(frame(1))
        assert [versions(one.data) for one in heard] == [[1]], "at once"
        for version in (2, 3, 4):
            pace.put(frame(version))
        assert len(heard) == 1, "held"
        await asyncio.sleep(APART_S)
        assert [versions(one.data) for one in heard] == [[1], [2, 3, 4]]
        await asyncio.sleep(APART_S * 2)
        pace.put(frame(5))
        assert versions(heard[-1].data) == [5], "at once again, after a pause"

    in_virtual_time(work)


def test_s17_a_frame_put_together_has_a_bound() -> None:
    async def work() -> None:
        heard: list[Frame] = []
        pace = Pace(APART_S, heard.append)
        for version in range(1, 30):
            pace.put(frame(version, size=LARGEST // 10))
        pace.flush()
        assert [version for one in heard for version in versions(one.data)] == [*range(1, 30)]
        assert all(len(one.data) <= LARGEST for one in heard)
        assert len(heard) <= 5

    in_virtual_time(work)


def test_one_larger_than_the_bound_goes_alone() -> None:
    large = frame(2, size=LARGEST * 2)
    assert [*joined([frame(1), large, frame(3)])] == [frame(1), large, frame(3)]


def test_what_does_not_follow_is_not_put_together() -> None:
    other = Frame(WORKSPACE, 4, 4, frame(4).data)
    found = [*joined([frame(1), frame(2), other, frame(5), frame(6)])]
    assert [(one.timeline_id, one.from_version, one.to_version) for one in found] == [
        (TIMELINE, 1, 2),
        (WORKSPACE, 4, 4),
        (TIMELINE, 5, 6),
    ]


def test_without_a_pace_no_loop_is_needed() -> None:
    heard: list[Frame] = []
    pace = Pace(0, heard.append)
    pace.put(frame(1))
    pace.put(frame(2))
    assert heard == [frame(1), frame(2)]


def test_all_listeners_share_the_bytes() -> None:
    async def work() -> None:
        hub = Hub(STORE, per_second=1 / APART_S)
        one: list[Frame] = []
        two: list[Frame] = []
        for heard in (one, two):
            hub.attach(TIMELINE, heard.append, workspace_id=WORKSPACE, version=0)
        for version in (1, 2, 3):
            hub.offer(frame(version))
        await asyncio.sleep(APART_S)
        assert len(one) == 2
        assert all(mine.data is yours.data for mine, yours in zip(one, two, strict=True))

    in_virtual_time(work)


def test_s06_who_attaches_while_frames_are_held_hears_neither_less_nor_more() -> None:
    async def work() -> None:
        hub = Hub(STORE, per_second=1 / APART_S)
        early: list[Frame] = []
        hub.attach(TIMELINE, early.append, workspace_id=WORKSPACE, version=0)
        for version in (1, 2, 3):
            hub.offer(frame(version))
        late: list[Frame] = []
        at = hub.version_of(TIMELINE)
        hub.attach(TIMELINE, late.append, workspace_id=WORKSPACE, version=at or 0)
        for version in (4, 5):
            hub.offer(frame(version))
        await asyncio.sleep(APART_S)
        assert at == 3
        assert [version for one in early for version in versions(one.data)] == [1, 2, 3, 4, 5]
        assert [version for one in late for version in versions(one.data)] == [4, 5]

    in_virtual_time(work)


@pytest.mark.parametrize("has", [2, 3, 4, 5])
async def test_s06_of_a_frame_put_together_a_session_gets_what_it_has_not(has: int) -> None:
    """Its tail came from the store, which was ahead of what was held."""
    outbox = Outbox(max_frames=10, max_bytes=10_000)
    follower = Follower(SimpleNamespace(), TIMELINE, WORKSPACE, outbox)  # type: ignore[arg-type]
    follower._early, follower.version = None, has
    [together] = joined([frame(2, 3), frame(4), frame(5)])
    follower._receive(together)
    outbox.end(1000, "")
    told = [orjson.loads(data) for data in await outbox.next()]
    if has == 2:  # the first part itself is known by half: that is for the client to mend
        assert told[0]["t"] == "resync"
        told = told[1:]
    assert [item["version"] for one in told for item in one["items"]] == [4, 5][max(0, has - 3) :]
    assert follower.version == 5


async def test_s19_what_is_held_goes_before_a_session_is_sent_elsewhere() -> None:
    hub = Hub(STORE, per_second=0.001)
    heard: list[Frame] = []
    hub.attach(TIMELINE, heard.append, workspace_id=WORKSPACE, version=0)
    for version in (1, 2, 3):
        hub.offer(frame(version))
    hub.flush(TIMELINE)
    assert [versions(one.data) for one in heard] == [[1], [2, 3]]
    hub.flush(WORKSPACE)


async def test_nothing_is_told_to_who_has_gone() -> None:
    hub = Hub(STORE, per_second=100)
    heard: list[Frame] = []
    detach = hub.attach(TIMELINE, heard.append, workspace_id=WORKSPACE, version=0)
    hub.offer(frame(1))
    hub.offer(frame(2))
    detach()
    await asyncio.sleep(0.02)
    assert len(heard) == 1


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("commit"), st.integers(1, 4), st.sampled_from([0, 100, LARGEST // 3, LARGEST + 1])),
        st.tuples(st.just("wait"), st.sampled_from([APART_S / 4, APART_S, APART_S * 3]), st.just(0)),
        st.tuples(st.just("attach"), st.just(0), st.just(0)),
        st.tuples(st.just("late"), st.integers(1, 2), st.just(0)),
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_s06_any_sequence_of_commits_delivers_each_version_once(steps: list[tuple[str, Any, int]]) -> None:
    """Whatever comes when, in one piece or after a frame that overtook it, to those from before and those who come."""

    async def work() -> None:
        hub = Hub(STORE, per_second=1 / APART_S)
        head = 0
        listeners: list[tuple[int, list[Frame]]] = []

        def attach() -> None:
            heard: list[Frame] = []
            hub.attach(TIMELINE, heard.append, workspace_id=WORKSPACE, version=head)
            listeners.append((head, heard))

        attach()
        for kind, amount, size in steps:
            if kind == "commit":
                hub.offer(frame(head + 1, head + amount, size=size))
                head += amount
            elif kind == "late":
                hub.offer(frame(head + 1 + amount, head + 2 * amount))
                hub.offer(frame(head + 1, head + amount))
                head += 2 * amount
            elif kind == "wait":
                await asyncio.sleep(amount)
            else:
                attach()
        await asyncio.sleep(APART_S * 2)
        for since, heard in listeners:
            assert [version for one in heard for version in versions(one.data)] == [*range(since + 1, head + 1)]

    in_virtual_time(work)
