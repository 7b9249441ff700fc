"""The timeline state: folded records, who owns each field, and the ground they lie on.

A state is a value: `fork()` gives an independent one that shares what neither has written since. A fold applies
changes in place, which is fast; whoever decides a gesture works on a fork and throws it away when it is refused.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec

from timeline_service.domain import changes, lengths, queues, records, stacks
from timeline_service.domain.time import Rate

T = TypeVar("T")
Members = dict[str, None]
"""A set of ids that keeps the order in which they came: walked in it, records lie side by side in memory."""
EMPTY: Final[Members] = {}
TRANSITIONS: Final = "kind:transition"
"""The key of `members` that holds all transitions."""
_CONTAINER: Final = records.CONTAINER
_SIDE_KEYS: Final = {kind: tuple((side, "") for side in sides) for kind, sides in records.SIDES.items()}
_BONDS: Final = tuple((bond, f"{bond}:") for bond in records.BONDS)
_NAME: Final = {name: name for name in records.KINDS}
"""One string per kind for all records: what a fold touches on every record should not lie about in memory."""
_TIME: Final = {kind.name: kind.time for kind in records.KINDS.values()}


class Log(Generic[T]):
    """An append-only list whose forks share their common beginning."""

    __slots__ = ("_items", "_length")

    def __init__(self, items: list[T] | None = None, length: int | None = None) -> None:
        self._items: list[T] = [] if items is None else items
        self._length = len(self._items) if length is None else length

    def append(self, item: T) -> None:
        if len(self._items) != self._length:  # another fork went on from here
            self._items = self._items[: self._length]
        self._items.append(item)
        self._length += 1

    def fork(self) -> "Log[T]":
        return Log(self._items, self._length)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> T:
        if not 0 <= index < self._length:
            raise IndexError(index)
        return self._items[index]

    def __iter__(self) -> Iterator[T]:
        for index in range(self._length):
            yield self._items[index]


class Place(NamedTuple):
    """A position in the log: the event's version and the index of the change in it. Compares in time."""

    version: int
    order: int


class Ground(NamedTuple):
    """A shift where it stands in the log."""

    at: Place
    shift: changes.Shift


class Record(msgspec.Struct, eq=False, gc=False):
    """One record: fields, and the version that wrote each. `base` owns the fields that `owners` does not name.

    A struct for speed alone: it is made in C, and the garbage collector need not look at it (values are JSON).
    """

    kind: str
    id: str
    value: dict[str, Any]
    owners: dict[str, int]
    base: int
    exists: int
    alive: bool
    token: object

    def owner(self, field: str) -> int:
        """The version that wrote a field; 0 for a map key that is not there."""
        owner = self.owners.get(field)
        if owner is not None:
            return owner
        return self.base if field in self.value else 0

    def all_owners(self) -> dict[str, int]:
        """Owner of every field, absent map keys that somebody removed included."""
        full = {field: self.owner(field) for field in self.value}
        full.update((field, owner) for field, owner in self.owners.items() if field not in full and owner)
        return full


class State:
    """The records of one timeline at one version.

    `_open` holds the undo steps that only this state has, of actors with nothing to redo: a plain edit grows them.
    `members[id]` holds the ids of the living records that lie in a container: clips of a track, keyframes of a clip,
    markers of a track, a clip or the timeline, a transition in both its clips; under None the tracks of the root
    sequence; under `link_id:label` and `group_id:label` the clips that share a bond. `length`: see lengths.
    """

    __slots__ = (
        "_open",
        "_owned",
        "_shared_queues",
        "_token",
        "authors",
        "length",
        "members",
        "queues",
        "records",
        "shifts",
        "stacks",
        "timeline_id",
        "version",
    )

    def __init__(self) -> None:
        self.version = 0
        self.timeline_id = ""
        self.records: dict[str, Record] = {}
        self.members: dict[str | None, Members] = {}
        self.shifts: Log[Ground] = Log()
        self.authors: Log[str] = Log()
        self.stacks: stacks.Stacks = {}
        self.queues: queues.Queues = {}
        self._shared_queues = False
        self.length: int | None = None
        self._token = object()
        self._owned: set[str | None] = set()
        self._open: dict[str, stacks.Steps] = {}

    def fork(self) -> "State":
        """An independent state; neither sees what the other writes from here on."""
        other = State.__new__(State)
        other.version = self.version
        other.timeline_id = self.timeline_id
        other.records = self.records.copy()
        other.members = self.members.copy()
        other.shifts = self.shifts.fork()
        other.authors = self.authors.fork()
        other.stacks = self.stacks.copy()
        other.queues = self.queues
        other._shared_queues = self._shared_queues = True  # noqa: SLF001 - a state of the same class
        other.length = self.length
        other._token = object()  # noqa: SLF001
        other._owned = set()  # noqa: SLF001
        other._open = {}  # noqa: SLF001
        self._token = object()  # what is shared belongs to neither now
        self._owned = set()
        self._open = {}
        return other

    # ---- reading
    def find(self, id: str, kind: str | None = None) -> Record | None:
        """The living record of that id, and of that kind if one is named."""
        record = self.records.get(id)
        if record is None or not record.alive or (kind is not None and record.kind != kind):
            return None
        return record

    def living(self, kind: str) -> Iterator[Record]:
        return (record for record in self.records.values() if record.alive and record.kind == kind)

    def inside(self, container: str | None, kind: str) -> list[Record]:
        """The living records of a kind that lie in a container."""
        found = (self.records[id] for id in self.members.get(container, EMPTY))
        return [record for record in found if record.kind == kind]

    def transitions_of(self, track: str) -> list[Record]:
        """The transitions of a track. There are few of them, so that all are looked at rather than all clips."""
        found = []
        for transition in self.inside(TRANSITIONS, "transition"):
            side = transition.value["left_id"] or transition.value["right_id"]
            if self.records[side].value["track_id"] == track:
                found.append(transition)
        return found

    def bound(self, bond: str, label: str) -> list[Record]:
        """The living clips that share a link (`link_id`) or a group (`group_id`), in the order of their ids."""
        return [self.records[id] for id in sorted(self.members.get(f"{bond}:{label}", EMPTY))]

    def author(self, version: int) -> str | None:
        """The actor of an event; None for version 0."""
        return self.authors[version - 1] if version else None

    def name_of(self, id: str | None, otherwise: str = "") -> str:
        """A record for a sentence: its quoted name, or its kind and id. `otherwise` names what is not there yet."""
        record = self.records.get(id or "")
        name = record.value.get("name") if record is not None else otherwise
        return f'"{name}"' if name else f"{record.kind if record else 'record'} {id}"

    @property
    def rate(self) -> Rate:
        rate = self.records[self.timeline_id].value["rate"]
        return Rate(rate["num"], rate["den"])

    # ---- folding
    def apply(self, change: changes.Change, index: int) -> None:
        """One change of the event `version + 1`, the index-th of it. No gesture code runs here."""
        _APPLY[type(change)](self, change, index)

    def take(
        self, written: Iterable[changes.Change], actor: str, cause: stacks.Cause | None, transaction_id: str | None
    ) -> None:
        """One whole event: apply its changes and close it."""
        index = 0
        for change in written:
            _APPLY[type(change)](self, change, index)
            index += 1  # noqa: SIM113 - enumerate makes a tuple per event; this runs 200 000 times a second
        self.close(actor, cause, transaction_id)

    def close(self, actor: str, cause: stacks.Cause | None, transaction_id: str | None) -> None:
        """The event is complete: the version moves on, its author and the undo stacks are noted."""
        self.version = version = self.version + 1
        self.authors.append(actor)
        if cause is None and transaction_id is None and actor in self._open:  # nearly always in a fold
            self._open[actor].grow(version)
        elif version > 1:  # creation is not undoable
            stacks.note(self.stacks, version, actor, cause, transaction_id)
            self._open.pop(actor, None)
            undo, redo = self.stacks[actor]
            if not redo:
                self._open[actor] = undo  # made by `note` a moment ago, and given to nobody yet

    def note_seq(self, actor: str, client_id: str, seq: int) -> None:
        """The event that was closed last came from a queue of gestures."""
        if self._shared_queues:
            self.queues = self.queues.copy()
            self._shared_queues = False
        queues.note(self.queues, actor, client_id, seq)

    def _put(self, change: changes.Put, _index: int) -> None:
        version = self.version + 1
        exists = change.exists[1] if len(change.exists) > 1 else version
        owners = {} if change.owners is None else dict(change.owners)
        id, kind, value = change.id, _NAME[change.kind], change.value
        self.records[id] = Record(kind, id, value.copy(), owners, version, exists, True, self._token)
        self.length = lengths.after_put(self.length, kind, value)
        container = _CONTAINER.get(kind)
        if container is not None:
            self._members_of(value[container])[id] = None
            if kind == "clip":
                for bond, prefix in _BONDS:
                    if value[bond] is not None:
                        self._members_of(prefix + value[bond])[id] = None
        elif kind == "timeline":
            self.timeline_id = id
        else:
            self._enter(id, kind, value)

    def _set(self, change: changes.Set, _index: int) -> None:
        record = self.records[change.id]
        if record.token is not self._token:
            record = self._own(record)
        value, owners = record.value, record.owners
        version, fields = self.version + 1, change.fields
        if self.length is not None:
            self.length = lengths.after_set(self.length, record.kind, value, fields)
        container = _CONTAINER.get(record.kind)
        if container in fields:
            told = fields[container]
            if told[0] != told[1]:
                self._members_of(told[0]).pop(change.id, None)
                self._members_of(told[1])[change.id] = None
        if container is None or "link_id" in fields or "group_id" in fields:
            self._change_sides(record, fields)
        for field, told in fields.items():
            after = told[1]
            owner = told[3] if len(told) > 3 else version
            if after is None and "." in field:  # an absent key of a map
                value.pop(field, None)
                if not owner:
                    owners.pop(field, None)
                    continue
            else:
                value[field] = after
            owners[field] = owner

    def _drop(self, change: changes.Drop, _index: int) -> None:
        record = self.records[change.id]
        if record.token is not self._token:
            record = self._own(record)
        record.alive = False
        self.length = lengths.after_drop(self.length, record.kind, record.value)
        record.exists = change.exists[1] if len(change.exists) > 1 else self.version + 1
        container = _CONTAINER.get(record.kind)
        if container is not None:
            self._members_of(record.value[container]).pop(change.id, None)
        for field, prefix in self._sides(record.kind):
            if record.value[field] is not None:
                self._members_of(prefix + record.value[field]).pop(change.id, None)
        if record.kind == "transition":
            self._members_of(TRANSITIONS).pop(change.id, None)

    def index(self, record: Record) -> None:
        """Note where a living record lies that was not folded but read from a snapshot."""
        container = _CONTAINER.get(record.kind)
        if container is not None:
            self._members_of(record.value[container])[record.id] = None
        self._enter(record.id, record.kind, record.value)

    def _sides(self, kind: str) -> Iterable[tuple[str, str]]:
        """Fields that make a record a member of something beside its one container, and the prefix of its key."""
        return _BONDS if kind == "clip" else _SIDE_KEYS.get(kind, ())

    def _enter(self, id: str, kind: str, value: dict[str, Any]) -> None:
        if kind == "transition":
            self._members_of(TRANSITIONS)[id] = None
        for field, prefix in self._sides(kind):
            if value[field] is not None:
                self._members_of(prefix + value[field])[id] = None

    def _change_sides(self, record: Record, fields: dict[str, list[Any]]) -> None:
        for field, prefix in self._sides(record.kind):
            told = fields.get(field)
            if told is None or told[0] == told[1]:
                continue
            if told[0] is not None:
                self._members_of(prefix + told[0]).pop(record.id, None)
            if told[1] is not None:
                self._members_of(prefix + told[1])[record.id] = None

    def _shift(self, change: changes.Shift, index: int) -> None:
        self.shifts.append(Ground(Place(self.version + 1, index), change))
        if not change.moves:
            return
        self.length = None
        self._shift_inside(change.track or self.timeline_id, change.start, change.by)

    def _shift_inside(self, container: str, start: int, by: int) -> None:
        token, all_records = self._token, self.records
        for id in self.members.get(container, EMPTY):
            record = all_records[id]
            field = _TIME[record.kind]
            if field is None:  # an effect of the track: its keyframes lie on the same ground
                self._shift_inside(id, start, by)
            elif record.value[field] >= start:
                if record.token is not token:
                    record = self._own(record)
                record.value[field] += by

    def _own(self, record: Record) -> Record:
        """A copy that this state may write to, in place of a record that it shares."""
        mine = Record(
            record.kind,
            record.id,
            record.value.copy(),
            record.owners.copy(),
            record.base,
            record.exists,
            record.alive,
            self._token,
        )
        self.records[record.id] = mine
        return mine

    def _members_of(self, container: str | None) -> Members:
        members = self.members.get(container)
        if members is None:
            members = self.members[container] = {}
            self._owned.add(container)
        elif container not in self._owned:
            members = self.members[container] = members.copy()
            self._owned.add(container)
        return members


_APPLY: Final[dict[type, Callable[[State, Any, int], None]]] = {
    changes.Put: State._put,  # noqa: SLF001 - how a state takes a change
    changes.Set: State._set,  # noqa: SLF001
    changes.Drop: State._drop,  # noqa: SLF001
    changes.Shift: State._shift,  # noqa: SLF001
}


def canonical(state: State) -> bytes:
    """Everything a state is, as canonical JSON: tombstones and owners included, authors, stacks and queues not."""
    rows = [
        [id, record.kind, record.alive, record.exists, record.value, record.all_owners()]
        for id, record in sorted(state.records.items())
    ]
    shifts = [[*ground.at, changes.as_json(ground.shift)] for ground in state.shifts]
    return changes.ENCODER.encode([state.version, rows, shifts])


def digest(state: State) -> str:
    """SHA-256 of the canonical form, hex: two folds agree if and only if this does."""
    return hashlib.sha256(canonical(state)).hexdigest()
