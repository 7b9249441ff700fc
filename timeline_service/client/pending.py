"""What was asked for and is not in the confirmed state yet: sent or waiting to be, and what it would come to.

Each gesture is decided here by the service's own code, on the state that the ones before it leave. What cannot be
decided (an undo, a `$ref`, media that only the service knows, a position from before the snapshot) waits without an
effect, and shows when its event comes.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from timeline_service.client.effects import Result
from timeline_service.domain import decide, errors, registry
from timeline_service.domain.draft import Facts, Media
from timeline_service.domain.gesture import Gesture
from timeline_service.domain.state import State

RESERVED: Final = frozenset({"gesture_id", "seq", "expect", "after"})
UNREADABLE: Final = (ValidationError, KeyError, errors.Refused)


class View(NamedTuple):
    """What deciding here needs beside a state: who asks, media known, and the version that shifts are known from."""

    actor: str
    assets: Mapping[str, Media]
    floor: int


class Item:
    """One gesture of an entry. `landed` is the version of its event, once that was taken in."""

    __slots__ = ("gesture", "gesture_id", "hidden", "landed", "result", "seq")

    def __init__(self, gesture_id: str, seq: int, gesture: Gesture | None) -> None:
        self.gesture_id = gesture_id
        self.seq = seq
        self.gesture = gesture
        self.landed: int | None = None
        self.result: Result | None = None
        self.hidden = False

    def shows(self, version: int) -> bool:
        """Whether its effect is still to be laid over a confirmed state of this version."""
        if self.hidden or self.landed is not None:
            return False
        return self.result is None or (self.result.ok and (self.result.version or 0) > version)

    def meet_snapshot(self, version: int, last_seq: int) -> None:
        """A snapshot of a version is all there is: what is in it, the numbers that are committed say."""
        if self.landed is not None and self.landed > version:
            self.landed = None
        self.hidden = self.landed is None and 0 < self.seq <= last_seq


class Entry:
    """One frame of the queue: a push, undo, redo or restore. `frame` is sent as it is, each time."""

    def __init__(self, frame: dict[str, Any]) -> None:
        self.frame = frame
        self.batch: str = frame["batch"]
        self.sent = False
        self.items = [Item(sent["gesture_id"], sent.get("seq", 0), _read(sent, frame)) for sent in sent_gestures(frame)]

    @property
    def settled(self) -> bool:
        """Whether the results have come."""
        return self.items[0].result is not None

    @property
    def base(self) -> int | None:
        base: int | None = self.frame.get("base")
        return base

    @property
    def asks(self) -> bool:
        """Whether it is a dry run, which changes nothing."""
        return bool(self.frame.get("dry_run"))

    def shown(self, version: int) -> list[Item]:
        """The gestures that a confirmed state of this version does not have."""
        if self.settled and self.asks:
            return []
        return [item for item in self.items if item.shows(version)]

    def begin_anew(self) -> None:
        """The log is another one: versions of the old one say nothing."""
        self.frame.pop("base", None)
        for item in self.items:
            item.landed, item.hidden = None, False

    def made(self) -> Iterator[tuple[int, str | None]]:
        """The versions that came of it, each with its sentence."""
        for item in self.items:
            if item.result is not None and item.result.version is not None:
                yield item.result.version, item.result.description

    def settle(self, results: Iterable[Result]) -> None:
        for item, result in zip(self.items, results, strict=True):
            item.result = result


def sent_gestures(frame: dict[str, Any]) -> list[dict[str, Any]]:
    """The gestures of a frame; an undo, redo or restore is one itself."""
    gestures: list[dict[str, Any]] = frame["gestures"] if frame["t"] == "push" else [frame]
    return gestures


def _read(sent: dict[str, Any], frame: dict[str, Any]) -> Gesture | None:
    """The gesture, where it can be decided here."""
    if frame["t"] != "push" or frame.get("dry_run"):  # what an undo takes back is in the log, which is not here
        return None
    try:
        return registry.parse({name: value for name, value in sent.items() if name not in RESERVED})
    except UNREADABLE:  # a reference to another gesture of the batch, or nothing that the service takes either
        return None


def overlay(confirmed: State, entries: Iterable[Entry], view: View) -> State:
    """The confirmed state with everything that is pending on it, in order; `confirmed` stays as it is."""
    state = confirmed
    if not confirmed.timeline_id:
        return state
    for entry in entries:
        state = lay(state, entry, confirmed.version, view)
    return state


def lay(state: State, entry: Entry, version: int, view: View) -> State:
    """The state with one more entry laid over it; `version` is that of the confirmed state below."""
    laid = state
    for item in entry.shown(version):
        after = try_one(laid, item.gesture, item.gesture_id, entry.base, view)
        if after is not None:
            laid = after
        elif entry.frame.get("atomic", True):  # one fate for all
            return state
    return laid


def try_one(state: State, gesture: Gesture | None, gesture_id: str, base: int | None, view: View) -> State | None:
    """The state after a gesture; None where it cannot be decided here."""
    if gesture is None:
        return None
    try:
        if base is not None and base < view.floor and gesture.grounds(state):
            return None  # what has moved between is not known here
        facts = Facts(gesture_id, view.assets)
        return decide.decide(state, gesture, facts, actor=view.actor, base_version=base).state
    except errors.NoChange:
        return state
    except errors.Refused:
        return None


def moving(confirmed: State, shown: State) -> bool:
    """Whether something pending moves the ground: then no version says what its author saw."""
    return len(shown.shifts) > len(confirmed.shifts)


def unanswered(entries: Iterable[Entry]) -> Iterator[Entry]:
    return (entry for entry in entries if not entry.settled)


def due(entries: Iterable[Entry], window: int) -> list[Entry]:
    """Mark and answer what is to be sent now, oldest first, with `window` in flight at most."""
    waiting = list(unanswered(entries))
    in_flight = behind = sum(entry.sent for entry in waiting)
    chosen: list[Entry] = []
    for entry in waiting:
        if entry.sent:
            behind -= 1
            continue
        if behind or in_flight >= window:
            break
        entry.sent = True
        in_flight += 1
        chosen.append(entry)
    return chosen
