"""Presence: everybody sees everybody, in all processes, and only the newest of it."""

import asyncio
import contextlib

from redis.asyncio import Redis

from tests.api.beside import beside, join
from tests.api.conftest import Studio
from timeline_service.api.peer_store import Own, PeerStore
from timeline_service.api.protocol import Close
from timeline_service.kit import clock


async def test_s13_presence_reaches_all_processes_and_is_in_the_welcome(studio: Studio) -> None:
    bob = await studio.member("viewer")
    async with beside(studio) as other, join(studio.service, studio, studio.owner) as one:
        await one.send(t="presence", n=1, playhead=7, tool="trim")
        async with join(other, studio, bob) as two:
            came = await one.until("presence", here=True)
            assert (came["session_id"], came["role"]) == (two.welcome["session_id"], "viewer")
            [peer] = two.welcome["peers"]
            assert (peer["session_id"], peer["actor"]["id"]) == (one.welcome["session_id"], str(studio.owner.id))
            assert (peer["playhead"], peer["tool"]) == (7, "trim")
            preview = {"transaction_id": "d", "records": {"c1": {"start": 5}}}
            await two.send(t="presence", n=2, selection=["c1"], preview=preview)
            seen = await one.until("presence", n=2)
            assert (seen["selection"], seen["preview"], seen["here"]) == (["c1"], preview, True)
            # A word is a whole: what it does not say is not so any more.
            await two.send(t="presence", n=3, playhead=1)
            assert "selection" not in await one.until("presence", n=3)
        gone = await one.until("presence", here=False)
        assert gone["session_id"] == two.welcome["session_id"]
        async with join(studio.service, studio, bob) as three:
            assert [one_peer["session_id"] for one_peer in three.welcome["peers"]] == [one.welcome["session_id"]]
    assert await studio.version() == 3


async def test_s13_many_words_are_conflated_and_the_newest_arrives(studio: Studio) -> None:
    bob = await studio.member("editor")
    async with (
        beside(studio) as other,
        join(studio.service, studio, studio.owner) as one,
        join(studio.service, studio, bob) as here,
        join(other, studio, bob) as there,
    ):
        words = 300
        began = asyncio.get_running_loop().time()
        for n in range(1, words + 1):
            await one.send(t="presence", n=n, playhead=n)
        for stream in (here, there):
            seen = []
            while not seen or seen[-1] != words:
                seen.append((await stream.until("presence", session_id=one.welcome["session_id"])).get("n", 0))
            lasted = asyncio.get_running_loop().time() - began
            assert seen == sorted(seen)
            assert len(seen) <= 30 * lasted + 3


async def test_s13_a_word_is_four_kilobytes_at_most(studio: Studio) -> None:
    async with join(studio.service, studio, studio.owner) as one, join(studio.service, studio, studio.owner) as two:
        await one.send(t="presence", n=1, cursor={"x": "y" * 4096})
        assert (await one.until("error"))["code"] == "too_large"
        await one.send(t="presence", n=2, cursor={"x": "y" * 3900})
        assert (await two.until("presence", n=2))["cursor"]["x"]


async def test_s18_a_newer_hello_of_a_tab_replaces_the_older_wherever_it_is(studio: Studio) -> None:
    bob = await studio.member("editor")
    mine = {"client_id": "laptop", "tab_id": "1"}
    async with contextlib.AsyncExitStack() as stack:
        other = await stack.enter_async_context(beside(studio))
        others = [
            await stack.enter_async_context(join(service, studio, person, **hello))
            for service, person, hello in (
                (studio.service, bob, mine),
                (studio.service, studio.owner, {"client_id": "laptop", "tab_id": "2"}),
                (studio.service, studio.owner, {"client_id": "laptop"}),
                (other, studio.owner, {"tab_id": "1"}),
            )
        ]
        older = await stack.enter_async_context(join(studio.service, studio, studio.owner, **mine))
        for service in (studio.service, other, studio.service, other):
            newer = await stack.enter_async_context(join(service, studio, studio.owner, **mine))
            assert await older.closed() == Close.REPLACED
            await others[0].until("presence", here=False, session_id=older.welcome["session_id"])
            older = newer
        for stream in (older, *others):
            await stream.send(t="ping", n=9)
            await stream.until("pong", n=9)


async def test_s18_who_came_later_is_known_whoever_is_written_down_first(redis_url: str) -> None:
    """Redis was away when they came, or was emptied since: the clock of their processes says how long they are here."""
    client = Redis.from_url(redis_url)
    timeline_id = clock.new_id()
    older, newer = str(clock.new_id()), str(clock.new_id())
    await PeerStore(client, "b" * 32).sync(timeline_id, [Own(newer, "{}", "tab", 1_000_000)], announce=True, whole=True)
    page = await PeerStore(client, "a" * 32).sync(
        timeline_id, [Own(older, "{}", "tab", 30_000_000)], announce=True, whole=True
    )
    since = {seen.session_id: seen.since for seen in page}
    assert since[older] < since[newer]
    await client.aclose()
