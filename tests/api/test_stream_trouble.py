"""What goes wrong around a session: it ends as the page says, and whoever is not concerned goes on."""

import asyncio
import random
from typing import Any

import pytest
from redis.asyncio import Redis

from tests.api import streaming
from tests.api.beside import join, push
from tests.api.conftest import Studio, trim
from timeline_service import main
from timeline_service.access import service as access
from timeline_service.api import session
from timeline_service.api.protocol import STRIKES, Close
from timeline_service.editing.lease_store import channel_of as leases_of
from timeline_service.eventstore.items import TOGETHER
from timeline_service.kit import errors
from timeline_service.settings import Stream as Limits


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (errors.Unavailable(), Close.MOVE),
        (errors.NotFound(), Close.FORBIDDEN),
        (ZeroDivisionError(), session.CRASHED),
    ],
)
async def test_s05_who_cannot_be_welcomed_is_told_why(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, failure: Exception, code: int
) -> None:
    """The role may be remembered while the database has gone: then it fails after the client was let in."""

    async def fail(*_: Any) -> None:
        raise failure

    await studio.owner.ok("GET", studio.timeline)
    monkeypatch.setattr(studio.service.rooms.editing.reader, "head", fail)
    async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
        await stream.send(t="hello", token=studio.owner.token)
        assert await stream.closed() == code


async def test_s09_the_order_holds_however_long_a_role_takes_to_be_looked_up(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = studio.service.rooms
    look_up = rooms.access.grant

    async def dawdle(*asked: Any) -> access.Grant:
        await asyncio.sleep(random.random() / 50)
        return await look_up(*asked)

    async with join(studio.service, studio, studio.owner) as stream:
        monkeypatch.setattr(rooms.access, "grant", dawdle)
        for number in range(30):
            await stream.send(t="push", batch=f"b{number}", gestures=[trim("c1", gesture_id=f"g{number}")])
        await stream.send(t="undo", batch="u", gesture_id="g30")
        await stream.send(t="restore", batch="x", gesture_id="g31", version=4)
        await stream.until("result", batch="x")
    listed = (await studio.owner.ok("GET", f"{studio.timeline}/events", params={"after_version": 3}))["items"]
    assert [item["gesture_id"] for item in listed] == [f"g{number}" for number in range(32)]


@pytest.mark.parametrize("stream_limits", [{"in_flight": 1, "gestures_per_second": 0.001, "gestures_burst": 5}])
async def test_s09_s16_what_is_too_many_at_once_costs_nothing(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    editing = studio.service.rooms.editing
    submit, go_on = editing.submit, asyncio.Event()

    async def wait(*asked: Any) -> Any:
        await go_on.wait()
        return await submit(*asked)

    monkeypatch.setattr(editing, "submit", wait)
    async with join(studio.service, studio, studio.owner) as stream:
        await stream.send(t="push", batch="slow", gestures=[trim("c1")])
        for number in range(10):
            [refused] = await push(stream, trim("c1"), batch=f"early{number}")
            assert refused["code"] == "rate_limited"
        go_on.set()
        assert (await stream.until("result", batch="slow"))["r"][0]["ok"]
        assert [(await push(stream, trim("c1"), batch=f"late{n}"))[0]["ok"] for n in range(5)] == [True] * 4 + [False]


async def test_s22_what_one_may_not_do_is_no_wrong_message(studio: Studio) -> None:
    viewer = await studio.member("viewer")
    async with join(studio.service, studio, viewer) as stream:
        for _ in range(STRIKES + 1):
            await stream.send(t="lease", do="acquire", record="c1")
            refused = await stream.until("error")
            assert (refused["code"], refused["details"]["record"]) == ("forbidden", "c1")
        await stream.send(t="ping", n=1)
        await stream.until("pong")


async def test_s19_who_is_let_in_while_the_process_begins_to_stop_is_sent_elsewhere(studio: Studio) -> None:
    studio.service.rooms.sessions.draining = True
    async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
        await stream.send(t="hello", token=studio.owner.token)
        assert await stream.closed() == Close.MOVE


async def test_s15_what_is_no_lease_hinders_nobody(studio: Studio) -> None:
    """Something in Redis that this release cannot read."""
    client = Redis.from_url(studio.service.settings.redis.url)
    name = leases_of(studio.timeline_id)  # type: ignore[arg-type]
    await client.hset(name, mapping={"": "1", "c1": '{"until_ms": 99999999999999}'})
    studio.service.rooms.leases._glances.clear()  # what was seen a moment ago is believed for a second
    await studio.apply(trim("c1"))
    await client.aclose()


def test_s26_a_role_is_forgotten_in_time() -> None:
    """In another process than the one that took it away, which hears of it by asking again."""
    assert access.ROLE_CACHE_S + Limits().recheck_s < 5


async def test_s17_many_events_come_in_frames_of_a_bounded_size(studio: Studio) -> None:
    """At once and when they are asked for. Each event holds its metadata thrice: as asked for, before and after."""
    gestures = [
        {"type": "set_metadata", "id": studio.timeline_id, "metadata": {"note": f"{n}" + "x" * 10_000}}
        for n in range(20)
    ]
    async with join(studio.service, studio, studio.owner) as stream:
        before = len(stream.sizes)
        await studio.apply(*gestures)
        await stream.until_version(23)
        assert sum(stream.sizes[before:]) > 500_000
        assert max(stream.sizes[before:]) < TOGETHER + 64 * 1024
        after = 3
        while after < 23:
            await stream.send(t="pull", after_version=after)
            pulled = await stream.receive()
            assert (pulled["t"], pulled["from"]) == ("events", after + 1)
            assert stream.sizes[-1] < TOGETHER + 64 * 1024
            after = pulled["to"]


async def test_a_loop_that_fails_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs behind the service outlives what nobody thought of."""
    monkeypatch.setattr(main, "AGAIN_S", 0.01)
    began = 0
    thrice = asyncio.Event()

    async def loop() -> None:
        nonlocal began
        began += 1
        if began == 3:
            thrice.set()
            await asyncio.Event().wait()
        raise KeyError(began)

    end = main._run([loop])
    async with asyncio.timeout(20):
        await thrice.wait()
        await end()
    assert began == 3
