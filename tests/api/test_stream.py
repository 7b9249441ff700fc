"""The stream: what a live editor sees and may rely on."""

import asyncio
import json
import random
import socket
import string
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import websockets

from tests.api import streaming
from tests.api.conftest import Person, Studio, add_clip, trim
from timeline_service.access import tokens
from timeline_service.api.company import Peer
from timeline_service.api.protocol import Close
from timeline_service.kit import clock


def join(studio: Studio, person: Person, **hello: Any) -> Any:
    return streaming.opened(studio.service.url, studio.timeline_id, person.token, **hello)


async def test_s07_s12_hello_welcome_push_result_events(studio: Studio) -> None:
    async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
        await stream.send(
            t="hello",
            proto=1,
            token=studio.owner.token,
            client_id="me",
            tab_id="1",
            timeline_id=studio.timeline_id,
            after_version=3,
            epoch="0",
            schema=1,
        )
        welcome = await stream.receive()
        assert (welcome["t"], welcome["head"], welcome["mode"], welcome["role"]) == ("welcome", 3, "replay", "owner")
        assert welcome["actor"]["id"] == str(studio.owner.id)
        stream.version = 3
        await stream.send(
            t="push",
            batch="b1",
            base=3,
            atomic=False,
            transaction={"id": "t1", "label": "Trim", "phase": "commit"},
            gestures=[trim("c1", -10, gesture_id="g1"), trim("nope", -1, gesture_id="g2")],
        )
        result = await stream.until("result", batch="b1")
        assert [(one["gesture_id"], one["ok"]) for one in result["r"]] == [("g1", True), ("g2", False)]
        assert (result["head"], result["r"][0]["version"]) == (4, 4)
        assert result["r"][1]["code"] == "clip_missing"
        # The author gets the events too, with who and why, as GET …/events has them.
        await stream.until_version(4)
        listed = await studio.owner.ok("GET", f"{studio.timeline}/events", params={"after_version": 3})
        assert stream.items == listed["items"]
        assert (listed["items"][0]["transaction_id"], listed["items"][0]["gesture_id"]) == ("t1", "g1")


async def test_s05_a_new_client_gets_a_snapshot_and_goes_on_from_there(studio: Studio) -> None:
    async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
        await stream.send(t="hello", proto=1, token=studio.owner.token)
        assert (await stream.receive())["mode"] == "snapshot"
        snapshot = await stream.receive()
        assert (snapshot["t"], snapshot["version"]) == ("snapshot", 3)
        assert snapshot["data"] == await studio.owner.ok("GET", studio.timeline)
        stream.version = 3
        await studio.apply(trim("c1"))
        await stream.until_version(4)


async def test_s05_catching_up_by_version(studio: Studio) -> None:
    await studio.apply(*[trim("c1") for _ in range(20)])
    async with join(studio, studio.owner, after_version=5) as stream:
        await stream.until_version(23)
        assert [item["version"] for item in stream.items] == list(range(6, 24))
        await studio.apply(trim("c1"))
        await stream.until_version(24)
    # Further than the service is, or under another epoch: a snapshot.
    async with join(studio, studio.owner, after_version=500) as stream:
        assert stream.version == 24
    async with join(studio, studio.owner, after_version=5, epoch="another") as stream:
        assert stream.version == 24


async def test_s06_two_people_see_the_same_events_in_the_same_order(studio: Studio) -> None:
    bob = await studio.member("editor")
    async with join(studio, studio.owner, after_version=3) as one, join(studio, bob, after_version=3) as two:

        async def push(stream: streaming.Stream, name: str) -> None:
            for n in range(25):
                clip = add_clip(f"{name}{n}", 0, 10, track_id=f"v{name}")
                gestures = [clip] if n else [{"type": "add_track", "track_id": f"v{name}", "kind": "video"}, clip]
                gestures[-1]["start"] = n * 10
                await stream.send(t="push", batch=f"{name}{n}", gestures=gestures)

        await asyncio.gather(push(one, "a"), push(two, "b"))
        await asyncio.gather(one.until_version(55), two.until_version(55))
        assert one.items == two.items
        assert len({item["gesture_id"] for item in one.items}) == 52
        state = await studio.owner.ok("GET", studio.timeline)
        assert (state["version"], len(state["clips"])) == (55, 51)


async def test_s09_pushes_of_one_socket_are_decided_in_their_order(studio: Studio) -> None:
    async with join(studio, studio.owner, after_version=3) as stream:
        for n in range(30):
            await stream.send(t="push", batch=f"b{n}", gestures=[trim("c1", -1, gesture_id=f"o{n}")])
        await stream.until_version(33)
        assert [item["gesture_id"] for item in stream.items] == [f"o{n}" for n in range(30)]


async def test_s27_undo_redo_restore(studio: Studio) -> None:
    async with join(studio, studio.owner, after_version=3) as stream:
        await stream.send(t="push", batch="p", gestures=[trim("c1", -10)])
        await stream.until("result", batch="p")
        length = 100 * 28_224_000
        for batch, message, duration in (
            ("u", {"t": "undo", "gesture_id": "u1", "base": 4}, length),
            ("r", {"t": "redo", "gesture_id": "r1", "policy": "skip"}, length * 9 // 10),
            ("x", {"t": "restore", "gesture_id": "x1", "version": 3, "reason": "better"}, length),
        ):
            await stream.send(batch=batch, **message)
            result = await stream.until("result", batch=batch)
            assert result["r"][0]["ok"], result
            state = await studio.owner.ok("GET", studio.timeline)
            assert (state["version"], state["clips"][0]["duration"]) == (result["head"], duration)


async def test_s06_s21_pull_ping_recv(studio: Studio) -> None:
    async with join(studio, studio.owner, after_version=3) as stream:
        await stream.send(t="pull", after_version=1, limit=1)
        pulled = await stream.receive()
        assert (pulled["from"], pulled["to"], len(pulled["items"])) == (2, 2, 1)
        await stream.send(t="pull", after_version=3)
        assert (await stream.receive())["items"] == []
        await stream.send(t="recv", version=3)
        await stream.send(t="ping", n=7)
        assert await stream.receive() == {"t": "pong", "n": 7}


async def test_s13_presence_reaches_the_others_and_is_not_stored(studio: Studio) -> None:
    bob = await studio.member("viewer")
    async with join(studio, studio.owner, after_version=3) as one:
        async with join(studio, bob, after_version=3) as two:
            arrived = await one.until("presence")
            assert (arrived["actor"]["id"], arrived["here"]) == (str(bob.id), True)
            await two.send(
                t="presence",
                n=1,
                playhead=12,
                selection=["c1"],
                preview={"transaction_id": "d1", "records": {"c1": {"start": 4}}},
            )
            seen = await one.until("presence", n=1)
            assert (seen["playhead"], seen["selection"]) == (12, ["c1"])
        assert (await one.until("presence", here=False))["actor"]["id"] == str(bob.id)
    assert await studio.version() == 3


async def test_s22_a_viewer_sees_and_does_not_edit(studio: Studio) -> None:
    viewer = await studio.member("viewer")
    async with join(studio, viewer, after_version=3) as stream:
        await stream.send(t="push", batch="b", gestures=[trim("c1", gesture_id="g")])
        result = await stream.until("result", batch="b")
        assert [(one["gesture_id"], one["code"]) for one in result["r"]] == [("g", "forbidden")]
        await stream.send(t="undo", batch="u", gesture_id="u")
        assert (await stream.until("result", batch="u"))["r"][0]["code"] == "forbidden"
        await studio.apply(trim("c1"))
        await stream.until_version(4)
    assert await studio.version() == 4


# ---- who may come in


async def test_s02_a_ticket_opens_one_stream_of_its_timeline(studio: Studio) -> None:
    body = {"timeline_id": studio.timeline_id}
    ticket = (await studio.owner.ok("POST", "/api/v1/stream-tickets", json=body))["ticket"]
    async with streaming.opened(studio.service.url, studio.timeline_id, ticket, after_version=3) as stream:
        await stream.send(t="ping", n=1)
        await stream.until("pong")
    async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
        await stream.send(t="hello", token=ticket)
        assert await stream.closed() == Close.UNAUTHENTICATED


async def test_s02_a_ticket_is_for_one_timeline(studio: Studio, make_studio: Any) -> None:
    other = await make_studio()
    body = {"timeline_id": studio.timeline_id}
    ticket = (await studio.owner.ok("POST", "/api/v1/stream-tickets", json=body))["ticket"]
    async with streaming.raw(studio.service.url, other.timeline_id) as stream:
        await stream.send(t="hello", token=ticket)
        assert await stream.closed() == Close.UNAUTHENTICATED


async def test_s02_strangers_stay_out(studio: Studio, make_studio: Any) -> None:
    issuer = tokens.development_issuer(studio.service.settings)
    other = await make_studio()
    for token, code in (
        ("nonsense", Close.UNAUTHENTICATED),
        (issuer.sign("late", lifetime=timedelta(hours=-1)), Close.UNAUTHENTICATED),
        (other.owner.token, Close.FORBIDDEN),
    ):
        async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
            await stream.send(t="hello", proto=1, token=token)
            assert await stream.closed() == code
    async with streaming.raw(studio.service.url, str(clock.new_id())) as stream:
        await stream.send(t="hello", proto=1, token=studio.owner.token)
        assert await stream.closed() == Close.FORBIDDEN


@pytest.mark.parametrize(
    "origin", ["https://evil.test", "null", "http://127.0.0.1:1", "https://editor.test.evil.test", "http://["]
)
async def test_s03_a_page_from_elsewhere_is_refused_before_the_handshake(studio: Studio, origin: str) -> None:
    with pytest.raises(websockets.InvalidStatus) as refusal:
        async with streaming.raw(studio.service.url, studio.timeline_id, origin=origin):
            pass
    assert refusal.value.response.status_code == 403


async def test_s03_our_own_and_listed_pages_may(studio: Studio) -> None:
    for origin in ("https://editor.test", studio.service.url, studio.service.url.replace("127.0.0.1", "localhost")):
        async with streaming.raw(studio.service.url, studio.timeline_id, origin=origin) as stream:
            await stream.send(t="hello", token=studio.owner.token)
            assert (await stream.receive())["t"] == "welcome"


@pytest.mark.parametrize("first", [
    "", "{", "[]", '{"t":"ping"}', '{"t":"hello"}', '{"t":"hello","proto":"1","token":"x"}', b"\x00",
    json.dumps({"t": "hello", "token": "x" * 70_000}), '{"t":"hello","token":"x","timeline_id":"other"}',
    '{"t":"hello","token":"x","token":"y"}',
])  # fmt: skip
async def test_s01_the_first_frame_is_a_hello(studio: Studio, first: str | bytes) -> None:
    async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
        await stream.socket.send(first)
        assert await stream.closed() == Close.BAD


async def test_s01_a_socket_that_says_nothing_is_closed(studio: Studio) -> None:
    async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
        assert await stream.closed() == Close.BAD


@pytest.mark.parametrize(
    "hello", [{"proto": 2}, {"proto": 0}, {"schema": 0}, {"proto": 2, "token": {"new": "form"}, "more": [1]}]
)
async def test_s04_who_speaks_another_protocol_is_told_so(studio: Studio, hello: dict[str, Any]) -> None:
    async with streaming.raw(studio.service.url, studio.timeline_id) as stream:
        await stream.send(**{"t": "hello", "token": studio.owner.token, **hello})
        assert await stream.closed() == Close.OLD


async def test_s04_a_newer_schema_than_ours_is_none_of_ours(studio: Studio) -> None:
    async with join(studio, studio.owner, after_version=3, schema=99) as stream:
        assert stream.version == 3


async def test_s26_whoever_is_taken_out_is_closed(studio: Studio) -> None:
    bob = await studio.member("editor")
    async with join(studio, bob, after_version=3) as stream:
        await studio.owner.ok("DELETE", f"/api/v1/workspaces/{studio.workspace_id}/members/{bob.id}")
        assert await stream.closed() == Close.FORBIDDEN


async def test_s26_a_stream_ends_with_its_token(studio: Studio) -> None:
    issuer = tokens.development_issuer(studio.service.settings)
    short = issuer.sign(studio.owner.subject, lifetime=timedelta(seconds=3))
    async with streaming.opened(studio.service.url, studio.timeline_id, short, after_version=3) as stream:
        assert await stream.closed() == Close.UNAUTHENTICATED


# ---- who behaves badly


@pytest.mark.parametrize("stream_limits", [{"messages_per_second": 1, "messages_burst": 50}])
async def test_s16_a_flood_is_closed(studio: Studio) -> None:
    async with join(studio, studio.owner, after_version=3) as stream:
        for n in range(200):
            await stream.send(t="ping", n=n)
        assert await stream.closed() == Close.FLOOD


async def test_s17_a_slow_reader_is_closed_and_the_others_get_everything(studio: Studio) -> None:
    """The slow one stops reading: kernel buffers fill, then its outbox, then it is closed; nobody waits for it."""
    host, port = urlsplit(studio.service.url).hostname, urlsplit(studio.service.url).port
    little = socket.socket()
    little.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    little.connect((host, port))
    bob = await studio.member("editor")
    events = 0
    async with (
        join(studio, studio.owner, after_version=3) as healthy,
        streaming.raw(studio.service.url, studio.timeline_id, sock=little, max_queue=1) as slow,
    ):
        await slow.send(t="hello", token=studio.owner.token, after_version=3)
        assert (await slow.receive())["t"] == "welcome"
        slow.socket.transport.pause_reading()
        while sessions(studio) == 2:
            assert events < 10_000, "the slow reader was never noticed"
            note = "".join(random.choices(string.ascii_letters, k=900))
            gestures = [
                {
                    "type": "add_marker",
                    "parent_id": studio.timeline_id,
                    "time": events + n,
                    "comment": note,
                    "name": note,
                }
                for n in range(100)
            ]
            await studio.apply(*gestures, by=bob)
            events += 100
            await healthy.until_version(3 + events)
        assert len(healthy.items) == events
        slow.socket.transport.resume_reading()
        assert await slow.closed() == Close.SLOW
    async with join(studio, studio.owner, after_version=3 + events - 10) as again:
        await again.until_version(3 + events)


def sessions(studio: Studio) -> int:
    """How many sessions of the timeline go on."""
    return sum(1 for peer in peers(studio) if not peer.outbox.closing)


def peers(studio: Studio) -> list[Peer]:
    company = studio.service.rooms.presence._companies.get(UUID(studio.timeline_id))
    return [] if company is None else [local.peer for local in company.local.values()]
