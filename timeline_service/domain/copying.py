"""Copies: records with all that lies in them, under new ids and new labels.

A ~ a  (link l1, effect e1, keyframe k1)   ->   A' ~ a'  (link l1', effect e1', keyframe k1')
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

from timeline_service.domain import records
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import Record, State

LABELS: Final = (*records.BONDS, "params.segments")
"""Fields by which clips belong together; the copies of some belong together among themselves."""
INSIDE: Final = ("effect", "keyframe", "marker", "annotation")


class Row(NamedTuple):
    """A record as a value."""

    kind: str
    id: str
    value: dict[str, Any]


def row(record: Record) -> Row:
    """A record as it is now."""
    return Row(record.kind, record.id, dict(record.value))


def tree(state: State, id: str) -> list[Row]:
    """A record and all that lies in it, parents first; transitions lie in two clips and are not among it."""
    inside = (state.inside(id, kind) for kind in INSIDE)
    children = [child.id for found in inside for child in sorted(found, key=lambda record: record.id)]
    return [row(state.records[id]), *(r for child in children for r in tree(state, child))]


def transitions_among(state: State, clip_ids: Collection[str]) -> list[Row]:
    """The transitions that have all their clips among these."""
    found: dict[str, Record] = {t.id: t for clip_id in clip_ids for t in state.inside(clip_id, "transition")}
    whole = (t for t in found.values() if {t.value["left_id"], t.value["right_id"]} - {None} <= set(clip_ids))
    return [row(transition) for transition in sorted(whole, key=lambda t: t.id)]


def relabelled(rows: Iterable[Row], name: Callable[[str, str], str]) -> list[Row]:
    """The rows with new labels; `name(field, label)` makes one. A label that only one of them has is taken away."""
    rows = list(rows)
    sharing: dict[tuple[str, str], int] = {}
    for one in rows:
        for field in LABELS:
            label = one.value.get(field) if one.kind == "clip" else None
            if isinstance(label, str):
                sharing[field, label] = sharing.get((field, label), 0) + 1
    return [one._replace(value=_relabel(one.value, sharing, name)) if one.kind == "clip" else one for one in rows]


def _relabel(value: dict[str, Any], sharing: Mapping[tuple[str, str], int], name: Callable[[str, str], str]) -> Any:
    fresh = dict(value)
    for field in LABELS:
        label = value.get(field)
        if label is None:
            continue
        if sharing.get((field, label), 0) > 1:
            fresh[field] = name(field, label)
        elif field in records.BONDS:
            fresh[field] = None
        else:
            del fresh[field]
    return fresh


def put(draft: Draft, rows: Iterable[Row], names: Mapping[str, str], *, unit: int = 0) -> None:
    """Put rows under their new names; what they refer to among themselves is renamed too. Raises IdTaken."""
    for kind, id, value in rows:
        fresh = dict(value)
        for reference in records.KINDS[kind].references:
            target = fresh[reference.field]
            fresh[reference.field] = names.get(target, target)
        draft.put(kind, names[id], fresh, unit=unit)
