"""Nothing lost, nothing twice: numbered queues, repeats, drags, and what one socket sends without waiting."""

import asyncio
from typing import Any

import pytest

from tests.api import streaming
from tests.api.conftest import Person, Studio, trim
from timeline_service.api.protocol import Close


def join(studio: Studio, person: Person, after: int = 3, **hello: Any) -> Any:
    return streaming.opened(studio.service.url, studio.timeline_id, person.token, after_version=after, **hello)


async def last_seq(studio: Studio, person: Person, client_id: str | None) -> int:
    """What a welcome says of a queue."""
    async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
        hello = {"t": "hello", "token": person.token} | ({} if client_id is None else {"client_id": client_id})
        await stream.send(**hello)
        return int((await stream.receive())["last_seq"])


async def test_s24_the_welcome_says_how_far_a_queue_has_come(studio: Studio) -> None:
    bob = await studio.member("editor")
    async with join(studio, studio.owner, client_id="laptop") as stream:
        assert stream.welcome["last_seq"] == 0
        gestures = [trim("c1", -1, gesture_id="a", seq=4), trim("nope", -1, seq=5), trim("c1", -1, seq=7)]
        await stream.send(t="push", batch="b", atomic=False, gestures=gestures)
        assert [one["ok"] for one in (await stream.until("result"))["r"]] == [True, False, True]
        await stream.until_version(5)
        assert [(item["client_id"], item["seq"]) for item in stream.items] == [("laptop", 4), ("laptop", 7)]
        # A number that was passed over may still come; a repeat moves nothing.
        await stream.send(t="push", batch="c", gestures=[trim("c1", -1, seq=5)])
        await stream.send(t="push", batch="d", gestures=[trim("c1", -1, gesture_id="a", seq=40)])
        assert (await stream.until("result", batch="d"))["r"][0]["how"] == "duplicate"
        for batch, message in (("u", {"t": "undo", "seq": 8}), ("x", {"t": "restore", "version": 3, "seq": 9})):
            await stream.send(batch=batch, **message)
            assert (await stream.until("result", batch=batch))["r"][0]["ok"]
    assert await last_seq(studio, studio.owner, "laptop") == 9
    assert await last_seq(studio, studio.owner, "phone") == 0
    assert await last_seq(studio, studio.owner, None) == 0
    assert await last_seq(studio, bob, "laptop") == 0


async def test_s24_over_http_too_and_after_the_process_has_forgotten(studio: Studio) -> None:
    """The number is in the log: what the process keeps of a timeline may go, and snapshots may come."""
    await studio.apply(trim("c1", -1, seq=11), client_id="script")
    await studio.owner.ok("POST", f"{studio.timeline}/undo", json={"client_id": "script", "seq": 12})
    listed = (await studio.owner.ok("GET", f"{studio.timeline}/events", params={"after_version": 3}))["items"]
    assert [(item["client_id"], item["seq"]) for item in listed] == [("script", 11), ("script", 12)]
    editing = studio.service.rooms.editing
    for timeline_id in editing._cache.timelines():
        editing._cache.drop(timeline_id)
    assert await last_seq(studio, studio.owner, "script") == 12
    plain = await studio.apply(trim("c1", -1))
    listed = (await studio.owner.ok("GET", f"{studio.timeline}/events", params={"after_version": 5}))["items"]
    assert plain["results"][0]["ok"] and not {"client_id", "seq"} & listed[0].keys()


@pytest.mark.parametrize("seq", [-1, 2**53, 1.5, True, "7", [7]])
async def test_s24_a_number_that_is_none_is_refused(studio: Studio, seq: Any) -> None:
    async with join(studio, studio.owner, client_id="laptop") as stream:
        await stream.send(t="push", batch="b", gestures=[trim("c1", -1, seq=seq)])
        answer = await stream.receive()  # what is no JSON of ours at all never comes as far as a gesture
        assert answer["t"] == "error" or answer["r"][0]["code"] == "invalid"
    assert await studio.version() == 3


async def test_s24_a_queue_that_is_sent_again_whole_does_nothing_twice(studio: Studio) -> None:
    """The connection goes while results are on their way: everything above last_seq and the rest are sent again."""
    queue = [trim("c1", -1, gesture_id=f"q{n}", seq=n) for n in range(1, 21)]
    async with join(studio, studio.owner, client_id="laptop") as stream:
        for number, gesture in enumerate(queue[:12]):
            await stream.send(t="push", batch=f"b{number}", gestures=[gesture])
        await stream.until("result", batch="b4")
    async with join(studio, studio.owner, client_id="laptop") as stream:
        assert stream.welcome["last_seq"] >= 5
        for number, gesture in enumerate(queue):
            await stream.send(t="push", batch=f"c{number}", gestures=[gesture])
        results = [(await stream.until("result", batch=f"c{n}"))["r"][0] for n in range(20)]
        assert [one["version"] for one in results] == list(range(4, 24))
        await stream.until_version(23)
        assert [item["gesture_id"] for item in stream.items] == [one["gesture_id"] for one in queue]


async def test_s07_a_result_comes_after_the_commit(studio: Studio) -> None:
    async with join(studio, studio.owner) as stream:
        for number in range(20):
            await stream.send(t="push", batch=f"b{number}", gestures=[trim("c1", -1)])
            result = await stream.until("result", batch=f"b{number}")
            assert await studio.version() == result["head"] == 4 + number  # read past the API, from the database


@pytest.mark.parametrize("stream_limits", [{"in_flight": 2}])
async def test_s09_beyond_what_may_be_in_flight_each_gesture_is_told_to_wait(studio: Studio) -> None:
    async with join(studio, studio.owner) as stream:
        assert stream.welcome["limits"]["inflight"] == 2
        for number in range(60):
            gestures = [trim("c1", -1, gesture_id=f"g{number}"), trim("nope", -1)]
            await stream.send(t="push", batch=f"b{number}", atomic=False, gestures=gestures)
        results = [await stream.until("result") for _ in range(60)]
    refused = [result for result in results if result["r"][0].get("code") == "rate_limited"]
    assert refused and all(
        one["retry"] and one["details"]["retry_after_ms"] for result in refused for one in result["r"]
    )
    taken = [result["r"][0]["gesture_id"] for result in results if result["r"][0]["ok"]]
    listed = (await studio.owner.ok("GET", f"{studio.timeline}/events", params={"after_version": 3}))["items"]
    assert taken and [item["gesture_id"] for item in listed] == taken == sorted(taken, key=lambda name: int(name[1:]))


@pytest.mark.parametrize("stream_limits", [{"gestures_per_second": 0.1, "gestures_burst": 3}])
async def test_s16_too_many_gestures_are_refused_one_by_one(studio: Studio) -> None:
    """The bucket is of the person and the timeline: another socket of theirs finds it as empty, others do not."""
    bob = await studio.member("editor")
    three = [trim("c1", -1, gesture_id=f"g{n}") for n in range(3)]
    async with join(studio, studio.owner) as one, join(studio, studio.owner) as two, join(studio, bob) as other:
        await one.send(t="push", batch="a", gestures=three)
        assert all(result["ok"] for result in (await one.until("result", batch="a"))["r"])
        for stream in (one, two):
            await stream.send(t="push", batch="b", gestures=three)
            refused = (await stream.until("result", batch="b"))["r"]
            assert [(result["gesture_id"], result["code"]) for result in refused] == [
                (f"g{n}", "rate_limited") for n in range(3)
            ]
            assert all(result["retry"] and result["details"]["retry_after_ms"] > 0 for result in refused)
        await other.send(t="push", batch="c", gestures=[trim("c1", -1)])
        assert (await other.until("result", batch="c"))["r"][0]["ok"]
        await one.send(t="ping", n=1)
        await one.until("pong")


async def test_s14_a_drag_is_previews_and_one_step(studio: Studio) -> None:
    bob = await studio.member("viewer")
    async with join(studio, studio.owner) as one, join(studio, bob) as two:
        transaction = {"id": "drag", "label": "Trim", "phase": "begin"}
        for n in range(1, 11):
            preview = {"transaction_id": "drag", "records": {"c1": {"duration": (100 - n) * 28_224_000}}}
            await one.send(t="presence", n=n, preview=preview)
        seen = await two.until("presence", n=10)
        assert seen["preview"]["records"] == {"c1": {"duration": 90 * 28_224_000}}
        assert await studio.version() == 3
        await one.send(t="push", batch="b", gestures=[trim("c1", -10)], transaction=transaction | {"phase": "commit"})
        await one.send(t="push", batch="c", gestures=[trim("c1", -1)], transaction=transaction | {"phase": "commit"})
        assert (await one.until("result", batch="c"))["head"] == 5
        await one.send(t="undo", batch="u")
        undone = await one.until("result", batch="u")
        assert undone["undo"]["can_redo"]
        state = await studio.owner.ok("GET", studio.timeline)
        assert (state["version"], state["clips"][0]["duration"]) == (6, 100 * 28_224_000)


async def test_s18_a_newer_hello_of_a_tab_replaces_the_session(studio: Studio) -> None:
    bob = await studio.member("editor")
    same = {"client_id": "laptop", "tab_id": "1"}
    async with (
        join(studio, studio.owner, **same) as older,
        join(studio, bob, **same) as bobs,
        join(studio, studio.owner, client_id="laptop", tab_id="2") as other_tab,
        join(studio, studio.owner, client_id="laptop") as no_tab,
    ):
        async with join(studio, studio.owner, **same) as newer:
            assert await older.closed() == Close.REPLACED
            for number, stream in enumerate((bobs, other_tab, no_tab, newer)):
                await stream.send(t="ping", n=number)
                await stream.until("pong", n=number)


async def test_s27_an_undo_says_what_can_be_undone_now(studio: Studio) -> None:
    async with join(studio, studio.owner) as stream:
        for n in range(2):
            await stream.send(t="push", batch=f"p{n}", gestures=[trim("c1", -1 - n)])
            assert "undo" not in await stream.until("result", batch=f"p{n}")
        steps = []
        for batch, kind in (("a", "undo"), ("b", "undo"), ("c", "redo")):
            await stream.send(t=kind, batch=batch)
            steps.append((await stream.until("result", batch=batch))["undo"])
        await stream.until_version(8)
        trims = [item["description"] for item in stream.items[:2]]
        assert [(one["can_undo"], one["can_redo"]) for one in steps] == [(True, True)] * 3
        assert steps[0]["label"] == trims[0]
        # Refused, and still told: there is nothing to redo after a new edit.
        await stream.send(t="push", batch="p", gestures=[trim("c1", -1)])
        await stream.send(t="redo", batch="r")
        refused = await stream.until("result", batch="r")
        assert not refused["r"][0]["ok"]
        assert (refused["undo"]["can_undo"], refused["undo"]["can_redo"]) == (True, False)
        # Every later welcome agrees.
        async with streaming.raw(studio.service.url, studio.timeline_id) as again:
            await again.send(t="hello", token=studio.owner.token)
            assert (await again.receive())["undo"] == refused["undo"]


async def test_s12_authors_get_their_own_events(studio: Studio) -> None:
    bob = await studio.member("editor")
    async with join(studio, studio.owner) as one, join(studio, bob) as two:
        await one.send(t="push", batch="b", gestures=[trim("c1", -1, gesture_id="mine")])
        await asyncio.gather(one.until_version(4), two.until_version(4))
        assert one.items == two.items
        assert one.items[0]["gesture_id"] == "mine"
