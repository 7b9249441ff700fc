"""Records with owners, the log's shifts, and what folding a change does to both (rules 1 to 5)."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

Change = dict[str, Any]
At = tuple[int, int]
"""A place in the log: version, and index of the change in it."""

TIMELINE = "timeline"
HOLDERS = {
    "track": ("sequence_id",),
    "clip": ("track_id",),
    "caption": ("track_id",),
    "keyframe": ("parent_id",),
    "marker": ("parent_id",),
    "annotation": ("parent_id",),
    "effect": ("parent_id",),
    "transition": ("left_id", "right_id"),
}
"""Kind → the fields that say in what a record lies."""
TIMES = {"clip": "start", "caption": "start", "marker": "time", "annotation": "time", "keyframe": "time"}
"""Kind → the field that a shift of its ground moves. Automation lies on the ground of its track; what a clip holds does not."""
ITEMS = ("clip", "caption")
BONDS = ("link_id", "group_id")
KINDS = (
    "timeline", "sequence", "track", "clip", "transition", "effect", "caption", "marker", "annotation", "keyframe",
)  # fmt: skip
"""Parents before children."""


class Refused(Exception):
    """Nothing happens. `code` says why; `about` is the record that is in the way, `conflicts` those of an undo."""

    def __init__(self, code: str, about: str | None = None, conflicts: list[Any] | None = None) -> None:
        super().__init__(code, about, conflicts)
        self.code, self.about, self.conflicts = code, about, conflicts or []


@dataclass(frozen=True)
class Record:
    """Never written to: a change puts another in its place."""

    id: str
    kind: str
    value: dict[str, Any]
    owners: dict[str, int]
    exists: int
    alive: bool = True

    def owner(self, name: str) -> int:
        return self.owners.get(name, 0)


@dataclass
class State:
    records: dict[str, Record] = field(default_factory=dict)
    shifts: list[tuple[At, Change]] = field(default_factory=list)

    def copy(self) -> "State":
        return State(dict(self.records), list(self.shifts))

    # ---- reading
    def find(self, id: str | None, *kinds: str) -> Record | None:
        """The living record, of one of these kinds if any are named."""
        record = self.records.get(id or "")
        return record if record is not None and record.alive and (not kinds or record.kind in kinds) else None

    def living(self, *kinds: str) -> list[Record]:
        return [r for r in self.records.values() if r.alive and (not kinds or r.kind in kinds)]

    def children(self, id: str | None, *kinds: str) -> list[Record]:
        """The living records that lie in another, by id."""
        found = (r for r in self.living(*kinds) if any(r.value[holder] == id for holder in HOLDERS.get(r.kind, ())))
        return sorted(found, key=lambda record: record.id)

    def bound(self, bond: str, label: str) -> list[Record]:
        return sorted((c for c in self.living("clip") if c.value[bond] == label), key=lambda clip: clip.id)

    def riders(self, track: str | None) -> Iterator[tuple[Record, int]]:
        """What a shift of this ground may move, and where it starts."""
        holder = track or TIMELINE
        on_it = self.children(holder, *TIMES)
        for effect in self.children(holder, "effect"):
            on_it += self.children(effect.id, "keyframe")
        for record in on_it:
            yield record, record.value[TIMES[record.kind]]

    def track_of(self, record: Record) -> Record | None:
        """The track on which a record lies, however deep."""
        for name in HOLDERS.get(record.kind, ()) if record.kind != "track" else ():
            holder = self.find(record.value[name])
            if holder is not None:
                return holder if holder.kind == "track" else self.track_of(holder)
        return None

    # ---- folding
    def apply(self, change: Change, at: At) -> None:
        getattr(self, f"_{change['op']}")(change, at)

    def _put(self, change: Change, _: At) -> None:
        id = change["id"]
        self.records[id] = Record(
            id, change["kind"], dict(change["value"]), dict(change["owners"]), change["exists"][1]
        )

    def _drop(self, change: Change, _: At) -> None:
        record = self.records[change["id"]]
        self.records[record.id] = replace(record, exists=change["exists"][1], alive=False)

    def _set(self, change: Change, _: At) -> None:
        record = self.records[change["id"]]
        value, owners = dict(record.value), dict(record.owners)
        for name, (_before, after, _before_owner, owner) in change["fields"].items():
            if after is None and "." in name:
                value.pop(name, None)
            else:
                value[name] = after
            owners[name] = owner
            if not owner:
                del owners[name]
        self.records[record.id] = replace(record, value=value, owners=owners)

    def _shift(self, change: Change, at: At) -> None:
        self.shifts.append((at, change))
        if not change["moves"]:
            return
        for record, time in list(self.riders(change["track"])):
            if time >= change["from"]:
                moved = record.value | {TIMES[record.kind]: time + change["by"]}
                self.records[record.id] = replace(record, value=moved)


def owned(state: State) -> dict[str, tuple[Any, ...]]:
    """What is there, and whose it is; of what is gone, whose the going is (0: as if it had never been)."""
    return {
        r.id: (r.value, r.owners, r.exists) if r.alive else (r.exists,)
        for r in state.records.values()
        if r.alive or r.exists
    }


def carry(shifts: list[tuple[At, Change]], time: int, track: str | None, since: At) -> int:
    """Where a time that was noted at a place of the log lies today. Raises Refused (place_gone)."""
    later = [change for at, change in shifts if change["track"] == track and at > since]
    k = 0
    while k < len(later):
        edge, by = later[k]["from"], later[k]["by"]
        if time >= edge:
            time += by
        elif time >= edge + by:  # swallowed
            back = next((j for j in range(k + 1, len(later)) if later[j]["id"] == later[k]["id"]), None)
            if back is not None:
                time, k = later[back]["from"] + time - (edge + by), back
            elif time > edge + by:
                raise Refused("place_gone")
        k += 1
    return time


def net(shifts: list[Change]) -> list[Change]:
    """Without the pairs of a shift and its reversal that have nothing on their ground between them."""
    kept: list[Change] = []
    for shift in shifts:
        last = next((k for k in reversed(range(len(kept))) if kept[k]["track"] == shift["track"]), None)
        if last is not None and kept[last]["id"] == shift["id"]:
            del kept[last]
        else:
            kept.append(shift)
    return kept
