"""The client on the real service: real sockets, PostgreSQL and Redis, and connections that end in every way."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import websockets
from websockets.asyncio.server import ServerConnection, serve

from tests.api.conftest import Person, Studio, add_clip, trim
from tests.client.wire import Wire
from timeline_service.access import tokens
from timeline_service.client import client as client_module
from timeline_service.client.client import TimelineClient
from timeline_service.client.effects import Opened, Refused
from timeline_service.client.errors import GestureRefused, LeaseRefused, Stopped, Unsendable
from timeline_service.client.requests import TimelineApi
from timeline_service.client.snapshot import state_of, values

WITHIN_S = 30


def client(studio: Studio, person: Person | None = None, **options: Any) -> TimelineClient:
    options = {"url": studio.service.url, "token": (person or studio.owner).token, **options}
    return TimelineClient(options.pop("url"), studio.timeline_id, **options)


async def same(studio: Studio, *clients: TimelineClient) -> None:
    """At rest: what each client shows is what the service answers."""
    async with asyncio.timeout(WITHIN_S):
        version = await studio.version()
        for one in clients:
            await one.idle()
            await one.wait_for(version)
        told = values(state_of(await studio.owner.ok("GET", studio.timeline)))
        for one in clients:
            assert values(one.state) == told


async def test_two_clients_see_each_other(studio: Studio) -> None:
    bob = await studio.member("editor")
    async with client(studio) as ann, client(studio, bob) as other:
        [result] = await ann.push([trim("c1", -10)])
        assert (result.how, result.version) == ("committed", 4)
        await other.wait_for(4)
        assert other.state.records["c1"].value["duration"] == ann.state.records["c1"].value["duration"]
        await asyncio.gather(
            ann.push([add_clip("a1", 200)]),
            other.push([add_clip("b1", 400)]),
            *(other.push([trim("c1")]) for _ in range(5)),
        )
        await same(studio, ann, other)
        assert await studio.version() == 11


async def test_what_was_pushed_shows_before_it_is_answered(studio: Studio) -> None:
    async with client(studio) as ann:
        batch = ann.push_soon([add_clip("c2", 200, gesture_id="mine")])
        assert "c2" in ann.state.records and ann.version == 3
        settled = await ann.result(batch)
        assert settled.results[0].gesture_id == "mine"
        await same(studio, ann)


async def test_a_refusal_is_raised_where_nothing_came_of_it(studio: Studio) -> None:
    async with client(studio) as ann:
        with pytest.raises(GestureRefused) as caught:
            await ann.push([trim("nope")])
        assert caught.value.code == "clip_missing"
        with pytest.raises(GestureRefused) as caught:
            await ann.push([trim("c1"), trim("nope")])
        assert caught.value.code == "clip_missing" and len(caught.value.results) == 2
        with pytest.raises(GestureRefused) as caught:
            await ann.push([trim("c1", expect={"clip.c1.start": 28_224_000})])
        assert (caught.value.code, caught.value.conflicts[0]["record"]) == ("stale_field", "c1")
        results = await ann.push([trim("c1"), trim("nope")], atomic=False)
        assert [result.ok for result in results] == [True, False]
        with pytest.raises(Unsendable):
            await ann.push([])
        with pytest.raises(GestureRefused) as caught:
            await ann.redo()
        assert caught.value.code == "nothing_to_redo"
        await same(studio, ann)


async def test_undo_redo_restore(studio: Studio) -> None:
    async with client(studio) as ann:
        await ann.push([trim("c1", -10)])
        assert ann.undo_state["can_undo"]
        await ann.undo()
        await ann.redo()
        settled = await ann.restore(3, reason="as it was")
        assert settled.results[0].version == 7
        await same(studio, ann)
        assert ann.state.records["c1"].value["duration"] == 100 * 28_224_000


async def test_events_one_after_the_other(studio: Studio) -> None:
    async with client(studio) as ann, contextlib.aclosing(ann.events()) as events:
        first = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        for _ in range(3):
            await ann.push([trim("c1")])
        found = [await first, await anext(events), await anext(events)]
        assert [event["version"] for event in found] == [4, 5, 6]
        assert found[0]["type"] == "trim"


async def test_large_events_and_snapshots_are_fetched(studio: Studio) -> None:
    async with client(studio) as ann:
        await studio.apply({"type": "set_timeline", "metadata": {"note": "x" * 200_000}})
        await studio.apply(trim("c1"))
        await same(studio, ann)
        for number in range(6):
            await studio.apply({"type": "set_timeline", "metadata": {f"n{number}": "x" * 200_000}})
        await same(studio, ann)
    async with client(studio) as later:
        await same(studio, later)


async def test_presence_is_told_to_the_others(studio: Studio) -> None:
    bob = await studio.member("editor")
    async with client(studio) as ann, client(studio, bob) as other:
        ann.presence(playhead=42, preview=ann.sync.preview([trim("c1", -1)], "drag-1"))
        await until(lambda: any(peer.get("playhead") == 42 for peer in other.peers.values()))
        [peer] = other.peers.values()
        assert peer["preview"]["records"] == {"c1": {"duration": 99 * 28_224_000}}
    assert ann.peers == {}


async def test_s15_a_leased_record_is_left_to_its_holder(studio: Studio) -> None:
    bob = await studio.member("editor")
    async with client(studio) as ann, client(studio, bob) as other:
        lease = await ann.lease("c1", ttl_ms=60_000)
        assert lease is not None and lease["holder"]["actor"]["name"] == studio.owner.subject
        await until(lambda: "c1" in other.leases)
        with pytest.raises(LeaseRefused) as refused:
            await other.lease("c1")
        assert (refused.value.code, (refused.value.holder or {})["actor"]["id"]) == ("leased", str(studio.owner.id))
        with pytest.raises(GestureRefused) as caught:
            await other.push([trim("c1")])
        assert caught.value.code == "leased"
        await ann.push([trim("c1")])
        assert await ann.lease("c1", "release") is None
        await until(lambda: "c1" not in other.leases)
        await other.push([trim("c1")])
        await same(studio, ann, other)
    with pytest.raises(LeaseRefused):
        await ann.lease("c1")


async def test_s15_a_lease_that_cannot_be_is_refused_by_its_name(studio: Studio) -> None:
    viewer = await studio.member("viewer")
    async with client(studio) as ann, client(studio, viewer) as other, asyncio.timeout(20):
        for one, record, code in ((ann, "nothing", "record_missing"), (other, "c1", "forbidden")):
            with pytest.raises(LeaseRefused) as refused:
                await one.lease(record)
            assert (refused.value.code, refused.value.holder) == (code, None)


async def test_s18_the_same_tab_elsewhere_replaces_this_one(studio: Studio) -> None:
    mine = {"client_id": "laptop", "tab_id": "1"}
    async with client(studio, **mine) as first_one, client(studio, **mine) as second:
        async with asyncio.timeout(WITHIN_S):
            with pytest.raises(Stopped) as caught:
                await first_one.wait_for(99)
        assert caught.value.code == 4409
        await second.push([trim("c1")])
        await same(studio, second)


async def test_s19_a_process_that_stops_sends_its_clients_away(studio: Studio) -> None:
    async with client(studio) as ann:
        await studio.service.rooms.sessions.drain()
        studio.service.rooms.sessions.draining = False
        batch = ann.push_soon([trim("c1")])
        await asyncio.wait_for(ann.result(batch), WITHIN_S)
        await same(studio, ann)


async def until(reached: Any) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not reached():
            await asyncio.sleep(0.02)


# ---------------------------------------------------------------- offline
async def test_edits_made_offline_survive_the_program(studio: Studio, tmp_path: Path) -> None:
    queue = tmp_path / "queue"
    nowhere = "http://127.0.0.1:1"
    async with client(studio, queue=queue, url=nowhere, offline=True) as ann:
        ann.push_soon([trim("c1", -10)])
        ann.push_soon([trim("nope")])
        ann.push_soon([add_clip("c2", 300)])
        await ann.saved()
        assert ann.status != "open"
    async with client(studio, queue=queue, offline=True) as again:
        refused = [effect async for effect in first(again, Refused)]
        await same(studio, again)
        assert [effect.sent["clip_id"] for effect in refused] == ["nope"]
    assert await studio.version() == 5
    async with client(studio, queue=queue) as last:
        assert not last.sync.pending


async def first(of: TimelineClient, kind: type[Any]) -> AsyncIterator[Any]:
    async with asyncio.timeout(WITHIN_S), contextlib.aclosing(of.effects()) as effects:
        async for effect in effects:
            if isinstance(effect, kind):
                yield effect
                return


PROGRAM = """
import asyncio, sys
from pathlib import Path
from timeline_service.client.client import TimelineClient
async def main():
    url, timeline, token, queue = sys.argv[1:]
    async with TimelineClient(url, timeline, token=token, queue=Path(queue)) as client:
        while True:
            batch = client.push_soon([{"type": "add_marker", "time": 1}])
            print(client.sync.pending[-1]["gestures"][0]["gesture_id"], flush=True)
            await client.result(batch)
asyncio.run(main())
"""


async def test_kill_9_of_the_program_loses_and_doubles_nothing(studio: Studio, tmp_path: Path) -> None:
    queue = tmp_path / "queue"
    command = [sys.executable, "-c", PROGRAM, studio.service.url, studio.timeline_id, studio.owner.token, str(queue)]
    program = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert program.stdout is not None
    asked = [(await program.stdout.readline()).decode().strip() for _ in range(20)]
    os.kill(program.pid, signal.SIGKILL)
    asked += (await program.stdout.read()).decode().split()
    await program.wait()
    async with client(studio, queue=queue) as ann:
        await same(studio, ann)
    items = (await studio.owner.ok("GET", f"{studio.timeline}/events", params={"limit": 500}))["items"]
    ids = [item["gesture_id"] for item in items]
    assert len(ids) == len({*ids})
    # Asked for and on the disk is all but the last, which may have been cut off on its way there.
    assert {*asked[:-1]} <= {*ids}


async def test_a_connection_that_breaks_is_opened_again(studio: Studio) -> None:
    async with Wire(studio.service.url) as wire, client(studio, url=wire.url) as ann:
        await ann.push([trim("c1")])
        batches = [ann.push_soon([trim("c1")]) for _ in range(3)]
        wire.cut()
        await asyncio.gather(*(ann.result(batch) for batch in batches))
        await same(studio, ann)
        assert wire.connections > 1
    assert await studio.version() == 7


async def test_where_one_address_is_dead_the_next_is_taken(studio: Studio) -> None:
    async with Wire(studio.service.url) as wire, client(studio, url=[wire.url, studio.service.url]) as ann:
        await ann.push([trim("c1")])
        await wire.close()
        await ann.push([trim("c1")])
        await same(studio, ann)


# ---------------------------------------------------------------- how it ends
async def test_a_token_that_runs_out_is_replaced(studio: Studio) -> None:
    issuer = tokens.development_issuer(studio.service.settings)
    given: list[str] = []

    async def token() -> str:
        lifetime = timedelta(seconds=1) if not given else timedelta(hours=1)
        given.append(issuer.sign(studio.owner.subject, lifetime=lifetime))
        return given[-1]

    async with client(studio, token=token) as ann:
        await until(lambda: len(given) == 2 and ann.status == "open")
        await ann.push([trim("c1")])
        await same(studio, ann)


async def test_tickets_open_connections(studio: Studio) -> None:
    async with TimelineApi(studio.service.url, studio.owner.token) as api:

        async def ticket() -> str:
            return await api.ticket(studio.timeline_id)

        async with client(studio, token=ticket, fetch_token=studio.owner.token) as ann:
            await studio.apply({"type": "set_timeline", "metadata": {"note": "x" * 200_000}})
            await same(studio, ann)


async def test_a_token_that_is_no_good_is_the_end(studio: Studio) -> None:
    with pytest.raises(Stopped) as caught:
        async with client(studio, token="nonsense"):
            pass
    assert caught.value.code == 4401


async def test_a_stranger_is_stopped(studio: Studio) -> None:
    stranger = await studio.service.person("stranger")
    with pytest.raises(Stopped) as caught:
        async with client(studio, stranger):
            pass
    assert caught.value.code == 4403


class Ending:
    """A service that welcomes, sends what a test wants, and closes with one code after another."""

    def __init__(self, *codes: int, drain: bool = False) -> None:
        self.codes = list(codes)
        self.drain = drain
        self.hellos: list[dict[str, Any]] = []

    async def __call__(self, socket: ServerConnection) -> None:
        self.hellos.append(json.loads(await socket.recv()))
        welcome = {
            "t": "welcome", "head": 1, "epoch": "0", "mode": "replay", "actor": {"id": "a", "name": "a"}, "peers": [],
            "limits": {"inflight": 64, "frame_kb": 256}, "ping_ms": 20, "undo": {"can_undo": False}, "session_id": "s",
        }  # fmt: skip
        await socket.send(json.dumps(welcome))
        if self.codes:
            if self.drain:
                await socket.send(json.dumps({"t": "drain", "reconnect_ms": 0}))
            await socket.close(self.codes.pop(0), "as the test has it")
        else:
            with contextlib.suppress(websockets.ConnectionClosed):
                await socket.wait_closed()


@contextlib.asynccontextmanager
async def met(ending: Ending) -> AsyncIterator[TimelineClient]:
    async with serve(ending, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with TimelineClient(f"http://127.0.0.1:{port}", "t", token="x", offline=True) as one:
            yield one


@pytest.mark.parametrize("code", [4400, 4401, 4403, 4409, 4410])
async def test_codes_that_are_the_end(code: int) -> None:
    async with met(Ending(code)) as one:
        async with asyncio.timeout(WITHIN_S):
            with pytest.raises(Stopped) as caught:
                await one.wait_for(99)
        assert caught.value.code == code
        assert one.status == "closed" and isinstance(one.stopped, Stopped)
        with pytest.raises(Stopped):
            one.push_soon([trim("c1")])


@pytest.mark.parametrize("code", [1000, 1011, 4408, 4503])
async def test_codes_after_which_it_connects_again(code: int) -> None:
    ending = Ending(code, drain=code == 4503)
    async with met(ending) as one:
        async with asyncio.timeout(WITHIN_S), contextlib.aclosing(one.effects()) as effects:
            opened = 0
            async for effect in effects:
                opened += isinstance(effect, Opened)
                if opened == 2:
                    break
        assert len(ending.hellos) == 2 and one.status == "open"


async def test_s13_a_mouse_moves_more_often_than_it_is_told() -> None:
    heard: list[int] = []

    class Listening(Ending):
        async def __call__(self, socket: ServerConnection) -> None:
            await asyncio.gather(super().__call__(socket), self.listen(socket))

        async def listen(self, socket: ServerConnection) -> None:
            while not self.hellos:
                await asyncio.sleep(0.01)
            with contextlib.suppress(websockets.ConnectionClosed):
                while True:
                    frame = json.loads(await socket.recv())
                    if frame["t"] == "presence":
                        heard.append(frame["playhead"])

    async with met(Listening()) as one:
        await until(lambda: one.status == "open")
        for playhead in range(300):
            one.presence(playhead=playhead)
            await asyncio.sleep(0.0005)
        await until(lambda: 299 in heard)
    assert heard == sorted(heard) and len(heard) < 150


async def test_a_server_that_does_not_answer_pings_is_left() -> None:
    """Time is the test's: each look at the clock is a quarter of a minute later."""
    ending = Ending()
    now = iter(range(0, 10**9, 15))
    async with serve(ending, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with TimelineClient(url, "t", token="x", offline=True, clock=lambda: float(next(now))):
            await until(lambda: len(ending.hellos) >= 2)


async def test_answers_that_nobody_asks_for_do_not_pile_up(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "ANSWERS_KEPT", 3)
    async with client(studio) as ann:
        asked = [ann.push_soon([trim("c1", -1)]) for _ in range(6)]
        await ann.idle()
        assert len(ann._answers) == 3
        assert (await ann.result(asked[-1])).results[0].ok


async def test_s15_a_lease_ends_also_where_nobody_says_so() -> None:
    async with met(Ending()) as one, asyncio.timeout(WITHIN_S):
        await until(lambda: one.status == "open")
        holder = {"session_id": "other", "actor": {"id": "b", "name": "b"}}
        one.receive({"t": "lease", "record": "c1", "holder": holder, "until": "", "ttl_ms": 10})
        assert "c1" in one.leases
        await until(lambda: not one.leases)
