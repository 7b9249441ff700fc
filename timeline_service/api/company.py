"""Who is on one timeline: the sessions of this process and, as far as it has heard, those of the others."""

import asyncio
import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from timeline_service.api.outbox import Outbox
from timeline_service.api.peer_store import FORGOTTEN_S, Heard, Own, Seen
from timeline_service.api.protocol import Close

GRACE_S: Final = 1.0
"""A session replaces older ones of its tab when it has lived so long. A hello may reach a process that was busy or
stopped long after its client has gone and connected elsewhere: the session that comes of it dies at once.
"""
LATER: Final = math.inf
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


class Rival(NamedTuple):
    """Another session of a tab: when it came, by the clock of Redis (µs), and when it was heard of (monotonic s).

    One that came to this process after the other came later than any.
    """

    since: float
    heard: float

    def beats(self, local: "Local") -> bool:
        """Whether it is known to have come later."""
        return self.since == LATER or 0 < local.since < self.since


@dataclass(slots=True)
class Local:
    """A session of this process. `since`: when it came, by the clock of Redis (µs); 0 until Redis has said so.

    `rivals`: the other sessions of its tab. `due`: when it may speak again (monotonic seconds).
    """

    peer: Peer
    frame: str
    joined: bool = False
    since: int = 0
    rivals: dict[str, Rival] = field(default_factory=dict)
    due: float = 0.0
    waiting: Frame | None = None
    timer: asyncio.TimerHandle | None = None
    came: float = field(default_factory=time.monotonic)

    def own(self) -> Own:
        """As it is to be written down."""
        age_us = round((time.monotonic() - self.came) * 1_000_000)
        return Own(self.peer.session_id, self.frame, self.peer.tab, age_us)


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
        """A session of this process that has not been welcomed yet. An older one of its tab will be closed."""
        self._challenge(peer.tab, peer.session_id, LATER)
        local = self.local[peer.session_id] = Local(peer, peer.frame({}))
        return local

    def shown(self, but: str) -> list[Frame]:
        """Everybody else, with what they said last: for a welcome."""
        local = (one.frame for name, one in self.local.items() if name != but and one.joined)
        return [_place(frame) for frame in (*local, *(one.frame for one in self.remote.values()))]

    def own(self) -> list[Own]:
        """The sessions of this process, to be written down."""
        return [one.own() for one in self.local.values()]

    def pass_on(self, session_id: str, frame: str) -> None:
        """To all sessions of this process but the one that it is of."""
        for name, one in self.local.items():
            if name != session_id and one.joined:
                one.peer.outbox.put_presence(session_id, frame)

    def hear(self, heard: Heard) -> None:
        """What another process, or a script of any, has announced."""
        if heard.sign == "@":
            self._challenge(heard.tab, heard.session_id, heard.since)
            return
        if heard.sign == "-":
            self.remote.pop(heard.session_id, None)
            self.gone(heard.session_id)
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
        self._compare_tabs(page, there, asked)
        return not unknown

    def sweep(self) -> None:
        """Forget those whose process has been silent for too long, close those that were replaced."""
        now = time.monotonic()
        self._forget(lambda _, one: one.deadline < now)
        for one in self.local.values():
            if any(rival.heard + GRACE_S <= now and rival.beats(one) for rival in one.rivals.values()):
                one.peer.outbox.end(Close.REPLACED, "the same tab said hello again")

    def gone(self, session_id: str) -> None:
        """A session has left: it replaces nobody."""
        for one in self.local.values():
            one.rivals.pop(session_id, None)

    def _challenge(self, tab: str, session_id: str, since: float) -> None:
        """Note a session for the others of its tab; of two, the one that came later stays."""
        for name, one in self.local.items() if tab else ():
            if one.peer.tab == tab and name != session_id:
                one.rivals.setdefault(session_id, Rival(since, time.monotonic()))

    def _compare_tabs(self, page: list[Seen], there: set[str], asked: float) -> None:
        for seen in page:
            if not seen.own:
                self._challenge(seen.tab, seen.session_id, seen.since)
        for one in self.local.values():
            for name, rival in tuple(one.rivals.items()):
                if name not in there and name not in self.local and rival.heard < asked:
                    del one.rivals[name]

    def _forget(self, gone: Callable[[str, Remote], bool]) -> None:
        for name in [name for name, one in self.remote.items() if gone(name, one)]:
            self.pass_on(name, _farewell(self.remote.pop(name).frame))
            self.gone(name)


def _place(frame: str) -> Frame:
    said: Frame = orjson.loads(frame)
    return {name: value for name, value in said.items() if name not in {"t", "here"}}


def _farewell(frame: str) -> str:
    said = orjson.loads(frame)
    return orjson.dumps({name: said[name] for name in ("t", "session_id", "actor", "role")} | {"here": False}).decode()
