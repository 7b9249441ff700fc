"""Connections in memory: both ways in order, as TCP is, and everything else as unlucky as the seed wants it."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from typing import Any

NORMAL = 1000
ABNORMAL = 1006
BUFFER = 8
"""Frames that one way holds before its sender has to wait."""


class Way:
    """Frames in one direction: each arrives after a while, none overtakes another."""

    def __init__(self, chance: random.Random, slowest_s: float, arrive: Callable[[Any], None]) -> None:
        self._chance = chance
        self._slowest_s = slowest_s
        self._arrive = arrive
        self._at = 0.0
        self._travelling: deque[Any] = deque()
        self._room = asyncio.Event()
        self._room.set()
        self.cut = False
        self.stalled_until = 0.0

    def send(self, frame: Any) -> None:
        if self.cut:
            return
        loop = asyncio.get_running_loop()
        self._at = max(self._at, loop.time() + self._chance.random() * self._slowest_s, self.stalled_until)
        self._travelling.append(frame)
        if len(self._travelling) >= BUFFER:
            self._room.clear()
        loop.call_at(self._at, self._come)

    async def has_room(self) -> None:
        await self._room.wait()

    def end(self) -> None:
        """What is on its way is lost."""
        self.cut = True
        self._room.set()

    def _come(self) -> None:
        frame = self._travelling.popleft()  # timers of one moment come in any order; frames do not
        if len(self._travelling) < BUFFER:
            self._room.set()
        if not self.cut:
            self._arrive(frame)


class Connection:
    """A client's socket to a node: ASGI on the far side, callbacks on the near one."""

    def __init__(
        self, chance: random.Random, slowest_s: float, received: Callable[[str], None], lost: Callable[[int], None]
    ) -> None:
        self._chance = chance
        self._lost = lost
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._inbox.put_nowait({"type": "websocket.connect"})
        self.up = Way(
            chance, slowest_s, lambda text: self._inbox.put_nowait({"type": "websocket.receive", "text": text})
        )
        self.down = Way(chance, slowest_s, lambda told: self._come(told, received))
        self.over = False

    # ---- the client's end
    def send(self, text: str) -> None:
        self.up.send(text)

    def cut(self) -> None:
        """Nothing comes through any more; the client sees it now, the service a little later."""
        if self.over:
            return
        self.up.end()
        self.down.end()
        gone = {"type": "websocket.disconnect", "code": ABNORMAL}
        asyncio.get_running_loop().call_later(self._chance.random() * 0.3, self._inbox.put_nowait, gone)
        self._end(ABNORMAL)

    def stall(self, seconds: float) -> None:
        """The client reads nothing for so long."""
        self.down.stalled_until = asyncio.get_running_loop().time() + seconds

    def _come(self, told: str | int, received: Callable[[str], None]) -> None:
        if isinstance(told, int):
            self._end(told)
        else:
            received(told)

    def _end(self, code: int) -> None:
        if not self.over:
            self.over = True
            self._lost(code)

    # ---- the service's end (ASGI)
    async def receive(self) -> dict[str, Any]:
        return await self._inbox.get()

    async def asgi_send(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "websocket.send":
            await self.down.has_room()
            self.down.send(message["text"])
        elif kind == "websocket.close":
            self.down.send(int(message.get("code") or NORMAL))
