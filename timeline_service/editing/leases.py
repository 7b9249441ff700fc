"""Soft leases: somebody asks the others to keep off a record for some seconds. Pure: who holds what, and what it stops.

A lease stops writes of other people to the record and to what lies inside it. It protects nothing that must hold: it
ends by itself, can be taken over openly, and is gone while Redis is away.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from timeline_service.domain import records
from timeline_service.domain.changes import Change, Put, Set, Shift
from timeline_service.domain.state import State
from timeline_service.editing.errors import EditRefused

TTL_MS: Final = 15_000
PER_SESSION: Final = 200


class Leased(EditRefused):
    """Somebody else has leased this record, or one that it lies in; `details` says who, and until when."""

    code = "leased"
    status = 409
    retryable = True

    def __init__(self, **details: Any) -> None:
        super().__init__((type(self).__doc__ or "").strip(), code="leased", status=409, **details)


@dataclass(frozen=True, slots=True)
class Holder:
    """A session and whose it is."""

    session_id: str
    actor_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Lease:
    """One held record. `until_ms`: since 1970 by the clock of Redis; `deadline`: seconds, by this process's own.

    `revision` rises with every change of the timeline's leases.
    """

    record: str
    holder: Holder
    until_ms: int
    ttl_ms: int
    revision: int
    deadline: float

    @property
    def until(self) -> str:
        """RFC 3339."""
        at = datetime.fromtimestamp(self.until_ms / 1000, UTC)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def shown(self) -> dict[str, Any]:
        """Its place in `welcome.leases` and in a `lease` frame."""
        holder = {"session_id": self.holder.session_id, "actor": actor_of(self.holder)}
        return {"record": self.record, "holder": holder, "until": self.until, "ttl_ms": self.ttl_ms}


class Standing(NamedTuple):
    """The leases of a timeline as they stand at a moment of this process's monotonic clock, in seconds."""

    leases: Mapping[str, Lease]
    now: float


NONE: Final = Standing({}, 0.0)


def actor_of(holder: Holder) -> dict[str, str]:
    return {"id": holder.actor_id, "name": holder.name}


def check(state: State, written: Sequence[Change], actor: str, standing: Standing) -> None:
    """Refuse changes that write to what somebody else holds. `state` is the one before them. Raises Leased.

    Written to are the records that are put, set and dropped, all that they lie in, and where a set moves them. What a
    shift carries along is not asked about: nobody meant it.
    """
    leases, now = standing
    if not leases:
        return
    others = {record: held for record, held in leases.items() if held.holder.actor_id != actor and held.deadline > now}
    if not others:
        return
    made = {change.id: change for change in written if isinstance(change, Put)}
    seen: set[str] = set()
    for change in written:
        if isinstance(change, Shift):
            continue
        pending = [change.id, *_moved_into(change)]
        while pending:
            id = pending.pop()
            if id in seen:
                continue
            seen.add(id)
            if id in others:
                raise _refusal(others[id], change.id, now)
            pending += _holding(state, made, id)


def _moved_into(change: Change) -> Iterable[str]:
    if not isinstance(change, Set):
        return ()
    after = (change.fields[name][1] for name in records.KINDS[change.kind].containers if name in change.fields)
    return (id for id in after if id is not None)


def _holding(state: State, made: Mapping[str, Put], id: str) -> Iterable[str]:
    """What a record lies in."""
    record = made.get(id) or state.find(id)
    if record is None:
        return ()
    return (
        holder
        for name in records.KINDS[record.kind].containers
        if (holder := record.value.get(name)) is not None
    )  # fmt: skip


def _refusal(lease: Lease, written: str, now: float) -> Leased:
    return Leased(
        record=lease.record,
        written=written,
        actor=actor_of(lease.holder),
        until=lease.until,
        retry_after_ms=max(1, round((lease.deadline - now) * 1000)),
    )
