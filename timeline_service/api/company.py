"""Who is on one timeline: the sessions of this process and, as far as it has heard, those of the others."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from timeline_service.api.outbox import Outbox
from timeline_service.api.peer_store import FORGOTTEN_S, Heard, Own, Seen
from timeline_service.api.protocol import Close

Frame = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Peer:
    """A session as the others see it. `tab` names the window that a newer session of it replaces; see `tab_of`."""

    session_id: str
    actor_id: str
    name: str
    role: str
    outbox: Outbox
    tab: str = ""

    def shown(self) -> Frame:
        """Its place in `welcome.peers` and in presence."""
        return {"session_id": self.session_id, "actor": {"id": self.actor_id, "name": self.name}, "role": self.role}

    def frame(self, said: Frame, *, here: bool = True) -> str:
        """A `presence` message of this session."""
        return orjson.dumps({"t": "presence", **self.shown(), "here": here, **said}).decode()


def tab_of(actor_id: UUID, client_id: str | None, tab_id: str | None) -> str:
    """The name of a window among all windows of all people; empty unless both ids are given."""
    if client_id is None or tab_id is None:
        return ""
    return hashlib.sha256(orjson.dumps([str(actor_id), client_id, tab_id])).hexdigest()[:32]


@dataclass(slots=True)
class Local:
    """A session of this process. `since`: when it came, by the clock of Redis (µs); 0 until Redis has said so.

    `newest`: when the newest session of its tab came. `due`: when it may speak again (monotonic seconds).
    """

    peer: Peer
    frame: str
    joined: bool = False
    since: int = 0
    newest: int = 0
    due: float = 0.0
    waiting: Frame | None = None
    timer: asyncio.TimerHandle | None = None


@dataclass(slots=True)
class Remote:
    """A session of another process: its last words, when it was heard of, and until when it is believed to live."""

    frame: str
    heard: float
    deadline: float


class Company:
    """Nothing of it waits."""

    def __init__(self) -> None:
        self.local: dict[str, Local] = {}
        self.remote: dict[str, Remote] = {}
        self.loaded = False

    def add(self, peer: Peer) -> Local:
        """A session of this process that has not been welcomed yet. An older one of its tab is closed."""
        for older in self.local.values():
            if peer.tab and older.peer.tab == peer.tab:
                _replace(older.peer)
        local = self.local[peer.session_id] = Local(peer, peer.frame({}))
        return local

    def shown(self, but: str) -> list[Frame]:
        """Everybody else, with what they said last: for a welcome."""
        local = (one.frame for name, one in self.local.items() if name != but and one.joined)
        return [_place(frame) for frame in (*local, *(one.frame for one in self.remote.values()))]

    def own(self) -> list[Own]:
        """The sessions of this process, to be written down."""
        return [Own(name, one.frame, one.peer.tab) for name, one in self.local.items()]

    def pass_on(self, session_id: str, frame: str) -> None:
        """To all sessions of this process but the one that it is of."""
        for name, one in self.local.items():
            if name != session_id and one.joined:
                one.peer.outbox.put_presence(session_id, frame)

    def hear(self, heard: Heard) -> None:
        """What another process, or a script of any, has announced."""
        if heard.sign == "@":
            for name, one in self.local.items():
                if one.peer.tab == heard.tab and name != heard.session_id:
                    one.newest = max(one.newest, heard.since)
            self.replace()
            return
        if heard.sign == "-":
            self.remote.pop(heard.session_id, None)
        else:
            now = time.monotonic()
            self.remote[heard.session_id] = Remote(heard.frame, now, now + FORGOTTEN_S)
        self.pass_on(heard.session_id, heard.frame)

    def merge(self, page: list[Seen], asked: float) -> bool:
        """Who was there at some time after `asked`. False when somebody is unknown and the page has no frames."""
        now = time.monotonic()
        unknown = False
        for seen in page:
            if seen.own:
                mine = self.local.get(seen.session_id)  # None: it has left, and Redis does not know yet
                if mine is not None:
                    mine.since = seen.since
            elif seen.session_id in self.remote:
                self.remote[seen.session_id].deadline = now + FORGOTTEN_S - seen.age_s
            elif seen.frame:
                self.remote[seen.session_id] = Remote(seen.frame, now, now + FORGOTTEN_S - seen.age_s)
                self.pass_on(seen.session_id, seen.frame)
            else:
                unknown = True
        there = {seen.session_id for seen in page}
        self._forget(lambda name, one: name not in there and one.heard < asked)
        self._compare_tabs(page)
        return not unknown

    def sweep(self) -> None:
        """Forget those whose process has been silent for too long."""
        now = time.monotonic()
        self._forget(lambda _, one: one.deadline < now)

    def replace(self) -> None:
        """Close what a newer session of the same tab has replaced."""
        for one in self.local.values():
            if 0 < one.since < one.newest:
                _replace(one.peer)

    def _compare_tabs(self, page: list[Seen]) -> None:
        for seen in page:
            for name, one in self.local.items() if seen.tab else ():
                if one.peer.tab == seen.tab and name != seen.session_id:
                    one.newest = max(one.newest, seen.since)
        self.replace()

    def _forget(self, gone: Callable[[str, Remote], bool]) -> None:
        for name in [name for name, one in self.remote.items() if gone(name, one)]:
            self.pass_on(name, _farewell(self.remote.pop(name).frame))

    def __iter__(self) -> Iterator[Local]:
        return iter(tuple(self.local.values()))


def _place(frame: str) -> Frame:
    said: Frame = orjson.loads(frame)
    return {name: value for name, value in said.items() if name not in {"t", "here"}}


def _farewell(frame: str) -> str:
    said = orjson.loads(frame)
    return orjson.dumps({name: said[name] for name in ("t", "session_id", "actor", "role")} | {"here": False}).decode()


def _replace(peer: Peer) -> None:
    peer.outbox.end(Close.REPLACED, "the same tab said hello again")
