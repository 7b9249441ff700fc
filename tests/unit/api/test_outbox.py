"""What waits for one socket: in order, bounded, presence last and lossy."""

import asyncio

from timeline_service.api.buckets import Bucket
from timeline_service.api.outbox import TOGETHER, Outbox
from timeline_service.api.protocol import Close


async def test_frames_in_order_then_the_end() -> None:
    box = Outbox(max_frames=10, max_bytes=1000)
    for frame in (b"a", b"b", b"c"):
        box.put(frame)
    box.end(4401, "expired")
    box.end(1000, "a later reason")
    box.put(b"too late")
    assert [await box.next() for _ in range(2)] == [[b"a", b"b", b"c"], []]
    assert (box.code, box.reason) == (4401, "expired")


async def test_what_waits_is_taken_together_but_not_more_than_a_socket_may_hold_at_once() -> None:
    box = Outbox(max_frames=10, max_bytes=10 * TOGETHER)
    small, large = b"s" * (TOGETHER // 2), b"l" * (2 * TOGETHER)
    for frame in (small, small, small, large, small):
        box.put(frame)
    assert [await box.next() for _ in range(4)] == [[small, small], [small], [large], [small]]


async def test_a_frame_goes_at_once_where_nothing_waits_before_it() -> None:
    written, takes = [], True

    def now(frame: bytes) -> bool:
        if takes:
            written.append(frame)
        return takes

    box = Outbox(max_frames=10, max_bytes=1000, now=now)
    box.put(b"a")
    assert written == [b"a"]
    takes = False
    box.put(b"b")
    takes = True
    box.put(b"c")  # not before b
    assert await box.next() == [b"b", b"c"]
    box.put(b"d")  # nor while they are on their way to the socket
    assert await box.next() == [b"d"]
    waiting = asyncio.create_task(box.next())
    await asyncio.sleep(0)
    box.put(b"e")
    assert written == [b"a", b"e"] and not waiting.done()
    box.end(1000, "")
    box.put(b"f")
    assert await waiting == [] and written == [b"a", b"e"]


async def test_too_many_frames_close_the_socket_and_free_the_memory() -> None:
    box = Outbox(max_frames=3, max_bytes=1000)
    for frame in (b"a", b"b", b"c", b"d"):
        box.put(frame)
    assert box.closing and box.code == Close.SLOW
    assert await box.next() == []


async def test_too_many_bytes_do_too_but_one_large_frame_may_pass() -> None:
    box = Outbox(max_frames=100, max_bytes=10)
    box.put(b"x" * 50)
    assert not box.closing
    box.put(b"y")
    assert box.code == Close.SLOW


async def test_presence_comes_when_nothing_else_waits_and_only_the_newest() -> None:
    box = Outbox(max_frames=10, max_bytes=1000)
    box.put_presence("bob", "old")
    box.put_presence("bob", "new")
    box.put_presence("eve", "there")
    box.put_presence("sam", "not so any more")
    box.forget_presence("sam")
    box.put(b"event")
    assert [await box.next() for _ in range(2)] == [[b"event"], [b"new", b"there"]]


async def test_the_writer_waits_for_work_and_others_for_the_writer() -> None:
    box = Outbox(max_frames=10, max_bytes=1000)
    waiting = asyncio.create_task(box.next())
    await asyncio.sleep(0)
    assert not waiting.done()
    box.put(b"a")
    assert await waiting == [b"a"]
    box.put(b"b")
    drained = asyncio.create_task(box.drained())
    await asyncio.sleep(0)
    assert not drained.done()
    assert await box.next() == [b"b"]
    more = asyncio.create_task(box.next())
    await drained
    box.end(1000, "")
    assert await more == []


def test_a_bucket_gives_what_was_saved_and_says_when_there_is_more() -> None:
    now = [0.0]
    bucket = Bucket(10, 20, clock=lambda: now[0])
    assert bucket.take(15) == 0
    assert bucket.take(15) == 1.0
    now[0] = 0.5
    assert bucket.take(10) == 0
    assert bucket.take() == 0.1
    now[0] = 1000.0
    assert bucket.take(20) == 0
    assert bucket.take(50) > 0
