"""The convergence machine: people at their devices, two processes, one log, and everything that goes wrong between.

A seed decides all of it: who does what and when, which frames are slow, which connections break, when a client's program
is killed, when a process dies between two steps of a commit. Then everything heals, and at rest the log, the
projection, OTIO and every client are one state.
"""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from tests.convergence import rest
from tests.convergence.node import LIMITS, Between, Node
from tests.convergence.seat import Seat, Trace
from tests.fakes.access import WORKSPACE, person
from tests.model.start import START
from timeline_service.domain import creation
from timeline_service.editing.requests import Submission
from timeline_service.eventstore.store import EventStore
from timeline_service.settings import Settings, Storage

PEOPLE = ("ann", "bob", "cat")
LONGEST_S = 90.0
SETTINGS = Settings(data_dir=Path("nowhere"), stream=LIMITS, storage=Storage(signing_key="none"))


class Play:
    """One run. `seats` are devices: a person may have several."""

    def __init__(self, seed: int, store: EventStore, *, deeds: int = 25, trace: Trace | None = None) -> None:
        self.seed = seed
        self.store = store
        self.trace = trace or Trace()
        self.chance = random.Random(f"{seed}-fate")
        self.between = Between(random.Random(f"{seed}-between"))
        self.gone: list[Node] = []
        self.seats: list[Seat] = []
        self.timeline_id = UUID(int=0)
        self.killed = 0
        self._deeds = deeds

    async def run(self) -> None:
        """The whole of it. Raises AssertionError."""
        await self._open()
        try:
            await asyncio.gather(*(self._live(seat) for seat in self.seats), self._fate())
            await self._heal()
            await rest.check(self)
            await rest.undo_and_redo(self)
        finally:
            for node in [*self.between.nodes, *self.gone]:
                await node.stop()

    async def _open(self) -> None:
        first, _ = self._start(0), self._start(1)
        request = creation.NewTimeline.model_validate(
            {"name": "Film", "rate": {"num": 24, "den": 1}, "width": 1920, "height": 1080}
        )
        answer = await first.editing.create_timeline(person("setup"), WORKSPACE, request)
        self.timeline_id = answer.timeline_id
        start = tuple({"gesture_id": f"start-{n}", **gesture} for n, gesture in enumerate(START))
        await first.editing.submit(person("setup"), self.timeline_id, Submission(gestures=start))
        for number in range(self.chance.randint(2, 5)):
            name, who = f"s{number}x", PEOPLE[number % len(PEOPLE)]
            dice = random.Random(f"{self.seed}-{name}")
            large = self.seed % 8 == 6
            seat = Seat(name, who, self.timeline_id, dice, lambda: self.between.nodes, self.trace, large=large)
            self.seats.append(seat)

    def _start(self, place: int) -> Node:
        return Node(place, self.store, self.between, SETTINGS)

    async def _live(self, seat: Seat) -> None:
        dice = random.Random(f"{self.seed}-{seat.name}-pace")
        await asyncio.sleep(dice.random())
        seat.connect()
        pace = dice.choice((0.02, 0.1, 0.4))
        for _ in range(self._deeds):
            await asyncio.sleep(dice.expovariate(1 / pace))
            seat.act()

    async def _fate(self) -> None:
        """Processes die, most of them in the middle of a commit, and others take their place."""
        for _ in range(self.chance.randrange(4)):
            await asyncio.sleep(self.chance.expovariate(1.0))
            if not self.between.nodes:
                continue
            node = self.chance.choice(self.between.nodes)
            how = self.chance.choice(("after", "after", "before", "now"))
            if how == "now":
                node.kill()
            else:
                node.store.doom = how
            await asyncio.sleep(self.chance.random() * 2)
            if node.dead:
                self.killed += 1
                self.gone.append(node)
                self.trace.note("fate", "killed", f"{node.place} {how}")
                self._start(node.place)
            node.store.doom = None

    async def _heal(self) -> None:
        """No more bad luck; until everybody is at rest."""
        self.between.loses = 0.0
        for node in [node for node in self.between.nodes if node.store.doom]:
            node.store.doom = None
        for seat in self.seats:
            seat.calm = True
            seat.cut()
            seat.connect()
        await self.until(lambda: True, "the clients do not come to rest")

    async def until(self, reached: Callable[[], bool], otherwise: str) -> None:
        """Until a condition holds and everybody is at rest, with the log's newest version."""
        try:
            async with asyncio.timeout(LONGEST_S):
                while not (reached() and await self._at_rest()):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(otherwise) from None

    async def _at_rest(self) -> bool:
        head = await self.store.head(self.timeline_id, WORKSPACE)
        assert head is not None
        return all(
            seat.sync.ready and not seat.sync.pending and not seat.sync.shown and seat.sync.version == head.version
            for seat in self.seats
        )
