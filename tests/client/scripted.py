"""A service in a few lines, for tests of the sans-IO client: one log, one rule of deciding, frames into lists.

It speaks the stream as docs/stream.md has it. When frames travel, and in which order between clients, is the test's.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import msgspec

from projections import view
from tests.model.start import START
from tests.world import ASSETS, World
from timeline_service.client.effects import Effect, Fetch, Send
from timeline_service.client.sync import Sync
from timeline_service.domain import decide, errors, event, registry
from timeline_service.domain.draft import Facts
from timeline_service.domain.state import State

RESERVED = {"gesture_id", "seq", "expect", "after"}
LIMITS = {"inflight": 8, "gestures_s": 60, "burst": 500, "frame_kb": 256}


class Service:
    """The log, and what became of each gesture. `epoch` and `drop_after` are for a restored backup."""

    def __init__(self, *, furnished: bool = True) -> None:
        self.world = World()
        self.epoch = 0
        self.items: list[dict[str, Any]] = []
        self.known: dict[str, int] = {}
        self.sockets: list[Socket] = []
        self.busy = 0
        """How many pushes are turned away next."""
        self._numbers = itertools.count(1)
        self._note("create", "setup")
        for payload in START if furnished else ():
            self.world.do(payload["type"], actor="setup", **{k: v for k, v in payload.items() if k != "type"})
            self._note(f"start-{next(self._numbers)}", "setup")

    @property
    def state(self) -> State:
        return self.world.state

    def back_to(self, version: int) -> None:
        """A backup is restored: the log ends at `version`, under another epoch."""
        self.world.rows = self.world.rows[:version]
        self.world.state = self.world.fold()
        self.items = self.items[:version]
        self.known = {id: at for id, at in self.known.items() if at <= version}
        self.epoch += 1

    def snapshot(self) -> dict[str, Any]:
        return msgspec.json.decode(msgspec.json.encode(view.view(self.state, f"h{self.state.version}")))

    def edit(self, frame: dict[str, Any], actor: str) -> dict[str, Any]:
        """Decide a push; whatever it commits is put to all sockets."""
        gestures = frame["gestures"]
        if self.busy:
            self.busy -= 1
            no = {"ok": False, "code": "rate_limited", "message": "Too many.", "details": {"retry_after_ms": 70}}
            return self._result(frame, [{"gesture_id": g["gesture_id"], **no, "retry": True} for g in gestures])
        before = self.world.copy()
        kept, noted = len(self.items), dict(self.known)
        results = [self._decide(gesture, frame, actor) for gesture in gestures]
        if frame.get("atomic", True) and not all(result["ok"] for result in results):
            self.world, self.known = before, noted
            del self.items[kept:]
            for result in results:
                if result["ok"]:
                    result.update(ok=False, code="batch_refused", message="", details={}, version=None, how=None)
        fresh = self.items[kept:]
        if fresh:
            for socket in self.sockets:
                socket.down.append(events(fresh))
        return self._result(frame, results)

    def _result(self, frame: dict[str, Any], results: list[dict[str, Any]]) -> dict[str, Any]:
        return {"t": "result", "batch": frame["batch"], "head": len(self.items), "r": results}

    def _decide(self, gesture: dict[str, Any], frame: dict[str, Any], actor: str) -> dict[str, Any]:
        gesture_id = gesture["gesture_id"]
        if gesture_id in self.known:
            version = self.known[gesture_id]
            return {"gesture_id": gesture_id, "ok": True, "version": version, "how": "duplicate"}
        payload = {name: value for name, value in gesture.items() if name not in RESERVED}
        try:
            decision = decide.decide(
                self.state,
                registry.parse(payload),
                Facts(gesture_id, ASSETS),
                actor=actor,
                base_version=frame.get("base"),
            )
        except errors.NoChange:
            return {"gesture_id": gesture_id, "ok": True, "version": None, "how": "noop"}
        except errors.Refused as refusal:
            told = {"code": refusal.stable_code, "message": refusal.message, "details": refusal.details}
            return {"gesture_id": gesture_id, "ok": False, **told, "retry": False}
        self.world.keep(decision, actor)
        self._note(gesture_id, actor, gesture.get("seq"))
        return {"gesture_id": gesture_id, "ok": True, "version": self.state.version, "how": "committed"}

    def _note(self, gesture_id: str, actor: str, seq: int | None = None) -> None:
        version, _, body, schema = self.world.rows[-1]
        told = msgspec.to_builtins(event.decode(body))
        item = {"version": version, "gesture_id": gesture_id, "actor": actor, "schema_version": schema, **told}
        item |= {"hash": f"h{version}", "prev_hash": f"h{version - 1}", "seq": seq}
        self.items.append(msgspec.json.decode(msgspec.json.encode(item)))
        self.known[gesture_id] = version

    def last_seq(self, actor: str) -> int:
        return max((item["seq"] or 0 for item in self.items if item["actor"] == actor), default=0)


def events(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"t": "events", "from": items[0]["version"], "to": items[-1]["version"], "items": items}


class Socket:
    """One connection: `up` and `down` hold what is on its way."""

    def __init__(self, service: Service, actor: str) -> None:
        self.service = service
        self.actor = actor
        self.up: list[dict[str, Any]] = []
        self.down: list[dict[str, Any]] = []

    def deliver_up(self) -> None:
        """The service takes the oldest frame that the client sent."""
        frame = self.up.pop(0)
        if frame["t"] == "hello":
            self._welcome(frame)
        elif frame["t"] == "push":
            self.down.append(self.service.edit(frame, self.actor))
        elif frame["t"] == "pull":
            after = frame["after_version"]
            found = self.service.items[after : after + 3]
            self.down.append(events(found) if found else {"t": "events", "from": after + 1, "to": after, "items": []})

    def _welcome(self, hello: dict[str, Any]) -> None:
        service = self.service
        head, since = len(service.items), hello.get("after_version")
        replay = since is not None and since <= head and hello["epoch"] == str(service.epoch)
        self.down.append({
            "t": "welcome", "head": head, "epoch": str(service.epoch), "mode": "replay" if replay else "snapshot",
            "actor": {"id": self.actor, "name": self.actor}, "limits": LIMITS, "ping_ms": 10_000, "peers": [],
            "undo": {"can_undo": False, "can_redo": False, "label": None}, "last_seq": service.last_seq(self.actor),
        })  # fmt: skip
        if not replay:
            self.down.append({"t": "snapshot", "version": head, "part": 1, "parts": 1, "data": service.snapshot()})
        elif service.items[since:]:
            self.down.append(events(service.items[since:]))
        service.sockets.append(self)


class Seat:
    """A client and its connection, if any. `told` is every effect so far."""

    def __init__(self, service: Service, name: str) -> None:
        self.service = service
        self.name = name
        self.ids = (f"{name}-{n}" for n in itertools.count(1))
        self.sync = self.open()
        self.socket: Socket | None = None
        self.told: list[Effect] = []

    def open(self, queue: Any = None) -> Sync:
        return Sync("timeline", self.name, new_id=lambda: next(self.ids), queue=queue, assets=ASSETS)

    def restart(self) -> None:
        """The program ends and starts again: only the queue was kept."""
        self.drop()
        self.sync = self.open(msgspec.json.decode(msgspec.json.encode(self.sync.saved()), type=type(self.sync.saved())))

    def connect(self) -> None:
        self.drop()
        self.socket = Socket(self.service, self.name)
        self.socket.up.append(self.sync.hello("token"))

    def drop(self) -> None:
        """The connection is lost with all that was on its way."""
        if self.socket is not None:
            if self.socket in self.service.sockets:
                self.service.sockets.remove(self.socket)
            self.socket = None
            self.told += self.sync.disconnected()

    def push(self, *gestures: dict[str, Any], **options: Any) -> str:
        batch = self.sync.push(gestures, **options)
        self.send(self.sync.outgoing())
        return batch

    def send(self, frames: list[dict[str, Any]]) -> None:
        if frames:
            assert self.socket is not None
            self.socket.up += frames

    def deliver_down(self) -> None:
        """The client takes the oldest frame that the service sent."""
        assert self.socket is not None
        self.take(self.sync.receive(self.socket.down.pop(0)))

    def take(self, effects: list[Effect]) -> None:
        self.told += effects
        for effect in effects:
            if isinstance(effect, Send):
                self.send([effect.frame])
            elif isinstance(effect, Fetch):
                item = self.service.items[effect.version - 1] if effect.url is None else self.service.snapshot()
                self.take(self.sync.supply(effect, item))

    def effects(self, kind: type[Any]) -> Iterator[Any]:
        return (effect for effect in self.told if isinstance(effect, kind))

    def settle(self) -> None:
        """Everything on its way arrives, until nothing is."""
        while self.socket is not None and (self.socket.up or self.socket.down):
            while self.socket.up:
                self.socket.deliver_up()
            while self.socket.down:
                self.deliver_down()
