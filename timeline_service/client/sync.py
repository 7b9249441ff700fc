"""One client's part of a timeline, without a socket, a clock or dice: frames in, effects out.

    confirmed   what the service has told: a snapshot and the events after it, folded
    pending     what was asked for here and has not come back as events, each decided by the service's own code
    state       confirmed with pending laid over it: what is to be drawn

Whatever comes, pending is taken off, confirmed goes on, pending is laid over it again. A gesture leaves pending when
its event comes, or when its result says that there is none. It stays in the queue until its result has come, and is
sent again after every lost connection: the same gestures in the same order. What was accepted is answered `duplicate`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from timeline_service.client import framing, pending, previews
from timeline_service.client.arrivals import Arrivals, Unfit
from timeline_service.client.company import Company
from timeline_service.client.effects import (
    Changed,
    Diverged,
    Draining,
    Effect,
    Event,
    Fetch,
    Leased,
    Opened,
    Refused,
    Result,
    Send,
    Settled,
    Told,
    Wait,
)  # fmt: skip
from timeline_service.client.errors import WrongQueue
from timeline_service.client.pending import Entry, Item, View
from timeline_service.client.queue import Queue
from timeline_service.client.steps import Steps
from timeline_service.domain.draft import Media
from timeline_service.domain.event import SCHEMA_VERSION
from timeline_service.domain.state import State

RETRY_MS: Final = 500
IN_FLIGHT: Final = 64


class Sync:
    """See above. `new_id` names batches, and gestures that come without an id: ids are never reused, nowhere.

    `queue` is what a client of the same id saved before (see `saved`). `assets` is media known here, by asset id: what
    names other media is decided by the service alone. Raises WrongQueue.
    """

    def __init__(
        self,
        timeline_id: str,
        client_id: str,
        *,
        new_id: Callable[[], str],
        queue: Queue | None = None,
        tab_id: str | None = None,
        assets: Mapping[str, Media] | None = None,
    ) -> None:
        queue = queue or Queue(client_id=client_id, timeline_id=timeline_id)
        if (queue.client_id, queue.timeline_id) != (client_id, timeline_id):
            raise WrongQueue(f"the queue is of {queue.client_id} on {queue.timeline_id}")
        self.timeline_id = timeline_id
        self.client_id = client_id
        self.tab_id = tab_id
        self.assets = assets or {}
        self.welcome: dict[str, Any] | None = None
        self.company = Company()
        self._steps = Steps()
        self._new_id = new_id
        self._arrivals = Arrivals(self._fold)
        self._entries = [Entry(frame) for frame in queue.frames]
        self._seq = queue.seq
        self._actor = ""
        self._epoch: str | None = None
        self._laid: State | None = None
        self._paused = self._careful = False
        self._told: list[Effect] = []

    # ---- what is known
    @property
    def confirmed(self) -> State:
        """What the service has told so far. Read only; it moves on in place."""
        return self._arrivals.state

    @property
    def state(self) -> State:
        """What is to be drawn: confirmed and pending. Read only; ask again after a change."""
        if self._laid is None:
            self._laid = pending.overlay(self.confirmed, self._entries, self._view)
        return self._laid

    @property
    def version(self) -> int:
        """The version of `confirmed`."""
        return self.confirmed.version

    @property
    def undo_state(self) -> dict[str, Any]:
        """{can_undo, can_redo, label} of this person, as far as it has been told."""
        return self._steps.state

    @property
    def ready(self) -> bool:
        """Whether there is a state: a first snapshot has come."""
        return self._arrivals.known

    @property
    def pending(self) -> list[dict[str, Any]]:
        """The frames without a result, oldest first."""
        return [entry.frame for entry in pending.unanswered(self._entries)]

    @property
    def shown(self) -> list[str]:
        """The ids of the gestures that are laid over `confirmed`, or wait to be."""
        return [item.gesture_id for entry in self._entries for item in entry.shown(self.version)]

    def saved(self) -> Queue:
        """The queue as a value; dry runs are asked once and not kept."""
        frames = tuple(frame for frame in self.pending if not frame.get("dry_run"))
        return Queue(client_id=self.client_id, timeline_id=self.timeline_id, seq=self._seq, frames=frames)

    # ---- asking
    def push(
        self,
        gestures: Sequence[dict[str, Any]],
        *,
        batch: str | None = None,
        atomic: bool = True,
        dry_run: bool = False,
        transaction: dict[str, Any] | None = None,
        expect: dict[str, Any] | None = None,
        expected_version: int | None = None,
    ) -> str:
        """Queue gestures and show what they come to; answers the name of the batch. Raises Unsendable.

        `base` says which version the author saw, so that positions are carried from there. No version says it while
        something pending moves the ground: then positions are taken as they stand.
        """
        named = [dict(gesture) for gesture in gestures]
        for place, gesture in enumerate(named, 1):
            gesture.setdefault("gesture_id", self._new_id())
            gesture["seq"] = self._seq + place
        base = None if not self.ready or pending.moving(self.confirmed, self.state) else self.version
        frame = framing.push(
            batch or self._new_id(), named, base=base, atomic=atomic, dry_run=dry_run, transaction=transaction,
            expect=expect, expected_version=expected_version,
        )  # fmt: skip
        framing.check(frame, self._frame_bytes, {gesture_id for entry in self._entries for gesture_id in _ids(entry)})
        self._seq += len(named)
        return self._enqueue(frame)

    def undo(self, *, redo: bool = False, batch: str | None = None, **options: Any) -> str:
        """Queue an undo or redo: options `target`, `policy`, `on_blocked`, `dry_run`, `gesture_id` as in the stream."""
        return self._flip("redo" if redo else "undo", batch, options)

    def restore(self, version: int, *, batch: str | None = None, **options: Any) -> str:
        """Queue a restore of a version: options `reason`, `dry_run`, `gesture_id`."""
        return self._flip("restore", batch, {"version": version, **options})

    def _flip(self, kind: str, batch: str | None, options: dict[str, Any]) -> str:
        frame = {"t": kind, "batch": batch or self._new_id(), "gesture_id": self._new_id(), **options}
        framing.check(frame, self._frame_bytes, {gesture_id for entry in self._entries for gesture_id in _ids(entry)})
        return self._enqueue(frame)

    def _enqueue(self, frame: dict[str, Any]) -> str:
        entry = Entry(frame)
        self._entries.append(entry)
        if self._laid is not None and self.ready:
            self._laid = pending.lay(self._laid, entry, self.version, self._view)
        return entry.batch

    def preview(self, gestures: Sequence[dict[str, Any]], transaction_id: str) -> dict[str, Any]:
        """What a drag would come to, for `presence`: `{transaction_id, records: {id: {field: value}}}`, at most 3 KB.

        Nothing is queued. What cannot be decided here, or does not fit, is left out.
        """
        return previews.preview(self.state, gestures, transaction_id, self._view)

    # ---- the connection
    def hello(self, token: str) -> dict[str, Any]:
        """The first frame of a new connection."""
        frame: dict[str, Any] = {"t": "hello", "proto": 1, "token": token, "timeline_id": self.timeline_id}
        frame |= {"client_id": self.client_id, "schema": SCHEMA_VERSION}
        if self.tab_id is not None:
            frame["tab_id"] = self.tab_id
        if self.ready and self._epoch is not None:
            frame |= {"after_version": self.version, "epoch": self._epoch}
        return frame

    def disconnected(self) -> list[Effect]:
        """The connection is lost: all that has no result is to be sent again."""
        self.welcome = None
        self._paused = False
        self.company.end()
        self._arrivals.interrupt()
        for entry in self._entries:
            entry.sent = False
        return [Changed("peers"), Changed("leases")]

    def outgoing(self) -> list[dict[str, Any]]:
        """The frames to send now, oldest first; each is answered once per connection.

        What was turned away goes first, and waits until all that was sent behind it is answered: the order stays. It
        goes alone, so that what is sent behind it does not use up what the service has to give.
        """
        if self.welcome is None or self._paused:
            return []
        window = 1 if self._careful else self._limit("inflight", IN_FLIGHT)
        return [entry.frame for entry in pending.due(self._entries, window)]

    def resumed(self) -> list[Effect]:
        """The time that `Wait` asked for is over."""
        self._paused = False
        return self._flush()

    def receive(self, frame: dict[str, Any]) -> list[Effect]:
        """Take one frame of the service; frames of kinds that are not known here are passed over."""
        take = _TAKES.get(frame["t"])
        if take is None:
            return []
        return self._guarded(lambda: take(self, frame))

    def supply(self, fetch: Fetch, data: dict[str, Any]) -> list[Effect]:
        """What was fetched: the timeline as `GET` answers it, or the one item of `GET …/events`."""
        return self._guarded(lambda: self._arrivals.supply(fetch, data))

    # ---- taking frames
    def _guarded(self, take: Callable[[], list[Effect]]) -> list[Effect]:
        before = (self.confirmed, self.version)
        try:
            effects = take()
        except Unfit as error:
            self._arrivals.forget()
            self._told.clear()
            self._laid = None
            return [Diverged(str(error)), Changed("state")]
        told, self._told = self._told, []
        if (self.confirmed, self.version) != before:
            self._laid = None
            if self.confirmed is not before[0]:
                self._begin_again()
            self._forget_landed()
            told.append(Changed("state"))
        return [*told, *effects, *self._flush()]

    def _take_welcome(self, frame: dict[str, Any]) -> list[Effect]:
        self.welcome = frame
        self._laid = None
        self._actor = frame["actor"]["id"]
        self._seq = max(self._seq, frame.get("last_seq", 0))
        if self._epoch is not None and frame["epoch"] != self._epoch:
            self._change_epoch()
        self._epoch = frame["epoch"]
        self._steps.told(frame["undo"], frame["head"])
        if frame["mode"] == "snapshot":
            self._arrivals.expect_snapshot()
        self.company.begin(frame)
        return [Opened(frame), Changed("undo"), Changed("peers"), Changed("leases")]

    def _change_epoch(self) -> None:
        """The service's log is another one (a backup): what has a result is past, what has none is asked anew."""
        self._steps.forget()
        self._entries = list(pending.unanswered(self._entries))
        for entry in self._entries:
            entry.begin_anew()

    def _begin_again(self) -> None:
        """A snapshot came: which of the unanswered gestures are in it, their numbers say."""
        last_seq = (self.welcome or {}).get("last_seq", 0)
        for item in self._items():
            item.meet_snapshot(self.version, last_seq)

    def _take_snapshot(self, frame: dict[str, Any]) -> list[Effect]:
        return self._arrivals.snapshot(frame)

    def _take_events(self, frame: dict[str, Any]) -> list[Effect]:
        return self._arrivals.events(frame)

    def _take_resync(self, _: dict[str, Any]) -> list[Effect]:
        return self._arrivals.resync()

    def _fold(self, item: dict[str, Any]) -> None:
        for mine in self._items():
            if mine.gesture_id == item["gesture_id"]:
                mine.landed = item["version"]
        self._told.append(Event(item))
        if item["actor"] == self._actor and self._steps.happened(item):
            self._told.append(Changed("undo"))

    def _take_result(self, frame: dict[str, Any]) -> list[Effect]:
        place = next((n for n, entry in enumerate(self._entries) if entry.batch == frame["batch"]), None)
        if place is None or self._entries[place].settled:
            return []
        entry = self._entries[place]
        results = tuple(msgspec.convert(told, Result) for told in frame["r"])
        away = [result for result in results if result.turned_away]
        refused = any(not result.ok for result in results)
        if away or (refused and any(not before.sent for before in pending.unanswered(self._entries[:place]))):
            return self._hold(entry, away)
        if any(result.version is None for result in results):  # what came to nothing shows no more
            self._laid = None
        entry.settle(results)
        self._careful = False
        self._forget_landed()
        effects: list[Effect] = [Settled(entry.batch, results, frame)]
        sent = pending.sent_gestures(entry.frame)
        effects += [Refused(entry.batch, r, gesture) for r, gesture in zip(results, sent, strict=True) if not r.ok]
        self._learn_steps(entry, frame)
        return [*effects, Changed("undo"), Changed("state")]

    def _learn_steps(self, entry: Entry, frame: dict[str, Any]) -> None:
        """A push tells its author enough; the service says what is left after an undo, also after a refused one."""
        if "undo" in frame:
            self._steps.told(frame["undo"], frame["head"])
        elif entry.frame["t"] == "push" and not entry.asks:
            for version, label in entry.made():
                self._steps.edited(version, label)

    def _hold(self, entry: Entry, away: list[Result]) -> list[Effect]:
        """Not now: to be sent again, in its turn. What was decided without an earlier one is asked again behind it."""
        entry.sent, self._careful = False, True
        if not away or self._paused:
            return []
        self._paused = True
        return [Wait(max(result.details.get("retry_after_ms", RETRY_MS) for result in away))]

    def _take_presence(self, frame: dict[str, Any]) -> list[Effect]:
        self.company.presence(frame)
        return [Changed("peers")]

    def _take_lease(self, frame: dict[str, Any]) -> list[Effect]:
        self.company.lease(frame)
        return [Leased(frame), Changed("leases")]

    def lapse(self, record: str) -> list[Effect]:
        """A lease has ended, and nobody has said so."""
        return [] if self.company.leases.pop(record, None) is None else [Changed("leases")]

    def _take_drain(self, frame: dict[str, Any]) -> list[Effect]:
        self._paused = True
        return [Draining(frame["reconnect_ms"])]

    def _take_ping(self, frame: dict[str, Any]) -> list[Effect]:
        return [Send({"t": "pong", "n": frame.get("n", 0)})]

    def _take_error(self, frame: dict[str, Any]) -> list[Effect]:
        """A message that was none. Where it was something that was asked for, there will be no other answer to it."""
        details = frame.get("details", {})
        entry = next((one for one in self._entries if one.sent and one.batch == details.get("batch")), None)
        if entry is None:
            return [Told(frame)]
        no = {"ok": False, "code": frame["code"], "message": frame["message"], "details": details}
        refused = [{"gesture_id": id, **no} for id in _ids(entry)]
        return [Told(frame), *self._take_result({"batch": entry.batch, "head": self.version, "r": refused})]

    # ---- inside
    @property
    def _view(self) -> View:
        return View(self._actor, self.assets, self._arrivals.floor)

    def _limit(self, name: str, otherwise: int) -> int:
        return int((self.welcome or {}).get("limits", {}).get(name, otherwise))

    @property
    def _frame_bytes(self) -> int:
        return self._limit("frame_kb", framing.FRAME_KB) * 1024

    def _items(self) -> list[Item]:
        return [item for entry in self._entries for item in entry.items]

    def _flush(self) -> list[Effect]:
        return [Send(frame) for frame in self.outgoing()]

    def _forget_landed(self) -> None:
        """What has its results and is in the confirmed state is over."""
        self._entries = [entry for entry in self._entries if not entry.settled or entry.shown(self.version)]


def _ids(entry: Entry) -> list[str]:
    return [item.gesture_id for item in entry.items]


_TAKES: Final[dict[str, Callable[[Sync, dict[str, Any]], list[Effect]]]] = {
    "welcome": Sync._take_welcome,  # noqa: SLF001 - how a client takes a frame
    "snapshot": Sync._take_snapshot,  # noqa: SLF001
    "events": Sync._take_events,  # noqa: SLF001
    "result": Sync._take_result,  # noqa: SLF001
    "presence": Sync._take_presence,  # noqa: SLF001
    "lease": Sync._take_lease,  # noqa: SLF001
    "resync": Sync._take_resync,  # noqa: SLF001
    "drain": Sync._take_drain,  # noqa: SLF001
    "ping": Sync._take_ping,  # noqa: SLF001
    "error": Sync._take_error,  # noqa: SLF001
}
