"""How long a timeline is after a change, where its length before is known: to search all clips takes a while.

A length is the end of the last clip of the root sequence, in ticks. None: it has to be searched for, as nobody has yet,
or the last clip may have become shorter, or has gone. A clip of another sequence that ends later than the root sequence
is taken for one of the root, which costs a search and nothing else.
"""

from collections.abc import Mapping
from typing import Any, Final

_PLACED: Final = frozenset({"start", "duration", "track_id"})


def end_of(value: Mapping[str, Any]) -> int:
    """Where a clip ends, in ticks."""
    return int(value["start"] + value["duration"])


def after_put(length: int | None, kind: str, value: Mapping[str, Any]) -> int | None:
    """A record has come."""
    return length if length is None or kind != "clip" or end_of(value) <= length else None


def after_drop(length: int | None, kind: str, value: Mapping[str, Any]) -> int | None:
    """A record has gone."""
    return length if length is None or kind != "clip" or end_of(value) < length else None


def after_set(length: int, kind: str, before: Mapping[str, Any], fields: Mapping[str, list[Any]]) -> int | None:
    """Fields of a record are about to be written: `[before, after, …]` each."""
    if kind == "track":
        return None if "sequence_id" in fields else length
    if kind != "clip" or _PLACED.isdisjoint(fields):
        return length
    if end_of(before) >= length:
        return None
    start, duration = (fields[name][1] if name in fields else before[name] for name in ("start", "duration"))
    return length if start + duration <= length else None
