"""The changes of one event in the making (rules 1, 3, 6), and what every edit owes to bonds and cuts (rules 11, 12)."""

import json
from collections.abc import Mapping
from typing import Any

from tests.undo_model import laws
from tests.undo_model.state import BONDS, Change, Record, Refused, State

PLACEMENT = {
    "clip": ("track_id", "start"),
    "caption": ("track_id", "start"),
    "marker": ("parent_id", "time"),
    "annotation": ("parent_id", "time"),
}
"""Two fields that are one place: written together, one owner."""
CONTENT = {("track", "clip"), ("track", "caption"), ("sequence", "track")}
"""What is not dropped along with what holds it."""


class Draft:
    def __init__(self, state: State, version: int) -> None:
        self.state, self.version, self.changes = state.copy(), version, list[Change]()

    def copy(self) -> "Draft":
        other = Draft(self.state, self.version)
        other.changes = list(self.changes)
        return other

    def get(self, kind: str, id: str) -> Record:
        record = self.state.find(id, kind)
        if record is None:
            raise Refused("missing", id)
        return record

    def put(
        self,
        kind: str,
        id: str,
        value: Mapping[str, Any],
        *,
        unit: int = 0,
        owners: dict[str, int] | None = None,
        exists: int | None = None,
    ) -> None:
        old = self.state.records.get(id)
        if old is not None and owners is None:
            raise Refused("id_taken", id)
        self._add(
            op="put", kind=kind, id=id, value=dict(value), unit=unit, owners=owners or dict.fromkeys(value, self.version),
            exists=(old.exists if old else 0, self.version if exists is None else exists),
        )  # fmt: skip

    def set(self, id: str, after: Mapping[str, Any], *, unit: int = 0, owners: Mapping[str, int] | None = None) -> None:
        record = self.state.records[id]
        names = {name for name in after if owners is not None or _differ(after[name], record.value.get(name))}
        place = PLACEMENT.get(record.kind, ())
        if names.intersection(place):
            names.update(place)
        fields = {
            name: (
                record.value.get(name),
                after.get(name, record.value.get(name)),
                record.owner(name),
                self.version if owners is None else owners.get(name, self.version),
            )
            for name in sorted(names)
        }
        if fields:
            self._add(op="set", kind=record.kind, id=id, fields=fields, unit=unit)

    def drop(self, id: str, *, unit: int = 0, exists: int | None = None) -> None:
        """With all that lies in it, innermost first. Raises Refused (in_use) where something may not go along."""
        for child in self.state.children(id):
            if self.state.records[child.id].alive:
                if (self.state.records[id].kind, child.kind) in CONTENT:
                    raise Refused("in_use", child.id)
                self.drop(child.id, unit=unit)
        record = self.state.records[id]
        self._add(
            op="drop", kind=record.kind, id=id, value=dict(record.value), owners=dict(record.owners), unit=unit,
            exists=(record.exists, self.version if exists is None else exists),
        )  # fmt: skip

    def shift(
        self, track: str | None, start: int, by: int, *, id: str | None = None, unit: int = 0, moves: bool = True
    ) -> None:
        if not by:
            return
        if min(start, start + by) < 0:
            raise Refused("negative_time", track)
        if moves and by < 0 and any(start + by <= time < start for _, time in self.state.riders(track)):
            raise Refused("shift_not_invertible", track)
        id = id or f"s{self.version}.{len(self.changes)}"
        self._add(op="shift", id=id, track=track, **{"from": start}, by=by, unit=unit, moves=moves)

    def take(self, change: Change) -> None:
        self.state.apply(change, (self.version, len(self.changes)))
        self.changes.append(change)

    def _add(self, **change: Any) -> None:
        self.take(change)


def _differ(one: Any, other: Any) -> bool:
    """1, 1.0 and true are three values in JSON."""
    return one != other or json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True)


def settle(draft: Draft) -> None:
    """What every edit owes: transitions whose clips are apart go, and so do bonds of one."""
    for transition in apart(draft.state):
        draft.drop(transition.id)
    loosen(draft, 0)


def apart(state: State) -> list[Record]:
    """The transitions whose clips do not touch, by id."""
    found = (t for t in state.living("transition") if not laws.touching(state, t.value))
    return sorted(found, key=lambda transition: transition.id)


def loosen(draft: Draft, unit: int) -> None:
    """A bond of one is none."""
    for bond in sorted(BONDS):
        for label in sorted({clip.value[bond] for clip in draft.state.living("clip") if clip.value[bond] is not None}):
            left = draft.state.bound(bond, label)
            if len(left) == 1:
                draft.set(left[0].id, {bond: None}, unit=unit)
