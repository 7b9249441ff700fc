"""A draft: the changes of one event in the making, applied to a fork of the state as they are written.

Gestures write drafts; they read `draft.state`, which already shows what they wrote. Nothing reaches the state that was
forked until the front door commits.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from timeline_service.domain import changes, errors, records
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import MAX_TICKS, Rate, Time

_TIME: Final = {kind.name: kind.time for kind in records.KINDS.values()}


@dataclass(frozen=True, slots=True)
class Media:
    """What is known of an asset when a gesture names it. Durations in ticks, sizes in pixels."""

    kind: str
    duration: int | None = None
    rate: Rate | None = None
    width: int | None = None
    height: int | None = None
    has_audio: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What a gesture may know beside the state: its own id, and the assets of the workspace that it names."""

    gesture_id: str
    assets: Mapping[str, Media] = field(default_factory=dict)


def derive_id(gesture_id: str, role: str, source: str = "") -> str:
    """The id of a record that a client did not name: the same for server, retry and client. 22 characters."""
    digest = hashlib.sha256("\x00".join((gesture_id, role, source)).encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def _differs(field: str, one: Any, other: Any) -> bool:
    """Python takes 1, 1.0 and true for equal; in free JSON (the keys of maps) they are not."""
    if "." in field:
        return changes.ENCODER.encode(one) != changes.ENCODER.encode(other)
    return bool(one != other)


class Draft:
    """The changes of one event, and the state as they leave it."""

    def __init__(self, state: State, facts: Facts) -> None:
        self.state = state.fork()
        self.facts = facts
        self.changes: list[changes.Change] = []

    @property
    def version(self) -> int:
        """The version of the event in the making."""
        return self.state.version + 1

    def copy(self) -> "Draft":
        """A savepoint: go on with either."""
        other = Draft.__new__(Draft)
        other.state = self.state.fork()
        other.facts = self.facts
        other.changes = list(self.changes)
        return other

    # ---- reading, with refusals
    def get(self, kind: str, id: str) -> Record:
        """The living record. Raises RecordMissing (`clip_missing`, …)."""
        record = self.state.find(id, kind)
        if record is None:
            raise errors.RecordMissing(kind=kind, id=id)
        return record

    def ticks(self, time: Time) -> int:
        """A requested time in ticks. Raises TimeNotExact."""
        return time.in_ticks(self.state.rate)

    def new_id(self, role: str, source: str = "") -> str:
        """The derived id of a record that this gesture makes (see derive_id)."""
        return derive_id(self.facts.gesture_id, role, source)

    # ---- writing
    def put(
        self,
        kind: str,
        id: str,
        value: dict[str, Any],
        *,
        unit: int = 0,
        owners: dict[str, int] | None = None,
        exists: int | None = None,
    ) -> None:
        """A new record, or (owners given) one that comes back as it was. Raises IdTaken."""
        old = self.state.records.get(id)
        if old is not None and (old.alive or owners is None):
            raise errors.IdTaken(id=id)
        before = old.exists if old is not None else 0
        after = [] if exists is None else [exists]
        self._add(changes.Put(kind=kind, id=id, value=value, exists=[before, *after], unit=unit, owners=owners))

    def set(self, id: str, after: Mapping[str, Any], *, unit: int = 0, owners: Mapping[str, int] | None = None) -> None:
        """Write fields. Equal values are left out; the fields of one placement go together."""
        record = self.state.records[id]
        value = record.value
        changed = {name for name in after if owners is not None or _differs(name, after[name], value.get(name))}
        placement = records.PLACEMENT.get(record.kind, ())
        if changed.intersection(placement):
            changed.update(placement)
        fields = {}
        for name in sorted(changed):
            owner = [] if owners is None or name not in owners else [owners[name]]
            fields[name] = [value.get(name), after.get(name, value.get(name)), record.owner(name), *owner]
        if fields:
            self._add(changes.Set(kind=record.kind, id=id, fields=fields, unit=unit))

    def drop(self, id: str, *, unit: int = 0, exists: int | None = None) -> None:
        """Drop a record and, before it, all that lies in it. Raises InUse where a reference forbids it."""
        for child in sorted(self.state.members.get(id, ())):
            if self.state.records[child].alive:  # a transition goes with the first of its clips
                self._release(id, child, unit)
        record = self.state.records[id]
        after = [] if exists is None else [exists]
        self._add(
            changes.Drop(
                kind=record.kind,
                id=id,
                value=dict(record.value),
                owners=record.all_owners(),
                exists=[record.exists, *after],
                unit=unit,
            )
        )

    def shift(
        self, track: str | None, start: int, by: int, *, id: str | None = None, unit: int = 0, moves: bool = True
    ) -> None:
        """Move all that starts at or after `start` on a track by `by` ticks. Raises NegativeTime, ShiftNotInvertible.

        There is no ground before zero: a shift that begins or ends there could not be taken back.
        """
        if not by:
            return
        if min(start, start + by) < 0:
            raise errors.NegativeTime(track=track)
        if moves and by < 0:
            blocking = self.riders(track, start + by, start)
            if blocking:
                raise errors.ShiftNotInvertible(track=track, records=sorted(record.id for record, _ in blocking))
        if id is None:
            id = f"s{self.version}.{len(self.changes)}"
        self._add(changes.Shift(id=id, track=track, start=start, by=by, moves=moves, unit=unit))

    def riders(self, track: str | None, first: int = 0, end: int = MAX_TICKS + 1) -> list[tuple[Record, int]]:
        """What a shift of a track may move, with its start in ticks; of it what starts in [first, end)."""
        found: list[tuple[Record, int]] = []
        all_records = self.state.records
        for id in self.state.members.get(track or self.state.timeline_id, ()):
            record = all_records[id]
            field = _TIME[record.kind]
            if field is None:  # an effect of the track, whose keyframes ride
                found += self.riders(id, first, end)
            elif first <= record.value[field] < end:
                found.append((record, record.value[field]))
        return found

    def _release(self, parent: str, child: str, unit: int) -> None:
        record = self.state.records[child]
        kind = records.KINDS[record.kind]
        reference = next(r for r in kind.references if record.value[r.field] == parent)
        if reference.on_drop == "conflict":
            raise errors.InUse(id=parent, by=child)
        self.drop(child, unit=unit)

    def _add(self, change: changes.Change) -> None:
        self.state.apply(change, len(self.changes))
        self.changes.append(change)
