"""Paste: records as a client copied them from a timeline, brought onto the tracks and under the names of this one.

clipboard  V1 |A|x|B|   at 40 s of another timeline   ->   V2 |   |A|x|B|    the earliest lands `at`, the rest keep
           A1 |a  |                                        A1 |   |a  |      their distances
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from timeline_service.domain import copying, errors, limits, media, record_shapes, records, surgery
from timeline_service.domain.copying import Row
from timeline_service.domain.draft import Draft
from timeline_service.domain.json_value import Metadata
from timeline_service.domain.state import State

Copied = Annotated[list[Metadata], Field(max_length=5000)]
ITEMS: Final = ("clip", "caption")
NOTES: Final = ("marker", "annotation")
DERIVED: Final = {"sequence": ("duration",)}
"""What an answer says of a record that is not in it."""


class Clipboard(BaseModel):
    """Lists of records, named and shaped as in the answer of GET /timelines/{id}; any of them may be left out."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    sequences: Copied = []
    tracks: Copied = []
    clips: Copied = []
    transitions: Copied = []
    effects: Copied = []
    captions: Copied = []
    markers: Copied = []
    annotations: Copied = []
    keyframes: Copied = []

    def rows(self) -> list[Row]:
        """Parents before children. Raises Wrong for what is no record, or two of one id."""
        kinds = [kind for kind in records.KINDS if kind != "timeline"]
        found = [_flat(kind, record) for kind in kinds for record in getattr(self, f"{kind}s")]
        if len({row.id for row in found}) != len(found):
            raise errors.Wrong(reason="an id is there twice")
        return found


def _flat(kind: str, record: Mapping[str, Any]) -> Row:
    """A record of an answer as the state keeps it: maps per key."""
    value: dict[str, Any] = {}
    for name, field in record.items():
        if name in records.KINDS[kind].maps and isinstance(field, dict):
            value.update({f"{name}.{key}": inner for key, inner in field.items() if inner is not None})
        elif name != "id" and name not in DERIVED.get(kind, ()):
            value[name] = field
    try:
        row = Row(kind, record["id"], records.new(kind, **value))
    except (KeyError, TypeError):
        raise errors.Wrong(reason=f"a {kind} record is not as the service writes it") from None
    if not isinstance(row.id, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", row.id):
        raise errors.Wrong(reason="an id has 1 to 64 letters, digits, _ and -")
    record_shapes.check(kind, row.id, row.value)
    return row


class Sorted:
    """What of a clipboard is pasted: nests whole; of what lay around them the items, not the tracks."""

    def __init__(self, rows: Iterable[Row]) -> None:
        rows = list(rows)
        sequences = {row.id for row in rows if row.kind == "sequence"}
        self.around = {r.id: r for r in rows if r.kind == "track" and r.value["sequence_id"] not in sequences}
        self.pasted = [row for row in rows if row.id not in self.around]
        self.ids = {row.id for row in self.pasted}
        self.pasted = [row for row in self.pasted if self._belongs(row)]
        self.ids = {row.id for row in self.pasted}

    def _belongs(self, row: Row) -> bool:
        """Transitions without one of their clips, and what hangs on a track that is not pasted, stay behind."""
        if row.kind == "transition":
            return {row.value["left_id"], row.value["right_id"]} - {None} <= self.ids
        if row.kind not in ("effect", "keyframe"):
            return True
        parent = row.value["parent_id"]
        if parent not in self.ids and parent not in self.around:
            raise errors.RecordMissing(id=parent)
        return parent in self.ids

    def outermost(self, *kinds: str) -> list[Row]:
        """Those that lie on tracks or a timeline that are not pasted themselves."""
        found = [row for row in self.pasted if row.kind in kinds]
        return [row for row in found if row.value[records.CONTAINER[row.kind]] not in self.ids]


def paste(draft: Draft, clipboard: Clipboard, at: int, tracks: Mapping[str, str], ids: Mapping[str, str]) -> list[Row]:
    """The rows to put, under their new names and in their new places. Raises RecordMissing, MediaMissing, Wrong."""
    given = Sorted(clipboard.rows())
    names = {row.id: ids.get(row.id) or draft.new_id("paste", row.id) for row in given.pasted}
    items, pinned = given.outermost(*ITEMS), given.outermost(*NOTES)
    if not items and not pinned:
        raise errors.Wrong(reason="there is nothing to paste")
    by = at - min(row.value[_time(row)] for row in items or pinned)
    places = {id: _target(draft.state, given, id, tracks) for id in {row.value["track_id"] for row in items}}
    outside = {row.id: {"track_id": places[row.value["track_id"]], "start": row.value["start"] + by} for row in items}
    for row in pinned:
        if draft.state.find(row.value["parent_id"], "clip") is not None:  # its time counts in what is not pasted
            raise errors.RecordMissing(id=row.value["parent_id"])
        parent = places.get(row.value["parent_id"]) or draft.state.timeline_id
        outside[row.id] = {"parent_id": parent, "time": row.value["time"] + by}
    _check_cuts(given)
    rows = [_renamed(draft, row, names, outside.get(row.id, {})) for row in given.pasted]
    return copying.relabelled(rows, draft.new_id)


def extents(state: State, clipboard: Clipboard, tracks: Mapping[str, str]) -> list[limits.Extent]:
    """What the items of a clipboard cover, at the times that they have in it, on the tracks where they would go."""
    given = Sorted(clipboard.rows())
    found = [(_target(state, given, row.value["track_id"], tracks), row.value) for row in given.outermost(*ITEMS)]
    return [limits.Extent(track, value["start"], value["start"] + value["duration"]) for track, value in found]


def _check_cuts(given: Sorted) -> None:
    """A transition with two clips lies where they touch."""
    clips = {row.id: row.value for row in given.pasted if row.kind == "clip"}
    for row in given.pasted:
        sides = [row.value[side] for side in ("left_id", "right_id")] if row.kind == "transition" else [None]
        if None not in sides:
            left, right = (clips.get(str(id), {}) for id in sides)
            end = left.get("start", 0) + left.get("duration", 0)
            if not left or (left["track_id"], end) != (right.get("track_id"), right.get("start")):
                raise errors.NotAdjacent(transition_id=row.id, left_id=sides[0], right_id=sides[1])


def _time(row: Row) -> str:
    time = records.KINDS[row.kind].time
    assert time is not None
    return time


def _target(state: State, given: Sorted, track: str, track_map: Mapping[str, str]) -> str:
    """Where what lay on a track goes: where the request says, onto the same track, or onto the one at its place."""
    named = track_map.get(track, track)
    if state.find(named, "track") is not None:
        return named
    source = given.around.get(track)
    if track in track_map or source is None:
        raise errors.RecordMissing(kind="track", id=named)
    kind = source.value["kind"]
    alike = sorted(
        (r for r in given.around.values() if r.value["kind"] == kind), key=lambda r: (r.value["order"], r.id)
    )
    place = [row.id for row in alike].index(track)
    here = surgery.tracks(state, kind)
    if place >= len(here):
        raise errors.RecordMissing(kind="track", id=track, place=place)
    return here[place].id


def _renamed(draft: Draft, row: Row, names: Mapping[str, str], outside: dict[str, Any]) -> Row:
    value = dict(row.value)
    for reference in records.KINDS[row.kind].references:
        target = value[reference.field]
        value[reference.field] = names.get(target, target)
    if row.kind == "clip":
        value["media"] = _media(draft, value["media"], names)
    elif row.kind == "track":
        value["locked"] = False  # what is locked could not be filled
    return Row(row.kind, names[row.id], {**value, **outside})


def _media(draft: Draft, value: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """What this workspace knows of an asset; a nest of what was pasted, or of what is there. A null key is no key."""
    value = {name: field for name, field in value.items() if field is not None}
    if "asset_id" in value:
        return media.MediaReference(asset_id=value["asset_id"]).known(draft.facts)
    if "sequence_id" in value:
        return {**value, "sequence_id": names.get(value["sequence_id"], value["sequence_id"])}
    return value
