"""Undo and redo stacks, per actor, on the server: they are folded from the events like everything else.

An entry is the versions of one undo step: one gesture, or all gestures that share a transaction.
"""

from typing import Final, Literal, NamedTuple

import msgspec

DEPTH: Final = 500


class Cause(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Why an event was appended, if not as somebody's plain gesture."""

    kind: Literal["undo", "redo", "revert", "restore", "import"]
    versions: list[int] = []
    """The events that an undo or redo takes back; for a restore the version it goes back to."""
    revert: bool = False
    """An undo or redo of a revert: what it takes back may belong to others."""


class Entry(NamedTuple):
    """One undo step."""

    versions: tuple[int, ...]
    transaction_id: str | None


class Pair(NamedTuple):
    """What one actor may undo and redo; the newest is last."""

    undo: tuple[Entry, ...] = ()
    redo: tuple[Entry, ...] = ()


Stacks = dict[str, Pair]


def note(stacks: Stacks, version: int, actor: str, cause: Cause | None, transaction_id: str | None) -> None:
    """Fold one event into the stacks. My own edit clears my redo; nobody else's does."""
    mine = stacks.get(actor, Pair())
    step = Entry((version,), transaction_id)
    if cause is not None and cause.kind == "undo":
        stacks[actor] = Pair(_without(mine.undo, cause.versions), _push(mine.redo, step._replace(transaction_id=None)))
    elif cause is not None and cause.kind == "redo":
        stacks[actor] = Pair(_push(mine.undo, step._replace(transaction_id=None)), _without(mine.redo, cause.versions))
    else:
        last = mine.undo[-1] if mine.undo else None
        if last is not None and transaction_id is not None and last.transaction_id == transaction_id:
            joined = Entry((*last.versions, version), transaction_id)
            stacks[actor] = Pair((*mine.undo[:-1], joined))
        else:
            stacks[actor] = Pair(_push(mine.undo, step))


def _push(entries: tuple[Entry, ...], entry: Entry) -> tuple[Entry, ...]:
    return (*entries[-(DEPTH - 1) :], entry)


def _without(entries: tuple[Entry, ...], versions: list[int]) -> tuple[Entry, ...]:
    gone = tuple(versions)
    return tuple(entry for entry in entries if entry.versions != gone)
