"""Undo and redo stacks, per actor, on the server: they are folded from the events like everything else.

An entry is the versions of one undo step: one gesture, or all gestures that share a transaction.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final, Literal, NamedTuple, overload

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


_entry: Final = partial(tuple.__new__, Entry)
"""An Entry from a tuple, without the Python function that takes its arguments apart."""


class Steps(Sequence[Entry]):
    """The newest DEPTH entries of a stack, newest last. A value: what it is made from stays as it was.

    Steps that come of one another share one list, of which each sees a part; a fold pushes without copying.
    """

    __slots__ = ("_items", "_start", "_stop")

    def __init__(self, items: list[Entry] | None = None, start: int = 0, stop: int | None = None) -> None:
        self._items = [] if items is None else items
        self._stop = stop = len(self._items) if stop is None else stop
        self._start = start
        if stop - start > DEPTH:
            self._start = stop - DEPTH

    def push(self, entry: Entry) -> "Steps":
        """With one more; the oldest goes where there are too many."""
        items, start, stop = self._items, self._start, self._stop
        if not stop or len(items) != stop or start > 8 * DEPTH:  # none yet, others went on, or much is out of sight
            items, start, stop = items[start:stop], 0, stop - start
        items.append(entry)
        return Steps(items, start, stop + 1)

    def grow(self, version: int) -> None:
        """Push a plain edit in place: for the one who made these steps and has given them to nobody."""
        items, start, stop = self._items, self._start, self._stop
        if len(items) != stop or start > 8 * DEPTH:
            self._items = items = items[start:stop]
            self._start, stop = 0, stop - start
        items.append(_entry(((version,), None)))
        self._stop = stop + 1
        if stop - self._start == DEPTH:
            self._start += 1

    def without(self, versions: Iterable[int]) -> "Steps":
        """Without the entry of these versions; the last one goes without copying."""
        gone = tuple(versions)
        if len(self) and self[-1].versions == gone:
            return Steps(self._items, self._start, self._stop - 1)
        return Steps([entry for entry in self if entry.versions != gone])

    def __len__(self) -> int:
        return self._stop - self._start

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | list[Entry]:
        if isinstance(index, slice):
            return self._items[self._start : self._stop][index]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._items[index + (self._start if index >= 0 else self._stop)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Steps) and self[:] == other[:]

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Steps({self[:]})"


class Pair(NamedTuple):
    """What one actor may undo and redo; the newest is last."""

    undo: Steps = Steps()
    redo: Steps = Steps()


Stacks = dict[str, Pair]
_NONE: Final = Pair()


def note(stacks: Stacks, version: int, actor: str, cause: Cause | None, transaction_id: str | None) -> None:
    """Fold one event into the stacks. My own edit clears my redo; nobody else's does."""
    undo, redo = stacks.get(actor, _NONE)
    if cause is not None and cause.kind == "undo":
        stacks[actor] = Pair(undo.without(cause.versions), redo.push(Entry((version,), None)))
    elif cause is not None and cause.kind == "redo":
        stacks[actor] = Pair(undo.push(Entry((version,), None)), redo.without(cause.versions))
    elif transaction_id is not None and len(undo) and undo[-1].transaction_id == transaction_id:
        joined = Entry((*undo[-1].versions, version), transaction_id)
        stacks[actor] = Pair(undo.without(undo[-1].versions).push(joined))
    else:
        stacks[actor] = Pair(undo.push(Entry((version,), transaction_id)))
