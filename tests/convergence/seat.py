"""A fake client: the real sans-IO core, one person's deeds, and a connection that comes and goes."""

import asyncio
import itertools
import json
import random
from collections.abc import Callable
from typing import Any

import msgspec
import orjson

from tests.convergence.deeds import Deeds
from tests.convergence.network import ABNORMAL, Connection
from tests.convergence.node import Node
from tests.fakes.access import WORKSPACE, person
from tests.world import ASSETS
from timeline_service.api import answers
from timeline_service.client.effects import Diverged, Effect, Event, Fetch, Refused, Result, Send, Settled, Told, Wait
from timeline_service.client.errors import Unsendable
from timeline_service.client.queue import Queue
from timeline_service.client.sync import Sync
from timeline_service.eventstore.items import encode_item
from timeline_service.kit.errors import ServiceError

FINAL = {4400, 4401, 4403, 4409, 4410, 4429, 1011}
"""Closes that this machine never deserves."""


class Seat:
    """One device of a person. `told` and `asked` are kept over restarts of the program; the sync is not."""

    def __init__(
        self,
        name: str,
        who: str,
        timeline_id: Any,
        chance: random.Random,
        nodes: Callable[[], list[Node]],
        trace: "Trace",
        *,
        large: bool = False,
    ) -> None:
        self.name = name
        self.who = who
        self.timeline_id = timeline_id
        self.deeds = Deeds(chance, name, large=large)
        self.asked: list[str] = []
        self.told: dict[str, Result] = {}
        self.refused: list[str] = []
        self.calm = False
        self._chance = chance
        self._nodes = nodes
        self._trace = trace
        self._ids = (f"{name}-{n}" for n in itertools.count(1))
        self._connection: Connection | None = None
        self._node: Node | None = None
        self._last = 0
        self._work: set[asyncio.Task[None]] = set()
        self.sync = self._open(None)

    def _open(self, queue: Queue | None) -> Sync:
        # One in three knows the media, so that the others wait for what names it.
        assets = ASSETS if self._chance.random() < 0.3 else None
        return Sync(str(self.timeline_id), self.name, new_id=lambda: next(self._ids), queue=queue, assets=assets)

    # ---- the connection
    def connect(self) -> None:
        """To one of the nodes that are alive; where there is none, a little later."""
        nodes = self._nodes()
        if self._connection is not None:
            return
        if not nodes:
            self._later(0.2)
            return
        slowest_s = 0.02 if self.calm else self._chance.choice((0.005, 0.05, 0.3))
        connection = Connection(self._chance, slowest_s, self._receive, self._lost)
        self._connection, self._node = connection, self._chance.choice(nodes)
        self._node.accept(connection, self.timeline_id)
        connection.send(orjson.dumps(self.sync.hello(self.who)).decode())

    def cut(self) -> None:
        if self._connection is not None:
            self._connection.cut()

    def stall(self) -> None:
        if self._connection is not None:
            self._connection.stall(self._chance.random() * 2)

    def restart(self) -> None:
        """The program is killed and started again: the queue on its disk is what is left."""
        saved = msgspec.json.encode(self.sync.saved())
        self.sync = self._open(msgspec.json.decode(saved, type=Queue))
        self._last = 0
        self.cut()

    def _lost(self, code: int) -> None:
        self._trace.note(self.name, "lost", code)
        assert code not in FINAL, f"{self.name} was closed with {code}"
        self._connection = None
        for task in self._work:
            task.cancel()
        self._take(self.sync.disconnected())
        self._later(self._chance.random() * 0.5 if code == ABNORMAL else 0.1)

    def _later(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self.connect)

    # ---- frames and effects
    def _receive(self, text: str) -> None:
        frame = json.loads(text)
        self._trace.note(self.name, frame["t"], text)
        self._take(self.sync.receive(frame))

    def _take(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send(frame):
                    self._send(frame)
                case Wait(ms):
                    self._begin(self._resume(ms / 1000))
                case Fetch():
                    self._begin(self._fetch(effect))
                case Settled(_, results):
                    for result in results:
                        self._settle(result)
                case Refused(_, result):
                    self.refused.append(str(result.gesture_id))
                case Event(item):
                    self._follow(item["version"])
                case Diverged(reason):
                    raise AssertionError(f"{self.name} diverged: {reason}")
                case Told(frame):
                    raise AssertionError(f"{self.name} sent what is no message: {frame}")

    def _settle(self, result: Result) -> None:
        name = str(result.gesture_id)
        assert name not in self.told, f"the result of {name} was told twice"
        self.told[name] = result

    def _follow(self, version: int) -> None:
        assert version > self._last, f"{self.name} was told of {version} after {self._last}"
        self._last = version

    def _send(self, frame: dict[str, Any]) -> None:
        if self._connection is not None:
            self._connection.send(orjson.dumps(frame).decode())

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _resume(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._take(self.sync.resumed())

    async def _fetch(self, fetch: Fetch) -> None:
        """What HTTP would answer, from the node of the connection."""
        assert self._node is not None
        rooms, where = self._node.rooms, (self.timeline_id, WORKSPACE)
        await asyncio.sleep(self._chance.random() * 0.2)
        try:
            if fetch.url is None:
                [stored] = await rooms.store.read(*where, after_version=fetch.version - 1, limit=1)
                data = encode_item(stored)
            else:
                state = await rooms.editing.reader.state_at(*where, fetch.version)
                [stored] = await rooms.store.read_versions(*where, [fetch.version])
                data = answers.timeline(state, stored.hash, WORKSPACE)
        except ServiceError:
            self.cut()
        else:
            self._take(self.sync.supply(fetch, orjson.loads(data)))

    # ---- deeds
    def act(self) -> None:
        """One thing that people do."""
        what = self._chance.random()
        if not self.sync.ready or what < 0.62:
            self.push()
        elif what < 0.70:
            self._drag()
        elif what < 0.84:
            self._flip()
        elif what < 0.87:
            self._restore()
        elif what < 0.92:
            self.cut()
        elif what < 0.95:
            self.stall()
        elif what < 0.98:
            self.restart()
        else:
            self._send({"t": "pull", "after_version": self._chance.randrange(self.sync.version + 1)})

    def push(self, *gestures: dict[str, Any], **options: Any) -> str | None:
        if not gestures:
            count = self._chance.choice((1, 1, 1, 2, 3, 6))
            gestures = tuple(self.deeds.next(self.sync.state) for _ in range(count))
            options = {"atomic": self._chance.random() < 0.6}
        named = [{"gesture_id": next(self._ids), **gesture} for gesture in gestures]
        try:
            batch = self.sync.push(named, **options)
        except Unsendable:  # several large ones at once: nothing was asked
            return None
        self.asked += [gesture["gesture_id"] for gesture in named]
        self._go()
        return batch

    def _drag(self) -> None:
        """Previews of one edit, which is committed in the end; some drags commit in two parts that are one step."""
        gesture, transaction = self.deeds.drag(self.sync.state), next(self._ids)
        self._send({"t": "presence", "preview": self.sync.preview([gesture], transaction)})
        for _ in range(self._chance.choice((1, 1, 2))):
            self.push(gesture, transaction={"id": transaction})

    def _flip(self) -> None:
        self.flip(redo=self._chance.random() < 0.3, policy=self._chance.choice(("skip", "skip", "fail")))

    def flip(self, *, redo: bool, policy: str) -> str:
        name = next(self._ids)
        self.asked.append(name)
        self.sync.undo(redo=redo, policy=policy, gesture_id=name)
        self._go()
        return name

    def _restore(self) -> None:
        name = next(self._ids)
        self.asked.append(name)
        self.sync.restore(max(1, self.sync.version - self._chance.randrange(6)), gesture_id=name)
        self._go()

    def _go(self) -> None:
        for frame in self.sync.outgoing():
            self._trace.note(self.name, "sends", orjson.dumps(frame).decode())
            self._send(frame)

    @property
    def person_id(self) -> str:
        return str(person(self.who).id)


class Trace:
    """Everything that was sent and received, in order; `digest` says whether two runs were the same."""

    def __init__(self, *, keep: bool = False) -> None:
        self.lines: list[str] = []
        self._keep = keep
        self._sum = 0

    def note(self, who: str, what: str, more: Any) -> None:
        line = f"{asyncio.get_running_loop().time():.4f} {who} {what} {more}"
        self._sum = (self._sum * 1_000_003 + int.from_bytes(line.encode()[:4000], "little")) % (2**61 - 1)
        if self._keep:
            self.lines.append(line)

    @property
    def digest(self) -> int:
        return self._sum
