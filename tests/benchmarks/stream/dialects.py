"""How each server is spoken to: the same gesture rate, the same number of records, one write per message."""

from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from tests.benchmarks.stream.loader import frame

CLIPS: Final = 500
PASSES: Final = 8


@dataclass
class Gestures:
    """Ours: real gestures over many clips, each client on its own: trims, moves, volume, names in turn."""

    timelines: list[str]
    tokens: list[str]
    version: int
    clients: int
    ready: bytes = b'"mode":"replay"'

    def path(self, number: int) -> str:
        return f"/api/v1/timelines/{self.timelines[self.room(number)]}/stream"

    def greeting(self, number: int) -> list[bytes]:
        hello = {
            "t": "hello",
            "proto": 1,
            "token": self.tokens[number % len(self.tokens)],
            "client_id": f"client{number}",
            "tab_id": f"tab{number}",
            "after_version": self.version,
        }
        return [frame(orjson.dumps(hello))]

    def acknowledgement(self, number: int) -> bytes | None:
        return b'{"t":"result"'

    def message(self, number: int, turn: int, marker: bytes) -> bytes:
        mine = self._mine(number)
        clip = mine[turn % len(mine)]
        told = {**gesture(clip, turn // len(mine), turn), "gesture_id": marker.decode(), "seq": turn + 1}
        push = {"t": "push", "batch": f"b{turn}", "base": self.version, "gestures": [told]}
        return frame(orjson.dumps(push))

    def room(self, number: int) -> int:
        return number % len(self.timelines)

    def _mine(self, number: int) -> range:
        """The clips of a client: every n-th."""
        rooms = len(self.timelines)
        return range(number // rooms, CLIPS, -(-self.clients // rooms))


def gesture(clip: int, number: int, turn: int) -> dict[str, Any]:
    """The gesture number `number` of one clip: always a change, always legal."""
    name = f"c{clip}"
    match number % PASSES:
        case 0:
            return {"type": "trim", "clip_id": name, "edge": "end", "delta": -1}
        case 1:
            return {"type": "move", "clip_ids": [name], "delta": 2}
        case 2 | 6:
            return {"type": "set_volume", "clip_id": name, "gain": -100 - turn % 5000}
        case 4:
            return {"type": "trim", "clip_id": name, "edge": "end", "delta": 1}
        case 5:
            return {"type": "move", "clip_ids": [name], "delta": -2}
        case _:
            return {"type": "rename", "id": name, "name": f"take {turn}"}


@dataclass
class ShareDb:
    """json0 operations. They name no version, so that nothing is ever transformed: the least it can have to do."""

    rooms: int
    clients: int
    ready: bytes = b'"a":"s"'

    def path(self, number: int) -> str:
        return "/"

    def greeting(self, number: int) -> list[bytes]:
        hello = {"a": "hs", "id": _source(number), "protocol": 1, "protocolMinor": 2}
        subscribe = {"a": "s", "c": "timelines", "d": f"t{self.room(number)}", "v": 1}
        return [frame(orjson.dumps(hello)), frame(orjson.dumps(subscribe))]

    def acknowledgement(self, number: int) -> bytes | None:
        # Operations of its own are not sent to a client, so this is the reply to it.
        return f'"src":"{_source(number)}"'.encode()

    def message(self, number: int, turn: int, marker: bytes) -> bytes:
        change = {"p": [f"c{turn * 7 % CLIPS}", "name"], "oi": marker.decode()}
        head = {"a": "op", "c": "timelines", "d": f"t{self.room(number)}", "v": None, "seq": turn + 1, "x": {}}
        return frame(orjson.dumps({**head, "op": [change]}))

    def room(self, number: int) -> int:
        return number % self.rooms


def _source(number: int) -> str:
    return f"loader{number:04}"


@dataclass
class Yjs:
    """Updates of a shared map of maps. `hocuspocus`: with its envelope, and its SyncStatus as acknowledgement (it comes
    before anything is kept). pycrdt-websocket has none: there the client's own change, coming back, counts.
    """

    rooms: int
    clients: int
    cell: str
    hocuspocus: bool
    documents: dict[int, Any] = field(default_factory=dict)

    @property
    def ready(self) -> bytes:
        return b"read-write" if self.hocuspocus else b"\x00\x00"

    def path(self, number: int) -> str:
        return "/" if self.hocuspocus else f"/{self._name(number)}"

    def greeting(self, number: int) -> list[bytes]:
        import pycrdt

        seed = pycrdt.Doc(client_id=1)
        clips = seed.get("clips", type=pycrdt.Map)
        with seed.transaction():
            for n in range(CLIPS):
                clips[f"c{n}"] = pycrdt.Map({"name": f"take {n}", "start": n * 20, "duration": 10, "gain": 0})
        whole = seed.get_update()
        mine = self.documents[number] = pycrdt.Doc(client_id=1000 + number)
        mine.apply_update(whole)
        first = number == self.room(number)
        sent = [self._envelope(number, b"\x00\x02" + _sized(whole))] if first else []
        if not self.hocuspocus:
            return sent
        # Authentication, which nobody asks for, with an empty token.
        return [self._envelope(number, b"\x02\x00" + _sized(b"")), *sent]

    def acknowledgement(self, number: int) -> bytes | None:
        return _sized(self._name(number).encode()) + b"\x08\x01" if self.hocuspocus else None

    def message(self, number: int, turn: int, marker: bytes) -> bytes:
        import pycrdt

        document = self.documents[number]
        known = document.get_state()
        document.get("clips", type=pycrdt.Map)[f"c{turn * 7 % CLIPS}"]["name"] = marker.decode()
        return self._envelope(number, b"\x00\x02" + _sized(document.get_update(known)))

    def room(self, number: int) -> int:
        return number % self.rooms

    def _name(self, number: int) -> str:
        return f"bench-{self.cell}-{self.room(number)}"

    def _envelope(self, number: int, data: bytes) -> bytes:
        head = _sized(self._name(number).encode()) if self.hocuspocus else b""
        return frame(head + data, opcode=2)


def _sized(data: bytes) -> bytes:
    """Bytes with their length before them, seven bits to a byte, the lowest first."""
    size, head = len(data), bytearray()
    while size > 127:
        head.append(size & 127 | 128)
        size >>= 7
    head.append(size)
    return bytes(head) + data
