"""Changes: the four primitive facts about records that an event carries and a fold applies.

    put    a record appears            exists=[before_owner, after_owner?]  owners absent = this version
    set    fields of it change         fields={name: [before, after, before_owner, after_owner?]}
    drop   it goes, with all it was    value and owners as they were
    shift  all that starts at or after `from` on one track moves by `by` ticks

A *unit* is undone whole or not at all. After-owner absent means the version of the event itself.
"""

from typing import Any, Final

import msgspec


class Put(msgspec.Struct, tag="put", tag_field="op", frozen=True, omit_defaults=True, kw_only=True, gc=False):
    kind: str
    id: str
    value: dict[str, Any]
    exists: list[int]
    unit: int
    owners: dict[str, int] | None = None


class Set(msgspec.Struct, tag="set", tag_field="op", frozen=True, kw_only=True, gc=False):
    kind: str
    id: str
    fields: dict[str, list[Any]]
    unit: int


class Drop(msgspec.Struct, tag="drop", tag_field="op", frozen=True, kw_only=True, gc=False):
    kind: str
    id: str
    value: dict[str, Any]
    owners: dict[str, int]
    exists: list[int]
    unit: int


class Shift(msgspec.Struct, tag="shift", tag_field="op", frozen=True, kw_only=True, gc=False, rename={"start": "from"}):
    """`track` None moves the timeline's markers; `moves` False counts for carrying only."""

    id: str
    track: str | None
    start: int
    by: int
    moves: bool
    unit: int


Change = Put | Set | Drop | Shift

ENCODER: Final = msgspec.json.Encoder(order="sorted")
"""Canonical JSON: keys sorted, no white space, UTF-8; integers only outside metadata."""
_to_builtins = msgspec.to_builtins


def as_json(change: Change) -> dict[str, Any]:
    """The wire form of a change."""
    data: dict[str, Any] = _to_builtins(change)
    return data


def touched(change: Change) -> str | None:
    """The id of the record that a change is about; None for a shift."""
    return None if isinstance(change, Shift) else change.id
