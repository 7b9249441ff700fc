"""Snapshots: a folded state as bytes. A cache: dropping one, or all, costs time and nothing else.

Held is everything a fold needs to go on: values, owners, tombstones, the ground, undo stacks, the authors of all
versions and how far queues have come. The hash beside the bytes is that of the state (see state.digest), so that a
snapshot proves itself.
"""

import hashlib
import zlib
from itertools import groupby
from typing import Any, Final

import msgspec

from timeline_service.domain import changes, stacks
from timeline_service.domain import state as states
from timeline_service.domain.state import Ground, Log, Place, Record, State

FOLD_VERSION: Final = 1
"""Grows with every change of what a fold means or of the layout below; snapshots of another number are not read."""
LEVEL: Final = 1
SEAL: Final = 32


class Damaged(Exception):
    """The bytes are not what was written."""


class _Row(msgspec.Struct, frozen=True, array_like=True):
    kind: str
    id: str
    alive: bool
    exists: int
    base: int
    value: dict[str, Any]
    owners: dict[str, int]


class _Ground(msgspec.Struct, frozen=True, array_like=True):
    version: int
    order: int
    shift: changes.Shift


class _Stack(msgspec.Struct, frozen=True, array_like=True):
    actor: str
    undo: list[stacks.Entry]
    redo: list[stacks.Entry]


class _Saved(msgspec.Struct, frozen=True, array_like=True):
    version: int
    timeline_id: str
    records: list[_Row]
    shifts: list[_Ground]
    actors: list[str]
    authors: list[tuple[int, int]]
    """Runs of (index into actors, number of versions)."""
    stacks: list[_Stack]
    queues: list[tuple[str, int]] = []
    """In their order. Snapshots that were written before there were queues have none."""


_decoder: Final = msgspec.msgpack.Decoder(_Saved)
_encoder: Final = msgspec.msgpack.Encoder(order="deterministic")


def dump(state: State) -> tuple[bytes, bytes]:
    """A state as bytes, and its hash."""
    actors: dict[str, int] = {}
    runs = [(actors.setdefault(actor, len(actors)), sum(1 for _ in run)) for actor, run in groupby(state.authors)]
    saved = _Saved(
        version=state.version,
        timeline_id=state.timeline_id,
        records=[
            _Row(r.kind, r.id, r.alive, r.exists, r.base, r.value, r.owners) for _, r in sorted(state.records.items())
        ],
        shifts=[_Ground(*ground.at, ground.shift) for ground in state.shifts],
        actors=list(actors),
        authors=runs,
        stacks=[_Stack(actor, list(pair.undo), list(pair.redo)) for actor, pair in sorted(state.stacks.items())],
        queues=list(state.queues.items()),
    )
    packed = zlib.compress(_encoder.encode(saved), LEVEL)
    return hashlib.sha256(packed).digest() + packed, bytes.fromhex(states.digest(state))


def load(data: bytes, state_hash: bytes | None = None) -> State:
    """The state that was dumped. Raises Damaged where a byte differs, or where it is another state than the hash says.

    The seal in front of the bytes is checked always, which is cheap; the hash of the state only where it is given.
    """
    if hashlib.sha256(data[SEAL:]).digest() != data[:SEAL]:
        raise Damaged("the bytes do not match their seal")
    try:
        state = _state(_decoder.decode(zlib.decompress(data[SEAL:])))
    except (zlib.error, msgspec.MsgspecError, KeyError, IndexError) as error:
        raise Damaged(str(error)) from error
    if state_hash is not None and states.digest(state) != state_hash.hex():
        raise Damaged("the state does not match its hash")
    return state


def _state(saved: _Saved) -> State:
    state = State()
    state.version = saved.version
    state.timeline_id = saved.timeline_id
    shared = object()  # the first write to a record copies it
    for row in saved.records:
        record = Record(row.kind, row.id, row.value, row.owners, row.base, row.exists, row.alive, shared)
        state.records[row.id] = record
        if row.alive:
            state.index(record)
    state.shifts = Log([Ground(Place(ground.version, ground.order), ground.shift) for ground in saved.shifts])
    state.authors = Log([saved.actors[actor] for actor, count in saved.authors for _ in range(count)])
    state.stacks = {s.actor: stacks.Pair(stacks.Steps(s.undo), stacks.Steps(s.redo)) for s in saved.stacks}
    state.queues = dict(saved.queues)
    return state
