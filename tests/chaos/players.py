"""People: editors with the Python client, a reader who stalls, one who sends again what was answered long ago."""

import asyncio
import contextlib
import itertools
import json
import time
from collections import Counter

import httpx2
import websockets

from tests.api import streaming
from tests.chaos.gestures import Editor
from tests.model.twin import Twin
from timeline_service.client.client import TimelineClient
from timeline_service.client.errors import Stopped

ASKED_AT_ONCE = 8
SILENCE_S = 15
STALL_S = 8


class Player:
    """Edits through the client of this repository, which reconnects, resends and folds."""

    def __init__(self, name, urls, timeline_id, token, ledger, chance):
        self.name, self.ledger, self.chance = name, ledger, chance
        self.editor = Editor(name, chance)
        self.token = token
        self.client = TimelineClient(
            chance.sample(urls, len(urls)),
            timeline_id,
            token=token,
            client_id=name,
            tab_id="1",
            chance=chance,
            offline=True,
        )
        self._waiting = set()
        self.answered = []

    async def play(self, stop):
        """Until told to stop: something every now and then, several at once."""
        while not stop.is_set():
            if self.client.stopped is not None:
                raise AssertionError(f"{self.name} was stopped: {self.client.stopped}")
            if self.client.sync.ready and len(self._waiting) < ASKED_AT_ONCE:
                self._act()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self.chance.random() * 0.3)

    def _act(self):
        what = self.chance.random()
        if what < 0.62:
            self._push([self.editor.gesture(self.client.state)])
        elif what < 0.70:
            self._push([self.editor.gesture(self.client.state) for _ in range(3)], atomic=self.chance.random() < 0.5)
        elif what < 0.76:
            transaction = {"id": self.editor.fresh()}
            for gesture in self.editor.drag(self.client.state):
                self._push([gesture], transaction=transaction)
        elif what < 0.86:
            self._ask(self.client.sync.undo, self._name(), policy=self.chance.choice(("skip", "fail", "force")))
        elif what < 0.93:
            self._ask(self.client.sync.undo, self._name(), redo=True)
        elif what < 0.96:
            self.client._link.cut("chaos")
        else:
            self.client.presence(n=self.editor.count, playhead=self.chance.randrange(1_000))

    def _name(self):
        return [self.editor.fresh()]

    def _push(self, gestures, **options):
        named = [{**gesture, "gesture_id": self.editor.fresh()} for gesture in gestures]
        ids = [gesture["gesture_id"] for gesture in named]
        self._follow(ids, self.client.push_soon(named, **options), named)

    def _ask(self, ask, ids, **options):
        self._follow(ids, self.client._queued(ask(gesture_id=ids[0], **options)), None)

    def _follow(self, ids, batch, gestures):
        self.ledger.asked(ids)
        task = asyncio.create_task(self._settle(batch, time.monotonic(), gestures))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _settle(self, batch, asked_at, gestures):
        try:
            settled = await self.client.result(batch)
        except Stopped:  # `play` says so
            return
        self.ledger.settled(settled.results, asked_at)
        if gestures and len(gestures) == 1 and settled.results[0].version is not None:
            self.answered.append((gestures[0], settled.results[0].version))

    async def rest(self):
        """Until everything asked for is answered and shows."""
        while self._waiting:
            await asyncio.gather(*self._waiting)
        await self.client.idle()

    def doing(self):
        """For whoever waits in vain."""
        sync = self.client.sync
        return (
            f"{self.name}: {self.client.status}, version {sync.version}, pending {len(sync.pending)}, {sync._paused=}"
        )


class Repeater:
    """Sends gestures again that were answered, over HTTP, at any process: each is a duplicate, for ever."""

    def __init__(self, urls, timeline_id, player, http, chance):
        self.urls, self.timeline_id, self.player, self.http, self.chance = urls, timeline_id, player, http, chance
        self.count = 0

    async def play(self, stop):
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 0.5)
            if self.player.answered:
                with contextlib.suppress(httpx2.HTTPError):
                    await self._repeat(*self.chance.choice(self.player.answered))

    async def _repeat(self, gesture, version):
        url = f"{self.chance.choice(self.urls)}/api/v1/timelines/{self.timeline_id}/gestures"
        headers = {"Authorization": f"Bearer {self.player.token}"}
        answer = await self.http.post(url, json={"gestures": [gesture]}, headers=headers)
        if not answer.is_success:
            assert answer.json()["error"]["retryable"], answer.text
            return
        result = answer.json()["results"][0]
        assert (result["version"], result["how"]) == (version, "duplicate"), (gesture, result)
        self.count += 1


class Witness:
    """Follows by the rules of the stream and folds with code of its own. Now and then it stops reading for a while."""

    def __init__(self, urls, timeline_id, token, http, chance):
        self.urls, self.timeline_id, self.token, self.http, self.chance = urls, timeline_id, token, http, chance
        self.twin = Twin()
        self.told = 0
        self.closed_with = Counter()
        self._pulled = None

    async def play(self, stop):
        """Until cancelled; it stalls no more once told to stop."""
        while True:
            url = self.chance.choice(self.urls)
            with contextlib.suppress(OSError, TimeoutError, websockets.WebSocketException):
                async with streaming.raw(url, self.timeline_id, max_queue=4) as stream:
                    try:
                        await self._follow(stream, stop)
                    finally:
                        self.closed_with[stream.socket.close_code] += 1
            await asyncio.sleep(0.1 + self.chance.random() * 0.3)

    async def _follow(self, stream, stop):
        self._pulled = None
        await stream.send(t="hello", proto=1, token=self.token, after_version=self.twin.version)
        stall_after = self.chance.randrange(100)
        for count in itertools.count():
            frame = json.loads(await asyncio.wait_for(stream.socket.recv(), SILENCE_S))
            await self._take(frame)
            if self.twin.version < self.told and self._pulled != self.twin.version:
                self._pulled = self.twin.version
                await stream.send(t="pull", after_version=self.twin.version)
            if count == stall_after and not stop.is_set():
                await asyncio.sleep(self.chance.random() * STALL_S)

    async def _take(self, frame):
        match frame["t"]:
            case "welcome":
                self.told = max(self.told, frame["head"])
            case "snapshot":
                self.told = max(self.told, frame["version"])
            case "events":
                self.told = max(self.told, frame["to"])
                versions = [item["version"] for item in frame["items"]]
                assert versions == list(range(frame["from"], frame["to"] + 1)), "a frame with a hole"
                for item in frame["items"]:
                    if item["version"] == self.twin.version + 1:
                        whole = await self._fetch(item["version"]) if item.get("by_ref") else item
                        self.twin.read(json.dumps(whole))

    async def _fetch(self, version):
        url = f"{self.chance.choice(self.urls)}/api/v1/timelines/{self.timeline_id}/events"
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            answer = await self.http.get(url, params={"after_version": version - 1, "limit": 1}, headers=headers)
            answer.raise_for_status()
        except httpx2.HTTPError as error:
            raise OSError("try again on another connection") from error
        return answer.json()["items"][0]
