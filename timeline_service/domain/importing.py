"""Import: the records of a file into a timeline, as one event that can be undone like any edit.

    empty timeline   +  file   =   the records of the file
    timeline         +  file   =   the timeline as the file has it, by the fewest changes: a re-import

A file that carries our records says all of each; one that came back without them says only what OTIO has a place for,
and whatever else lies on the clips that are recognised in it stays as it is.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from timeline_service.domain import clip_time, errors, invariants, matching, ordering, record_shapes, records, stacks
from timeline_service.domain import settle as settling
from timeline_service.domain.draft import Draft, Facts, derive_id
from timeline_service.domain.event import Body
from timeline_service.domain.state import Record, State

Value = dict[str, Any]
Row = tuple[str, str, Value]

CONTENT: Final = tuple(kind for kind in records.RESTORE_ORDER if kind != "timeline")
REFERENCES: Final = ("track_id", "parent_id", "left_id", "right_id", "sequence_id")
NOISE: Final = 64
"""Ticks by which a time may have suffered on its way through doubles."""
TOLERANCE: Final = 1e-9
ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
KEPT: Final = "metadata.otio"
SCHEMA: Final = "OTIO_SCHEMA"
AS_TEXT: Final = "$json"


class Brought(NamedTuple):
    """The body of the event, the state after it, and how many records were matched, added, changed, removed."""

    body: Body
    state: State
    report: dict[str, dict[str, int]]


def bring_in(
    state: State, timeline: Value, rows: Iterable[Row], origin: Value, facts: Facts, *, actor: str, format: str = "otio"
) -> Brought:
    """Put the records (kind, id, value) and set the timeline's own fields.

    `origin` says where they come from; what lies on the timeline that wrote them comes to lie on this one. Ids that
    begin with `/`, or are in use or were, are replaced by derived ones. Raises TimelineNotEmpty for a file that has
    nothing to do with what is there, Wrong for records that no gesture could have made, NoChange, and what invariants
    refuse.
    """
    merge = _Merge(state, list(rows), origin, facts)
    merge.timeline(timeline)
    merge.write()
    draft = merge.draft
    if not draft.changes:
        raise errors.NoChange
    settling.settle(draft)
    _check_locked_content(state, draft)
    cause = stacks.Cause(kind="import")
    body = Body(
        gesture={"type": "import", "format": format, "origin": origin},
        changes=draft.changes,
        description=merge.description(),
        cause=cause,
    )
    draft.state.close(actor, cause, None)
    return Brought(body, draft.state, merge.report())


class _Merge:
    def __init__(self, state: State, rows: list[Row], origin: Value, facts: Facts) -> None:
        self.state = state
        self.draft = Draft(state, facts)
        self.whole = origin.get("id") is not None
        self.again = any(record.alive and record.kind in CONTENT for record in state.records.values())
        self.counts: dict[str, Counter[str]] = {how: Counter() for how in ("matched", "added", "changed", "removed")}
        self.here = {"/": state.timeline_id, str(origin.get("id")): state.timeline_id}
        _check_references(rows)
        rows = [(kind, id, self._on_this_timeline(value)) for kind, id, value in rows]
        self.ids = {id: self._name(id) for _, id, _ in rows}
        self._check(rows)
        self.regrids = False
        self.found, self.shadows = matching.match(state, rows) if self.again else ({}, set())
        if self.again and ("excerpt" in origin or not self._known(origin)):
            raise errors.TimelineNotEmpty
        self.ids |= self.found
        self.rows = [(kind, id, self._named(value)) for kind, id, value in rows]

    def _check(self, rows: list[Row]) -> None:
        """Whoever read the file may be mistaken: what it says is looked at before anything is made of it."""
        if len(self.ids) != len(rows):
            raise errors.Wrong(reason="a record is named twice")
        for kind, id, value in rows:
            if kind not in CONTENT:
                raise errors.Wrong(reason="an import brings no records of this kind")
            record_shapes.check(kind, self.ids[id], self._named(dict(value)))
        tracks = {id for kind, id, _ in rows if kind == "track"}
        if any(value["track_id"] not in tracks for kind, _, value in rows if kind in ("clip", "caption")):
            raise errors.RecordMissing(kind="track")

    def _known(self, origin: Value) -> bool:
        """Whether the file has to do with what is there."""
        has_clips = any(True for _ in self.state.living("clip"))
        met = any(self.state.records[id].kind == "clip" for id in self.found.values())
        return met or not has_clips or origin.get("id") == self.state.timeline_id

    # ---- ids
    def _on_this_timeline(self, value: Value) -> Value:
        parent = value.get("parent_id")
        return {**value, "parent_id": self.here[parent]} if parent in self.here else dict(value)

    def _name(self, id: str) -> str:
        free = ID.fullmatch(id) is not None and id not in self.state.records
        return id if free else derive_id(self.draft.facts.gesture_id, "import", id)

    def _named(self, value: Value) -> Value:
        for field in REFERENCES:
            if value.get(field) in self.ids:
                value[field] = self.ids[value[field]]
        for bond in records.BONDS:
            if str(value.get(bond)).startswith("/"):
                value[bond] = derive_id(self.draft.facts.gesture_id, bond, value[bond])
        shown = value.get("media", {}).get("sequence_id")
        if shown in self.ids:
            value["media"] = {**value["media"], "sequence_id": self.ids[shown]}
        return value

    # ---- the timeline
    def timeline(self, told: Value) -> None:
        """Its own fields: all of them from a file of ours, what another one says else."""
        own = self.state.records[self.state.timeline_id].value
        full = {**({} if self.whole else own), **told}
        if self.again:
            self.regrids = full["rate"] != own["rate"]
            full["rate"] = own["rate"]
            if not self.whole:
                full["name"] = own["name"]
        record_shapes.check("timeline", self.state.timeline_id, full)
        self._set(self.state.records[self.state.timeline_id], full, whole=self.whole)

    # ---- the records
    def write(self) -> None:
        """Parents before children put or set, children before parents dropped."""
        order = {kind: place for place, kind in enumerate(records.RESTORE_ORDER)}
        for kind, id, value in sorted(self.rows, key=lambda row: order[row[0]]):
            record = self.state.find(self.ids[id], kind) if id in self.found else None
            if record is None:
                self._put(kind, id, value)
            else:
                self.counts["matched"][kind] += 1
                whole = matching.is_ours(id)
                if self._set(record, value if whole else _told(record, value), whole=whole):
                    self.counts["changed"][kind] += 1
        if self.again:
            self._drop_the_rest()

    def _put(self, kind: str, id: str, value: Value) -> None:
        if id in self.shadows:
            return
        if self.again and kind == "track" and not matching.is_ours(id):
            value["order"] = ordering.on_top(self.draft.state.inside(value["sequence_id"], "track"))
        if kind in ("clip", "caption"):
            self._on_grid(kind, value)
        self.draft.put(kind, self.ids[id], value)
        self.counts["added"][kind] += 1

    def _on_grid(self, kind: str, value: Value) -> None:
        """Edges of a file at another rate come to lie on the grid of this timeline."""
        track = self.draft.state.find(value["track_id"], "track")
        if not self.regrids or kind != "clip" or track is None or track.value["kind"] != "video":
            return
        frame = self.draft.state.rate.ticks_per_frame
        start, end = value["start"], value["start"] + value["duration"]
        if start % frame or end % frame:
            start, end = ((at + frame // 2) // frame * frame for at in (start, end))
            value |= {"start": start, "duration": max(frame, end - start)}

    def _set(self, record: Record, after: Value, *, whole: bool) -> bool:
        """Write what differs; whether anything does."""
        before = record.value
        if record.kind == "clip":
            placed = {**before, **after}
            self._on_grid("clip", placed)
            after = after | {name: placed[name] for name in ("start", "duration")}
        gone = {field: None for field in before if "." in field and field not in after} if whole else {}
        changed = {name: field for name, field in after.items() if not alike(field, before.get(name))} | gone
        if not changed:
            return False
        if record.kind != "timeline":
            merged = {
                name: field for name, field in {**before, **changed}.items() if "." not in name or field is not None
            }
            record_shapes.check(record.kind, record.id, merged)
        self.draft.set(record.id, changed)
        return True

    def _drop_the_rest(self) -> None:
        """What the file would have named if it were still there."""
        stay = set(self.found.values())
        bare = self._bare()
        for kind in reversed(CONTENT):
            for record in sorted(self.state.living(kind), key=lambda record: record.id):
                if record.id in stay or self.draft.state.find(record.id) is None:
                    continue
                if self._is_gone(record, bare):
                    self.counts["removed"][kind] += 1
                    self.draft.drop(record.id)

    def _bare(self) -> set[str]:
        """Records that the file names without saying all of them, and what lies in those."""
        bare = {known for id, known in self.found.items() if not matching.is_ours(id)}
        for kind in ("effect", "marker", "annotation", "keyframe"):
            bare |= {record.id for record in self.state.living(kind) if self._holders(record) & bare}
        return bare

    @staticmethod
    def _holders(record: Record) -> set[Any]:
        return {record.value[field] for field in records.KINDS[record.kind].containers}

    def _is_gone(self, record: Record, bare: set[str]) -> bool:
        holders = self._holders(record)
        if self.whole:
            return not holders & bare or record.kind in ("clip", "transition")
        return record.kind in ("clip", "transition") and bool(holders & (bare | set(self.found.values())))

    # ---- what is said of it
    def description(self) -> str:
        """The sentence in the audit log."""
        added = self.counts["added"]
        if not self.again:
            return f"imported {added['clip']} clips on {added['track']} tracks"
        told = [f"{sum(self.counts[how].values())} {how}" for how in ("added", "changed", "removed")]
        return f"imported a file again: {', '.join(told)}"

    def report(self) -> dict[str, dict[str, int]]:
        """Counts per kind."""
        return {how: dict(sorted(counts.items())) for how, counts in self.counts.items()}


def _check_references(rows: list[Row]) -> None:
    """Ids are text before anything is looked up by them."""
    for _, _, value in rows:
        shown = value.get("media", {})
        named = [value.get(field) for field in (*REFERENCES, *records.BONDS)]
        named.append(shown.get("sequence_id") if isinstance(shown, dict) else 0)
        if not all(id is None or isinstance(id, str) for id in named):
            raise errors.Wrong(reason="a record names others by what is no id")


def _told(record: Record, value: Value) -> Value:
    """What a file without our records says of one that it was recognised as."""
    own = record.value
    if record.kind == "clip":
        return _told_clip(own, value)
    names = {
        "caption": ("track_id", "start", "duration", "text", "enabled"),
        "transition": ("in_offset", "out_offset", "left_id", "right_id"),
        "marker": ("duration", "color", "comment"),
    }
    told = {name: value[name] for name in names.get(record.kind, ()) if name in value}
    for side, offset in (("left_id", "in_offset"), ("right_id", "out_offset")):
        if record.kind == "transition" and own[side] is None and not value[offset]:
            del told[side]
    return {name: own[name] if _near(own[name], field) else field for name, field in told.items()}


def _told_clip(own: Value, value: Value) -> Value:
    told: Value = {name: value[name] for name in ("track_id", "start", "duration", "enabled")}
    told |= {name: own[name] for name in ("start", "duration") if _near(own[name], value[name])}
    if value["name"]:
        told["name"] = value["name"]
    if _retimed(own, value):
        told |= {name: value[name] for name in ("speed", "reversed", "source_in", "map_offset")}
    else:
        moved = clip_time.source_span(value)[0] - clip_time.source_span(own)[0]
        if not _near(moved, 0):
            told["source_in"] = own["source_in"] + moved
    said = _not_derived(own, value.get(KEPT))
    if said:
        told[KEPT] = joined(own.get(KEPT), said)
    return told


def _not_derived(own: Value, said: Any) -> Any:
    """What a file says beyond our fields, without the number of a link that we ourselves wrote for Resolve."""
    metadata = said.get("metadata") if isinstance(said, dict) and own["link_id"] is not None else None
    resolve = metadata.get("Resolve_OTIO") if isinstance(metadata, dict) else None
    if not isinstance(resolve, dict) or "Link Group ID" not in resolve:
        return said
    rest = {name: field for name, field in resolve.items() if name != "Link Group ID"}
    others = {name: field for name, field in metadata.items() if name != "Resolve_OTIO"} if metadata else {}
    both = others | ({"Resolve_OTIO": rest} if rest else {})
    return {name: field for name, field in said.items() if name != "metadata"} | ({"metadata": both} if both else {})


def joined(own: Any, said: Any) -> Any:
    """What is kept of a clip and what a file says now, which counts; what the file has lost on its way stays.

    Maps are joined key by key, unless they are objects of two schemas.
    """
    if not (isinstance(own, dict) and isinstance(said, dict)) or own.get(SCHEMA) != said.get(SCHEMA):
        return said
    if AS_TEXT in own or AS_TEXT in said:
        return said
    return own | {name: joined(own.get(name), field) for name, field in said.items()}


def _retimed(own: Value, value: Value) -> bool:
    """Whether speed or direction differ; a freeze has no direction."""
    was, is_ = own["speed"], value["speed"]
    same = was["num"] * is_["den"] == is_["num"] * was["den"]
    return not same or (bool(was["num"]) and own["reversed"] != value["reversed"])


def _near(one: Any, other: Any) -> bool:
    whole = isinstance(one, int) and isinstance(other, int) and not isinstance(one, bool)
    return whole and abs(one - other) <= NOISE


def alike(one: Any, other: Any) -> bool:
    """Equal JSON, but for the last bits of floats: they have been through other programs."""
    if isinstance(one, float) or isinstance(other, float):
        numbers = all(isinstance(n, int | float) and not isinstance(n, bool) for n in (one, other))
        return numbers and math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(alike(a, b) for a, b in zip(one, other, strict=True))
    return type(one) is type(other) and bool(one == other)


def _check_locked_content(before: State, draft: Draft) -> None:
    """All invariants; but a track that comes in locked comes in with its clips."""
    new = [t.id for t in draft.state.living("track") if t.value["locked"] and before.find(t.id) is None]
    if not new:
        invariants.check(before, draft.state, draft.changes)
        return
    trial = draft.copy()
    for track in new:
        trial.set(track, {"locked": False})
    invariants.check(before, trial.state, draft.changes)
