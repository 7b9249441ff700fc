"""A state as readers get it: `GET /timelines/{id}`. Tombstones and owners stay inside."""

from operator import itemgetter
from typing import Any, Final

from timeline_service.domain import lengths
from timeline_service.domain.records import KINDS
from timeline_service.domain.state import EMPTY, Record, State, digest

LISTS: Final = {kind: f"{kind}s" for kind in KINDS if kind != "timeline"}
"""Kind → the name of its list: `sequences`, `tracks`, `clips`, `transitions`, …"""
SORTED_BY: Final[dict[str, tuple[str, ...]]] = {
    "track": ("order",),
    "clip": ("start",),
    "effect": ("parent_id", "order"),
    "caption": ("start",),
    "marker": ("time",),
    "annotation": ("time",),
    "keyframe": ("parent_id", "property", "time"),
}
"""Kind → the fields that its list is sorted by, before the id."""


def view(state: State, head_hash: str) -> dict[str, Any]:
    """`{id, version, state_hash, head_hash, name, rate, …, duration, sequences, tracks, clips, …}`; times in ticks.

    `duration` is that of the root sequence; each of `sequences` says its own. A record is flat but for its maps.
    """
    timeline = nested(state.records[state.timeline_id])
    lists: dict[str, list[dict[str, Any]]] = {name: [] for name in LISTS.values()}
    for record in state.records.values():
        if record.alive and record.kind in LISTS:
            lists[LISTS[record.kind]].append(nested(record))
    for kind, name in LISTS.items():
        lists[name].sort(key=itemgetter(*SORTED_BY.get(kind, ()), "id"))
    for sequence in lists["sequences"]:
        sequence["duration"] = duration(state, sequence["id"])
    return {
        **timeline,
        "version": state.version,
        "state_hash": digest(state),
        "head_hash": head_hash,
        "ticks_per_frame": state.rate.ticks_per_frame,
        "duration": duration(state),
        **lists,
    }


def duration(state: State, sequence_id: str | None = None) -> int:
    """The end of the last clip of a sequence, in ticks; None: of the root sequence. Captions make no film longer."""
    if sequence_id is None and state.length is not None:
        return state.length
    records, end = state.records, 0
    for track in state.inside(sequence_id, "track"):
        for id in state.members.get(track.id, EMPTY):
            clip = records[id]
            if clip.kind == "clip":
                end = max(end, lengths.end_of(clip.value))
    if sequence_id is None:
        state.length = end
    return end


def nested(record: Record) -> dict[str, Any]:
    """A record with its id, its maps nested again: `metadata.scene` becomes `{"metadata": {"scene": …}}`."""
    shown: dict[str, Any] = {"id": record.id, **{name: {} for name in KINDS[record.kind].maps}}
    for field, value in record.value.items():
        name, dot, key = field.partition(".")
        if dot:
            shown[name][key] = value
        else:
            shown[field] = value
    return shown
